"""What is wrong with this machine, and what is not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from slo_reports.doctoring.machine import file_system, local, room

PROC = "/proc/slo-reports"
"""Where not even root can make a folder."""
MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
proc /proc proc rw 0 0
nas:/reports /mnt nfs4 rw 0 0
//nas/my\\040share /mnt/my\\040share cifs rw 0 0
tmpfs /mnt/fast tmpfs rw 0 0
host:/x /mnt/ssh fuse.sshfs rw 0 0
short
"""


def test_a_good_place_is_fine_and_nothing_is_made(world, look, tmp_path):
    here = world()
    before = sorted(tmp_path.rglob("*"))
    state, history = look(here, "State folder"), look(here, "History")
    assert sorted(tmp_path.rglob("*")) == before
    assert {one.is_fine for one in (*state.values(), *history.values())} == {True}
    assert "the first run makes the folder" in state["write and sync a file"].seen
    assert "none yet" in state["ledger"].seen


def test_a_ledger_that_is_there_is_seen_and_left_as_it_is(world, look, tmp_path):
    here = world()
    here.open_ledger().close()
    before = (tmp_path / "state" / "ledger.db").read_bytes()
    assert look(here, "State folder")["ledger"].seen == "there"
    assert (tmp_path / "state" / "ledger.db").read_bytes() == before


def test_a_database_that_cannot_be_reached_or_has_no_password_is_told(world, look, monkeypatch):
    ledger = 'ledger: {url: "postgresql://slo@127.0.0.1:1/slo", password: env:DATABASE_PASSWORD}'
    here = world("http://127.0.0.1:9", ("state: state", f"state: state\n{ledger}"))
    nameless = look(here, "State folder")["ledger"]
    monkeypatch.setenv("DATABASE_PASSWORD", "very secret")
    down = look(here, "State folder")["ledger"]
    assert (nameless.is_fine, down.is_fine, down.mend) == (False, False, "mend ledger")
    assert "env:DATABASE_PASSWORD is not there" in nameless.seen
    assert "127.0.0.1" in down.seen
    assert "very secret" not in down.seen


@pytest.mark.parametrize("place", ["State folder", "History"])
def test_a_folder_that_cannot_be_written_says_whose_right_is_missing(world, look, place):
    found = look(world("http://127.0.0.1:9", ("state: state", f"state: {PROC}")), place)
    check = next(one for one in found.values() if one.is_fine is False)
    assert "/proc: " in check.seen
    assert "let the user that runs slo-reports write there" in check.mend


def test_a_file_where_the_folder_should_be_is_named(world, look, tmp_path):
    (tmp_path / "state").write_text("in the way")
    found = look(world(), "State folder")
    assert found["write and sync a file"].is_fine is False
    assert found["write and sync a file"].seen == f"{tmp_path / 'state'} is no folder"


def test_a_history_in_another_store_is_tried_out_and_left_empty(world, look):
    here = world("http://127.0.0.1:9", ("state: state", "state: state\nhistory: memory://doctor"))
    (check,) = look(here, "History memory://doctor").values()
    assert (check.what, check.is_fine) == ("write, read and remove a file", True)
    assert here.history._storage.names("") == []


@pytest.mark.parametrize(
    ("free", "fine", "seen"),
    [
        (83_700_000_000, True, "83.7 GB free"),
        (500_000_000, True, "500 MB free"),
        (499_000_000, None, "499 MB free"),
        (10_000_000, False, "10 MB free"),
    ],
)
def test_room_is_asked_for_in_time(free, fine, seen):
    assert (room(free).is_fine, room(free).seen) == (fine, seen)


@pytest.mark.parametrize(
    ("folder", "kind", "fine"),
    [
        ("/var/lib", "ext4", True),
        ("/mnt", "nfs4", None),
        ("/mnt/state", "nfs4", None),
        ("/mnt/my share/x", "cifs", None),
        ("/mnt/fast/x", "tmpfs", True),
        ("/mnt/ssh/x", "fuse.sshfs", None),
        ("/mntx", "ext4", True),
    ],
)
def test_the_file_system_is_that_of_the_deepest_mount(folder, kind, fine):
    assert file_system(Path(folder), MOUNTS) == kind
    assert local(Path(folder), MOUNTS).is_fine is fine


def test_where_nothing_can_be_told_of_mounts_nothing_is_claimed():
    assert file_system(Path("/var"), "") is None
    assert local(Path("/var"), "").is_fine is True


@pytest.mark.parametrize(
    ("name", "fine"), [("", True), ("UTC", True), (":Europe/Berlin", True), ("Mars/Olympus", None)]
)
def test_a_strange_tz_asks_for_an_eye(name, fine, world, look, monkeypatch):
    monkeypatch.setenv("TZ", name)
    found = look(world(), "This machine")
    assert found["time zones"].is_fine is True
    assert "Europe/Berlin; tzdata 20" in found["time zones"].seen
    assert (found["TZ"].is_fine if "TZ" in found else True) is fine


def test_the_network_file_system_of_this_very_folder_is_read_from_the_kernel(world, look):
    check = look(world(), "State folder")["on a local disk"]
    assert check.seen in Path("/proc/mounts").read_text()
    assert os.sep not in check.seen
