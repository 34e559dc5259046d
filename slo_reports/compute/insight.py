"""Everything of a report beyond its verdicts, put together."""

from __future__ import annotations

from collections.abc import Sequence

from slo_reports.compute.alerts import alert_quality
from slo_reports.compute.changes import changes
from slo_reports.compute.following import follow_up
from slo_reports.compute.forecasts import plan
from slo_reports.compute.shifts import shift
from slo_reports.model import Insight, JudgedIncident, Recommendation, SloResult, Snapshot


def insight(
    snapshot: Snapshot,
    results: Sequence[SloResult],
    incidents: Sequence[JudgedIncident],
    recommendations: Sequence[Recommendation],
) -> Insight:
    """Alert quality, trend, plan, follow-up and changes of a judged snapshot.

    Args:
        snapshot: the frozen data.
        results: all objectives, in the order of the page.
        incidents: with what they cost.
        recommendations: what is asked for now.
    """
    period = snapshot.period
    whole = period.as_of is None
    shifts = [found for one in results if whole and (found := shift(one)) is not None]
    return Insight(
        alerts=alert_quality(snapshot.subjects, results, incidents, period, snapshot.exclusions),
        shifts=tuple(shifts),
        plan=plan(results, period, snapshot.planned),
        follow_up=follow_up(snapshot.earlier, results, incidents, recommendations, period),
        changes=changes(results, {one.slo: one for one in shifts}, period),
    )
