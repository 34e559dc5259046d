"""Everything that is due: what it is, and making and delivering it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from slo_reports.errors import LedgerError, SloReportsError
from slo_reports.job import Receipt, World, run_report
from slo_reports.ledger import Ledger
from slo_reports.periods import Period
from slo_reports.planning import due_periods, next_due
from slo_reports.settings.schema import ReportSettings


@dataclass(frozen=True)
class Failure:
    """A due report that could not be made; it is tried again when the job runs next."""

    report: str
    period_id: str
    error: SloReportsError


def run_due(
    world: World, ledger: Ledger, *, reports: Sequence[ReportSettings] | None = None
) -> tuple[Receipt | Failure, ...]:
    """Make and deliver everything that is due and not yet done, oldest first.

    One report that fails does not stop the next. What was refused for good waits for a person.

    Args:
        world: what to work with.
        ledger: locked by the caller.
        reports: those to look at; None: all.

    Raises:
        LedgerError: nothing more can be put on record.
    """
    results: list[Receipt | Failure] = []
    for report in world.settings.reports if reports is None else reports:
        for period in _open_periods(report, world, ledger):
            try:
                results.append(run_report(report, period, world, ledger, asked=False))
            except LedgerError:
                raise
            except SloReportsError as error:
                results.append(Failure(report.name, period.id, error))
    return tuple(results)


def _open_periods(
    report: ReportSettings, world: World, ledger: Ledger | None
) -> tuple[Period, ...]:
    def settled(period: Period) -> bool:
        run = ledger.find_run(report.name, period) if ledger else None
        return bool(ledger and run and all(one.state.settled for one in ledger.deliveries(run)))

    return due_periods(report, world.zone(report), world.now(), is_done=settled)


@dataclass(frozen=True)
class Planned:
    """What the plan says of one report.

    Attributes:
        due: periods that are due and not done, oldest first.
        upcoming: the next period and when it falls due; None without a schedule.
    """

    report: ReportSettings
    zone: str
    due: tuple[Period, ...]
    upcoming: tuple[Period, datetime] | None


def planned(world: World) -> tuple[Planned, ...]:
    """What is due and what comes next, for each report; makes no ledger where there is none."""
    if not Ledger.is_there(world.settings.state):
        return tuple(_planned(report, world, None) for report in world.settings.reports)
    with Ledger.open(world.settings.state) as ledger:
        return tuple(_planned(report, world, ledger) for report in world.settings.reports)


def _planned(report: ReportSettings, world: World, ledger: Ledger | None) -> Planned:
    zone, now = world.zone(report), world.now()
    due = _open_periods(report, world, ledger)
    return Planned(report, zone, due, next_due(report, zone, now))
