"""Quarterly planning: how the months went, which targets fit, what to work on and decide."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from slo_reports.language import tr, trn
from slo_reports.model import Report, SloResult
from slo_reports.numbers import (
    count_text,
    counted,
    listed,
    month_text,
    percent_number,
    percent_text,
    period_title,
    sentence,
    short_month,
)
from slo_reports.periods import following
from slo_reports.render.clean import clean
from slo_reports.render.decisions import decision_tables
from slo_reports.render.governance import actions, checkbox, decisions, planning_name, roles
from slo_reports.render.heat import HeatCell, heat_cell
from slo_reports.render.letters import Letter, Point, section
from slo_reports.render.months import MonthFigures, by_month, months_of
from slo_reports.render.page import frame
from slo_reports.render.proposals import Proposal, proposal
from slo_reports.render.rows import ObjectiveRow, chapter_title, objective_row

MOST_OBJECTIVES = 60
MOST_WORK = 20
MOST_DECISIONS = 12
NOTE_LINES = 6


@dataclass(frozen=True)
class MonthRow:
    """One objective in the table of months; cells hold the budget used in percent."""

    title: str
    row: ObjectiveRow
    cells: tuple[HeatCell, ...]
    whole: HeatCell


@dataclass(frozen=True)
class ProposalRow:
    """One objective with its target now and the proposed one."""

    title: str
    owner: str
    now: str
    proposed: str
    verdict: str
    why: str
    changes: bool


def planning_values(report: Report) -> dict[str, Any]:
    """The variables of ``planning.html.j2``."""
    months = months_of(report)
    figures = [(one, by_month(one, months)) for one in report.results]
    proposals = [proposal(one, parts, report) for one, parts in figures]
    rows = proposal_rows(proposals)
    work, to_decide = actions(report), decisions(report)
    return {
        **frame(report),
        "document": planning_name(report),
        "description": tr("Trends, targets, ranked work and decisions"),
        "checkbox": checkbox,
        "months": [(short_month(one), month_text(one)) for one in months],
        "by_month": [month_row(*one) for one in figures[:MOST_OBJECTIVES]],
        "by_month_left_out": max(0, len(figures) - MOST_OBJECTIVES),
        "fits": fits(proposals),
        "next": period_title(following(report.period)),
        "proposals": rows[:MOST_OBJECTIVES],
        "proposals_left_out": max(0, len(rows) - MOST_OBJECTIVES),
        "work": work[:MOST_WORK],
        "work_left_out": max(0, len(work) - MOST_WORK),
        "releases": decision_tables(report),
        "decisions": to_decide[:MOST_DECISIONS],
        "decisions_left_out": max(0, len(to_decide) - MOST_DECISIONS),
        "roles": roles(report),
        "note_lines": NOTE_LINES,
    }


def month_row(result: SloResult, parts: tuple[MonthFigures, ...]) -> MonthRow:
    """An objective's months as cells that CSS colours."""
    return MonthRow(
        chapter_title(result),
        objective_row(result),
        tuple(heat_cell(one.consumed) for one in parts),
        heat_cell(result.budget.consumed),
    )


def proposal_rows(proposals: list[Proposal]) -> list[ProposalRow]:
    """Changed targets first, then what must be measured, then those that stay."""
    order = {"lower": 0, "raise": 1, "measure": 2, "keep": 3}
    return [_proposal_row(one) for one in sorted(proposals, key=lambda one: order[one.verdict])]


def _proposal_row(one: Proposal) -> ProposalRow:
    return ProposalRow(
        title=chapter_title(one.result),
        owner=clean(one.result.slo.owner),
        now=percent_number(one.result.objective.target, kind="target"),
        proposed=percent_number(one.target, kind="target"),
        verdict=_verdict(one.verdict),
        why=one.why,
        changes=one.changes,
    )


def _verdict(verdict: str) -> str:
    return {
        "raise": tr("Raise"),
        "lower": tr("Fund or lower"),
        "measure": tr("Measure first"),
        "keep": tr("Keep"),
    }[verdict]


def fits(proposals: list[Proposal]) -> tuple[str, ...]:
    """How many targets are too tight, too loose, or fit; in sentences."""
    counts = Counter(one.verdict for one in proposals)
    verdicts = ("lower", "raise", "measure", "keep")
    return tuple(_fit(verdict, counts[verdict]) for verdict in verdicts if counts[verdict])


def _fit(verdict: str, count: int) -> str:
    told = {"count": sentence(count_text(count))}
    match verdict:
        case "lower":
            return trn(
                "{count} target is too tight.", "{count} targets are too tight.", count, **told
            )
        case "raise":
            return trn(
                "{count} target could be higher.",
                "{count} targets could be higher.",
                count,
                **told,
            )
        case "measure":
            return trn(
                "{count} target must be measured first.",
                "{count} targets must be measured first.",
                count,
                **told,
            )
        case _:
            return trn(
                "{count} target stays as it is.",
                "{count} targets stay as they are.",
                count,
                **told,
            )


def planning_letter(report: Report) -> Letter:
    """What to decide before the next period begins."""
    months = months_of(report)
    found = [proposal(one, by_month(one, months), report) for one in report.results]
    changed = [one for one in found if one.changes]
    to_decide, work = decisions(report), actions(report)
    counts = [
        *([counted(len(changed), "proposed target", "proposed targets")] if changed else []),
        *([counted(len(to_decide), "decision", "decisions")] if to_decide else []),
    ]
    return Letter(
        document=planning_name(report),
        verdict=listed(counts) if counts else tr("all targets stay"),
        headline=report.headline,
        sections=(
            section(
                tr("Proposed for {period}", period=period_title(following(report.period))),
                [_point(one) for one in changed],
                nothing=tr("All targets stay as they are."),
            ),
            section(
                tr("To decide"),
                [Point(f"{one.action}?", one.evidence, one.owner) for one in to_decide],
                nothing=tr("Nothing."),
            ),
            section(
                tr("Work that pays most"),
                [Point(f"{one.action}.", one.evidence, f"{one.owner}, {one.effort}")
                 for one in work],
                most=3,
            ),
        ),
    )  # fmt: skip


def _point(one: Proposal) -> Point:
    now, then = (
        percent_text(target, kind="target") for target in (one.result.objective.target, one.target)
    )
    title = chapter_title(one.result)
    return Point(
        tr("{objective}: from {now} to {then}.", objective=title, now=now, then=then),
        one.why,
        clean(one.result.slo.owner),
    )
