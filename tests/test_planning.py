import itertools
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_reports.ledger import Run, RunState
from slo_reports.periods import PeriodKind, containing, following, month, week
from slo_reports.planning import due_at, fell_due, next_due
from slo_reports.settings.schedules import Schedule
from slo_reports.settings.schema import ReportSettings

BERLIN = "Europe/Berlin"
SETTLE = timedelta(hours=3)
AT_ONCE = timedelta()


def monthly(**more):
    schedule = {"every": "month", "at": "06:00"}
    return ReportSettings.model_validate(
        {"name": "r", "title": "R", "schedule": schedule} | more, strict=False
    )


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def ids(owed):
    return [one.period.id for one in owed]


def on_record(owed):
    """What the ledger holds after something was planned."""
    return Run(
        id=1,
        report=owed.report,
        period=owed.period.key,
        revision=1,
        start=owed.period.start,
        end=owed.period.end,
        snapshot_sha256="",
        created_at=owed.due_at,
        folder=None,
        state=RunState.PLANNED,
        due_at=owed.due_at,
    )


@pytest.mark.parametrize(
    ("period", "schedule", "due"),
    [
        (month(2026, 10, BERLIN), {"every": "month"}, "2026-11-01T05:00"),
        (month(2026, 10, BERLIN), {"every": "month", "at": "00:30"}, "2026-11-01T02:00"),
        (week(2026, 43, BERLIN), {"every": "week"}, "2026-10-26T05:00"),
        (month(2026, 9, "Asia/Kathmandu"), {"every": "month"}, "2026-10-01T00:15"),
        # a week that is reported with the month's tick waits for the next first of a month
        (week(2026, 43, BERLIN), {"every": "month"}, "2026-11-01T05:00"),
    ],
)
def test_a_period_falls_due_at_the_first_tick_after_its_end_once_it_has_settled(
    period, schedule, due
):
    settle = timedelta(hours=3)
    if period.zone == "Asia/Kathmandu":
        settle = timedelta(hours=1)
    assert due_at(period, Schedule.model_validate(schedule), settle) == at(due)


def test_at_the_first_look_only_the_newest_due_period_counts():
    now = at("2026-11-23T12:00")
    assert ids(fell_due(monthly(), BERLIN, now, ())) == ["2026-10"]


def test_a_month_is_not_due_before_its_tick():
    report = monthly(schedule={"every": "month", "day": 5})
    just_before, just_after = at("2026-11-05T04:59"), at("2026-11-05T05:00")
    assert ids(fell_due(report, BERLIN, just_before, ())) == ["2026-09"]
    assert ids(fell_due(report, BERLIN, just_after, ())) == ["2026-10"]


def test_what_is_on_record_is_not_owed_again():
    now = at("2026-11-23T12:00")
    (owed,) = fell_due(monthly(), BERLIN, now, ())
    assert fell_due(monthly(), BERLIN, now, [on_record(owed)]) == ()


def test_after_three_months_down_all_missed_months_are_owed_oldest_first():
    (july,) = fell_due(monthly(), BERLIN, at("2026-08-02T12:00"), ())
    owed = fell_due(monthly(), BERLIN, at("2026-11-23T12:00"), [on_record(july)])
    assert ids(owed) == ["2026-08", "2026-09", "2026-10"]
    assert not any(one.skipped for one in owed)


def test_a_month_that_a_person_asked_for_early_is_no_beginning_to_catch_up_from():
    (july,) = fell_due(monthly(), BERLIN, at("2026-08-02T12:00"), ())
    asked = replace(on_record(july), due_at=None)
    assert ids(fell_due(monthly(), BERLIN, at("2026-11-23T12:00"), [asked])) == ["2026-10"]


@pytest.mark.parametrize(
    ("catch_up", "kept"),
    [("all", ["2026-08", "2026-09", "2026-10"]), ("latest", ["2026-10"]), ("none", [])],
)
def test_what_is_not_caught_up_on_is_owed_as_skipped_with_a_reason(catch_up, kept):
    report = monthly(start_from=date(2026, 8, 1), catch_up=catch_up)
    owed = fell_due(report, BERLIN, at("2026-11-23T12:00"), ())
    assert ids(owed) == ["2026-08", "2026-09", "2026-10"]
    assert [one.period.id for one in owed if not one.skipped] == kept
    assert all(f"catch_up is {catch_up}" in one.skipped for one in owed if one.skipped)


@pytest.mark.parametrize("catch_up", ["all", "latest", "none"])
def test_what_is_noticed_in_time_is_made_whatever_is_caught_up_on(catch_up):
    report = monthly(start_from=date(2026, 10, 1), catch_up=catch_up)
    (owed,) = fell_due(report, BERLIN, at("2026-11-01T12:00"), ())
    assert (owed.period.id, owed.skipped) == ("2026-10", "")


def test_periods_begin_with_the_first_that_begins_on_or_after_start_from():
    now = at("2026-10-02T12:00")
    for first in (date(2026, 8, 1), date(2026, 7, 2)):
        assert ids(fell_due(monthly(start_from=first), BERLIN, now, ())) == ["2026-08", "2026-09"]


def test_an_earlier_start_from_asks_for_what_lies_before_the_record():
    (october,) = fell_due(monthly(), BERLIN, at("2026-11-23T12:00"), ())
    report = monthly(start_from=date(2026, 8, 1))
    owed = fell_due(report, BERLIN, at("2026-11-23T12:00"), [on_record(october)])
    assert ids(owed) == ["2026-08", "2026-09"]


@pytest.mark.parametrize(("before", "after"), [("UTC", BERLIN), (BERLIN, "America/New_York")])
def test_a_new_time_zone_neither_skips_nor_repeats_a_month(before, after):
    (october,) = fell_due(monthly(), before, at("2026-11-23T12:00"), ())
    owed = fell_due(monthly(), after, at("2026-12-23T12:00"), [on_record(october)])
    assert ids(owed) == ["2026-11"]


def test_a_report_that_becomes_weekly_begins_with_the_newest_week():
    (october,) = fell_due(monthly(), BERLIN, at("2026-11-23T12:00"), ())
    weekly = monthly(period="week", schedule={"every": "week"})
    owed = fell_due(weekly, BERLIN, at("2026-11-25T12:00"), [on_record(october)])
    assert ids(owed) == ["2026-W47"]


def test_a_clock_that_was_set_back_owes_nothing():
    (october,) = fell_due(monthly(), BERLIN, at("2026-11-23T12:00"), ())
    for now in ("2026-10-31T22:00", "2026-05-01T12:00", "2020-01-01T00:00"):
        assert fell_due(monthly(), BERLIN, at(now), [on_record(october)]) == ()


def test_nothing_is_owed_without_a_schedule():
    report = monthly(schedule=None)
    assert fell_due(report, BERLIN, at("2026-11-23T12:00"), ()) == ()
    assert next_due(report, BERLIN, at("2026-11-23T12:00")) is None


def test_the_next_period_is_the_running_one():
    period, instant = next_due(monthly(), BERLIN, at("2026-11-23T12:00"))
    assert (period.id, instant) == ("2026-11", at("2026-12-01T05:00"))


ZONES = [
    "UTC",
    BERLIN,
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Santiago",
]


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # hypothesis adds the zone
    st.sampled_from(ZONES),
)
def test_the_newest_owed_period_and_the_next_one_touch(now, zone):
    (owed,) = fell_due(monthly(), zone, now, (), settle=SETTLE)
    upcoming, instant = next_due(monthly(), zone, now, settle=SETTLE)
    assert owed.period.end == upcoming.start
    assert owed.due_at <= now < instant
    assert instant - upcoming.end <= timedelta(days=1)


DECADE = (at("2025-12-20T00:00"), at("2036-01-20T00:00"))
KINDS = {
    "month": {"every": "month", "day": "first-working-day", "at": "02:30"},
    "week": {"every": "week", "at": "02:30"},
    "quarter": {"every": "quarter", "day": 3},
    "year": {"cron": "30 2 2 1 *"},
}


@pytest.mark.slow
@pytest.mark.parametrize("zone", ZONES)
def test_in_a_decade_of_clock_ticks_every_period_falls_due_exactly_once(zone):
    """Every quarter of an hour near the changes of clocks and months, else every few hours; with
    a week's downtime each spring, and a clock that is two hours slow now and then."""
    reports = [monthly(name=kind, period=kind, schedule=KINDS[kind]) for kind in KINDS]
    record = {report.name: [] for report in reports}
    start, end = DECADE
    now, number = start, 0
    while now < end:
        number += 1
        seen = now - timedelta(hours=2) if number % 97 == 0 else now
        for report in reports:
            newest = record[report.name][-2:]  # a record of years would be read again each time
            for owed in fell_due(report, zone, seen, newest, settle=SETTLE):
                assert owed.period.end + SETTLE <= owed.due_at <= seen
                record[report.name].append(on_record(owed))
        near = now.day <= 3 or (now.day >= 24 and now.month in (3, 10, 11))
        step = timedelta(minutes=15) if near and now.hour < 8 else timedelta(hours=3)
        now += timedelta(days=7) if (now.month, now.day, now.hour) == (4, 10, 0) else step
    for report in reports:
        kind = PeriodKind(report.period)
        found = Counter(run.period for run in record[report.name])
        expected = periods_due(kind, report.schedule, zone, start, end)
        assert found == Counter(expected)
        assert len(found) == {"month": 122, "week": 527, "quarter": 42, "year": 12}[kind]


def periods_due(kind, schedule, zone, start, end):
    """All periods whose time came within a span, and the one that was due before it."""
    period = containing(kind, date(2023, 1, 10), zone)
    due = []
    while (instant := due_at(period, schedule, SETTLE)) <= end:
        if instant <= start:
            due.clear()
        due.append(period.id)
        period = following(period)
    return due


@given(
    st.lists(st.sampled_from(["tick", "down", "back", "jump"]), min_size=5, max_size=40),
    st.sampled_from(ZONES),
    st.sampled_from(["month", "week"]),
)
def test_downtime_and_clock_jumps_lose_and_double_nothing(steps, zone, kind):
    """The clock may jump ahead, too: the source's clock, which the job asks, then holds it back."""
    report = monthly(period=kind, schedule=KINDS[kind])
    now, newest, record = at("2026-03-20T10:00"), at("2026-03-20T10:00"), []
    for step in steps:
        now += {"tick": timedelta(hours=9), "down": timedelta(days=45)}.get(step, AT_ONCE)
        seen = {"back": now - timedelta(days=60), "jump": now + timedelta(days=400)}.get(step, now)
        until = min(seen, now)  # as due.plan_due asks
        newest = max(newest, until)
        record += map(on_record, fell_due(report, zone, until, record, settle=SETTLE))
    periods = [run.period for run in record]
    assert len(periods) == len(set(periods))
    assert all(run.end <= newest for run in record)
    for one, other in itertools.pairwise(record):
        assert one.end == other.start
