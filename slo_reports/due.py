"""Everything that is due: putting it on record, making it, delivering it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from slo_reports.asked import asked_before
from slo_reports.compute.following import asked_in
from slo_reports.delivering import Receipt, deliver_due, freeze, patience_of
from slo_reports.errors import DeliveryError, LedgerError, NothingMeasured, SloReportsError
from slo_reports.job import Prepared, World, prepare
from slo_reports.language import speaking
from slo_reports.ledger import Ledger, Owed, Run, RunState
from slo_reports.notices import undelivered_before
from slo_reports.periods import Period
from slo_reports.planning import fell_due, next_due
from slo_reports.settings.schema import ReportSettings


@dataclass(frozen=True)
class Failure:
    """A due report that could not be made; it is tried again when the job runs next."""

    report: str
    period_id: str
    error: SloReportsError


def run_due(world: World, ledger: Ledger) -> Iterator[Receipt | Failure]:
    """Make and deliver everything that is due and not yet done, each report's oldest first.

    One report that fails does not stop the next. What waits for a person is left alone.

    Args:
        world: what to work with.
        ledger: locked by the caller.

    Yields:
        What was made or tried, and what failed, as it happens.

    Raises:
        LedgerError: nothing more can be put on record.
    """
    yield from plan_due(world, ledger)
    for report in world.settings.reports:
        yield from _work_on(report, world, ledger)


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


def _work_on(report: ReportSettings, world: World, ledger: Ledger) -> Iterator[Receipt | Failure]:
    made: dict[int, Prepared] = {}
    prepared: list[Prepared] = []
    for run in ledger.record(report.name):
        if run.state is RunState.PLANNED and not world.stop.requested:
            last = prepared[-1] if prepared else None
            result = _try_to_prepare(run, report, world, ledger, last)
            if isinstance(result, Failure):
                yield result
            else:
                prepared.append(result)
    if prepared and not world.stop.requested:
        try:
            runs = freeze(prepared, report, world, ledger)
        except DeliveryError as error:  # a message that can be made for nobody
            yield Failure(report.name, prepared[-1].snapshot.period.key, error)
        else:
            made = {run.id: one for run, one in zip(runs, prepared, strict=True)}
    for run in ledger.unfinished(report.name):
        if not world.stop.requested:
            receipt = deliver_due(run, report, world, ledger, made.pop(run.id, None))
            if receipt.made or receipt.attempts:
                yield receipt


def _try_to_prepare(
    run: Run, report: ReportSettings, world: World, ledger: Ledger, last: Prepared | None
) -> Prepared | Failure:
    """A report; what it follows up may be ``last``, which is made and not yet on record."""
    try:
        period = run.whole_period
        assert period is not None  # noqa: S101  # only whole periods fall due
        with speaking(world.language(report)):
            notices = undelivered_before(report.name, period, ledger)
        earlier = asked_before(report.name, period, ledger)
        if last and (earlier is None or earlier.period.end < last.snapshot.period.end):
            earlier = asked_in(last.report)
        return prepare(report, period, world, notices, earlier)
    except LedgerError:
        raise
    except SloReportsError as error:
        _record_failure(run, error, world, ledger)
        return Failure(report.name, run.period, error)


def _record_failure(run: Run, error: SloReportsError, world: World, ledger: Ledger) -> None:
    """Put on record that a run could not be made, or that it never will be.

    A source that is down will be up again. One that has nothing of a period, time and again for
    days, will not have it later: it is past the retention.
    """
    now, patience = world.now(), patience_of(world.settings.retry)
    past = [(one.at, one.outcome) for one in ledger.failures(run)]
    ledger.record_failure(run, str(error), now)
    if isinstance(error, NothingMeasured) and patience.next_try(past, now) is None:
        ledger.skip_run(run, str(error), RunState.IMPOSSIBLE)


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
