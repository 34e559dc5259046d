"""The weekly review: what a meeting of half an hour looks at, ticks, does and decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from slo_reports.language import tr, trn
from slo_reports.model import BudgetStatus, FollowWord, Outcome, Report, ServiceState
from slo_reports.numbers import burn_text, count_text, counted, listed, percent_text, sentence
from slo_reports.render.chapters import urgent
from slo_reports.render.clean import clean
from slo_reports.render.decisions import (
    calm_words,
    decision_mark,
    decision_tables,
    risk_words,
    troubled,
)
from slo_reports.render.governance import actions, checkbox, decisions, named, review_name
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
from slo_reports.statuses import decision_word

MOST_SERVICES = 24
MOST_ISSUES = 5
MOST_INCIDENTS = 8
MOST_ACTIONS = 8
MOST_DECISIONS = 6
MOST_HELD = 5
NOTE_LINES = 8
_LONG_GAP = timedelta(hours=1)
_MINUTES = 10
"""Of each of the three parts of the half hour [min]."""


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
    released = decision_tables(report, len(report.decisions))
    held = troubled(released.rows)
    return {
        **frame(report),
        "document": review_name(report),
        "description": tr("Agenda, checklist, status, actions and decisions of the review"),
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
        "released": released,
        "held": held[:MOST_HELD],
        "held_left_out": _more(held, MOST_HELD),
        "calm": calm_words(released.rows),
        "decision_mark": decision_mark,
        "decision_word": decision_word,
        "note_lines": NOTE_LINES,
    }


def _more(found: Any, most: int) -> int:
    return max(0, len(found) - most)


# --- the agenda ----------------------------------------------------------------------------------


def agenda(report: Report) -> tuple[AgendaItem, ...]:
    """The half hour in three parts, each with what the data put on the table."""
    parts = (
        (tr("Performance"), _performance),
        (tr("Incidents"), _on_incidents),
        (tr("Decisions"), _on_decisions),
    )
    return tuple(
        _item(place * _MINUTES, title, *tell(report)) for place, (title, tell) in enumerate(parts)
    )


def _item(begun: int, title: str, lead: str, points: list[str]) -> AgendaItem:
    return AgendaItem(f"{begun}–{begun + _MINUTES}", title, lead, tuple(points))


def _performance(report: Report) -> tuple[str, list[str]]:
    missed = [one.name for one in report.services if one.state is ServiceState.MISSED]
    risky = [one.name for one in report.services if one.state is ServiceState.AT_RISK]
    unjudged = [one.name for one in report.services if one.state is ServiceState.NO_VERDICT]
    words = ((tr("Missed"), missed), (tr("At risk"), risky), (tr("No verdict"), unjudged))
    points = [f"{word}: {named(names)}" for word, names in words if names]
    fine = sum(one.state is ServiceState.MET for one in report.services)
    if fine:
        told = sentence(count_text(fine))
        points.append(
            trn(
                "{count} service met everything",
                "{count} services met everything",
                fine,
                count=told,
            )
        )
    owners = [one.owner for one in report.services if one.state is not ServiceState.MET]
    return named(owners) or tr("SLO owners"), points


def _on_incidents(report: Report) -> tuple[str, list[str]]:
    dear = sorted(report.incidents, key=lambda one: -_cost(one.costs))
    points = [
        f"{one.letter}, {clean(one.incident.title, 90)}: {_spent(one.costs)}" for one in dear[:3]
    ]
    points += _rest(len(dear) - 3)
    teams = {one.name: one.owner for one in report.services}
    lead = named([teams[one.incident.service] for one in dear if one.incident.service in teams])
    return lead or tr("Engineering teams"), points or [tr("None was recorded")]


def _rest(count: int) -> list[str]:
    told = tr("{count} more in the table", count=count_text(max(0, count)))
    return [sentence(told)] if count > 0 else []


def _cost(costs: tuple[tuple[str, str, float, float], ...]) -> float:
    return costs[0][2] if costs else 0.0


def _spent(costs: tuple[tuple[str, str, float, float], ...]) -> str:
    if not costs:
        return tr("no budget used")
    return tr(
        "{share} of the budget of {objective}",
        share=percent_text(costs[0][2], kind="consumption"),
        objective=clean(costs[0][1]),
    )


def _on_decisions(report: Report) -> tuple[str, list[str]]:
    found = decisions(report)
    points = [*(one.action for one in found[:3]), *_rest(len(found) - 3)]
    points.append(_to_give(len(actions(report))))
    return named([one.owner for one in found]) or tr("Product owners"), points


def _to_give(count: int) -> str:
    if not count:
        return tr("No action is open")
    return trn(
        "{count} action to give an owner and a day",
        "{count} actions to give an owner and a day",
        count,
        count=sentence(count_text(count)),
    )


# --- the checklist -------------------------------------------------------------------------------


def checks(report: Report) -> tuple[Check, ...]:
    """What a review must be sure of, each ticked or left open by the data."""
    told = followed_up(report)
    return (*(one(report) for one in _CHECKS), *([told] if told else []))


def _check(what: str, faults: Sequence[str], fine: str, wrong: str) -> Check:
    return Check(not faults, what, wrong if faults else fine)


def _verdicts(report: Report) -> Check:
    results = report.results
    unjudged = [
        chapter_title(one) for one in results if one.outcome not in (Outcome.MET, Outcome.MISSED)
    ]
    fine = tr("{count} of {total}", count=len(results), total=len(results))
    wrong = tr("Without one: {objectives}", objectives=named(unjudged))
    return _check(tr("Every objective has a verdict"), unjudged, fine, wrong)


def _data(report: Report) -> Check:
    gaps = [
        chapter_title(one)
        for one in report.results
        if one.reason is not None
        or one.coverage < one.slo.minimum_coverage
        or any(end - start >= _LONG_GAP for start, end in one.missing)
    ]
    fine = (
        tr("Nothing was measured")
        if report.coverage is None
        else tr(
            "Data for {share} of the time, no gap of an hour",
            share=percent_text(report.coverage, kind="coverage"),
        )
    )
    wrong = tr("Not for: {objectives}", objectives=named(gaps))
    return _check(tr("The data are complete"), gaps, fine, wrong)


def _budgets(report: Report) -> Check:
    spent = [chapter_title(one) for one in report.results if one.status is BudgetStatus.EXHAUSTED]
    wrong = tr("Used up: {objectives}", objectives=named(spent))
    return _check(tr("No error budget is used up"), spent, tr("All have some left"), wrong)


def _pace(report: Report) -> Check:
    fast = [
        tr("{objective} at {rate}", objective=chapter_title(one), rate=burn_text(one.burn))
        for one in report.results
        if one.burn is not None and one.burn > 1
    ]
    wrong = tr("Too fast: {objectives}", objectives=named(fast))
    return _check(tr("No budget burns too fast at the end"), fast, tr("All at 1× or below"), wrong)


def _causes(report: Report) -> Check:
    return _told(report, tr("Every incident has a cause on record"), lambda one: one.cause)


def _follow_ups(report: Report) -> Check:
    return _told(report, tr("Every incident has a follow-up on record"), lambda one: one.follow_up)


def _noticed(report: Report) -> Check:
    return _told(
        report,
        tr("Every incident was noticed by an alert or a person"),
        lambda one: "" if one.source == "episode" else "told",
    )


def _told(report: Report, what: str, word: Callable[[Any], str]) -> Check:
    silent = [one.letter for one in report.incidents if not word(one.incident)]
    wrong = tr("Not: {incidents}", incidents=named(silent))
    return _check(what, silent, _all_of(len(report.incidents)), wrong)


def _all_of(incidents: int) -> str:
    if not incidents:
        return tr("There was none")
    return trn("The one", "All {count}", incidents, count=count_text(incidents))


def _runbooks(report: Report) -> Check:
    bare = [
        chapter_title(one) for one in report.results if one.incidents and one.slo.runbook is None
    ]
    wrong = tr("None for: {objectives}", objectives=named(bare))
    return _check(
        tr("What an incident touched has a runbook"), bare, tr("All that were touched"), wrong
    )


def _deliveries(report: Report) -> Check:
    late = [one.sentence for one in report.notices]
    wrong = tr("Not all: {reports}", reports=named(late))
    return _check(tr("The reports before arrived"), late, tr("Nothing else is on record"), wrong)


def followed_up(report: Report) -> Check | None:
    """Whether what the report before asked for was done; None where none is known."""
    told = report.insight.follow_up if report.insight else None
    if told is None:
        return None
    what = tr("What the report before asked for is done")
    if told.problem:
        return Check(ticked=False, what=what, why=clean(told.problem, 200).removesuffix("."))
    pending = [one for one in told.followed if one.word in (FollowWord.OPEN, FollowWord.UNKNOWN)]
    wrong = tr(
        "{count} of {total} not known to be done: {actions}",
        count=sentence(count_text(len(pending))),
        total=count_text(len(told.followed)),
        actions=named([one.asked.action for one in pending], 2),
    )
    fine = _all_done(len(told.followed))
    return Check(not pending, what, wrong if pending else fine)


def _all_done(count: int) -> str:
    if not count:
        return tr("It asked for nothing")
    return trn(
        "The one thing is done or no longer needed",
        "All {count} are done or no longer needed",
        count,
        count=count_text(count),
    )


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


def _word(mark: Mark) -> str:
    return tr("No verdict") if mark is Mark.INSUFFICIENT else mark_word(mark)


def status_row(service: ServiceRows) -> StatusRow:
    """A service with the numbers of its worst objective and the fastest burn of all."""
    burns = [one.result.burn for one in service.rows if one.result.burn is not None]
    return StatusRow(
        service=service,
        word=_word(service.mark),
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
        document=review_name(report),
        verdict=listed(counts) if counts else tr("nothing to decide"),
        headline=report.headline,
        sections=(
            section(tr("To decide"), [Point(f"{one.action}?", one.evidence, one.owner)
                                      for one in to_decide], nothing=tr("Nothing.")),
            section(tr("Release decisions"), _held_points(report)),
            section(tr("To do"), [Point(f"{one.action}.", one.evidence, f"{one.owner}, {one.due}")
                                  for one in asked], nothing=tr("Nothing.")),
            section(tr("Open on the checklist"), [Point(f"{one.what}.", f"{one.why}.")
                                                  for one in open_checks], most=9),
        ),
    )  # fmt: skip


def _held_points(report: Report) -> list[Point]:
    """The services whose budgets hold releases back."""
    held = troubled(decision_tables(report, len(report.decisions)).rows)
    return [
        Point(f"{one.service}.", f"{one.status}: {risk_words(one.decisions)}.", one.clauses)
        for one in held
    ]
