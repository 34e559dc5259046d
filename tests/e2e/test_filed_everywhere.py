"""One report on five real servers at once: filed, listed, checked, and filed no second time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import ExitStack
from urllib.parse import unquote

import pytest
import yaml
from support.file_servers import SERVERS
from support.shop import shop_prometheus, write_config

pytestmark = pytest.mark.e2e
PERIOD = ["--period", "2026-10-19..2026-10-21"]
NAME = "shop/2026/shop_2026-10-19..2026-10-21"
FORMS = ["html", "json", "pdf", "sha256"]


@pytest.fixture(scope="module")
def servers():
    with ExitStack() as stack:
        yield {name: stack.enter_context(start()) for name, start in SERVERS.items()}


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    with shop_prometheus(tmp_path_factory.mktemp("shop")) as url:
        yield url


@pytest.fixture(scope="module")
def folder(servers, prometheus, tmp_path_factory):
    """Settings with a share on each server, and one report filed on all of them."""
    place = tmp_path_factory.mktemp("config")
    path = write_config(place, prometheus)
    settings = yaml.safe_load(path.read_text())
    settings["destinations"] = {name: written(one) for name, one in servers.items()}
    settings["reports"][0]["destinations"] = list(servers)
    path.write_text(yaml.safe_dump(settings))
    done = slo_reports("run", "shop", *PERIOD, cwd=place)
    assert (done.returncode, done.stderr) == (0, "")
    return place


def written(served):
    """The settings of a share as a person writes them."""
    share = served.settings()
    keys = {"kind": "share", "url": share.url}
    for name in ("username", "key", "known_hosts", "endpoint", "region", "ca"):
        if getattr(share, name) is not None:
            keys[name] = str(getattr(share, name))
    if share.password is not None:
        keys["password"] = share.password.reference
    return keys


def slo_reports(*words, cwd):
    done = subprocess.run(
        [sys.executable, "-m", "slo_reports", *map(str, words)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        env=dict(os.environ),
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.usefixtures("folder")
def test_every_server_holds_the_same_files(servers):
    first, *others = (one.files() for one in servers.values())
    pages = {name: content for name, content in first.items() if name != "index.html"}
    assert sorted(pages) == [f"{NAME}.{form}" for form in FORMS]
    for other in others:
        assert other == first


@pytest.mark.usefixtures("folder")
def test_the_checksums_are_those_of_the_files_on_each_server(servers, tmp_path):
    for name, served in servers.items():
        place = tmp_path / name
        place.mkdir()
        for path, content in served.files().items():
            (place / path.rpartition("/")[2]).write_bytes(content)
        command = ["sha256sum", "--check", "--strict", f"{NAME.rpartition('/')[2]}.sha256"]
        done = subprocess.run(command, cwd=place, check=True, capture_output=True, text=True)
        assert done.stdout.count(": OK") == 3


@pytest.mark.usefixtures("folder")
def test_every_link_of_the_archive_leads_to_a_file(servers):
    for served in servers.values():
        files = served.files()
        links = re.findall(r'href="([^"#]+)"', files["index.html"].decode())
        assert len(links) == 5
        assert {unquote(one) for one in links} <= set(files)
        assert b"bytes" in files["index.html"]


def test_a_second_run_changes_nothing(folder, servers):
    before = {name: one.files() for name, one in servers.items()}
    done = slo_reports("run", "shop", *PERIOD, cwd=folder)
    assert done.returncode == 0
    assert "nothing new to deliver" in done.stdout
    assert {name: one.files() for name, one in servers.items()} == before


def test_the_doctor_reaches_them_all(folder, servers):
    done = slo_reports("doctor", cwd=folder)
    for name in servers:
        assert f"  ✓ reach and log in to {name}: " in done.stdout
        assert f"  ✓ write, rename, read and remove a file on {name}: " in done.stdout


def test_verify_reads_back_from_every_server_and_names_what_was_changed(folder, servers):
    done = slo_reports("verify", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "20 files on shares are as they were filed" in done.stdout
    for served in servers.values():
        served.put(f"{NAME}.json", b"tampered with")
    done = slo_reports("verify", cwd=folder)
    assert done.returncode == 10
    assert "15 files on shares are as they were filed" in done.stdout
    for served in servers.values():
        place = served.settings().url.removeprefix("file://")
        assert f"✗ changed: {place}/{NAME}.json (sha256 " in done.stdout
