from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_reports.settings.schedules import Schedule
from slo_reports.ticks import next_tick

BERLIN = "Europe/Berlin"


def schedule(**keys):
    return Schedule.model_validate(keys)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("keys", "after", "tick"),
    [
        ({"every": "month"}, "2026-10-31T23:00", "2026-11-01T05:00"),
        ({"every": "month", "day": 3, "at": "00:30"}, "2026-10-31T23:00", "2026-11-02T23:30"),
        ({"every": "week", "day": 2}, "2026-10-25T23:00", "2026-10-27T05:00"),
        ({"every": "quarter", "day": 5}, "2026-09-30T22:00", "2026-10-05T04:00"),
        ({"every": "quarter", "day": 5}, "2026-10-05T04:01", "2027-01-05T05:00"),
        ({"every": "year", "day": 2}, "2026-12-31T23:00", "2027-01-02T05:00"),
        ({"every": "month", "day": "first-working-day"}, "2026-07-31T22:00", "2026-08-03T04:00"),
        ({"every": "week", "day": "first-working-day"}, "2026-10-25T23:00", "2026-10-26T05:00"),
        # the first of January is a Friday and a holiday
        (
            {"every": "quarter", "day": "first-working-day", "holidays": "DE"},
            "2026-12-31T23:00",
            "2027-01-04T05:00",
        ),
        # the first of November 2026 is a Sunday; All Saints' Day of 2027 is a Monday
        (
            {"every": "month", "day": "first-working-day", "holidays": "DE-BY"},
            "2027-10-31T23:00",
            "2027-11-02T05:00",
        ),
        (
            {"every": "month", "day": "first-working-day", "holidays": "DE-BE"},
            "2027-10-31T23:00",
            "2027-11-01T05:00",
        ),
        ({"cron": "0 6 * * mon"}, "2026-10-20T00:00", "2026-10-26T05:00"),
        ({"cron": "0 6 * * 1"}, "2026-10-20T00:00", "2026-10-26T05:00"),
        ({"cron": "0 6 * * 0"}, "2026-10-20T00:00", "2026-10-25T05:00"),
        ({"cron": "0 6 * * 7"}, "2026-10-20T00:00", "2026-10-25T05:00"),
        ({"cron": "0 6 1,15 * *"}, "2026-10-02T00:00", "2026-10-15T04:00"),
        # crontab(5): with both days restricted, either suffices
        ({"cron": "0 6 13 * fri"}, "2026-10-09T12:00", "2026-10-13T04:00"),
        ({"cron": "0 6 13 * fri"}, "2026-10-13T12:00", "2026-10-16T04:00"),
        ({"cron": "*/20 6-7 * * 1-5"}, "2026-10-20T04:21", "2026-10-20T04:40"),
    ],
    ids=str,
)
def test_the_next_tick_of_a_schedule(keys, after, tick):
    assert next_tick(schedule(**keys), BERLIN, at(after)) == at(tick)


def test_a_tick_at_the_very_instant_is_the_next_one():
    monthly = schedule(every="month")
    assert next_tick(monthly, BERLIN, at("2026-11-01T05:00")) == at("2026-11-01T05:00")


def test_a_local_time_that_comes_twice_or_never_has_one_instant():
    night = schedule(every="week", day=7, at="02:30")
    assert next_tick(night, BERLIN, at("2026-10-24T00:00")) == at("2026-10-25T00:30")
    assert next_tick(night, BERLIN, at("2026-10-25T00:31")) == at("2026-11-01T01:30")
    assert next_tick(night, BERLIN, at("2026-03-28T00:00")) == at("2026-03-29T01:30")


SCHEDULES = st.sampled_from(
    [
        schedule(every="month", day=28, at="23:59"),
        schedule(every="month", day="first-working-day", at="00:00"),
        schedule(every="week", day=7, at="02:30"),
        schedule(every="quarter", day=1),
        schedule(cron="30 2 * * sun"),
        schedule(cron="0 0 29 2 *"),
    ]
)
INSTANTS = st.datetimes(
    datetime(2020, 1, 1),  # noqa: DTZ001  # hypothesis adds the zone
    datetime(2036, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
ZONES = st.sampled_from(
    [BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Asuncion"]
)


@given(SCHEDULES, ZONES, INSTANTS)
def test_no_tick_lies_between_an_instant_and_its_next_tick(one, zone, instant):
    tick = next_tick(one, zone, instant)
    assert tick >= instant
    between = instant + (tick - instant) / 2
    assert next_tick(one, zone, between) == tick


@given(ZONES, st.dates(date(2020, 1, 1), date(2036, 1, 1)))
def test_the_first_working_day_is_a_weekday_with_none_before_it_in_its_month(zone, day):
    one = schedule(every="month", day="first-working-day", at="12:00")
    tick = next_tick(one, zone, datetime(day.year, day.month, 1, tzinfo=ZoneInfo(zone)))
    local = tick.astimezone(ZoneInfo(zone)).date()
    assert (local.year, local.month) == (day.year, day.month)
    assert local.isoweekday() <= 5
    earlier = [local - timedelta(days=back) for back in range(1, local.day)]
    assert all(one.isoweekday() > 5 for one in earlier)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("0 6 * *", "write five fields"),
        ("61 6 * * *", "is no cron line"),
        ("0 6 * * mo", "is no day of the week"),
        ("0 6 * * xyz", "is no day of the week"),
        ("0 6 * * sat-mon", "runs backwards"),
        ("0 6 30 2 *", "a day that never comes"),
    ],
)
def test_a_line_that_is_no_cron_line_is_refused_in_words(line, sentence):
    with pytest.raises(ValueError, match=sentence):
        schedule(cron=line)


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({}, "either every: .* or cron:"),
        ({"every": "month", "cron": "0 6 1 * *"}, "either every: .* or cron:"),
        ({"cron": "0 6 1 * *", "day": 2}, "remove at, day and holidays"),
        ({"every": "week", "day": 8}, r"1 \(Monday\) to 7 \(Sunday\)"),
        ({"every": "month", "day": 29}, "from 1 to 28, or first-working-day"),
        ({"every": "month", "day": "last"}, "from 1 to 28, or first-working-day"),
        ({"every": "month", "holidays": "DE"}, "only to day: first-working-day"),
        (
            {"every": "month", "day": "first-working-day", "holidays": "XX"},
            "no public holidays are known of 'XX'",
        ),
        (
            {"every": "month", "day": "first-working-day", "holidays": "DE-XX"},
            "no public holidays are known of 'DE-XX'",
        ),
    ],
)
def test_a_schedule_that_makes_no_sense_is_refused_in_words(keys, sentence):
    with pytest.raises(ValueError, match=sentence):
        schedule(**keys)
