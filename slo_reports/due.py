"""Everything that is due: putting it on record, making it, delivering it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from slo_reports.batch import Failure, make_and_deliver
from slo_reports.delivering import Receipt
from slo_reports.errors import SloReportsError
from slo_reports.job import World
from slo_reports.ledger import Ledger, Owed, RunState
from slo_reports.periods import Period
from slo_reports.planning import fell_due, next_due
from slo_reports.settings.schema import ReportSettings
from slo_reports.together import collect_together

__all__ = ["Failure", "Planned", "plan_due", "planned", "run_due"]


def run_due(world: World, ledger: Ledger) -> Iterator[Receipt | Failure]:
    """Make and deliver everything that is due and not yet done, each report's oldest first.

    Several reports are made at once, and each is delivered when it is made. One that fails does
    not stop the next. What waits for a person is left alone.

    Args:
        world: what to work with.
        ledger: locked by the caller.

    Yields:
        What was made or tried, and what failed, as it happens.

    Raises:
        LedgerError: nothing more can be put on record.
    """
    yield from plan_due(world, ledger)
    lost = collect_together(world, ledger)
    yield from make_and_deliver(world, ledger, lost)


def plan_due(world: World, ledger: Ledger) -> Iterator[Failure]:
    """Put on record what fell due, as far as the source's clock says so, too.

    Yields:
        One failure, where something seems to have fallen due and the source cannot be asked.
    """
    now = world.now()
    owed = _owed(world, ledger, now)
    if not owed:
        return
    try:
        by_source = world.source_time()
    except SloReportsError as error:
        first = owed[0]
        yield Failure(first.report, first.period.id, error)
        return
    if by_source < now:
        owed = _owed(world, ledger, by_source)
    ledger.plan_runs(owed, now)


def _owed(world: World, ledger: Ledger | None, until: datetime) -> list[Owed]:
    return [
        one
        for report in world.settings.reports
        for one in fell_due(
            report,
            world.zone(report),
            until,
            ledger.record(report.name) if ledger else (),
            settle=world.settings.settle,
        )
    ]


@dataclass(frozen=True)
class Planned:
    """What the plan says of one report.

    Attributes:
        due: periods that are due and not done, oldest first.
        upcoming: the next period and when it falls due; None without a schedule.
    """

    report: ReportSettings
    zone: str
    due: tuple[str, ...]
    upcoming: tuple[Period, datetime] | None


def planned(world: World) -> tuple[Planned, ...]:
    """What is due and what comes next, for each report; makes no ledger where there is none."""
    if not world.has_ledger():
        return _planned(world, None)
    with world.open_ledger() as ledger:
        return _planned(world, ledger)


def _planned(world: World, ledger: Ledger | None) -> tuple[Planned, ...]:
    now = world.now()
    owed = _owed(world, ledger, now)
    rows = []
    for report in world.settings.reports:
        open_ = _open(ledger, report) if ledger else []
        new = [one.period.key for one in owed if one.report == report.name and not one.skipped]
        zone = world.zone(report)
        upcoming = next_due(report, zone, now, settle=world.settings.settle)
        rows.append(Planned(report, zone, (*open_, *new), upcoming))
    return tuple(rows)


def _open(ledger: Ledger, report: ReportSettings) -> Sequence[str]:
    waiting = [run for run in ledger.record(report.name) if run.state is RunState.PLANNED]
    return [run.period for run in (*waiting, *ledger.unfinished(report.name))]
