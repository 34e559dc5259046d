"""Which (report, period) is due: a pure function of the settings, what is done, and a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from slo_reports.periods import (
    Period,
    PeriodKind,
    containing,
    following,
    last_complete,
    local_date,
    midnight,
)
from slo_reports.settings.schema import ReportSettings, Schedule


def due_at(period: Period, schedule: Schedule) -> datetime:
    """The first instant of a schedule at or after a period's end [UTC].

    A local time that a clock change skips is the instant of the change, one that comes twice is
    the first: each day has exactly one.
    """
    day = local_date(period.end, period.zone)
    while (instant := _tick(day, schedule, period.zone)) is None or instant < period.end:
        day += timedelta(days=1)
    return instant


def _tick(day: date, schedule: Schedule, zone: str) -> datetime | None:
    on = day.day if schedule.every == "month" else day.isoweekday()
    if on != schedule.day:
        return None
    return datetime.combine(day, schedule.at, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def next_due(report: ReportSettings, zone: str, now: datetime) -> tuple[Period, datetime] | None:
    """The next period that a report will be due for after ``now``, and when."""
    if report.schedule is None:
        return None
    period = last_complete(PeriodKind(report.period), now, zone)
    while due_at(period, report.schedule) <= now:
        period = following(period)
    return period, due_at(period, report.schedule)


def due_periods(
    report: ReportSettings, zone: str, now: datetime, *, is_done: Callable[[Period], bool]
) -> tuple[Period, ...]:
    """The periods that a report is due for and that are not done, oldest first.

    Without ``start_from`` only the newest due period counts; with it, every one that began on or
    after that day.
    """
    if report.schedule is None:
        return ()
    due = _due_since(report, report.schedule, zone, now)
    return tuple(period for period in due if not is_done(period))


def _due_since(
    report: ReportSettings, schedule: Schedule, zone: str, now: datetime
) -> list[Period]:
    kind = PeriodKind(report.period)
    newest = last_complete(kind, now, zone)
    if report.start_from is None:
        while due_at(newest, schedule) > now:
            newest = containing(kind, newest.first_day - timedelta(days=1), zone)
        return [newest]
    period = containing(kind, report.start_from, zone)
    if period.start < midnight(report.start_from, zone):
        period = following(period)
    due = []
    while due_at(period, schedule) <= now:
        due.append(period)
        period = following(period)
    return due
