"""The ledger on a real PostgreSQL server that several machines share."""

from __future__ import annotations

import psycopg
import pytest
from support.ledgers import freeze
from support.postgres import new_database

from slo_reports.errors import Busy, LedgerError
from slo_reports.ledger import Ledger, Owed
from slo_reports.model import DeliveryState

pytestmark = pytest.mark.e2e


def end_other_sessions(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_two_machines_see_the_same_frozen_bytes(
    tmp_path, postgres, snapshot_of, documents, parcels, now
):
    with Ledger.open(tmp_path / "one", postgres) as one:
        run = freeze(one, snapshot_of(), documents, parcels, now)
        assert run.folder is None
    with Ledger.open(tmp_path / "other", postgres) as other:
        assert other.history() == (run,)
        assert other.documents(run) == documents
    assert not (tmp_path / "one" / "ledger.db").exists()


def test_whoever_lost_the_lock_can_record_nothing_more(
    tmp_path, postgres, snapshot_of, parcels, now
):
    with Ledger.open(tmp_path, postgres) as ledger:
        run = freeze(ledger, snapshot_of(), (), parcels, now)
        with ledger.lock():
            ledger.record_attempt(run, parcels[0], DeliveryState.SENDING, "", now)
            end_other_sessions(postgres)
            with Ledger.open(tmp_path, postgres) as other, other.lock():
                for _ in range(2):
                    with pytest.raises(LedgerError, match="could not record the delivery to"):
                        ledger.record_attempt(run, parcels[1], DeliveryState.SENDING, "", now)
                states = [one.state for one in other.deliveries(run)]
    assert states[:2] == [DeliveryState.SENDING, DeliveryState.PENDING]


def test_the_message_of_a_taken_lock_names_program_and_machine(tmp_path, postgres):
    with (
        Ledger.open(tmp_path, postgres) as ledger,
        Ledger.open(tmp_path, postgres) as other,
        ledger.lock(),
        pytest.raises(Busy, match=r"at work \(slo-reports .+:\d+\)"),
        other.lock(),
    ):
        pass


def test_ledgers_in_two_databases_of_one_server_do_not_wait_for_each_other(
    tmp_path, postgres_server, october, now
):
    urls = [new_database(postgres_server) for _ in range(2)]
    with (
        Ledger.open(tmp_path, urls[0]) as one,
        Ledger.open(tmp_path, urls[1]) as other,
        one.lock(),
        other.lock(),
    ):
        assert one.plan_runs([Owed("monthly", october, now)], now) != ()
        assert other.record() == ()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda url: url.rpartition("/")[0] + "/nowhere", "no such database, user or table"),
        (lambda url: url.replace("slo@", "nobody@"), "no such database, user or table"),
        (lambda _url: "postgresql://slo@127.0.0.1:1/x", "does not answer: is it running"),
        (lambda _url: "postgresql://slo@no.such.host.invalid/x", "name is not known|cannot be"),
    ],
    ids=["no database", "no user", "no server", "no host"],
)
def test_a_server_that_cannot_be_used_is_one_clear_sentence(tmp_path, postgres, change, sentence):
    with pytest.raises(LedgerError, match=sentence):
        Ledger.open(tmp_path, change(postgres))


def test_a_password_is_in_no_message(tmp_path, postgres):
    url = postgres.rpartition("/")[0] + "/nowhere"
    with pytest.raises(LedgerError) as caught:
        Ledger.open(tmp_path, url, "correct horse")
    assert "correct horse" not in str(caught.value)
