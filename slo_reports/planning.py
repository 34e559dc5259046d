"""Which (report, period) fell due: a pure function of the settings, the record, and a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from slo_reports.ledger import Owed, Run
from slo_reports.periods import (
    Period,
    PeriodKind,
    containing,
    following,
    last_complete,
    midnight,
    period_named,
    previous,
)
from slo_reports.settings.schedules import Schedule
from slo_reports.settings.schema import ReportSettings
from slo_reports.ticks import next_tick

LATE = timedelta(days=1)
"""With ``catch_up: none``, what fell due longer ago than this is left out."""


def due_at(period: Period, schedule: Schedule, settle: timedelta) -> datetime:
    """When a period falls due: the first tick after its end, but not before it has settled [UTC].

    Args:
        period: what the report judges.
        schedule: whose ticks they are.
        settle: how long after a period's end late data may come.
    """
    return max(next_tick(schedule, period.zone, period.end), period.end + settle)


def fell_due(
    report: ReportSettings,
    zone: str,
    until: datetime,
    record: Iterable[Run],
    *,
    settle: timedelta = timedelta(),
) -> tuple[Owed, ...]:
    """The periods that a report fell due for and that are not on record, oldest first.

    It begins with ``start_from`` where the settings have one, else after the newest period on
    record, else with the newest period of all.

    Args:
        report: its settings.
        zone: IANA zone that its periods are cut from.
        until: the present instant.
        record: the report's runs that fell due, in any state.
        settle: see ``due_at``.
    """
    schedule = report.schedule
    if schedule is None:
        return ()
    known = {run.period: run for run in record if run.due_at is not None}
    owed = [
        Owed(report.name, period, due)
        for period, due in _due(report, schedule, zone, until, known, settle)
        if period.key not in known
    ]
    return tuple(_left_out(owed, report.catch_up, until))


def next_due(
    report: ReportSettings, zone: str, now: datetime, *, settle: timedelta = timedelta()
) -> tuple[Period, datetime] | None:
    """The next period that a report will fall due for after ``now``, and when."""
    if report.schedule is None:
        return None
    period = last_complete(PeriodKind(report.period), now, zone)
    while (due := due_at(period, report.schedule, settle)) <= now:
        period = following(period)
    return period, due


def _due(
    report: ReportSettings,
    schedule: Schedule,
    zone: str,
    until: datetime,
    known: Iterable[str],
    settle: timedelta,
) -> list[tuple[Period, datetime]]:
    period = _first(report, schedule, zone, until, known, settle)
    due = []
    while period.end <= until:
        if (at := due_at(period, schedule, settle)) > until:
            break
        due.append((period, at))
        period = following(period)
    return due


def _first(
    report: ReportSettings,
    schedule: Schedule,
    zone: str,
    until: datetime,
    known: Iterable[str],
    settle: timedelta,
) -> Period:
    kind = PeriodKind(report.period)
    if report.start_from is not None:
        period = containing(kind, report.start_from, zone)
        whole = period.start >= midnight(report.start_from, zone)
        return period if whole else following(period)
    named = [found for one in known if (found := period_named(one, zone))]
    alike = [period for period in named if period.kind is kind]
    if alike:
        return following(max(alike, key=lambda period: period.start))
    newest = last_complete(kind, until, zone)
    while due_at(newest, schedule, settle) > until:
        newest = previous(newest)
    return newest


def _left_out(owed: list[Owed], catch_up: str, until: datetime) -> Iterable[Owed]:
    """The same, those marked as skipped that the settings do not catch up on."""
    for number, one in enumerate(owed, 1):
        if catch_up == "latest" and number < len(owed):
            newest = owed[-1].period.id
            yield replace(one, skipped=f"catch_up is latest, and {newest} had fallen due as well")
        elif catch_up == "none" and until - one.due_at > LATE:
            late = f"catch_up is none, and it was noticed only on {until:%Y-%m-%d %H:%M} UTC"
            yield replace(one, skipped=late)
        else:
            yield one
