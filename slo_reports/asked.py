"""What the report before asked for, so that the next one can say what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from slo_reports.compute import build_report
from slo_reports.compute.following import asked_in
from slo_reports.errors import LedgerError
from slo_reports.job import World
from slo_reports.ledger import Ledger, Run
from slo_reports.model import Earlier, Snapshot
from slo_reports.periods import Period


@dataclass(frozen=True)
class Before:
    """The newest report of an earlier period as it was frozen.

    Attributes:
        title: how sentences name it.
        end: of its period.
        snapshot: its frozen data, where they must be judged again; empty where they need not be,
            or cannot be read.
        problem: why they cannot be read.
        kept: what it asked for, frozen with it; None where an older version froze it.
    """

    title: str
    end: datetime
    period: Period
    revision: int
    snapshot: bytes
    problem: str = ""
    kept: Earlier | None = None

    def asked(self) -> Earlier:
        """Its recommendations; what cannot be read is told in the report and does not stop it."""
        if self.kept is not None:
            return self.kept
        if self.problem:
            return self._unread(self.problem)
        try:
            return asked_in(build_report(Snapshot.from_json(self.snapshot)))
        except ValidationError as error:
            return self._unread(error)
        except MemoryError:
            return self._unread("it needs more memory than executor.memory_limit allows")

    def _unread(self, why: object) -> Earlier:
        problem = f"The report before, {self.title}, could not be read: {why}"
        return Earlier(self.period, self.revision, (), problem)


def report_before(report: str, period: Period, ledger: Ledger) -> Before | None:
    """The newest report of an earlier period, latest revision; None where there was none.

    Args:
        report: its name.
        period: which the present report judges.
        ledger: what is on record.
    """
    earlier = [run for run in ledger.history(report) if run.end <= period.start]
    if not earlier:
        return None
    newest = max(earlier, key=lambda run: (run.end, run.start, run.revision))
    kept = _kept(newest, ledger)
    snapshot, problem = b"", ""
    try:
        snapshot = b"" if kept is not None else ledger.frozen_snapshot(newest)
    except LedgerError as error:
        problem = str(error)
    named = newest.whole_period or period
    return Before(newest.title, newest.end, named, newest.revision, snapshot, problem, kept)


def _kept(run: Run, ledger: Ledger) -> Earlier | None:
    """What was frozen with a run; its data tell the same where that is gone, changed or strange."""
    try:
        found = ledger.frozen_asked(run)
        return None if found is None else Earlier.from_json(found)
    except (LedgerError, ValidationError):
        return None


def asked_before(report: str, period: Period, ledger: Ledger) -> Earlier | None:
    """The recommendations of that report."""
    before = report_before(report, period, ledger)
    return None if before is None else before.asked()


def asked_where_recorded(report: str, period: Period, world: World) -> Earlier | None:
    """The same for a report that is only tried out; makes no ledger where there is none."""
    if not world.has_ledger():
        return None
    with world.open_ledger() as ledger:
        return asked_before(report, period, ledger)
