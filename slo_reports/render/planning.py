"""Quarterly planning: how the months went, which targets fit, what to work on and decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from slo_reports.model import Report, SloResult
from slo_reports.numbers import (
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
from slo_reports.render.governance import actions, checkbox, decisions, document, roles
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
_VERDICTS = {"raise": "Raise", "lower": "Fund or lower", "measure": "Measure first", "keep": "Keep"}


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
        "document": document(report, "planning"),
        "description": "Trends, targets, ranked work and decisions",
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
        verdict=_VERDICTS[one.verdict],
        why=one.why,
        changes=one.changes,
    )


def fits(proposals: list[Proposal]) -> tuple[str, ...]:
    """How many targets are too tight, too loose, or fit; in sentences."""
    words = {
        "lower": ("too tight", "too tight"),
        "raise": ("could be higher", "could be higher"),
        "measure": ("must be measured first", "must be measured first"),
        "keep": ("stays as it is", "stay as they are"),
    }
    told = []
    for verdict, (one, many) in words.items():
        found = [p for p in proposals if p.verdict == verdict]
        if found:
            verb = {"lower": " is " if len(found) == 1 else " are "}.get(verdict, " ")
            word = one if len(found) == 1 else many
            told.append(f"{sentence(counted(len(found), 'target', 'targets'))}{verb}{word}.")
    return tuple(told)


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
        document=document(report, "planning"),
        verdict=listed(counts) if counts else "all targets stay",
        headline=report.headline,
        sections=(
            section(
                f"Proposed for {period_title(following(report.period))}",
                [_point(one) for one in changed],
                nothing="All targets stay as they are.",
            ),
            section(
                "To decide",
                [Point(f"{one.action}?", one.evidence, one.owner) for one in to_decide],
                nothing="Nothing.",
            ),
            section(
                "Work that pays most",
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
    return Point(
        f"{chapter_title(one.result)}: from {now} to {then}.", one.why, clean(one.result.slo.owner)
    )
