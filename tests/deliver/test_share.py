from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slo_reports.deliver.filing import file_away
from slo_reports.deliver.share import Share, period_year
from slo_reports.deliver.store import Published
from slo_reports.deliver.trouble import NotThere
from slo_reports.errors import DeliveryError
from slo_reports.model import Bundle, Document, Parcel, is_file_name
from slo_reports.settings.destinations import ShareDestination
from slo_reports.settings.values import Secret


def share(path: Path, link: str | None = None) -> Share:
    return Share("archive", ShareDestination(kind="share", path=path, link=link))


def everything(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if not one.is_dir())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB."""
    yield from mounted(tmp_path / "small", "size=64k")


@pytest.fixture
def read_only_disk(tmp_path: Path) -> Iterator[Path]:
    yield from mounted(tmp_path / "fixed", "ro")


def mounted(path: Path, options: str) -> Iterator[Path]:
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a file system of its own")
    try:
        yield path
    finally:
        subprocess.run(["umount", str(path)], check=True)


def test_files_lie_by_report_and_year_with_the_planned_bytes(bundle, tmp_path):
    destination = share(tmp_path)
    receipts = [destination.send(parcel) for parcel in destination.plan(bundle)]
    assert everything(tmp_path) == [
        "monthly/2026/monthly-2026-10.html",
        "monthly/2026/monthly-2026-10.json",
        "monthly/2026/monthly-2026-10.pdf",
        "monthly/2026/monthly_2026-10.sha256",
    ]
    pdf = tmp_path / "monthly/2026/monthly-2026-10.pdf"
    assert pdf.read_bytes() == bundle.documents[1].content
    assert receipts[1] == f"written {pdf}"


def test_an_identical_file_counts_as_delivered_and_is_not_touched(bundle, tmp_path):
    destination = share(tmp_path)
    parcel = destination.plan(bundle)[0]
    destination.send(parcel)
    path = tmp_path / parcel.recipient
    before = path.stat()
    assert destination.send(parcel) == f"already there, identical: {path}"
    assert path.stat() == before


def test_a_different_file_is_never_overwritten(bundle, tmp_path):
    destination = share(tmp_path)
    parcel = destination.plan(bundle)[0]
    path = tmp_path / parcel.recipient
    path.parent.mkdir(parents=True)
    path.write_bytes(b"edited by hand")
    with pytest.raises(DeliveryError, match=r"sha256 \w{12}…, ours is \w{12}….*move it away"):
        destination.send(parcel)
    assert path.read_bytes() == b"edited by hand"
    assert len(everything(tmp_path)) == 1


def test_a_share_that_is_not_mounted_is_no_place_to_make_folders(bundle, tmp_path):
    destination = share(tmp_path / "mnt")
    with pytest.raises(DeliveryError, match="is the share mounted") as caught:
        destination.send(destination.plan(bundle)[0])
    assert caught.value.retryable
    assert not (tmp_path / "mnt").exists()


def test_a_full_disk_leaves_no_half_file_and_later_delivers(small_disk):
    names, content = ("monthly", "2026", "a.pdf"), b"x" * 50_000
    filler = small_disk / "filler"
    filler.write_bytes(b"y" * 40_000)
    with pytest.raises(DeliveryError, match="No space left on device; make room") as caught:
        file_away(small_disk, names, content)
    assert caught.value.retryable
    assert everything(small_disk) == ["filler"]
    filler.unlink()
    assert file_away(small_disk, names, content) is Published.WRITTEN
    assert (small_disk / "monthly/2026/a.pdf").read_bytes() == content


def test_a_limit_on_file_sizes_leaves_no_half_file(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(DeliveryError, match="File too large; raise the limit"):
            file_away(tmp_path, ("a.pdf",), b"x" * 50_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert everything(tmp_path) == []


def test_a_read_only_share_is_one_clear_sentence(read_only_disk):
    with pytest.raises(DeliveryError, match="Read-only file system; it is mounted read-only"):
        file_away(read_only_disk, ("monthly", "a.pdf"), b"x")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_share_is_one_clear_sentence(tmp_path):
    tmp_path.chmod(0o555)
    with pytest.raises(DeliveryError, match="Permission denied; give the user"):
        file_away(tmp_path, ("monthly", "a.pdf"), b"x")


@pytest.mark.parametrize(
    "path",
    [
        "../a.pdf",
        "monthly/../../a.pdf",
        "/etc/a.pdf",
        "monthly//a.pdf",
        "monthly/.hidden",
        "monthly/a\x00.pdf",
        "monthly/a\n.pdf",
        "monthly\\a.pdf",
        "",
    ],
)
def test_paths_that_lead_elsewhere_are_refused(tmp_path, path):
    base = tmp_path / "share"
    base.mkdir()
    with pytest.raises(DeliveryError, match="is no place on a share") as caught:
        share(base).send(Parcel("archive", path, "application/pdf", b"x"))
    assert not caught.value.retryable
    assert everything(tmp_path) == []


@settings(max_examples=200, deadline=None)
@given(name=st.text(st.sampled_from("a./\\\0\n :é\u202e-"), max_size=6) | st.text(max_size=250))
def test_whatever_the_name_nothing_is_written_outside_its_folder(tmp_path_factory, name):
    base = tmp_path_factory.mktemp("names") / "share"
    base.mkdir()
    bundle = Bundle(
        "monthly",
        "2026-10",
        1,
        datetime(2026, 11, 2, tzinfo=UTC),
        (Document(name, "text/html", b"x"),),
    )
    destination = share(base)
    if is_file_name(name):
        destination.send(destination.plan(bundle)[0])
        assert everything(base.parent) == [f"share/monthly/2026/{name}"]
    else:
        with pytest.raises(DeliveryError, match="no plain file name"):
            destination.plan(bundle)
        assert everything(base.parent) == []


def test_a_symbolic_link_as_folder_or_as_file_is_not_followed(bundle, tmp_path):
    outside = tmp_path / "outside"
    base = tmp_path / "share"
    outside.mkdir()
    base.mkdir()
    (base / "monthly").symlink_to(outside)
    with pytest.raises(DeliveryError, match=r"Not a directory|symbolic links"):
        share(base).send(share(base).plan(bundle)[0])
    (base / "a.pdf").symlink_to(outside / "a.pdf")
    with pytest.raises(DeliveryError, match="symbolic links below the share"):
        file_away(base, ("a.pdf",), b"x")
    assert everything(outside) == []


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo])
def test_something_that_is_no_file_in_the_place_is_left_alone(tmp_path, make):
    make(tmp_path / "a.pdf")
    with pytest.raises(DeliveryError, match="no ordinary file; move it away"):
        file_away(tmp_path, ("a.pdf",), b"x")
    assert [one.name for one in tmp_path.iterdir()] == ["a.pdf"]


def no_links(_temporary: str, _name: str, _folder: int) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


def test_where_there_are_no_hard_links_the_name_is_created_exclusively(tmp_path):
    assert file_away(tmp_path, ("a.pdf",), b"x" * 9000, link=no_links) is Published.WRITTEN
    assert file_away(tmp_path, ("a.pdf",), b"x" * 9000, link=no_links) is Published.ALREADY_THERE
    assert everything(tmp_path) == ["a.pdf"]
    assert (tmp_path / "a.pdf").read_bytes() == b"x" * 9000


def test_another_writer_who_comes_between_is_not_overwritten(tmp_path):
    def link(_temporary: str, name: str, folder: int) -> None:
        (tmp_path / name).write_bytes(b"theirs")
        raise FileExistsError(errno.EEXIST, "File exists", name, folder)

    with pytest.raises(DeliveryError, match="never overwritten"):
        file_away(tmp_path, ("a.pdf",), b"ours", link=link)
    assert (tmp_path / "a.pdf").read_bytes() == b"theirs"
    assert everything(tmp_path) == ["a.pdf"]


def test_of_many_writers_of_the_same_file_exactly_one_writes_it(tmp_path):
    results: list[Published] = []
    start = threading.Barrier(8)

    def write() -> None:
        start.wait()
        results.append(file_away(tmp_path, ("monthly", "2026", "a.pdf"), b"x" * 100_000))

    threads = [threading.Thread(target=write) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert results.count(Published.WRITTEN) == 1
    assert results.count(Published.ALREADY_THERE) == 7
    assert everything(tmp_path) == ["monthly/2026/a.pdf"]


def test_links_are_urls_of_the_html_and_the_pdf(bundle, tmp_path):
    odd = replace(bundle.documents[1], name="Bericht Ä #1.pdf")
    bundle = replace(bundle, documents=(bundle.documents[0], odd, bundle.documents[2]))
    assert share(tmp_path, "https://files.example.com/slo/").links(bundle) == {
        "html": "https://files.example.com/slo/monthly/2026/monthly-2026-10.html",
        "pdf": "https://files.example.com/slo/monthly/2026/Bericht%20%C3%84%20%231.pdf",
    }
    assert share(tmp_path).links(bundle) == {}


def test_two_documents_of_one_name_are_refused_at_planning(bundle, tmp_path):
    twice = (bundle.documents[0], replace(bundle.documents[1], name=bundle.documents[0].name))
    with pytest.raises(DeliveryError, match="their names must differ"):
        share(tmp_path).plan(replace(bundle, documents=twice))


@pytest.mark.parametrize(
    ("period_id", "year"),
    [
        ("2026-10", "2026"),
        ("2025-W01", "2025"),
        ("2024-Q4", "2024"),
        ("2023", "2023"),
        ("28d-2025-11-01", "2025"),
        ("2024-10-01..2024-10-15", "2024"),
        ("2026-11-to-2026-11-23T140000Z", "2026"),
    ],
)
def test_the_year_is_the_periods(bundle, period_id, year):
    assert period_year(replace(bundle, period_id=period_id)) == year


def test_the_manifest_is_checked_by_sha256sum(bundle, tmp_path):
    destination = share(tmp_path)
    parcels = destination.plan(replace(bundle, revision=2))
    assert parcels[-1].recipient == "monthly/2026/monthly_2026-10_r2.sha256"
    for parcel in parcels:
        destination.send(parcel)
    folder = tmp_path / "monthly/2026"
    command = ["sha256sum", "--check", "--strict", "monthly_2026-10_r2.sha256"]
    checked = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    assert checked.stdout.splitlines() == [f"{one.name}: OK" for one in bundle.documents]
    (folder / bundle.documents[0].name).write_bytes(b"changed")
    assert subprocess.run(command, cwd=folder, check=False, capture_output=True).returncode == 1


def test_a_bundle_without_documents_has_no_manifest(bundle, tmp_path):
    assert share(tmp_path).plan(replace(bundle, documents=())) == ()


def test_what_is_filed_can_be_read(bundle, tmp_path):
    destination = share(tmp_path)
    parcel = destination.plan(bundle)[0]
    with pytest.raises(NotThere, match=rf"{tmp_path}/.*html is not there"):
        destination.read(parcel.recipient)
    destination.send(parcel)
    assert destination.read(parcel.recipient) == parcel.content
    assert destination.place(parcel.recipient) == str(tmp_path / parcel.recipient)


def test_only_the_index_is_ever_replaced(tmp_path):
    destination = share(tmp_path)
    assert destination.publish_index(b"old") == f"written {tmp_path}/index.html"
    assert destination.publish_index(b"new") == f"written {tmp_path}/index.html"
    assert everything(tmp_path) == ["index.html"]
    assert (tmp_path / "index.html").read_bytes() == b"new"


def test_an_index_that_cannot_be_written_leaves_the_old_one(small_disk):
    destination = share(small_disk)
    destination.publish_index(b"old")
    with pytest.raises(DeliveryError, match="make room"):
        destination.publish_index(b"x" * 80_000)
    assert everything(small_disk) == ["index.html"]
    assert (small_disk / "index.html").read_bytes() == b"old"


def test_examining_a_share_tells_what_was_done_and_leaves_nothing(tmp_path):
    checks = list(share(tmp_path).examine())
    assert [one.is_fine for one in checks] == [True, True]
    assert checks[1].what == "write, rename, read and remove a file on archive"
    assert {one.seen for one in checks} == {str(tmp_path)}
    assert everything(tmp_path) == []


def test_examining_a_share_that_is_not_there_says_what_to_mend(tmp_path):
    first, second = share(tmp_path / "gone").examine()
    assert (first.is_fine, first.mend) == (False, "is the share mounted?")
    assert first.seen == f"the share's folder {tmp_path / 'gone'} is not there"
    assert (second.is_fine, second.mend) == (None, "")


def test_examining_a_share_that_is_read_only_says_what_to_mend(read_only_disk):
    first, second = share(read_only_disk).examine()
    assert (first.is_fine, second.is_fine) == (True, False)
    assert second.mend == "it is mounted read-only: mount it writable"


@pytest.mark.parametrize(
    ("url", "package", "extra"),
    [
        ("sftp://h/a", "paramiko", "sftp"),
        ("smb://h/a", "smbclient", "smb"),
        ("s3://b", "botocore", "s3"),
    ],
)
def test_a_library_that_is_not_installed_is_named_with_its_extra(
    monkeypatch, bundle, url, package, extra
):
    for name in list(sys.modules):
        if name.partition(".")[0] == package:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, f"slo_reports.deliver.stores.{extra}", raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    secret = Secret("env:NEVER_ASKED")
    settings = ShareDestination(kind="share", url=url, username="a", password=secret)
    destination = Share("books", settings)
    (parcel, *_) = destination.plan(bundle)
    advice = rf"needs the Python package {package}.*; pip install 'slo-reports\[{extra}\]'"
    with pytest.raises(DeliveryError, match=advice) as caught:
        destination.send(parcel)
    assert caught.value.retryable
    assert next(iter(destination.examine())).mend == f"pip install 'slo-reports[{extra}]'"
    destination.close()
