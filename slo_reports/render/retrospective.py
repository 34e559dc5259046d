"""The retrospective of one incident: what happened, what it cost, what was learnt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slo_reports.model import JudgedIncident, Outcome, Report, SloResult
from slo_reports.numbers import (
    count_text,
    counted,
    duration_text,
    events_text,
    instant_text,
    minutes_text,
    percent_text,
    sentence,
)
from slo_reports.render.burn_down import burn_down
from slo_reports.render.clean import clean
from slo_reports.render.governance import Asked, actions, checkbox, decisions, named
from slo_reports.render.letters import Letter, Point, section
from slo_reports.render.page import frame
from slo_reports.render.rows import IncidentRow, chapter_title, incident_row, target_text

DOCUMENT = "Incident retrospective"
MOST_COSTS = 12
MOST_MOMENTS = 40
PICTURES = 2
NOTE_LINES = 4
QUICK = timedelta(minutes=5)
SLOW = timedelta(minutes=15)
"""An incident noticed within the first is noticed well, after the second badly."""
SHORT = timedelta(hours=1)
LONG = timedelta(hours=4)
"""One over within the first is over quickly, after the second slowly."""
DEAR = 0.25
"""More of a budget than this is a dear incident [ratio]."""
QUESTIONS = (
    "Why was it possible at all?",
    "Why was it not found before users met it?",
    "What made it longer than it had to be?",
    "What would have made it harmless?",
)


@dataclass(frozen=True)
class Cost:
    """What the incident took of one objective, and what would be without it."""

    title: str
    target: str
    bad: str
    minutes: str
    share: str
    left: str
    without: str
    changed: bool
    """Whether the objective would have been met without it."""


@dataclass(frozen=True)
class Moment:
    """One line of the timeline."""

    at: str
    what: str
    after: str
    """How long after the beginning."""


@dataclass(frozen=True)
class Lessons:
    """What the data say went well and badly."""

    well: tuple[str, ...]
    badly: tuple[str, ...]


def chosen(report: Report) -> JudgedIncident | None:
    """The incident that the request names by letter or id; with no name, the dearest one."""
    wanted = report.request.incident.strip().casefold()
    if wanted:
        found = (one for one in report.incidents if wanted in _names(one))
        return next(found, None)
    return max(report.incidents, key=_dearness, default=None)


def _names(one: JudgedIncident) -> tuple[str, str]:
    return one.letter.casefold(), one.incident.id.casefold()


def _dearness(one: JudgedIncident) -> tuple[float, timedelta]:
    return one.costs[0][2] if one.costs else 0.0, one.length


def retrospective_values(report: Report) -> dict[str, Any]:
    """The variables of ``retrospective.html.j2``."""
    judged = chosen(report)
    common = {
        **frame(report),
        "document": DOCUMENT,
        "description": "What happened, what it cost and what was learnt",
        "checkbox": checkbox,
        "questions": QUESTIONS,
        "note_lines": NOTE_LINES,
        "incident": None,
        "wanted": clean(report.request.incident),
        "known": named([f"{one.letter} ({clean(one.incident.title, 60)})"
                        for one in report.incidents], 12),
    }  # fmt: skip
    return common if judged is None else common | _about(judged, report)


def _about(judged: JudgedIncident, report: Report) -> dict[str, Any]:
    touched = _touched(judged, report)
    moments = timeline(judged, touched, report.period.zone)
    asked = _asked(judged, report)
    return {
        "incident": incident_row(judged, report.period.zone, costs=1),
        "cause": judged.incident.cause,
        "follow_up": judged.incident.follow_up,
        "headline": headline(judged, touched, report),
        "facts_of_it": facts(judged, report.period.zone),
        "timeline": moments[:MOST_MOMENTS],
        "timeline_left_out": max(0, len(moments) - MOST_MOMENTS),
        "costs": [_cost(judged, one) for one in touched[:MOST_COSTS]],
        "costs_left_out": max(0, len(touched) - MOST_COSTS),
        "pictures": [
            (chapter_title(one), burn_down(one, [judged], report.period, height=168))
            for one in touched[:PICTURES]
            if one.remaining_curve is not None
        ],
        "impacts": tuple(dict.fromkeys(one.slo.impact for one in touched if one.slo.impact))[:3],
        "counterfactual": counterfactual(judged, touched),
        "lessons": lessons(judged, touched, report),
        "actions": asked,
        "actions_left_out": 0,
    }


def _touched(judged: JudgedIncident, report: Report) -> list[SloResult]:
    """The objectives that paid for it, dearest first."""
    by_id = {one.slo.id: one for one in report.results}
    return [by_id[slo] for slo, *_ in judged.costs if slo in by_id]


def _share(judged: JudgedIncident, result: SloResult) -> tuple[float, float]:
    """What it took of an objective: share of the budget [ratio], bad events."""
    found = next(one for one in result.incidents if one.letter == judged.letter)
    return found.consumed, found.bad


# --- what happened -------------------------------------------------------------------------------


def headline(judged: JudgedIncident, touched: list[SloResult], report: Report) -> str:
    """The incident in a sentence or two."""
    incident = judged.incident
    when = instant_text(incident.start, report.period.zone, with_year=True)
    lasted = duration_text(judged.length)
    goes_on = " and goes on" if incident.ongoing else ""
    where = named(incident.services or (incident.service,))
    head = f"{where}, {when}: {lasted}{goes_on}."
    if not touched:
        return f"{head} It took nothing of any error budget."
    share, _ = _share(judged, touched[0])
    taken = percent_text(share, kind="consumption")
    return f"{head} It took {taken} of the error budget of {chapter_title(touched[0])}."


def facts(judged: JudgedIncident, zone: str) -> list[tuple[str, str]]:
    """Names and values for the head of the document."""
    incident = judged.incident
    rows = [
        ("Began", _at(incident.began_at or incident.start, zone)),
        ("Noticed", _at(incident.detected_at, zone)),
        ("Over", "goes on" if incident.ongoing else _at(incident.end, zone)),
        ("Time to notice", _span(judged.time_to_detect)),
        ("Time to recover", _span(judged.time_to_recover)),
        ("Severity", clean(incident.severity)),
        ("Services", named(incident.services or (incident.service,), 8)),
        ("Alerts", named(incident.alerts, 6) or "none"),
        ("Told by", named(incident.sources or (incident.source,), 6)),
    ]
    return [(name, text) for name, text in rows if text]


def _at(instant: datetime | None, zone: str) -> str:
    return "not known" if instant is None else instant_text(instant, zone, with_year=True)


def _span(span: timedelta | None) -> str:
    return "not known" if span is None else duration_text(span)


def timeline(judged: JudgedIncident, touched: list[SloResult], zone: str) -> tuple[Moment, ...]:
    """What people wrote, and what alerts and slices show, in order of time."""
    found = sorted(dict.fromkeys([*judged.incident.timeline, *_shown(judged, touched)]))
    began = judged.incident.began_at or judged.incident.start
    return tuple(
        Moment(instant_text(at, zone), sentence(clean(what, 400)), _after(at - began))
        for at, what in found
    )


def _after(span: timedelta) -> str:
    if span < timedelta(0):
        return f"{duration_text(-span)} before"
    return f"after {duration_text(span)}" if span else "the beginning"


def _shown(judged: JudgedIncident, touched: list[SloResult]) -> Iterator[tuple[datetime, str]]:
    incident = judged.incident
    if incident.began_at is not None:
        yield incident.began_at, "The error budget begins to burn"
    if incident.start != incident.began_at:
        yield incident.start, "The incident begins, as it was told"
    if incident.detected_at is not None:
        by = f": {named(incident.alerts)}" if incident.alerts else ""
        yield incident.detected_at, f"It is noticed{by}"
    for one in touched:
        spent = one.exhaustion
        if spent is not None and spent.kind == "spent" and _inside(spent.at, judged):
            assert spent.at is not None  # noqa: S101  # _inside says so
            yield spent.at, f"The budget of {chapter_title(one)} is used up"
    if not incident.ongoing:
        if incident.ended_at is not None and incident.ended_at != incident.end:
            yield incident.ended_at, "The error budget no longer burns"
        yield incident.end, "It is over"


def _inside(at: datetime | None, judged: JudgedIncident) -> bool:
    began = judged.incident.began_at or judged.incident.start
    return at is not None and began <= at <= judged.incident.end


# --- what it cost --------------------------------------------------------------------------------


def _cost(judged: JudgedIncident, result: SloResult) -> Cost:
    share, bad = _share(judged, result)
    left = result.budget.remaining
    return Cost(
        title=chapter_title(result),
        target=target_text(result),
        bad=f"{events_text(bad, 'up')}{'' if result.unit == 'events' else f' {result.unit}'}",
        minutes=minutes_text(share * result.budget.minutes, "up"),
        share=percent_text(share, kind="consumption"),
        left="–" if left is None else percent_text(left, kind="remaining"),
        without="–" if left is None else percent_text(left + share, kind="remaining"),
        changed=result.outcome is Outcome.MISSED and left is not None and left + share >= 0,
    )


def counterfactual(judged: JudgedIncident, touched: list[SloResult]) -> str:
    """What the period would have been without the incident."""
    if not touched:
        return "Without it nothing would be different: it took nothing of any error budget."
    saved = [one for one in touched if _cost(judged, one).changed]
    if saved:
        names = named([chapter_title(one) for one in saved])
        noun = "its objective" if len(saved) == 1 else "their objectives"
        return f"Without it, {names} would have met {noun}."
    missed = [one for one in touched if one.outcome is Outcome.MISSED]
    if missed:
        names = named([chapter_title(one) for one in missed])
        return f"Even without it, {names} would have been missed."
    left = touched[0].budget.remaining
    if left is None:
        return "Without it the objectives would have been met as well."
    share, _ = _share(judged, touched[0])
    now, then = (percent_text(one, kind="remaining") for one in (left, left + share))
    return (
        f"Without it, {then} of the budget of {chapter_title(touched[0])} would be left in place "
        f"of {now}; every objective that it touched was met all the same."
    )


# --- what was learnt -----------------------------------------------------------------------------


def lessons(judged: JudgedIncident, touched: list[SloResult], report: Report) -> Lessons:
    """What the data say went well, and what badly; what they cannot tell is left to people."""
    found = [
        fact
        for part in (
            _noticing(judged),
            _recovering(judged),
            _paying(judged, touched),
            _preparing(touched),
            _recording(judged),
            _repeating(judged, report),
        )
        for fact in part
    ]
    return Lessons(
        tuple(text for good, text in found if good),
        tuple(text for good, text in found if not good),
    )


Facts = Iterator[tuple[bool, str]]


def _noticing(judged: JudgedIncident) -> Facts:
    span = judged.time_to_detect
    if judged.incident.source == "episode":
        yield False, "No alert and no person told of it; it was found in the measurements."
    elif span is not None and span <= QUICK:
        yield True, f"It was noticed within {duration_text(max(span, timedelta(minutes=1)))}."
    elif span is not None and span > SLOW:
        yield False, f"It took {duration_text(span)} to be noticed."
    if judged.incident.source != "episode" and not judged.incident.alerts:
        yield False, "No alert of it is on record; people told of it."


def _recovering(judged: JudgedIncident) -> Facts:
    span = judged.time_to_recover
    if span is not None and span <= SHORT:
        yield True, f"It was over within {duration_text(span)}."
    elif span is None or span > LONG:
        told = "It is not over yet." if span is None else f"It took {duration_text(span)} to mend."
        yield False, told


def _paying(judged: JudgedIncident, touched: list[SloResult]) -> Facts:
    dear = [one for one in touched if _share(judged, one)[0] > DEAR]
    if dear:
        share = percent_text(_share(judged, dear[0])[0], kind="consumption")
        yield False, f"It took {share} of the budget of {chapter_title(dear[0])} by itself."
    met = sum(one.outcome is Outcome.MET for one in touched)
    if touched and met == len(touched):
        told = sentence(counted(met, "objective", "objectives"))
        yield True, f"{told} that it touched {_were(met)} met."


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _preparing(touched: list[SloResult]) -> Facts:
    bare = [chapter_title(one) for one in touched if one.slo.runbook is None]
    if bare:
        yield False, f"No runbook is named for {named(bare)}."
    elif touched:
        yield True, "A runbook is named for everything that it touched."


def _recording(judged: JudgedIncident) -> Facts:
    for what, text in (
        ("cause", judged.incident.cause),
        ("follow-up", judged.incident.follow_up),
    ):
        yield bool(text), f"{'A' if text else 'No'} {what} is on record."


def _repeating(judged: JudgedIncident, report: Report) -> Facts:
    own = set(judged.incident.services or (judged.incident.service,))
    others = [
        one.letter
        for one in report.incidents
        if one is not judged and own & set(one.incident.services or (one.incident.service,))
    ]
    if others:
        noun = "incident" if len(others) == 1 else "incidents"
        count = sentence(count_text(len(others)))
        yield False, f"{count} more {noun} hit the same services: {named(others, 6)}."


def _asked(judged: JudgedIncident, report: Report) -> list[Asked]:
    """Actions and decisions that the incident or its services call for."""
    services = set(judged.incident.services or (judged.incident.service,))
    wanted = {
        (clean(one.action), clean(one.due))
        for one in report.recommendations
        if _concerns(one.kind, one.action, one.service, judged, services)
    }
    return [
        one for one in (*actions(report), *decisions(report)) if (one.action, one.due) in wanted
    ]


def _concerns(
    kind: str, action: str, service: str, judged: JudgedIncident, services: set[str]
) -> bool:
    if kind == "fix-incident":
        return f"incident {judged.letter}:" in action
    return service in services and kind in ("hold-releases", "review-releases", "write-runbook")


# --- the mail ------------------------------------------------------------------------------------


def retrospective_letter(report: Report) -> Letter:
    """The incident in short, with the picture of the dearest objective."""
    judged = chosen(report)
    if judged is None:
        return Letter(DOCUMENT, "no incident", nothing_to_tell(report), ())
    touched = _touched(judged, report)
    learnt = lessons(judged, touched, report)
    rows = [_cost(judged, one) for one in touched]
    row: IncidentRow = incident_row(judged, report.period.zone)
    return Letter(
        document=DOCUMENT,
        verdict=row.title,
        headline=headline(judged, touched, report),
        sections=(
            section("What it cost", [
                Point(f"{one.title}: {one.share} of its budget.",
                      f"{one.left} left; without it {one.without}.") for one in rows]),
            section("On record", [
                Point(f"{name}.", clean(text, 400))
                for name, text in (("Cause", judged.incident.cause),
                                   ("Follow-up", judged.incident.follow_up)) if text]),
            section("What went badly", [Point("", one) for one in learnt.badly]),
            section("What went well", [Point("", one) for one in learnt.well]),
            section("To do", [Point(f"{one.action}.", one.evidence, f"{one.owner}, {one.due}")
                              for one in _asked(judged, report)]),
        ),
        chart=touched[0].slo.id if touched and touched[0].remaining_curve is not None else "",
    )  # fmt: skip


def nothing_to_tell(report: Report) -> str:
    """What is said where the incident is not there."""
    if report.request.incident:
        return f"No incident {clean(report.request.incident)} is in this period."
    return "No incident was recorded in this period."
