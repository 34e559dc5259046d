"""What the report before asked for, so that the next one can say what became of it."""

from __future__ import annotations

from pydantic import ValidationError

from slo_reports.compute import build_report
from slo_reports.compute.following import asked_in
from slo_reports.errors import LedgerError
from slo_reports.job import World
from slo_reports.ledger import Ledger, Run
from slo_reports.model import Earlier, Snapshot
from slo_reports.periods import Period


def asked_before(report: str, period: Period, ledger: Ledger) -> Earlier | None:
    """The recommendations of the newest report of an earlier period, latest revision.

    Args:
        report: its name.
        period: which the present report judges.
        ledger: what is on record.

    Returns:
        None where there was no report. Frozen data that cannot be read are told in the report and
        do not stop it.
    """
    earlier = [run for run in ledger.history(report) if run.end <= period.start]
    if not earlier:
        return None
    newest = max(earlier, key=lambda run: (run.end, run.start, run.revision))
    try:
        return asked_in(build_report(Snapshot.from_json(ledger.frozen_snapshot(newest))))
    except (LedgerError, ValidationError) as error:
        return _unread(newest, period, error)


def asked_where_recorded(report: str, period: Period, world: World) -> Earlier | None:
    """The same for a report that is only tried out; makes no ledger where there is none."""
    if not world.has_ledger():
        return None
    with world.open_ledger() as ledger:
        return asked_before(report, period, ledger)


def _unread(run: Run, period: Period, error: Exception) -> Earlier:
    problem = f"The report before, {run.title}, could not be read: {error}"
    return Earlier(run.whole_period or period, run.revision, (), problem)
