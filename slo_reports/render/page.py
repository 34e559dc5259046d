"""What the page templates are given: every value of a report, ready to be printed."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

from markupsafe import Markup

from slo_reports.language import tr, trn
from slo_reports.model import Report, SloResult
from slo_reports.numbers import (
    percent_text,
    period_facts,
    period_name,
    period_noun,
    period_title,
    periods_in_digits,
)
from slo_reports.render.bar import budget_bar
from slo_reports.render.chapters import chapters
from slo_reports.render.clean import clean
from slo_reports.render.decisions import decision_mark, decision_tables
from slo_reports.render.heat import heat_map
from slo_reports.render.insights import insight_values
from slo_reports.render.journeys import journey_rows
from slo_reports.render.ladder import ladder_rows
from slo_reports.render.marks import Mark
from slo_reports.render.method import appendix_rows, exclusion_rows, gap_rows, method, reason
from slo_reports.render.nouns import budget_name, end_name
from slo_reports.render.restatement import MOST_NOTICES, notice_rows, restatement_box
from slo_reports.render.rollups import rollup_tables
from slo_reports.render.rows import ServiceRows, budgets_left, incident_row, mark_said, service_rows
from slo_reports.render.sparkline import sparkline
from slo_reports.statuses import decision_word

MOST_ROWS = 200
"""Rows of one table; the JSON document holds the rest."""
MOST_OBJECTIVES = 400
"""Rows of the table of objectives, which is longer because nothing is worse left out."""
MOST_CARDS = 6
CARDS_OF_A_REVISION = 3
"""Cards where what changed stands on the first page, too."""
MOST_CHIPS = 12
MOST_CHANGES = 4
"""Rows of a restatement on the first page; a table of its own holds all of them."""
ASKS = 3
_WORST_FIRST = (
    Mark.MISSED,
    Mark.AT_RISK,
    Mark.NOT_MEASURED,
    Mark.INSUFFICIENT,
    Mark.NO_TRAFFIC,
    Mark.MET,
)
_NO_VERDICT = (Mark.INSUFFICIENT, Mark.NO_TRAFFIC, Mark.NOT_MEASURED)


def page_values(report: Report) -> dict[str, Any]:
    """The variables of ``report.html.j2`` and its parts."""
    services = service_rows(report)
    return {
        **_frame(report, services),
        **_about_itself(report),
        **_first_page(report, services),
        **_objectives(report, services),
        **_tables(report),
        **insight_values(report),
        "chapters": chapters(report),
        "decisions": decision_tables(report),
        "decision_mark": decision_mark,
        "decision_word": decision_word,
        "bar": _bar,
        "spark": _spark,
        "reason": reason,
        "rank": _rank,
    }


def _bar(remaining: float | None, mark: Mark, width: float) -> Markup:
    return Markup(budget_bar(remaining, mark, width=width))  # noqa: S704 drawn and escaped by us


def _rank(mark: Mark) -> int:
    """What a table is sorted by outcome with: worst first."""
    return _WORST_FIRST.index(mark)


def _spark(result: SloResult) -> Markup:
    return Markup(sparkline(result.history, result.objective, width=54))  # noqa: S704 as above


def frame(report: Report) -> dict[str, Any]:
    """What every kind's template is given: title, facts, what it tells of itself, and pictures."""
    return {
        **_frame(report, service_rows(report)),
        **_about_itself(report),
        "before": before(report),
        "bar": _bar,
        "spark": _spark,
        "reason": reason,
        "rank": _rank,
    }


def _frame(report: Report, services: tuple[ServiceRows, ...]) -> dict[str, Any]:
    places = min(max((len(one.history) for one in report.results), default=1), 12)
    noun, trend = period_noun(report.period.kind), periods_in_digits(places, report.period.kind)
    return {
        "report": report,
        "document": tr("SLO report"),
        "description": tr(
            "Service level objectives, error budgets, incidents and recommended actions"
        ),
        "title": clean(report.request.title),
        "period": period_title(report.period),
        "zone": report.period.zone,
        "noun": noun,
        "budget_name": budget_name(report.period.kind),
        "end_name": end_name(report.period.kind),
        "trend_name": trend if places > 1 else "",
        "trend_title": trend if places > 1 else tr("This {period}", period=noun),
        "facts": facts(report),
        **_shown(services),
    }


def _shown(services: tuple[ServiceRows, ...]) -> dict[str, Any]:
    """The services of the table, worst first, whole ones only, and the objectives left out."""
    sizes = list(accumulate(len(one.rows) for one in services))
    count = max(1, sum(size <= MOST_OBJECTIVES for size in sizes))
    left_out = sizes[-1] - sizes[count - 1] if sizes[count:] else 0
    return {"services": services[:count], "objectives_left_out": left_out}


def facts(report: Report) -> str:
    """Days, length and zone of the period, and how much was measured."""
    services, count = len(report.services), len(report.results)
    parts = [
        trn("{count} service", "{count} services", services, count=services),
        trn("{count} objective", "{count} objectives", count, count=count),
    ]
    if report.coverage is not None:
        share = percent_text(report.coverage, kind="coverage")
        parts.append(tr("data for {share} of the time", share=share))
    return f"{period_facts(report.period)}. {', '.join(parts)}."


def before(report: Report) -> str:
    """The name of the period that changes are told against; empty where there is none."""
    found = next((one.previous for one in report.results if one.previous is not None), None)
    return "" if found is None else period_name(found.period)


def _about_itself(report: Report) -> dict[str, Any]:
    notices = notice_rows(report)
    return {
        "restatement": restatement_box(report),
        "most_changes": MOST_CHANGES,
        "most_rows": MOST_ROWS,
        "notices": notices[:MOST_NOTICES],
        "notices_left_out": max(0, len(notices) - MOST_NOTICES),
    }


def _first_page(report: Report, services: tuple[ServiceRows, ...]) -> dict[str, Any]:
    most = MOST_CARDS if report.restatement is None else CARDS_OF_A_REVISION
    cards = services if len(services) <= most else _troubled(services, most)
    chips = [one for one in services if one not in cards]
    return {
        "cards": cards,
        "chips": chips[:MOST_CHIPS],
        "chips_left_out": max(0, len(chips) - MOST_CHIPS),
        "asks": report.recommendations[:ASKS],
    }


def _troubled(services: tuple[ServiceRows, ...], most: int) -> tuple[ServiceRows, ...]:
    """The services that need a card: the worst, in whole rows of three."""
    bad = sum(one.mark is not Mark.MET for one in services)
    return services[: min(most, max(3, -(-bad // 3) * 3))]


def _objectives(report: Report, services: tuple[ServiceRows, ...]) -> dict[str, Any]:
    rows = [row for service in services for row in service.rows]
    shown = {row.mark for row in rows}
    return {
        "before": before(report),
        "outcome_key": [(mark, _explained(mark)) for mark in Mark if mark in shown],
        "unmeasured": [row for row in rows if row.mark in _NO_VERDICT][:MOST_ROWS],
        "heat": heat_map(report),
        "rollups": rollup_tables(report),
        "journeys": journey_rows(report)[:MOST_ROWS],
        "ladder": ladder_rows(report)[:MOST_ROWS],
    }


def _explained(mark: Mark) -> str:
    """What a mark means, beside the table."""
    if mark is Mark.AT_RISK:
        return tr("met, little left or burning fast")
    return mark_said(mark)


def _tables(report: Report) -> dict[str, Any]:
    appendix, gaps = appendix_rows(report), gap_rows(report)
    shown = report.incidents[:MOST_ROWS]
    left = budgets_left(report)
    return {
        "incidents": [incident_row(one, report.period.zone, left=left) for one in shown],
        "incidents_left_out": len(report.incidents) - len(shown),
        "recommendations": report.recommendations[:MOST_ROWS],
        "recommendations_left_out": max(0, len(report.recommendations) - MOST_ROWS),
        "method": method(report),
        "gaps": gaps[:MOST_ROWS],
        "gaps_left_out": max(0, len(gaps) - MOST_ROWS),
        "exclusions": exclusion_rows(report)[:MOST_ROWS],
        "appendix": appendix[:MOST_ROWS],
        "appendix_left_out": max(0, len(appendix) - MOST_ROWS),
    }
