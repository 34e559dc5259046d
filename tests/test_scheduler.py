"""The alarm clock; that a real one wakes the job is seen in tests/e2e."""

from datetime import UTC, datetime

from slo_reports.periods import week
from slo_reports.planning import due_at
from slo_reports.scheduler import cron_trigger, daily_trigger
from slo_reports.settings.schema import Schedule, Settings


def test_a_weekly_report_on_monday_wakes_on_monday():
    schedule = Schedule.model_validate({"every": "week", "day": 1, "at": "06:00"})
    trigger = cron_trigger(schedule, "Europe/Berlin")
    tick = trigger.get_next_fire_time(None, datetime(2026, 10, 20, tzinfo=UTC))
    assert tick.isoformat() == "2026-10-26T06:00:00+01:00"
    assert tick == due_at(week(2026, 43, "Europe/Berlin"), schedule)


def test_a_monthly_report_wakes_on_its_day():
    schedule = Schedule.model_validate({"every": "month", "day": 3, "at": "06:30"})
    trigger = cron_trigger(schedule, "America/New_York")
    tick = trigger.get_next_fire_time(None, datetime(2026, 10, 20, tzinfo=UTC))
    assert tick.isoformat() == "2026-11-03T06:30:00-05:00"


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
