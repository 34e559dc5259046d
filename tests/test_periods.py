from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_reports import periods
from slo_reports.periods import BadPeriod, Period, PeriodKind, parse_period

BERLIN = "Europe/Berlin"
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
ZONES = (
    "UTC",
    BERLIN,
    "America/New_York",
    "America/Sao_Paulo",
    "America/Asuncion",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Amman",
    "Asia/Kathmandu",
    "Asia/Pyongyang",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("month", "zone", "start", "end", "hours", "budget"),
    [
        ("2026-09", "UTC", "2026-09-01T00:00", "2026-10-01T00:00", 720, 43.2),
        ("2026-10", BERLIN, "2026-09-30T22:00", "2026-10-31T23:00", 745, 44.7),
        ("2026-03", BERLIN, "2026-02-28T23:00", "2026-03-31T22:00", 743, 44.58),
        ("2026-11", "America/New_York", "2026-11-01T04:00", "2026-12-01T05:00", 721, 43.26),
        ("2026-10", "Australia/Lord_Howe", "2026-09-30T13:30", "2026-10-31T13:00", 743.5, 44.61),
        ("2026-10", "Asia/Kathmandu", "2026-09-30T18:15", "2026-10-31T18:15", 744, 44.64),
    ],
)
def test_months_follow_daylight_saving(
    month: str, zone: str, start: str, end: str, hours: float, budget: float
) -> None:
    period = periods.month(int(month[:4]), int(month[5:]), zone)
    assert (period.start, period.end) == (at(start), at(end))
    assert period.length == timedelta(hours=hours)
    assert period.minutes * 0.001 == pytest.approx(budget)


@pytest.mark.parametrize(
    ("zone", "year", "month", "start"),
    [
        pytest.param("Africa/Cairo", 2014, 8, "2014-07-31T22:00", id="Cairo skips to 01:00"),
        pytest.param("America/Asuncion", 2023, 10, "2023-10-01T04:00", id="Asuncion"),
        pytest.param("Asia/Amman", 2016, 4, "2016-03-31T22:00", id="Amman"),
    ],
)
def test_a_midnight_that_does_not_exist_is_the_instant_of_the_change(
    zone: str, year: int, month: int, start: str
) -> None:
    period = periods.month(year, month, zone)
    assert period.start == at(start)
    assert periods.previous(period).end == period.start
    assert period.first_day == date(year, month, 1)


def test_a_midnight_that_happens_twice_is_the_first_of_the_two() -> None:
    doubled = periods.midnight(date(2026, 11, 1), "America/Havana")
    assert doubled == at("2026-11-01T04:00")


def test_a_skipped_day_is_empty_and_its_neighbours_touch() -> None:
    # Samoa went from 29 to 31 December 2011.
    assert periods.midnight(date(2011, 12, 30), "Pacific/Apia") == at("2011-12-30T10:00")
    assert periods.month(2011, 12, "Pacific/Apia").length == timedelta(days=30)


@given(
    kind=st.sampled_from([k for k in PeriodKind if k not in ("rolling", "explicit")]),
    zone=st.sampled_from(ZONES),
    day=st.dates(date(1975, 1, 1), date(2037, 12, 31)),
)
def test_calendar_periods_touch_and_hold_their_days(kind: PeriodKind, zone: str, day: date) -> None:
    period = periods.containing(kind, day, zone)
    assert period.first_day <= day <= period.last_day
    assert periods.previous(period).end == period.start < period.end
    assert periods.following(period).start == period.end
    assert periods.previous(periods.following(period)) == period


@given(
    zone=st.sampled_from(ZONES),
    day=st.dates(date(2012, 2, 1), date(2037, 12, 31)),
    days=st.integers(1, 400),
)
def test_rolling_and_explicit_periods_touch_their_neighbours(
    zone: str, day: date, days: int
) -> None:
    for period in (
        periods.rolling(days, day + timedelta(days=days), zone),
        periods.between(day, day + timedelta(days=days), zone),
    ):
        assert periods.following(period).start == period.end
        assert periods.previous(periods.following(period)) == period


def test_months_of_all_zones_touch_and_have_plausible_lengths() -> None:
    shortest, longest = timedelta(hours=671), timedelta(hours=751)
    for zone in available_timezones():
        starts = [
            periods.midnight(date(year, number, 1), zone)
            for year in range(2015, 2038)
            for number in range(1, 13)
        ]
        assert all(shortest <= after - before <= longest for before, after in pairwise(starts)), (
            zone
        )


@pytest.mark.parametrize(
    ("text", "identity", "kind"),
    [
        ("2026-10", "2026-10", PeriodKind.MONTH),
        ("2026-W43", "2026-W43", PeriodKind.WEEK),
        ("2026-Q3", "2026-Q3", PeriodKind.QUARTER),
        ("2025", "2025", PeriodKind.YEAR),
        ("28d", "28d-2026-11-02", PeriodKind.ROLLING),
        ("28d-2026-11-01", "28d-2026-11-01", PeriodKind.ROLLING),
        ("2026-10-01..2026-10-15", "2026-10-01..2026-10-15", PeriodKind.EXPLICIT),
        ("last", "2026-10", PeriodKind.MONTH),
    ],
)
def test_people_name_periods_in_these_forms(text: str, identity: str, kind: PeriodKind) -> None:
    period = parse_period(text, kind=PeriodKind.MONTH, zone=BERLIN, now=NOW)
    assert (period.id, period.kind, period.as_of) == (identity, kind, None)


def test_a_period_that_runs_is_judged_to_date() -> None:
    period = parse_period("current", kind=PeriodKind.MONTH, zone="UTC", now=NOW)
    assert (period.id, period.data_end) == ("2026-11", NOW)
    assert period.elapsed == pytest.approx(33 / 720)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("yesterday", "is no period; write one of"),
        ("2026-13", "is no period"),
        ("2025-W53", "is no period"),
        ("2026-10-15..2026-10-15", "empty"),
        ("0d", "empty"),
        ("2027-01", "has not begun"),
        ("9999-12", "is no period"),
    ],
)
def test_what_is_no_period_is_refused_in_one_sentence(text: str, why: str) -> None:
    with pytest.raises(BadPeriod, match=why):
        parse_period(text, kind=PeriodKind.MONTH, zone=BERLIN, now=NOW)


def test_an_unknown_zone_is_named() -> None:
    with pytest.raises(BadPeriod, match="'Europe/Berlni' is no IANA time zone"):
        periods.month(2026, 10, "Europe/Berlni")


def test_two_weeks_of_a_leap_week_year_touch() -> None:
    last = periods.week(2026, 53, BERLIN)
    assert periods.following(last) == periods.week(2027, 1, BERLIN)
    assert isinstance(last, Period)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [PeriodKind.MONTH, PeriodKind.WEEK])
def test_all_zones_from_1970_to_2037_are_covered_without_gap_or_overlap(kind: PeriodKind) -> None:
    first, last = date(1970, 1, 1), date(2037, 12, 31)
    days = [first]
    while days[-1] <= last:
        days.append(periods.following(periods.containing(kind, days[-1], "UTC")).first_day)
    for zone in sorted(available_timezones()):
        found = [periods.containing(kind, day, zone) for day in days]
        assert all(one.end == after.start for one, after in pairwise(found)), zone
        assert all(one.start < one.end for one in found), zone
