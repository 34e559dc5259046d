"""The alarm clock; that a real one wakes the job is seen in tests/e2e."""

from datetime import UTC, datetime

from slo_reports.periods import week
from slo_reports.planning import due_at
from slo_reports.scheduler import cron_trigger
from slo_reports.settings.schema import Schedule


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
