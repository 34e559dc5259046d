"""Measuring filed periods again: whether the past changed, and filing a revision where it did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.daily import slices_of_days
from slo_reports.collect.renewing import Renewal, renew
from slo_reports.compute import build_report
from slo_reports.compute.drift import Drifted, drift
from slo_reports.compute.holding import held
from slo_reports.compute.restated import figures
from slo_reports.definitions.selection import select
from slo_reports.delivering import Receipt, deliver_asked, freeze
from slo_reports.errors import ExitCode, NothingMeasured, SloReportsError
from slo_reports.history import History, RenewedHistory
from slo_reports.history.days import days_touched
from slo_reports.job import Prepared, World, rendered, take_snapshot
from slo_reports.ledger import Ledger, Run
from slo_reports.model import ObjectiveFigures, Report, Restatement, Snapshot
from slo_reports.periods import Period
from slo_reports.settings.schema import ReportSettings

USUAL_PERIODS = 3


class NotRestated(SloReportsError):
    """Nothing to restate, or no reason given."""

    exit_code = ExitCode.USAGE


@dataclass(frozen=True)
class Wish:
    """What a person asks for when restating.

    Attributes:
        reason: one sentence.
        author: who asks; empty where nobody is known.
        fresh: whether days that the history has settled are measured again.
        even_if_unchanged: whether a revision is made although nothing changed.
    """

    reason: str
    author: str = ""
    fresh: bool = False
    even_if_unchanged: bool = False


@dataclass(frozen=True)
class Again:
    """A period that was measured again.

    Attributes:
        gone: UTC days that the source no longer holds, or not all of; kept ones stand in.
        renewed: the history as it reads with the days measured again; None where none were.
    """

    snapshot: Snapshot
    gone: tuple[date, ...] = ()
    renewed: RenewedHistory | None = None


@dataclass(frozen=True)
class DriftResult:
    """One filed report compared with what would be measured now.

    Attributes:
        run: the latest revision of its period.
        drifted: objectives that differ, and those of which the source forgot something.
        gone: UTC days that the source no longer holds, or not all of.
        problem: why nothing could be compared; else empty.
    """

    run: Run
    drifted: tuple[Drifted, ...] = ()
    gone: tuple[date, ...] = ()
    problem: str = ""

    @property
    def differs(self) -> bool:
        """Whether the report would say something else now."""
        return any(one.differs for one in self.drifted)


@dataclass(frozen=True)
class PreparedRestatement:
    """A revision with its documents, before anything is recorded or delivered.

    Attributes:
        replaced: the revision that it replaces.
        prepared: the new one.
        again: how it was measured.
        drifted: what changed.
    """

    replaced: Run
    prepared: Prepared
    again: Again
    drifted: tuple[Drifted, ...]


def old_figures(report: Report) -> tuple[ObjectiveFigures, ...]:
    """What a report says of each objective, for the revision that replaces it."""
    return figures(report.results)


def measure_again(report: ReportSettings, period: Period, world: World, *, fresh: bool) -> Again:
    """Take a snapshot of a period now.

    Args:
        report: its settings.
        period: what is measured.
        world: what to work with; where ``fresh``, its history is read and not written.
        fresh: ask the source for all days that it still holds, also for settled ones.

    Raises:
        SourceError, HistoryError: see ``take_snapshot``.
    """
    if not fresh or world.history is None:
        return Again(take_snapshot(report, period, world))
    renewal = _renewed(report, period, world, world.history)
    renewed = RenewedHistory(world.history, renewal.rows)
    snapshot = take_snapshot(report, period, replace(world, history=renewed))
    return Again(snapshot, renewal.gone, renewed)


def _renewed(report: ReportSettings, period: Period, world: World, history: History) -> Renewal:
    slos = select(world.slos, report.select, report=report.name)
    days = days_touched(period.start, period.data_end)
    with PrometheusClient(world.settings.source, transport=world.transport) as client:
        world.listener.say(f"measuring the days of {period.id} again")
        world.listener.expect(slices_of_days(slos, days, world.settings.source.slice))
        return renew(slos, days, client, history, now=world.now(), progress=world.listener.advance)


def check_drift(
    world: World,
    ledger: Ledger,
    reports: Sequence[ReportSettings],
    *,
    period: Period | None = None,
    periods: int = USUAL_PERIODS,
    fresh: bool = True,
) -> Iterator[DriftResult]:
    """Compare filed reports with what would be measured now; records and keeps nothing.

    Args:
        world: what to work with.
        ledger: tells what is filed.
        reports: whose periods are looked at.
        period: only this one; None: the last ones on record that are over.
        periods: how many of each report.
        fresh: ask the source; else the settled days of the history are believed, and only changed
            definitions and exclusions are found.

    Yields:
        Oldest period first; those of which nothing can be measured any more say so.

    Raises:
        SourceError: the source could not be reached or broke off.
        LedgerError: the frozen data are gone or changed.
    """
    looking = replace(world, history=world.history and world.history.read_only())
    for report in reports:
        for run, snapshot in _closed(ledger, report, period, periods):
            yield _compared(run, snapshot, report, looking, fresh=fresh)


def _closed(
    ledger: Ledger, report: ReportSettings, period: Period | None, most: int
) -> list[tuple[Run, Snapshot]]:
    """The latest revisions of the last periods that were over when they were judged."""
    latest = {run.period: run for run in sorted(ledger.history(report.name), key=_revision)}
    found: list[tuple[Run, Snapshot]] = []
    for run in sorted(latest.values(), key=lambda one: one.end, reverse=True):
        if len(found) == most or (period is not None and run.period != period.key):
            continue
        snapshot = Snapshot.from_json(ledger.frozen_snapshot(run))
        if snapshot.period.as_of is None:
            found.append((run, snapshot))
    return found[::-1]


def _revision(run: Run) -> int:
    return run.revision


def _compared(
    run: Run, old: Snapshot, report: ReportSettings, world: World, *, fresh: bool
) -> DriftResult:
    try:
        again = measure_again(report, old.period, world, fresh=fresh)
    except NothingMeasured as error:
        return DriftResult(run, problem=str(error))
    return DriftResult(run, drift(old, again.snapshot), again.gone)


def prepare_restatement(
    report: ReportSettings, period: Period, world: World, ledger: Ledger, wish: Wish
) -> PreparedRestatement:
    """Measure a filed period again and render the revision; nothing is recorded or sent.

    What the source no longer has is taken from the revision before, and said beside the objective.

    Raises:
        NotRestated: nothing is on record, no reason is given, or nothing changed.
        SourceError, HistoryError, RenderError: it could not be made.
        LedgerError: the frozen data of the revision before are gone or changed.
    """
    run = _replaced(report, period, ledger, wish)
    old = Snapshot.from_json(ledger.frozen_snapshot(run))
    at = world.now()
    again = measure_again(report, old.period, world, fresh=wish.fresh)
    drifted = drift(old, again.snapshot)
    if not wish.even_if_unchanged and not any(one.differs for one in drifted):
        hint = "" if wish.fresh else "; --fresh asks the source for settled days, too"
        msg = (
            f"nothing changed since {run.title}, so it is not restated{hint} "
            "(--even-if-unchanged makes a revision all the same)"
        )
        raise NotRestated(msg)
    snapshot = replace(
        held(old, again.snapshot).snapshot,
        revision=run.revision + 1,
        earlier=old.earlier,
        restatement=Restatement(
            reason=wish.reason.strip(),
            author=wish.author.strip(),
            at=at,
            replaces=run.revision,
            replaced_at=old.frozen_at,
            replaced_hash=run.snapshot_sha256,
            figures=old_figures(build_report(old)),
        ),
    )
    return PreparedRestatement(run, rendered(snapshot, report, world), again, drifted)


def _replaced(report: ReportSettings, period: Period, ledger: Ledger, wish: Wish) -> Run:
    if not wish.reason.strip():
        msg = 'a restatement needs a reason, which every reader sees: --reason "Late data arrived"'
        raise NotRestated(msg)
    run = ledger.find_run(report.name, period)
    if run is None:
        msg = (
            f"nothing is on record of {report.name} for {period.key}; run it first: "
            f"slo-reports run {report.name} --period {period.id}"
        )
        raise NotRestated(msg)
    return run


def restate(
    report: ReportSettings, period: Period, world: World, ledger: Ledger, wish: Wish
) -> Receipt:
    """File and deliver a revision of a period; the revisions before stay as they are.

    Days of the history that came out differently are put in the place of those that were settled,
    with the reason, before the revision is recorded: broken off between, it is simply done again.

    Raises:
        NotRestated, SourceError, HistoryError, RenderError: see ``prepare_restatement``; nothing
            is on record.
        LedgerError: it could not be recorded; nothing that is not on record was sent.
    """
    made = prepare_restatement(report, period, world, ledger, wish)
    if made.again.renewed is not None and world.history is not None:
        revision = f"{report.name} {period.key} r{made.prepared.snapshot.revision}"
        made.again.renewed.commit(world.history, f"{revision}: {wish.reason.strip()}")
    (run,) = freeze([made.prepared], report, world, ledger)
    return deliver_asked(run, report, world, ledger, made.prepared)
