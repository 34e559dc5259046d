"""The ledger in a folder of this machine: files, locks, disks."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.ledgers import freeze, open_parcels

from slo_reports.errors import LedgerError
from slo_reports.ledger import Ledger
from slo_reports.ledger.database import Place, open_database
from slo_reports.model import Snapshot


@pytest.fixture
def ledger(tmp_path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "state") as opened:
        yield opened


@pytest.fixture
def run(ledger, snapshot_of, documents, parcels, now):
    return freeze(ledger, snapshot_of(), documents, parcels, now)


def files(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


def test_everything_is_on_disk_when_a_run_is_recorded(run, snapshot_of, documents, parcels):
    assert files(run.folder) == [
        "documents/monthly-2026-10.html",
        "documents/monthly-2026-10.pdf",
        f"parcels/{parcels[1].sha256}.eml",
        f"parcels/{parcels[2].sha256}.eml",
        "snapshot.json",
    ]
    assert run.folder.parts[-4:] == ("runs", "monthly", "2026-10", "r1")
    assert Snapshot.from_json((run.folder / "snapshot.json").read_bytes()) == snapshot_of()
    assert (run.folder / "documents" / documents[1].name).read_bytes() == documents[1].content


def test_the_database_syncs_every_commit_and_checks_references(tmp_path):
    engine = open_database(Place(tmp_path))
    with engine.begin() as db:
        settings = [
            db.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    engine.dispose()
    assert settings == ["wal", 2, 1, 15000]


def test_a_folder_left_by_a_run_that_was_never_recorded_is_replaced(
    ledger, tmp_path, snapshot_of, documents, parcels, now
):
    left = tmp_path / "state" / "runs" / "monthly" / "2026-10" / "r1"
    (left / "documents").mkdir(parents=True)
    (left / "documents" / "old.html").write_bytes(b"never sent")
    run = freeze(ledger, snapshot_of(), documents, parcels, now)
    assert run.folder == left
    assert "documents/old.html" not in files(left)
    assert open_parcels(ledger, run) == parcels


def test_a_frozen_file_that_was_changed_or_lost_is_not_sent(ledger, run, documents):
    path = run.folder / "documents" / documents[1].name
    path.write_bytes(b"forged")
    with pytest.raises(LedgerError, match="is not what was frozen"):
        open_parcels(ledger, run)
    path.unlink()
    with pytest.raises(LedgerError, match=r"monthly-2026-10\.pdf: No such file"):
        open_parcels(ledger, run)


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".", "a\nb"])
def test_names_that_lead_elsewhere_are_refused(ledger, snapshot_of, documents, now, name):
    odd = (replace(documents[0], name=name),)
    with pytest.raises(LedgerError, match="plain file name"):
        freeze(ledger, snapshot_of(), odd, (), now)
    period = replace(snapshot_of().period, id=name)
    with pytest.raises(LedgerError, match="cannot name a folder"):
        freeze(ledger, snapshot_of(period), documents, (), now)
    assert ledger.history() == ()


def test_a_damaged_database_is_one_clear_sentence(tmp_path):
    (tmp_path / "ledger.db").write_bytes(b"this is no database " * 400)
    with pytest.raises(LedgerError, match="it is damaged or no ledger at all"):
        Ledger.open(tmp_path)


def test_a_locked_database_is_one_clear_sentence(tmp_path, snapshot_of, now):
    Ledger.open(tmp_path).close()
    engine = open_database(Place(tmp_path), busy_seconds=0.1)
    other = sqlite3.connect(tmp_path / "ledger.db")
    other.execute("BEGIN IMMEDIATE")
    with (
        Ledger(Place(tmp_path), engine) as ledger,
        pytest.raises(LedgerError, match="another program holds it locked"),
    ):
        freeze(ledger, snapshot_of(), (), (), now)
    other.close()


def test_a_state_folder_that_cannot_be_made_is_one_clear_sentence(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(LedgerError, match="could not open the database"):
        Ledger.open(tmp_path / "file" / "state")


def test_a_read_only_state_folder_is_one_clear_sentence(mount):
    disk = mount("ro")
    with pytest.raises(LedgerError, match=r"in the ledger .*: it is not writable|it cannot be"):
        Ledger.open(disk)


def test_a_full_disk_records_nothing_and_later_freezes(mount, snapshot_of, documents, now):
    disk = mount("size=1m")
    big = (replace(documents[0], content=b"x" * 1_500_000),)
    with Ledger.open(disk) as ledger:
        with pytest.raises(LedgerError, match="the disk is full: make room"):
            freeze(ledger, snapshot_of(), big, (), now)
        assert ledger.history() == ()
        assert files(disk / "runs") == []
        run = freeze(ledger, snapshot_of(), documents, (), now)
        assert ledger.documents(run) == documents


@pytest.fixture
def mount(tmp_path):
    """Mount a file system of its own with these options."""
    path = tmp_path / "disk"

    def mount_with(options: str) -> Path:
        path.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)]
        if (
            os.geteuid() != 0
            or subprocess.run(command, capture_output=True, check=False).returncode
        ):
            pytest.skip("only root can mount a file system of its own")
        return path

    yield mount_with
    subprocess.run(["umount", str(path)], capture_output=True, check=False)
