from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_reports.periods import month, week
from slo_reports.planning import due_at, due_periods, next_due
from slo_reports.settings.schema import ReportSettings, Schedule

BERLIN = "Europe/Berlin"


def monthly(**more):
    schedule = {"every": "month", "at": "06:00"}
    return ReportSettings.model_validate(
        {"name": "r", "title": "R", "schedule": schedule} | more, strict=False
    )


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def ids(periods):
    return [period.id for period in periods]


@pytest.mark.parametrize(
    ("period", "schedule", "due"),
    [
        (month(2026, 10, BERLIN), {"every": "month"}, "2026-11-01T05:00"),
        (month(2026, 10, BERLIN), {"every": "month", "day": 3, "at": "00:30"}, "2026-11-02T23:30"),
        (week(2026, 43, BERLIN), {"every": "week"}, "2026-10-26T05:00"),
        (week(2026, 43, BERLIN), {"every": "week", "day": 2}, "2026-10-27T05:00"),
        (month(2026, 9, "Asia/Kathmandu"), {"every": "month"}, "2026-10-01T00:15"),
        # a week that is reported with the month's tick waits for the next first of a month
        (week(2026, 43, BERLIN), {"every": "month"}, "2026-11-01T05:00"),
    ],
)
def test_a_period_falls_due_at_the_first_tick_after_its_end(period, schedule, due):
    assert due_at(period, Schedule.model_validate(schedule)) == at(due)


def test_a_local_time_that_comes_twice_or_never_has_one_instant():
    night = Schedule.model_validate({"every": "week", "day": 7, "at": "02:30"})
    assert due_at(week(2026, 42, BERLIN), night) == at("2026-10-25T00:30")
    assert due_at(week(2026, 12, BERLIN), night) == at("2026-03-29T01:30")


def test_without_start_from_only_the_newest_due_period_counts():
    now = at("2026-11-23T12:00")
    assert ids(due_periods(monthly(), BERLIN, now, is_done=lambda _: False)) == ["2026-10"]


def test_a_month_is_not_due_before_its_tick():
    report = monthly(schedule={"every": "month", "day": 5})
    just_before, just_after = at("2026-11-05T04:59"), at("2026-11-05T05:00")
    assert ids(due_periods(report, BERLIN, just_before, is_done=lambda _: False)) == ["2026-09"]
    assert ids(due_periods(report, BERLIN, just_after, is_done=lambda _: False)) == ["2026-10"]


def test_what_is_done_is_not_due():
    now = at("2026-11-23T12:00")
    assert due_periods(monthly(), BERLIN, now, is_done=lambda _: True) == ()


def test_after_three_months_down_all_missed_months_are_due_oldest_first():
    report = monthly(start_from=date(2026, 7, 15))
    due = due_periods(report, BERLIN, at("2026-11-23T12:00"), is_done=lambda _: False)
    assert ids(due) == ["2026-08", "2026-09", "2026-10"]


def test_a_period_that_begins_on_start_from_counts():
    report = monthly(start_from=date(2026, 8, 1))
    due = due_periods(report, BERLIN, at("2026-10-02T12:00"), is_done=lambda _: False)
    assert ids(due) == ["2026-08", "2026-09"]


def test_nothing_is_due_without_a_schedule():
    report = monthly(schedule=None)
    assert due_periods(report, BERLIN, at("2026-11-23T12:00"), is_done=lambda _: False) == ()
    assert next_due(report, BERLIN, at("2026-11-23T12:00")) is None


def test_the_next_period_is_the_running_one():
    period, instant = next_due(monthly(), BERLIN, at("2026-11-23T12:00"))
    assert (period.id, instant) == ("2026-11", at("2026-12-01T05:00"))


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # hypothesis adds the zone
    st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_the_newest_due_period_and_the_next_one_touch(now, zone):
    (due,) = due_periods(monthly(), zone, now, is_done=lambda _: False)
    upcoming, instant = next_due(monthly(), zone, now)
    assert due.end == upcoming.start
    assert due_at(due, monthly().schedule) <= now < instant
    assert instant - upcoming.end <= timedelta(days=1)
