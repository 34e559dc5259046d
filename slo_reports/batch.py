"""Making everything that is planned, several reports at once, and delivering each.

One thread plans, freezes and sends, under the ledger's lock, as ever. Only the making of reports is
handed out; a report that fails, however badly, ends that report.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta

from slo_reports.asked import report_before
from slo_reports.compute.following import asked_in
from slo_reports.delivering import Receipt, deliver_due, freeze, patience_of
from slo_reports.errors import (
    ConfigurationError,
    DeliveryError,
    LedgerError,
    NothingMeasured,
    SloReportsError,
)
from slo_reports.executing import Done, Executor, Here, Task, open_executor
from slo_reports.job import Prepared, World
from slo_reports.language import speaking
from slo_reports.ledger import Ledger, Run, RunState
from slo_reports.making import make_task
from slo_reports.notices import undelivered_before
from slo_reports.numbers import counted
from slo_reports.render import Typesetter
from slo_reports.settings.schema import ReportSettings

MANY = 4
"""From so many reports on it is quicker to start processes for them than to make them here."""
_PATIENCE = timedelta(seconds=0.5)
"""How often it is looked whether the process has been asked to end."""


@dataclass(frozen=True)
class Failure:
    """A due report that could not be made; it is tried again when the job runs next."""

    report: str
    period_id: str
    error: SloReportsError


@dataclass
class _Chain:
    """The periods of one report that have to be made, each after the one before.

    Attributes:
        waiting: oldest first; the first of them may be under way.
    """

    report: ReportSettings
    waiting: deque[Run]
    prepared: list[Prepared] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def make_and_deliver(
    world: World, ledger: Ledger, lost: SloReportsError | None = None
) -> Iterator[Receipt | Failure]:
    """Make what is planned, several at once, and deliver each report as soon as it is made.

    A report's periods are made one after the other, because each follows up the one before. The
    longest come first, so that none is left over at the end for one process alone. Of a report
    that is delivered nothing is held any more, however many there are.

    Args:
        world: what to work with.
        ledger: locked by the caller.
        lost: why nothing can be made this time, where that is known already.
    """
    chains = deque(_chains(world, ledger))
    count = sum(len(chain.waiting) for chain in chains)
    with ExitStack() as stack:
        typesetter = stack.enter_context(Typesetter())
        executor: Executor = Here()
        try:
            if lost is not None:
                raise lost
            executor = stack.enter_context(_executor(world, count))
        except SloReportsError as error:
            for chain in chains:
                while chain.waiting:
                    _fail(chain, error, world, ledger)
        if not executor.is_here:
            world.listener.say(f"making {counted(count, 'report', 'reports')}")
            world.listener.expect(count)
        work = _Work(world, ledger, executor, typesetter)
        for chain in work.finished(chains):
            yield from _deliver(chain, world, ledger)


def _executor(world: World, count: int) -> AbstractContextManager[Executor]:
    if not count or world.transport is not None:  # answers that only this process has
        return nullcontext(Here())
    return open_executor(world.settings.executor, count, worth_it=MANY)


def _chains(world: World, ledger: Ledger) -> list[_Chain]:
    planned = ledger.planned()
    chains = [
        _Chain(report, deque(planned.get(report.name, ()))) for report in world.settings.reports
    ]
    return sorted(chains, key=lambda chain: -_size(chain, world))


def _size(chain: _Chain, world: World) -> int:
    """How much work a report is [objectives times periods]."""
    if not chain.waiting:
        return 0
    try:
        covered = world.files.catalogue.select(chain.report.select)
    except ConfigurationError:  # told where the report is made
        return 0
    return len(covered) * len(chain.waiting)


@dataclass
class _Work:
    """What is under way."""

    world: World
    ledger: Ledger
    executor: Executor
    typesetter: Typesetter
    running: dict[str, _Chain] = field(default_factory=dict)

    def finished(self, waiting: deque[_Chain]) -> Iterator[_Chain]:
        """The reports, each when all its periods are made, or have failed; they are taken out."""
        while (waiting or self.running) and not self.world.stop.requested:
            while waiting and len(self.running) < self.executor.room:
                if not self.go_on(chain := waiting.popleft()):
                    yield chain
            if not self.running:
                continue
            done = self.executor.next_done(_PATIENCE)
            if done is not None and not self.go_on(chain := self.take(done)):
                yield chain

    def go_on(self, chain: _Chain) -> bool:
        """Hand out the next period of a report; False where there is none left."""
        while chain.waiting and not self.world.stop.requested:
            run = chain.waiting[0]
            try:
                task = self._task(run, chain)
                self.executor.submit(task)
            except LedgerError:
                raise
            except SloReportsError as error:
                _fail(chain, error, self.world, self.ledger)
            else:
                self.running[task.name] = chain
                return True
        return False

    def take(self, done: Done) -> _Chain:
        """Put what a task came to beside its report."""
        chain = self.running.pop(done.task.name)
        if done.error is not None:
            _fail(chain, done.error, self.world, self.ledger)
        else:
            chain.waiting.popleft()
            chain.prepared.append(done.outcome)
        if not self.executor.is_here:
            self.world.listener.advance(1)
        return chain

    def _task(self, run: Run, chain: _Chain) -> Task:
        """A report's task; what it follows up may be made already and not yet on record."""
        report, ledger = chain.report, self.ledger
        period = run.whole_period
        assert period is not None  # noqa: S101  # only whole periods fall due
        with speaking(self.world.language(report)):
            notices = undelivered_before(report.name, period, ledger)
        before = report_before(report.name, period, ledger)
        last = chain.prepared[-1] if chain.prepared else None
        follows = last is not None and (before is None or before.end < last.snapshot.period.end)
        earlier = asked_in(last.report) if last is not None and follows else before
        return make_task(
            report, period, self.world, self.executor, notices, earlier, self.typesetter
        )


def _fail(chain: _Chain, error: SloReportsError, world: World, ledger: Ledger) -> None:
    run = chain.waiting.popleft()
    _record_failure(run, error, world, ledger)
    chain.failures.append(Failure(chain.report.name, run.period, error))


def _deliver(chain: _Chain, world: World, ledger: Ledger) -> Iterator[Receipt | Failure]:
    """Freeze what was made of a report, and deliver everything of it that is open."""
    yield from chain.failures
    report, prepared, chain.prepared = chain.report, chain.prepared, []
    made: dict[int, Prepared] = {}
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
