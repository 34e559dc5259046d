"""Alerts, plan and follow-up for the plain text of a mail: titles, a sentence, and points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from slo_reports.language import tr
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
    points += [tr("Can never fire: {alert}", alert=one) for one in found.silent]
    return TextSection(
        tr("Alerts against the budget"), found.lede, tuple(points), found.findings_left_out
    )


def _plan(found: PlanTables) -> TextSection:
    return TextSection(found.title, found.lede, tuple(_points(found)), found.forecasts_left_out)


def _points(found: PlanTables) -> Iterator[str]:
    for row in found.forecasts:
        if not row.known:
            continue
        told = tr(
            "{title}: {expected} % of the budget expected, range {span}, chance of a miss {chance}",
            title=row.title,
            expected=row.expected,
            span=row.span,
            chance=row.chance,
        )
        ends = tr("if missed, spent on {days}", days=row.ends) if row.may_end else ""
        yield "; ".join(text for text in (told, ends) if text)
    for one in found.maintenance:
        yield tr(
            "Maintenance: {when}, {length} of {services}: {reason}",
            when=one.when,
            length=one.length,
            services=one.of,
            reason=one.reason,
        )
    yield from found.targets


def _followed(found: FollowTable) -> TextSection:
    points = tuple(f"{one.word}: {one.action}. {one.evidence}" for one in found.rows)
    return TextSection(
        tr("What was asked last time"), found.problem or found.lede, points, found.rows_left_out
    )
