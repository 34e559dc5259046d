"""What a report must tell about the delivery of the one before it."""

from __future__ import annotations

from slo_reports.language import tr
from slo_reports.ledger import Delivery, Ledger, Run
from slo_reports.model import DeliveryState, Notice
from slo_reports.numbers import period_title
from slo_reports.periods import Period


def undelivered_before(report: str, period: Period, ledger: Ledger) -> tuple[Notice, ...]:
    """What did not arrive of the newest report of an earlier period.

    Only what was tried and failed; what is folded into a later mail arrives with that.
    """
    earlier = [run for run in ledger.history(report) if run.end <= period.start]
    if not earlier:
        return ()
    newest = max(earlier, key=lambda run: (run.end, run.revision))
    return tuple(
        _notice(newest, one)
        for one in ledger.deliveries(newest)
        if one.tries and not one.state.arrived and one.state is not DeliveryState.SENDING
    )


def _notice(run: Run, one: Delivery) -> Notice:
    sentence = tr(
        "The report of {period} did not reach {recipient}: {reason}",
        period=period_of_run(run),
        recipient=one.recipient,
        reason=one.receipt,
    )
    return Notice("undelivered", sentence, one.tries[0].at)


def period_of_run(run: Run) -> str:
    """The period of a run as people read it, such as ``October 2026``."""
    period = run.whole_period
    return run.period if period is None else period_title(period)
