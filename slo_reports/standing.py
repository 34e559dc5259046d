"""How everything stands, asked of the ledger: for people, for metrics, for alarms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from slo_reports import __version__
from slo_reports.due import Failure
from slo_reports.job import World
from slo_reports.ledger import Delivery, Ledger, Run, RunState, Try
from slo_reports.model import DeliveryState
from slo_reports.operate import ReportStanding, Standing, Trouble
from slo_reports.periods import Period
from slo_reports.planning import fell_due, next_due
from slo_reports.settings.schema import ReportSettings

_SOON = 3
"""After so many failures in a row a delivery that is still tried is worth a word."""
_UNSEEN = timedelta(hours=1)
"""What fell due so long ago and is not on record was not looked for, or the source was down."""


@dataclass(frozen=True)
class Waiting:
    """A period that fell due and is not made, and why the last try failed, if there was one."""

    period: str
    due_at: datetime | None
    last_failure: Try | None


@dataclass(frozen=True)
class Outstanding:
    """A delivery that has not arrived."""

    run: Run
    delivery: Delivery

    @property
    def name(self) -> str:
        """How sentences name it."""
        return f"{self.run.title} to {self.delivery.recipient} ({self.delivery.destination})"

    @property
    def failures(self) -> int:
        """How often it failed since it was first tried, or since a person sent it again."""
        count = 0
        for one in self.delivery.tries:
            count += one.outcome in {DeliveryState.DEFERRED, DeliveryState.UNCERTAIN}
            count *= one.outcome is not DeliveryState.PENDING
        return count


@dataclass(frozen=True)
class ReportStatus:
    """How one report stands.

    Attributes:
        is_known: whether the settings still have it.
        last: the run of the newest period that arrived whole.
        last_at: when the last of that arrived.
        waiting: due and not made, oldest first.
        impossible: fell due and cannot be made any more; a person has not seen them yet.
        open: deliveries that are still tried.
        held: deliveries that wait for a person.
        upcoming: the next period and when it falls due; None without a schedule.
    """

    report: str
    is_known: bool
    last: Run | None
    last_at: datetime | None
    waiting: tuple[Waiting, ...]
    impossible: tuple[Run, ...]
    open: tuple[Outstanding, ...]
    held: tuple[Outstanding, ...]
    upcoming: tuple[Period, datetime] | None

    @property
    def is_well(self) -> bool:
        """Whether nothing is late, failing or held."""
        lacking = (*self.held, *self.waiting, *self.impossible)
        return not lacking and not any(one.failures for one in self.open)


def statuses(world: World, ledger: Ledger) -> tuple[ReportStatus, ...]:
    """Every report of the settings, then those that are only in the ledger."""
    names = [report.name for report in world.settings.reports]
    others = sorted({run.report for run in ledger.record()} - set(names))
    return tuple(_status(name, world, ledger) for name in (*names, *others))


def _status(name: str, world: World, ledger: Ledger) -> ReportStatus:
    report = next((one for one in world.settings.reports if one.name == name), None)
    outstanding = [
        Outstanding(run, delivery)
        for run in ledger.outstanding(name)
        for delivery in ledger.deliveries(run)
        if not delivery.state.arrived
    ]
    last, record = ledger.last_whole(name), ledger.record(name)
    waiting = [
        Waiting(run.period, run.due_at, next(reversed(ledger.failures(run)), None))
        for run in record
        if run.state is RunState.PLANNED
    ]
    upcoming = None
    if report is not None:
        settle = world.settings.settle
        waiting += _not_on_record(report, world, record)
        upcoming = next_due(report, world.zone(report), world.now(), settle=settle)
    return ReportStatus(
        report=name,
        is_known=report is not None,
        last=last,
        last_at=None if last is None else _arrived_at(last, ledger),
        waiting=tuple(waiting),
        impossible=tuple(run for run in record if run.state is RunState.IMPOSSIBLE),
        open=tuple(one for one in outstanding if not one.delivery.state.held),
        held=tuple(one for one in outstanding if one.delivery.state.held),
        upcoming=upcoming,
    )


def _not_on_record(
    report: ReportSettings, world: World, record: Sequence[Run]
) -> Iterator[Waiting]:
    """What fell due a while ago, by the calendar alone, and was never put on record."""
    now, settle = world.now(), world.settings.settle
    for one in fell_due(report, world.zone(report), now, record, settle=settle):
        if not one.skipped and one.due_at <= now - _UNSEEN:
            yield Waiting(one.period.key, one.due_at, None)


def _arrived_at(run: Run, ledger: Ledger) -> datetime:
    return max((one.changed_at for one in ledger.deliveries(run)), default=run.created_at)


def standing(
    found: Iterable[ReportStatus], started_at: datetime, ended_at: datetime, exit_code: int
) -> Standing:
    """What the metrics say after a run of the job."""
    reports = tuple(_report_standing(one) for one in found)
    return Standing(reports, started_at, ended_at - started_at, exit_code, __version__)


def _report_standing(status: ReportStatus) -> ReportStanding:
    states = Counter(one.delivery.state for one in (*status.open, *status.held))
    return ReportStanding(
        report=status.report,
        last_success=status.last_at,
        last_period_end=None if status.last is None else status.last.end,
        due_runs=len(status.waiting),
        deliveries=tuple(states.items()),
    )


def troubles(found: Iterable[ReportStatus], failures: Iterable[Failure]) -> Iterator[Trouble]:
    """What operators should know of: what failed now, what waits for them, what keeps failing."""
    for failure in failures:
        yield Trouble(
            f"failed {failure.report} {failure.period_id}",
            f"{failure.report} {failure.period_id} could not be made: {failure.error}",
            "it stays due and is tried again",
        )
    for status in found:
        for run in status.impossible:
            yield Trouble(
                f"impossible {run.report} {run.period}",
                f"{run.report} {run.period} cannot be made: {run.reason}",
                f"slo-reports skip {run.report} --period {run.period} --reason …, when seen",
            )
        for one in status.held:
            yield Trouble(
                f"held {one.name}",
                f"{one.name} is {one.delivery.state}: {one.delivery.receipt}",
                f"slo-reports resend {one.run.report} --period {one.run.period}, or mark-delivered",
            )
        for one in status.open:
            if one.failures >= _SOON:
                yield Trouble(
                    f"failing {one.name}",
                    f"{one.name} failed {one.failures} times: {one.delivery.receipt}",
                    "it is tried again; slo-reports doctor reaches every server",
                )
