"""The instants of a schedule: pure calendar arithmetic, one instant a tick whatever clocks do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from slo_reports.periods import local_date
from slo_reports.settings.cron_lines import cron_trigger
from slo_reports.settings.schedules import FIRST_WORKING_DAY, Schedule

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def next_tick(schedule: Schedule, zone: str, at_or_after: datetime) -> datetime:
    """The first instant of a schedule at or after another [UTC].

    A local time that a clock change skips is the instant of the change, one that comes twice is
    the first: each day has exactly one.
    """
    if schedule.cron is not None:
        trigger = cron_trigger(schedule.cron, ZoneInfo(zone))
        fired: datetime = trigger.get_next_fire_time(None, at_or_after)
        return fired.astimezone(UTC)
    for day in _days(schedule, local_date(at_or_after, zone)):
        local = datetime.combine(day, schedule.at, tzinfo=ZoneInfo(zone))
        if (instant := local.astimezone(UTC)) >= at_or_after:
            return instant
    msg = f"no tick of {schedule} after {at_or_after}"
    raise OverflowError(msg)


def _days(schedule: Schedule, since: date) -> Iterator[date]:
    """The days of a schedule from the beginning of the month or week before a day."""
    if schedule.every == "week":
        monday = since - timedelta(days=since.weekday() + 7)
        while True:
            yield _first_day(schedule, monday)
            monday += timedelta(days=7)
    step = _MONTHS[schedule.every or "month"]
    months = since.year * 12 + since.month - 1
    months -= months % step
    while True:
        yield _first_day(schedule, date(months // 12, months % 12 + 1, 1))
        months += step


def _first_day(schedule: Schedule, first: date) -> date:
    """The schedule's day in the month or week that begins on a day."""
    if schedule.day != FIRST_WORKING_DAY:
        return first + timedelta(days=int(schedule.day) - 1)
    while not schedule.is_working_day(first):
        first += timedelta(days=1)
    return first
