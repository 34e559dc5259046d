"""Ledgers that an earlier slo-reports wrote are brought up to date, once, with all they hold."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, inspect, text

from slo_reports.errors import LedgerError
from slo_reports.ledger import Ledger, RunState
from slo_reports.ledger.database import HEAD, Place, open_database
from slo_reports.ledger.tables import metadata
from slo_reports.model import DeliveryState

# As version 0.1.0 wrote it, before there were migrations.
FIRST = """
CREATE TABLE schema_version (version INTEGER NOT NULL,
  CONSTRAINT pk_schema_version PRIMARY KEY (version));
INSERT INTO schema_version VALUES (1);
CREATE TABLE runs (id INTEGER NOT NULL, report VARCHAR(200) NOT NULL, period VARCHAR(200) NOT NULL,
  revision INTEGER NOT NULL, start_at VARCHAR(32) NOT NULL, end_at VARCHAR(32) NOT NULL,
  snapshot_sha256 VARCHAR(64) NOT NULL, created_at VARCHAR(32) NOT NULL,
  CONSTRAINT pk_runs PRIMARY KEY (id),
  CONSTRAINT uq_runs_report_period_revision UNIQUE (report, period, revision));
CREATE TABLE artifacts (id INTEGER NOT NULL, run_id INTEGER NOT NULL, path TEXT NOT NULL,
  media_type VARCHAR(200) NOT NULL, sha256 VARCHAR(64) NOT NULL, size INTEGER NOT NULL,
  CONSTRAINT pk_artifacts PRIMARY KEY (id),
  CONSTRAINT uq_artifacts_run_id_path UNIQUE (run_id, path),
  CONSTRAINT fk_artifacts_run_id FOREIGN KEY(run_id) REFERENCES runs (id));
CREATE TABLE deliveries (id INTEGER NOT NULL, run_id INTEGER NOT NULL, artifact_id INTEGER NOT NULL,
  destination VARCHAR(200) NOT NULL, recipient TEXT NOT NULL, message_id TEXT,
  state VARCHAR(20) NOT NULL, receipt TEXT NOT NULL, changed_at VARCHAR(32) NOT NULL,
  CONSTRAINT pk_deliveries PRIMARY KEY (id),
  CONSTRAINT uq_deliveries_run_id_destination_recipient UNIQUE (run_id, destination, recipient),
  CONSTRAINT fk_deliveries_run_id FOREIGN KEY(run_id) REFERENCES runs (id),
  CONSTRAINT fk_deliveries_artifact_id FOREIGN KEY(artifact_id) REFERENCES artifacts (id));
CREATE TABLE attempts (id INTEGER NOT NULL, delivery_id INTEGER NOT NULL, at VARCHAR(32) NOT NULL,
  outcome VARCHAR(20) NOT NULL, detail TEXT NOT NULL,
  CONSTRAINT pk_attempts PRIMARY KEY (id),
  CONSTRAINT fk_attempts_delivery_id FOREIGN KEY(delivery_id) REFERENCES deliveries (id));
CREATE INDEX ix_attempts_delivery_id ON attempts (delivery_id);
CREATE TRIGGER attempts_no_update BEFORE UPDATE ON attempts
  BEGIN SELECT RAISE(ABORT, 'attempts are append-only'); END;
CREATE TRIGGER attempts_no_delete BEFORE DELETE ON attempts
  BEGIN SELECT RAISE(ABORT, 'attempts are append-only'); END;
INSERT INTO runs VALUES (1, 'monthly', '2026-10', 1, '2026-09-30T22:00:00.000000+00:00',
  '2026-10-31T23:00:00.000000+00:00', 'aa', '2026-11-01T05:00:00.000000+00:00');
INSERT INTO artifacts VALUES (1, 1, 'documents/a.pdf', 'application/pdf', 'bb', 7);
INSERT INTO deliveries VALUES (1, 1, 1, 'board', 'a@example.com', '<1@x>', 'delivered', '250 Ok',
  '2026-11-01T05:00:01.000000+00:00');
INSERT INTO attempts VALUES (1, 1, '2026-11-01T05:00:01.000000+00:00', 'delivered', '250 Ok');
"""


def old_ledger(folder):
    folder.mkdir(exist_ok=True)
    connection = sqlite3.connect(folder / "ledger.db")
    connection.executescript(FIRST)
    connection.close()


def test_an_old_ledger_keeps_its_runs_deliveries_and_attempts(tmp_path):
    old_ledger(tmp_path)
    with Ledger.open(tmp_path) as ledger:
        (run,) = ledger.history()
        (delivery,) = ledger.deliveries(run)
    assert (run.title, run.state, run.due_at) == ("monthly 2026-10 r1", RunState.FROZEN, None)
    assert run.end == datetime(2026, 10, 31, 23, tzinfo=UTC)
    assert (delivery.state, delivery.next_try_at) == (DeliveryState.DELIVERED, None)
    assert [one.detail for one in delivery.tries] == ["250 Ok"]


def columns(url_or_place):
    engine = create_engine(url_or_place)
    tables = inspect(engine)
    found = {
        name: {column["name"]: column["nullable"] for column in tables.get_columns(name)}
        for name in tables.get_table_names()
        if name != "alembic_version"
    }
    engine.dispose()
    return found


def as_declared():
    return {
        table.name: {column.name: bool(column.nullable) for column in table.columns}
        for table in metadata.sorted_tables
    }


@pytest.mark.parametrize("is_old", [True, False], ids=["from an old ledger", "from nothing"])
def test_the_steps_lead_to_the_tables_as_they_are_declared(tmp_path, is_old):
    if is_old:
        old_ledger(tmp_path)
    Ledger.open(tmp_path).close()
    assert columns(f"sqlite:///{tmp_path / 'ledger.db'}") == as_declared()


@pytest.mark.e2e
def test_the_steps_lead_to_the_same_tables_on_postgresql(tmp_path, postgres):
    Ledger.open(tmp_path, postgres).close()
    assert columns(postgres.replace("postgresql:", "postgresql+psycopg:")) == as_declared()


def test_a_ledger_of_a_newer_version_is_not_touched(tmp_path):
    Ledger.open(tmp_path).close()
    engine = open_database(Place(tmp_path))
    with engine.begin() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    engine.dispose()
    with pytest.raises(LedgerError, match=rf"is at step 0999, this slo-reports knows {HEAD}"):
        Ledger.open(tmp_path)


OPEN = """
import sys
from pathlib import Path
from slo_reports.ledger import Ledger
sys.stdout.write("ready\\n"); sys.stdout.flush(); sys.stdin.readline()
Ledger.open(Path(sys.argv[1]), *sys.argv[2:]).close()
"""


def test_four_processes_that_open_an_old_ledger_at_once_bring_it_up_to_date_once(
    tmp_path, postgres_url_or_none
):
    more = []
    if postgres_url_or_none is None:
        old_ledger(tmp_path)
    else:
        more = [postgres_url_or_none]
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, str(tmp_path), *more],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for one in racers:
        assert one.stdout.readline() == "ready\n"
    for one in racers:
        one.stdin.write("go\n")
        one.stdin.flush()
    errors = [one.communicate(timeout=60)[1] for one in racers]
    assert [one.returncode for one in racers] == [0] * 4, errors
    with Ledger.open(tmp_path, *more) as ledger:
        assert len(ledger.history()) == (0 if more else 1)
