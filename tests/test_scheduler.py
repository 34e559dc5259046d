"""The alarm clock; that a real one wakes the job is seen in tests/e2e."""

from datetime import UTC, datetime, timedelta

from slo_reports.scheduler import TickTrigger, daily_trigger
from slo_reports.settings.schedules import Schedule
from slo_reports.settings.schema import Settings
from slo_reports.ticks import next_tick

AT_ONCE = timedelta()


def test_it_rings_at_the_instants_by_which_the_planner_reckons():
    schedule = Schedule.model_validate({"every": "week", "day": 7, "at": "02:30"})
    trigger = TickTrigger(schedule, "Europe/Berlin", AT_ONCE)
    now, rung, previous = datetime(2026, 1, 1, tzinfo=UTC), [], None
    while now.year == 2026:
        previous = trigger.get_next_fire_time(previous, now)
        rung.append(previous)
        now = previous
    reckoned = [next_tick(schedule, "Europe/Berlin", datetime(2026, 1, 1, tzinfo=UTC))]
    while reckoned[-1].year == 2026:
        after = reckoned[-1] + timedelta(seconds=1)
        reckoned.append(next_tick(schedule, "Europe/Berlin", after))
    assert rung == reckoned
    assert len(rung) == 53


def test_jitter_only_ever_delays_and_by_no_more_than_was_said():
    schedule = Schedule.model_validate({"every": "month"})
    trigger = TickTrigger(schedule, "UTC", timedelta(minutes=10))
    tick, now = datetime(2026, 11, 1, 6, tzinfo=UTC), datetime(2026, 10, 20, tzinfo=UTC)
    rung = [trigger.get_next_fire_time(None, now) for _ in range(200)]
    assert all(tick <= one <= tick + timedelta(minutes=10) for one in rung)
    assert len(set(rung)) > 100


def test_after_a_long_sleep_it_rings_for_the_future_only():
    schedule = Schedule.model_validate({"every": "week"})
    trigger = TickTrigger(schedule, "UTC", AT_ONCE)
    before, now = datetime(2026, 8, 3, 6, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC)
    assert trigger.get_next_fire_time(before, now) == datetime(2026, 11, 30, 6, tzinfo=UTC)


def test_the_days_before_are_collected_at_their_time_in_utc():
    settings = Settings.model_validate(
        {
            "version": 1,
            "timezone": "America/New_York",
            "collect_at": "04:15",
            "definitions": ["slos"],
            "source": {"url": "http://localhost:9090"},
            "reports": [{"name": "shop", "title": "Shop"}],
        }
    )
    tick = daily_trigger(settings).get_next_fire_time(None, datetime(2026, 10, 20, 5, tzinfo=UTC))
    assert tick.isoformat() == "2026-10-21T04:15:00+00:00"
