from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from slo_reports.errors import LedgerError
from slo_reports.ledger import Ledger
from slo_reports.ledger.database import open_database
from slo_reports.ledger.tables import attempts
from slo_reports.model import DeliveryState, Document, Snapshot
from slo_reports.periods import month


@pytest.fixture
def ledger(tmp_path) -> Iterator[Ledger]:
    with Ledger.open(tmp_path / "state") as opened:
        yield opened


@pytest.fixture
def run(ledger, snapshot_of, documents, parcels, now):
    return ledger.freeze_run(snapshot_of(), documents, parcels, now)


def files(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


def test_a_run_is_found_by_report_and_period(ledger, run, october):
    assert ledger.find_run("monthly", october) == run
    assert ledger.find_run("weekly", october) is None
    assert ledger.find_run("monthly", month(2026, 9, "UTC")) is None
    assert (run.start, run.end) == (october.start, october.end)
    assert run.title == "monthly 2026-10 r1"


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


def test_frozen_documents_and_parcels_come_back_as_they_were(ledger, run, documents, parcels):
    assert ledger.documents(run) == documents
    assert ledger.open_parcels(run) == parcels


def test_freezing_the_same_key_again_gives_the_first_run_whose_bytes_win(
    ledger, run, snapshot_of, parcels, now
):
    other = (Document("other.html", "text/html", b"other"),)
    again = ledger.freeze_run(snapshot_of(title="New"), other, (), now + timedelta(hours=1))
    assert again == run
    assert ledger.open_parcels(again) == parcels
    assert len(ledger.history()) == 1


def test_a_revision_is_a_run_of_its_own_and_the_latest_is_found(
    ledger, run, snapshot_of, documents, october, now
):
    second = ledger.freeze_run(snapshot_of(revision=2), documents, (), now)
    assert ledger.find_run("monthly", october) == second
    assert ledger.find_run("monthly", october, revision=1) == run
    assert ledger.history("monthly") == (run, second)
    assert ledger.history("weekly") == ()


def test_a_period_judged_to_date_never_stands_for_the_whole_period(
    ledger, snapshot_of, documents, october, now
):
    to_date = replace(october, as_of=datetime(2026, 10, 9, tzinfo=UTC))
    early = ledger.freeze_run(snapshot_of(to_date), documents, (), now)
    assert early.period == "2026-10-to-2026-10-09T000000Z"
    assert ledger.find_run("monthly", october) is None
    assert ledger.find_run("monthly", to_date) == early


def test_attempts_move_a_delivery_on_and_are_all_kept(ledger, run, parcels, now):
    steps = [
        (DeliveryState.SENDING, ""),
        (DeliveryState.DEFERRED, "451 later"),
        (DeliveryState.SENDING, ""),
        (DeliveryState.DELIVERED, "250 Ok"),
    ]
    for minute, (state, detail) in enumerate(steps):
        ledger.record_attempt(run, parcels[1], state, detail, now + timedelta(minutes=minute))
    delivery = ledger.deliveries(run)[1]
    assert (delivery.state, delivery.receipt) == (DeliveryState.DELIVERED, "250 Ok")
    assert [(one.outcome, one.detail) for one in delivery.tries] == steps
    assert delivery.changed_at == delivery.tries[-1].at == now + timedelta(minutes=3)
    assert delivery.message_id == "<1@x>"
    assert ledger.open_parcels(run) == (parcels[0], parcels[2])


@pytest.mark.parametrize(
    ("state", "is_open"),
    [
        (DeliveryState.SENDING, True),
        (DeliveryState.DEFERRED, True),
        (DeliveryState.UNCERTAIN, True),
        (DeliveryState.DELIVERED, False),
        (DeliveryState.REJECTED, False),
    ],
)
def test_what_is_not_settled_stays_open(ledger, run, parcels, now, state, is_open):
    ledger.record_attempt(run, parcels[0], state, "detail", now)
    assert (parcels[0] in ledger.open_parcels(run)) is is_open


def test_a_rejected_delivery_is_open_again_only_when_a_person_asks(ledger, run, parcels, now):
    ledger.record_attempt(run, parcels[2], DeliveryState.REJECTED, "550 no such user", now)
    assert parcels[2] not in ledger.open_parcels(run)
    assert parcels[2] in ledger.open_parcels(run, also_rejected=True)


def test_what_was_delivered_stays_delivered(ledger, run, parcels, now):
    ledger.record_attempt(run, parcels[0], DeliveryState.DELIVERED, "written", now)
    ledger.record_attempt(run, parcels[0], DeliveryState.DEFERRED, "too late", now)
    delivery = ledger.deliveries(run)[0]
    assert (delivery.state, delivery.receipt) == (DeliveryState.DELIVERED, "written")
    assert len(delivery.tries) == 2


def test_attempts_can_be_neither_changed_nor_deleted(ledger, run, parcels, now, tmp_path):
    ledger.record_attempt(run, parcels[0], DeliveryState.DELIVERED, "written", now)
    engine = open_database(tmp_path / "state" / "ledger.db")
    for change in (update(attempts).values(detail="other"), delete(attempts)):
        with pytest.raises(IntegrityError, match="append-only"), engine.begin() as db:
            db.execute(change)
    engine.dispose()


def test_only_what_was_frozen_can_be_recorded(ledger, run, parcels, now):
    stranger = replace(parcels[0], recipient="elsewhere")
    with pytest.raises(LedgerError, match="only what was frozen is sent"):
        ledger.record_attempt(run, stranger, DeliveryState.DELIVERED, "", now)


def test_instants_are_kept_in_utc_and_need_a_zone(ledger, snapshot_of, parcels, now):
    kathmandu = timezone(timedelta(hours=5, minutes=45))
    run = ledger.freeze_run(snapshot_of(), (), parcels[:1], now.astimezone(kathmandu))
    assert run.created_at == now
    assert run.created_at.utcoffset() == timedelta()
    with pytest.raises(LedgerError, match="has no time zone"):
        ledger.record_attempt(
            run, parcels[0], DeliveryState.DELIVERED, "", now.replace(tzinfo=None)
        )


def test_the_ledger_outlives_its_closing(tmp_path, snapshot_of, documents, parcels, now, october):
    with Ledger.open(tmp_path) as first:
        run = first.freeze_run(snapshot_of(), documents, parcels, now)
    with Ledger.open(tmp_path) as second:
        assert second.find_run("monthly", october) == run
        assert second.open_parcels(run) == parcels


def test_the_database_syncs_every_commit_and_checks_references(tmp_path):
    engine = open_database(tmp_path / "ledger.db")
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
    run = ledger.freeze_run(snapshot_of(), documents, parcels, now)
    assert run.folder == left
    assert "documents/old.html" not in files(left)
    assert ledger.open_parcels(run) == parcels


def test_a_frozen_file_that_was_changed_or_lost_is_not_sent(ledger, run, documents):
    path = run.folder / "documents" / documents[1].name
    path.write_bytes(b"forged")
    with pytest.raises(LedgerError, match="is not what was frozen"):
        ledger.open_parcels(run)
    path.unlink()
    with pytest.raises(LedgerError, match=r"monthly-2026-10\.pdf: No such file"):
        ledger.open_parcels(run)


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".", "a\nb"])
def test_names_that_lead_elsewhere_are_refused(ledger, snapshot_of, documents, now, name):
    odd = (replace(documents[0], name=name),)
    with pytest.raises(LedgerError, match="plain file name"):
        ledger.freeze_run(snapshot_of(), odd, (), now)
    period = replace(snapshot_of().period, id=name)
    with pytest.raises(LedgerError, match="cannot name a folder"):
        ledger.freeze_run(snapshot_of(period), documents, (), now)
    assert ledger.history() == ()


def test_a_newer_schema_is_not_touched(tmp_path):
    Ledger.open(tmp_path).close()
    _sql(tmp_path, "UPDATE schema_version SET version = 7")
    with pytest.raises(LedgerError, match=r"schema version 7, this slo-reports knows 1"):
        Ledger.open(tmp_path)


def test_a_damaged_database_is_one_clear_sentence(tmp_path):
    (tmp_path / "ledger.db").write_bytes(b"this is no database " * 400)
    with pytest.raises(LedgerError, match="it is damaged or no ledger at all"):
        Ledger.open(tmp_path)


def test_a_locked_database_is_one_clear_sentence(tmp_path, snapshot_of, now):
    Ledger.open(tmp_path).close()
    engine = open_database(tmp_path / "ledger.db", busy_seconds=0.1)
    other = sqlite3.connect(tmp_path / "ledger.db")
    other.execute("BEGIN IMMEDIATE")
    with (
        Ledger(tmp_path, engine) as ledger,
        pytest.raises(LedgerError, match="another program holds it locked"),
    ):
        ledger.freeze_run(snapshot_of(), (), (), now)
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
            ledger.freeze_run(snapshot_of(), big, (), now)
        assert ledger.history() == ()
        assert files(disk / "runs") == []
        run = ledger.freeze_run(snapshot_of(), documents, (), now)
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


def _sql(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(folder / "ledger.db")
    with connection:
        connection.execute(statement)
    connection.close()
