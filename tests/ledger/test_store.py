"""What holds for the ledger on either database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError
from support.ledgers import freeze, open_parcels

from slo_reports.errors import Busy, LedgerError
from slo_reports.ledger import Freezing, Ledger, Owed, RunState
from slo_reports.ledger.tables import attempts
from slo_reports.model import Asked, DeliveryState, Document, Earlier, content_hash
from slo_reports.periods import month


@pytest.fixture
def ledger(open_ledger) -> Iterator[Ledger]:
    with open_ledger() as opened:
        yield opened


@pytest.fixture
def run(ledger, snapshot_of, documents, parcels, now):
    return freeze(ledger, snapshot_of(), documents, parcels, now)


def test_a_run_is_found_by_report_and_period(ledger, run, october):
    assert ledger.find_run("monthly", october) == run
    assert ledger.find_run("weekly", october) is None
    assert ledger.find_run("monthly", month(2026, 9, "UTC")) is None
    assert (run.start, run.end) == (october.start, october.end)
    assert run.title == "monthly 2026-10 r1"


def test_frozen_documents_and_parcels_come_back_as_they_were(ledger, run, documents, parcels):
    assert ledger.documents(run) == documents
    assert open_parcels(ledger, run) == parcels


def test_what_a_report_asks_for_is_frozen_with_it(ledger, run, snapshot_of, october, now):
    asked = Earlier(october, 2, (Asked("fix-incident", "Füll", "Ada", "soon", "Shop", None),))
    second = freeze(ledger, snapshot_of(revision=2), (), (), now, asked)
    assert Earlier.from_json(ledger.frozen_asked(second)) == asked
    assert ledger.frozen_asked(run) is None, "frozen without, as by an older version"
    (kept,) = [one for one in ledger.artifacts(second) if one.path == "asked.json"]
    assert kept.sha256 == content_hash(asked.to_json())


def test_freezing_the_same_key_again_gives_the_first_run_whose_bytes_win(
    ledger, run, snapshot_of, parcels, now
):
    other = (Document("other.html", "text/html", b"other"),)
    again = freeze(ledger, snapshot_of(title="New"), other, (), now + timedelta(hours=1))
    assert again == run
    assert open_parcels(ledger, again) == parcels
    assert len(ledger.history()) == 1


def test_a_revision_is_a_run_of_its_own_and_the_latest_is_found(
    ledger, run, snapshot_of, documents, october, now
):
    second = freeze(ledger, snapshot_of(revision=2), documents, (), now)
    assert ledger.find_run("monthly", october) == second
    assert ledger.find_run("monthly", october, revision=1) == run
    assert ledger.history("monthly") == (run, second)
    assert ledger.history("weekly") == ()


def test_a_period_judged_to_date_never_stands_for_the_whole_period(
    ledger, snapshot_of, documents, october, now
):
    to_date = replace(october, as_of=datetime(2026, 10, 9, tzinfo=UTC))
    early = freeze(ledger, snapshot_of(to_date), documents, (), now)
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
    assert open_parcels(ledger, run) == (parcels[0], parcels[2])


@pytest.mark.parametrize(
    ("state", "is_open"),
    [
        (DeliveryState.SENDING, True),
        (DeliveryState.DEFERRED, True),
        (DeliveryState.UNCERTAIN, True),
        (DeliveryState.DELIVERED, False),
        (DeliveryState.REJECTED, False),
        (DeliveryState.EXPIRED, False),
        (DeliveryState.HELD, False),
    ],
)
def test_what_is_not_settled_stays_open(ledger, run, parcels, now, state, is_open):
    ledger.record_attempt(run, parcels[0], state, "detail", now)
    assert (parcels[0] in open_parcels(ledger, run)) is is_open


def test_a_rejected_delivery_is_open_again_only_when_a_person_asks(ledger, run, parcels, now):
    ledger.record_attempt(run, parcels[2], DeliveryState.REJECTED, "550 no such user", now)
    assert parcels[2] not in open_parcels(ledger, run)
    assert parcels[2] in open_parcels(ledger, run, DeliveryState.REJECTED)


def test_what_was_delivered_stays_delivered(ledger, run, parcels, now):
    ledger.record_attempt(run, parcels[0], DeliveryState.DELIVERED, "written", now)
    ledger.record_attempt(run, parcels[0], DeliveryState.DEFERRED, "too late", now)
    delivery = ledger.deliveries(run)[0]
    assert (delivery.state, delivery.receipt) == (DeliveryState.DELIVERED, "written")
    assert len(delivery.tries) == 2


def test_attempts_can_be_neither_changed_nor_deleted(ledger, run, parcels, now):
    ledger.record_attempt(run, parcels[0], DeliveryState.DELIVERED, "written", now)
    for change in (update(attempts).values(detail="other"), delete(attempts)):
        with pytest.raises(DBAPIError, match="append-only"), ledger._engine.begin() as db:
            db.execute(change)


def test_only_what_was_frozen_can_be_recorded(ledger, run, parcels, now):
    stranger = replace(parcels[0], recipient="elsewhere")
    with pytest.raises(LedgerError, match="only what was frozen is sent"):
        ledger.record_attempt(run, stranger, DeliveryState.DELIVERED, "", now)


def test_instants_are_kept_in_utc_and_need_a_zone(ledger, snapshot_of, parcels, now):
    kathmandu = timezone(timedelta(hours=5, minutes=45))
    run = freeze(ledger, snapshot_of(), (), parcels[:1], now.astimezone(kathmandu))
    assert run.created_at == now
    assert run.created_at.utcoffset() == timedelta()
    with pytest.raises(LedgerError, match="has no time zone"):
        ledger.record_attempt(
            run, parcels[0], DeliveryState.DELIVERED, "", now.replace(tzinfo=None)
        )


def test_what_fell_due_is_on_record_once_with_its_bounds(ledger, october, now):
    owed = Owed("monthly", october, now)
    (planned,) = ledger.plan_runs([owed], now)
    assert planned.state is RunState.PLANNED
    assert (planned.start, planned.end, planned.zone, planned.due_at) == (
        october.start,
        october.end,
        "Europe/Berlin",
        now,
    )
    moved = replace(owed, period=month(2026, 10, "UTC"))
    assert ledger.plan_runs([moved], now + timedelta(days=1)) == ()
    assert ledger.record("monthly") == (planned,)
    assert ledger.find_run("monthly", october) is None
    assert ledger.history() == ()


def test_a_planned_run_becomes_the_frozen_one(
    ledger, snapshot_of, documents, parcels, october, now
):
    (planned,) = ledger.plan_runs([Owed("monthly", october, now)], now)
    run = freeze(ledger, snapshot_of(), documents, parcels, now)
    assert (run.id, run.state, run.due_at) == (planned.id, RunState.FROZEN, now)
    assert ledger.record() == ledger.history() == (run,)


def test_a_run_that_a_person_asked_for_falls_due_later(ledger, run, october, now):
    assert run.due_at is None
    assert ledger.plan_runs([Owed("monthly", october, now)], now) == ()
    assert ledger.record() == (replace(run, due_at=now),)


def test_a_run_keeps_its_bounds_whatever_the_zone_is_today(ledger, october, now):
    (planned,) = ledger.plan_runs([Owed("monthly", october, now)], now)
    assert planned.whole_period == october
    assert replace(planned, zone="Asia/Tokyo").whole_period.start == october.start
    assert replace(planned, period="2026-10-to-2026-10-09T000000Z").whole_period is None


def test_what_is_left_out_is_on_record_with_its_reason(ledger, october, now):
    (left_out,) = ledger.plan_runs([Owed("monthly", october, now, "catch_up is none")], now)
    assert (left_out.state, left_out.reason) == (RunState.SKIPPED, "catch_up is none")


def test_only_what_is_planned_can_be_skipped(ledger, run, october, now):
    september = replace(october, id="2026-09")
    (planned,) = ledger.plan_runs([Owed("monthly", september, now)], now)
    for one in (run, planned):
        ledger.skip_run(one, "the shop was not open yet")
    states = {one.period: (one.state, one.reason) for one in ledger.record()}
    assert states == {
        "2026-09": (RunState.SKIPPED, "the shop was not open yet"),
        "2026-10": (RunState.FROZEN, ""),
    }


def test_why_a_run_could_not_be_made_is_kept_each_time(ledger, october, now):
    (planned,) = ledger.plan_runs([Owed("monthly", october, now)], now)
    for hours in (0, 1):
        ledger.record_failure(planned, f"down {hours}", now + timedelta(hours=hours))
    assert [one.detail for one in ledger.failures(planned)] == ["down 0", "down 1"]


def test_several_runs_are_frozen_together_or_not_at_all(
    ledger, snapshot_of, documents, parcels, october, now
):
    good = Freezing(snapshot_of(replace(october, id="2026-09")), documents, parcels, "monthly x")
    twice = Freezing(snapshot_of(), (*documents, documents[0]), ())
    with pytest.raises(LedgerError, match="used twice in the run"):
        ledger.freeze_runs([good, twice], now)
    assert ledger.record() == ()
    first, _ = ledger.freeze_runs([good, replace(twice, documents=documents)], now)
    states = [one.state for one in ledger.deliveries(first)]
    assert states == [DeliveryState.PENDING, DeliveryState.FOLDED, DeliveryState.FOLDED]
    assert ledger.deliveries(first)[1].receipt == "told with monthly x"
    assert ledger.unfinished("monthly") == (first,)


def test_a_revision_takes_the_place_of_messages_that_were_not_sent_yet(
    ledger, run, snapshot_of, documents, parcels, now
):
    ledger.record_attempt(run, parcels[1], DeliveryState.DELIVERED, "250 Ok", now)
    ledger.record_attempt(run, parcels[2], DeliveryState.DEFERRED, "451 later", now)
    later = now + timedelta(days=1)
    freeze(ledger, snapshot_of(revision=2), documents, parcels, later)
    filed, arrived, replaced = ledger.deliveries(run)
    assert filed.state is DeliveryState.PENDING
    assert arrived.state is DeliveryState.DELIVERED
    assert (replaced.state, replaced.changed_at) == (DeliveryState.FOLDED, later)
    assert replaced.tries[-1].detail == "not sent any more: revision 2 is"


def test_a_person_may_move_also_what_was_delivered(ledger, run, parcels, now):
    ledger.record_attempt(run, parcels[0], DeliveryState.DELIVERED, "written", now)
    delivered = ledger.deliveries(run)[0]
    ledger.decide(run, delivered, DeliveryState.PENDING, "sent again by Ada", now)
    assert open_parcels(ledger, run, DeliveryState.PENDING) == parcels
    assert [one.outcome for one in ledger.deliveries(run)[0].tries] == [
        DeliveryState.DELIVERED,
        DeliveryState.PENDING,
    ]


def test_the_next_try_is_kept_until_the_next_attempt(ledger, run, parcels, now):
    later = now + timedelta(minutes=5)
    deferred = DeliveryState.DEFERRED
    ledger.record_attempt(run, parcels[0], deferred, "451 later", now, next_try_at=later)
    assert ledger.deliveries(run)[0].next_try_at == later
    ledger.record_attempt(run, parcels[0], DeliveryState.SENDING, "", later)
    assert ledger.deliveries(run)[0].next_try_at is None


def test_operators_are_told_of_a_problem_with_the_time_of_the_last_word(ledger, now):
    ledger.mark_told(["held board"], now)
    ledger.mark_told(["held board", "late monthly"], now + timedelta(days=1))
    assert ledger.told() == dict.fromkeys(["held board", "late monthly"], now + timedelta(days=1))


def test_the_ledger_outlives_its_closing(
    open_ledger, snapshot_of, documents, parcels, now, october
):
    with open_ledger() as first:
        run = freeze(first, snapshot_of(), documents, parcels, now)
    with open_ledger() as second:
        assert second.find_run("monthly", october) == run
        assert open_parcels(second, run) == parcels


def test_there_is_no_ledger_before_it_was_opened(tmp_path, postgres_url_or_none):
    state = tmp_path / "state"
    assert not Ledger.is_there(state, postgres_url_or_none)
    Ledger.open(state, postgres_url_or_none).close()
    assert Ledger.is_there(state, postgres_url_or_none)


def test_the_lock_keeps_others_out_and_can_be_taken_again(open_ledger, snapshot_of, now):
    with open_ledger() as ledger, open_ledger() as other:
        for _ in range(2):
            busy = pytest.raises(Busy, match="another slo-reports is at work")
            with ledger.lock(), busy, other.lock():
                pass
        with other.lock():
            assert freeze(other, snapshot_of(), (), (), now).period == "2026-10"
