"""The weekly review: what a meeting of half an hour looks at, ticks, does and decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from slo_reports.model import BudgetStatus, Outcome, Report, ServiceState
from slo_reports.numbers import burn_text, count_text, counted, listed, percent_text, sentence
from slo_reports.render.chapters import urgent
from slo_reports.render.clean import clean
from slo_reports.render.governance import actions, checkbox, decisions, document, named
from slo_reports.render.letters import Letter, Point, section
from slo_reports.render.marks import Mark, mark_of
from slo_reports.render.method import reason
from slo_reports.render.page import frame
from slo_reports.render.rows import (
    NOTHING,
    ServiceRows,
    chapter_title,
    incident_row,
    mark_word,
    service_rows,
)
from slo_reports.render.story import Lede, lede

MOST_SERVICES = 24
MOST_ISSUES = 5
MOST_INCIDENTS = 8
MOST_ACTIONS = 8
MOST_DECISIONS = 6
NOTE_LINES = 8
_LONG_GAP = timedelta(hours=1)
_PARTS = (("Performance", 10), ("Incidents", 10), ("Decisions", 10))
"""The half hour [min]."""


@dataclass(frozen=True)
class AgendaItem:
    """One part of the meeting.

    Attributes:
        minutes: such as ``0–10``.
        title: what it is about.
        lead: who leads it.
        points: what is looked at.
    """

    minutes: str
    title: str
    lead: str
    points: tuple[str, ...]


@dataclass(frozen=True)
class Check:
    """One line of the checklist, ticked or not by the data, with the reason."""

    ticked: bool
    what: str
    why: str


@dataclass(frozen=True)
class StatusRow:
    """One service in the table; its budget is that of its worst objective."""

    service: ServiceRows
    word: str
    owner: str
    burn: str
    change: str
    note: str


@dataclass(frozen=True)
class Issue:
    """One objective that needs talking about."""

    title: str
    mark: Mark
    word: str
    lede: Lede


def review_values(report: Report) -> dict[str, Any]:
    """The variables of ``review.html.j2``."""
    services = service_rows(report)
    asked, to_decide = actions(report), decisions(report)
    found = list(issues(report))
    return {
        **frame(report),
        "document": document(report, "review"),
        "description": "Agenda, checklist, status, actions and decisions of the review",
        "agenda": agenda(report),
        "checks": checks(report),
        "checkbox": checkbox,
        "status": [status_row(one) for one in services[:MOST_SERVICES]],
        "status_left_out": _more(services, MOST_SERVICES),
        "issues": found[:MOST_ISSUES],
        "issues_left_out": _more(found, MOST_ISSUES),
        "incidents": [
            incident_row(one, report.period.zone) for one in report.incidents[:MOST_INCIDENTS]
        ],
        "incidents_left_out": _more(report.incidents, MOST_INCIDENTS),
        "actions": asked[:MOST_ACTIONS],
        "actions_left_out": _more(asked, MOST_ACTIONS),
        "decisions": to_decide[:MOST_DECISIONS],
        "decisions_left_out": _more(to_decide, MOST_DECISIONS),
        "note_lines": NOTE_LINES,
    }


def _more(found: Any, most: int) -> int:
    return max(0, len(found) - most)


# --- the agenda ----------------------------------------------------------------------------------


def agenda(report: Report) -> tuple[AgendaItem, ...]:
    """The half hour in three parts, each with what the data put on the table."""
    told = (_performance, _on_incidents, _on_decisions)
    items, begun = [], 0
    for (title, minutes), tell in zip(_PARTS, told, strict=True):
        lead, points = tell(report)
        items.append(AgendaItem(f"{begun}–{begun + minutes}", title, lead, tuple(points)))
        begun += minutes
    return tuple(items)


def _performance(report: Report) -> tuple[str, list[str]]:
    missed = [one.name for one in report.services if one.state is ServiceState.MISSED]
    risky = [one.name for one in report.services if one.state is ServiceState.AT_RISK]
    unjudged = [one.name for one in report.services if one.state is ServiceState.NO_VERDICT]
    points = [
        f"{word}: {named(names)}"
        for word, names in (("Missed", missed), ("At risk", risky), ("No verdict", unjudged))
        if names
    ]
    fine = sum(one.state is ServiceState.MET for one in report.services)
    if fine:
        points.append(f"{sentence(counted(fine, 'service', 'services'))} met everything")
    owners = [one.owner for one in report.services if one.state is not ServiceState.MET]
    return named(owners) or "SLO owners", points


def _on_incidents(report: Report) -> tuple[str, list[str]]:
    dear = sorted(report.incidents, key=lambda one: -_cost(one.costs))
    points = [
        f"{one.letter}, {clean(one.incident.title, 90)}: {_spent(one.costs)}" for one in dear[:3]
    ]
    rest = len(dear) - 3
    if rest > 0:
        points.append(f"{sentence(count_text(rest))} more in the table")
    teams = {one.name: one.owner for one in report.services}
    lead = named([teams[one.incident.service] for one in dear if one.incident.service in teams])
    return lead or "Engineering teams", points or ["None was recorded"]


def _cost(costs: tuple[tuple[str, str, float, float], ...]) -> float:
    return costs[0][2] if costs else 0.0


def _spent(costs: tuple[tuple[str, str, float, float], ...]) -> str:
    if not costs:
        return "no budget used"
    return f"{percent_text(costs[0][2], kind='consumption')} of the budget of {clean(costs[0][1])}"


def _on_decisions(report: Report) -> tuple[str, list[str]]:
    found = decisions(report)
    points = [one.action for one in found[:3]]
    if len(found) > 3:
        points.append(f"{sentence(count_text(len(found) - 3))} more in the table")
    count = len(actions(report))
    points.append(f"{sentence(counted(count, 'action', 'actions'))} to give an owner and a day"
                  if count else "No action is open")  # fmt: skip
    return named([one.owner for one in found]) or "Product owners", points


# --- the checklist -------------------------------------------------------------------------------


def checks(report: Report) -> tuple[Check, ...]:
    """What a review must be sure of, each ticked or left open by the data."""
    return tuple(one(report) for one in _CHECKS)


def _check(what: str, faults: list[str], fine: str, wrong: str) -> Check:
    return Check(not faults, what, f"{wrong}: {named(faults)}" if faults else fine)


def _verdicts(report: Report) -> Check:
    results = report.results
    unjudged = [
        chapter_title(one) for one in results if one.outcome not in (Outcome.MET, Outcome.MISSED)
    ]
    fine = f"{len(results)} of {len(results)}"
    return _check("Every objective has a verdict", unjudged, fine, "Without one")


def _data(report: Report) -> Check:
    gaps = [
        chapter_title(one)
        for one in report.results
        if one.reason is not None
        or one.coverage < one.slo.minimum_coverage
        or any(end - start >= _LONG_GAP for start, end in one.missing)
    ]
    fine = (
        "Nothing was measured"
        if report.coverage is None
        else f"Data for {percent_text(report.coverage, kind='coverage')} of the time, no gap of an "
        "hour"
    )
    return _check("The data are complete", gaps, fine, "Not for")


def _budgets(report: Report) -> Check:
    spent = [chapter_title(one) for one in report.results if one.status is BudgetStatus.EXHAUSTED]
    return _check("No error budget is used up", spent, "All have some left", "Used up")


def _pace(report: Report) -> Check:
    fast = [
        f"{chapter_title(one)} at {burn_text(one.burn)}"
        for one in report.results
        if one.burn is not None and one.burn > 1
    ]
    return _check("No budget burns too fast at the end", fast, "All at 1× or below", "Too fast")


def _causes(report: Report) -> Check:
    return _told(report, "Every incident has a cause on record", lambda one: one.cause)


def _follow_ups(report: Report) -> Check:
    return _told(report, "Every incident has a follow-up on record", lambda one: one.follow_up)


def _noticed(report: Report) -> Check:
    return _told(
        report,
        "Every incident was noticed by an alert or a person",
        lambda one: "" if one.source == "episode" else "told",
    )


def _told(report: Report, what: str, word: Callable[[Any], str]) -> Check:
    silent = [one.letter for one in report.incidents if not word(one.incident)]
    count = len(report.incidents)
    fine = f"All {count_text(count)}" if count > 1 else "The one" if count else "There was none"
    return _check(what, silent, fine, "Not")


def _runbooks(report: Report) -> Check:
    bare = [
        chapter_title(one) for one in report.results if one.incidents and one.slo.runbook is None
    ]
    return _check(
        "What an incident touched has a runbook", bare, "All that were touched", "None for"
    )


def _deliveries(report: Report) -> Check:
    late = [one.sentence for one in report.notices]
    return _check("The reports before arrived", late, "Nothing else is on record", "Not all")


_CHECKS = (
    _verdicts,
    _data,
    _budgets,
    _pace,
    _noticed,
    _causes,
    _follow_ups,
    _runbooks,
    _deliveries,
)


# --- services and issues -------------------------------------------------------------------------


def status_row(service: ServiceRows) -> StatusRow:
    """A service with the numbers of its worst objective and the fastest burn of all."""
    burns = [one.result.burn for one in service.rows if one.result.burn is not None]
    return StatusRow(
        service=service,
        word=mark_word(service.mark) if service.mark is not Mark.INSUFFICIENT else "No verdict",
        owner=clean(service.service.owner),
        burn=burn_text(max(burns)) if burns else NOTHING,
        change=service.rows[0].change if service.rows else NOTHING,
        note=service.service.note,
    )


def issues(report: Report) -> Iterator[Issue]:
    """Objectives that were missed, are at risk, or could not be judged."""
    drawn = urgent(report)
    rest = [one for one in report.results if one not in drawn and mark_of(one) is not Mark.MET]
    for one in (*drawn, *rest):
        mark = mark_of(one)
        told = lede(one, report) if one in drawn else Lede("", reason(one))
        yield Issue(chapter_title(one), mark, mark_word(mark), told)


# --- the mail ------------------------------------------------------------------------------------


def review_letter(report: Report) -> Letter:
    """Short: what to decide, what to do, what the checklist leaves open."""
    to_decide, asked = decisions(report), actions(report)
    open_checks = [one for one in checks(report) if not one.ticked]
    counts = [
        *([counted(len(to_decide), "decision", "decisions")] if to_decide else []),
        *([counted(len(asked), "action", "actions")] if asked else []),
    ]
    return Letter(
        document=document(report, "review"),
        verdict=listed(counts) if counts else "nothing to decide",
        headline=report.headline,
        sections=(
            section("To decide", [Point(f"{one.action}?", one.evidence, one.owner)
                                  for one in to_decide], nothing="Nothing."),
            section("To do", [Point(f"{one.action}.", one.evidence, f"{one.owner}, {one.due}")
                              for one in asked], nothing="Nothing."),
            section("Open on the checklist", [Point(f"{one.what}.", f"{one.why}.")
                                              for one in open_checks], most=9),
        ),
    )  # fmt: skip
