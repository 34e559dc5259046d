"""The ledger between processes: races, kills, locks."""

from __future__ import annotations

import multiprocessing
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from support.ledgers import freeze, open_all, open_parcels

from slo_reports.errors import Busy
from slo_reports.ledger import Ledger
from slo_reports.ledger.lock import one_opens
from slo_reports.model import DeliveryState

PREPARE = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from slo_reports.ledger import Freezing, Ledger
from slo_reports.model import DeliveryState, Document, Parcel, ReportRequest, Snapshot
from slo_reports.periods import month

state, who = Path(sys.argv[1]), sys.argv[2]
now = datetime(2026, 11, 2, 5, tzinfo=UTC)
request = ReportRequest(name="monthly", title=who, author="SRE")
snapshot = Snapshot(request, month(2026, 10, "Europe/Berlin"), (), (), (), now)
documents = [Document("a.pdf", "application/pdf", who.encode() * 50_000)]
parcels = [
    Parcel("board", f"{one}@example.com", "message/rfc822", f"{one} from {who}".encode(), "<i@x>")
    for one in ("a", "b")
]
"""
RACE = """
sys.stdout.write("ready\\n"); sys.stdout.flush(); sys.stdin.readline()
with Ledger.open(state) as ledger:
    run = ledger.freeze_run(Freezing(snapshot, tuple(documents), tuple(parcels)), now)
    print(run.snapshot_sha256, *(one.parcel.sha256 for one in ledger.open_deliveries(run)))
"""
KILL_AFTER_FREEZE = """
ledger = Ledger.open(state)
run = ledger.freeze_run(Freezing(snapshot, tuple(documents), tuple(parcels)), now)
ledger.record_attempt(run, parcels[0], DeliveryState.SENDING, "", now)
os._exit(9)
"""
KILL_IN_FREEZE = """
ledger = Ledger.open(state)
def die(event, args):
    if event == "os.rename":
        os._exit(9)
sys.addaudithook(die)
ledger.freeze_run(Freezing(snapshot, tuple(documents), tuple(parcels)), now)
"""
OPEN = """
sys.stdout.write("ready\\n"); sys.stdout.flush()
Ledger.open(state).close()
"""
HOLD = """
with Ledger.open(state) as ledger, ledger.lock():
    print("held", flush=True); sys.stdin.readline()
"""


def started(script: str, state: Path, who: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PREPARE + script, str(state), who],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_processes_that_freeze_the_same_run_get_the_same_one(tmp_path, october):
    racers = [started(RACE, tmp_path / "state", who) for who in ("first", "second")]
    for one in racers:
        assert one.stdout.readline() == "ready\n"
    for one in racers:
        one.stdin.write("go\n")
        one.stdin.flush()
    answers = [one.communicate(timeout=60)[0] for one in racers]
    assert [one.returncode for one in racers] == [0, 0]
    assert answers[0] == answers[1] != ""
    with Ledger.open(tmp_path / "state") as ledger:
        (run,) = ledger.history()
        assert ledger.find_run("monthly", october) == run
        assert list(run.folder.parent.iterdir()) == [run.folder]


def test_who_opens_waits_for_the_one_that_is_just_making_the_ledger(tmp_path):
    with one_opens(tmp_path), closing(sqlite3.connect(tmp_path / "ledger.db")) as db:
        db.execute("BEGIN IMMEDIATE")  # the instant before the journal is another
        second = started(OPEN, tmp_path, "second")
        assert second.stdout.readline() == "ready\n"
        with pytest.raises(subprocess.TimeoutExpired):
            second.wait(0.5)
    second.communicate(timeout=60)
    assert second.returncode == 0


@pytest.mark.slow
def test_many_may_open_a_ledger_from_a_backup_at_once(tmp_path):
    Ledger.open(tmp_path / "0").close()
    with closing(sqlite3.connect(tmp_path / "0" / "ledger.db")) as db:
        db.execute("PRAGMA journal_mode = DELETE")  # as every copy by VACUUM INTO or .backup is
    states = [tmp_path / "0", *(tmp_path / str(n) for n in range(1, 50))]
    for one in states[1:]:
        shutil.copytree(states[0], one)
    context = multiprocessing.get_context("spawn")
    start, faults = context.Barrier(3), context.SimpleQueue()
    openers = [context.Process(target=open_all, args=(states, start, faults)) for _ in range(3)]
    for one in openers:
        one.start()
    told = [faults.get() for _ in openers]
    for one in openers:
        one.join()
    assert told == [[], [], []]


def test_after_a_kill_between_freeze_and_delivery_the_same_bytes_are_still_to_be_sent(
    tmp_path, october
):
    killed = started(KILL_AFTER_FREEZE, tmp_path, "first")
    killed.communicate(timeout=60)
    assert killed.returncode == 9
    with Ledger.open(tmp_path) as ledger:
        run = ledger.find_run("monthly", october)
        assert run is not None
        assert [one.content for one in open_parcels(ledger, run)] == [
            b"a from first",
            b"b from first",
        ]
        states = [one.state for one in ledger.deliveries(run)]
        assert states == [DeliveryState.SENDING, DeliveryState.PENDING]


def test_after_a_kill_within_the_freeze_nothing_is_recorded_and_it_is_done_anew(
    tmp_path, october, snapshot_of, documents, parcels, now
):
    killed = started(KILL_IN_FREEZE, tmp_path, "first")
    killed.communicate(timeout=60)
    assert killed.returncode == 9
    with Ledger.open(tmp_path) as ledger:
        assert ledger.find_run("monthly", october) is None
        run = freeze(ledger, snapshot_of(), documents, parcels, now)
        assert open_parcels(ledger, run) == parcels
        assert list(run.folder.parent.iterdir()) == [run.folder]


def test_the_lock_names_its_holder_and_ends_with_it(tmp_path):
    holder = started(HOLD, tmp_path, "first")
    assert holder.stdout.readline() == "held\n"
    with Ledger.open(tmp_path) as ledger:
        with pytest.raises(Busy, match=rf"process {holder.pid} holds"), ledger.lock():
            pass
        holder.kill()
        holder.communicate(timeout=60)
        with ledger.lock():
            assert (tmp_path / "lock").read_text(encoding="utf-8").strip().isdecimal()


def test_the_lock_can_be_taken_again_when_it_was_given_back(tmp_path):
    with Ledger.open(tmp_path) as ledger:
        for _ in range(2):
            with ledger.lock(), pytest.raises(Busy, match="is at work"), ledger.lock():
                pass
        assert ledger.history() == ()
