"""Alerts, plan and follow-up for the plain text of a mail: titles, a sentence, and points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from slo_reports.model import Insight, Report
from slo_reports.render.alerts import AlertTables, alert_tables
from slo_reports.render.followed import FollowTable, follow_table
from slo_reports.render.plan import PlanTables, plan_tables


@dataclass(frozen=True)
class TextSection:
    """A heading, what stands under it, and its points."""

    title: str
    lede: str
    points: tuple[str, ...]
    left_out: int = 0


def insight_sections(report: Report) -> list[TextSection]:
    """The sections that this report has."""
    found = report.insight or Insight()
    alerts, plan = alert_tables(found.alerts, report), plan_tables(found.plan, report)
    followed = follow_table(found.follow_up)
    return [
        *([_alerts(alerts)] if alerts else []),
        *([_plan(plan)] if plan else []),
        *([_followed(followed)] if followed else []),
    ]


def _alerts(found: AlertTables) -> TextSection:
    points = [f"{one.word}: {one.told}" for one in found.findings]
    points += [f"Can never fire: {one}" for one in found.silent]
    return TextSection(
        "Alerts against the budget", found.lede, tuple(points), found.findings_left_out
    )


def _plan(found: PlanTables) -> TextSection:
    return TextSection(found.title, found.lede, tuple(_points(found)), found.forecasts_left_out)


def _points(found: PlanTables) -> Iterator[str]:
    for row in found.forecasts:
        if not row.known:
            continue
        ends = f"; if missed, spent on {row.ends}" if row.may_end else ""
        yield (
            f"{row.title}: {row.expected} % of the budget expected, range {row.span}, chance of a "
            f"miss {row.chance}{ends}"
        )
    for planned in found.maintenance:
        yield f"Maintenance: {planned.when}, {planned.length} of {planned.of}: {planned.reason}"
    yield from found.targets


def _followed(found: FollowTable) -> TextSection:
    points = tuple(f"{one.word}: {one.action}. {one.evidence}" for one in found.rows)
    return TextSection(
        "What was asked last time", found.problem or found.lede, points, found.rows_left_out
    )
