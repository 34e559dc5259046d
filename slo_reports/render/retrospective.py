"""The retrospective of one incident: what happened, what it cost, what was learnt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slo_reports.language import tr, trn
from slo_reports.model import JudgedIncident, Outcome, Recommendation, Report, SloResult
from slo_reports.numbers import (
    count_text,
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
from slo_reports.render.rows import (
    IncidentRow,
    chapter_title,
    incident_row,
    severity_word,
    source_word,
    target_text,
)

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


def retrospective_name() -> str:
    """What the document is called."""
    return tr("Incident retrospective")


def questions() -> tuple[str, ...]:
    """What the meeting answers with a pen."""
    return (
        tr("Why was it possible at all?"),
        tr("Why was it not found before users met it?"),
        tr("What made it longer than it had to be?"),
        tr("What would have made it harmless?"),
    )


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
        "document": retrospective_name(),
        "description": tr("What happened, what it cost and what was learnt"),
        "checkbox": checkbox,
        "questions": questions(),
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
    told = {
        "services": named(incident.services or (incident.service,)),
        "instant": instant_text(incident.start, report.period.zone, with_year=True),
        "span": duration_text(judged.length),
    }
    head = (
        tr("{services}, {instant}: {span} and goes on.", **told)
        if incident.ongoing
        else tr("{services}, {instant}: {span}.", **told)
    )
    return f"{head} {_taken(judged, touched)}"


def _taken(judged: JudgedIncident, touched: list[SloResult]) -> str:
    if not touched:
        return tr("It took nothing of any error budget.")
    share, _ = _share(judged, touched[0])
    return tr(
        "It took {share} of the error budget of {objective}.",
        share=percent_text(share, kind="consumption"),
        objective=chapter_title(touched[0]),
    )


def facts(judged: JudgedIncident, zone: str) -> list[tuple[str, str]]:
    """Names and values for the head of the document."""
    incident = judged.incident
    rows = [
        (tr("Began"), _at(incident.began_at or incident.start, zone)),
        (tr("Noticed"), _at(incident.detected_at, zone)),
        (tr("Over"), tr("goes on") if incident.ongoing else _at(incident.end, zone)),
        (tr("Time to notice"), _span(judged.time_to_detect)),
        (tr("Time to recover"), _span(judged.time_to_recover)),
        (tr("Severity"), clean(severity_word(incident.severity))),
        (tr("Services"), named(incident.services or (incident.service,), 8)),
        (tr("Alerts"), named(incident.alerts, 6) or tr("none")),
        (
            tr("Told by"),
            named([source_word(one) for one in incident.sources or (incident.source,)], 6),
        ),
    ]
    return [(name, text) for name, text in rows if text]


def _at(instant: datetime | None, zone: str) -> str:
    return tr("not known") if instant is None else instant_text(instant, zone, with_year=True)


def _span(span: timedelta | None) -> str:
    return tr("not known") if span is None else duration_text(span)


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
        return tr("{span} before", span=duration_text(-span))
    return tr("after {span}", span=duration_text(span)) if span else tr("the beginning")


def _shown(judged: JudgedIncident, touched: list[SloResult]) -> Iterator[tuple[datetime, str]]:
    incident = judged.incident
    if incident.began_at is not None:
        yield incident.began_at, tr("The error budget begins to burn")
    if incident.start != incident.began_at:
        yield incident.start, tr("The incident begins, as it was told")
    if incident.detected_at is not None:
        yield incident.detected_at, _detected(incident.alerts)
    for one in touched:
        spent = one.exhaustion
        if spent is not None and spent.kind == "spent" and _inside(spent.at, judged):
            assert spent.at is not None  # noqa: S101  # _inside says so
            yield spent.at, tr("The budget of {objective} is used up", objective=chapter_title(one))
    if not incident.ongoing:
        if incident.ended_at is not None and incident.ended_at != incident.end:
            yield incident.ended_at, tr("The error budget no longer burns")
        yield incident.end, tr("It is over")


def _detected(alerts: Sequence[str]) -> str:
    if not alerts:
        return tr("It is noticed")
    return tr("It is noticed: {alerts}", alerts=named(alerts))


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
        return tr("Without it nothing would be different: it took nothing of any error budget.")
    saved = [one for one in touched if _cost(judged, one).changed]
    if saved:
        return trn(
            "Without it, {objectives} would have met its objective.",
            "Without it, {objectives} would have met their objectives.",
            len(saved),
            objectives=named([chapter_title(one) for one in saved]),
        )
    missed = [one for one in touched if one.outcome is Outcome.MISSED]
    if missed:
        return trn(
            "Even without it, {objectives} would have been missed.",
            "Even without it, {objectives} would have been missed.",
            len(missed),
            objectives=named([chapter_title(one) for one in missed]),
        )
    left = touched[0].budget.remaining
    if left is None:
        return tr("Without it the objectives would have been met as well.")
    share, _ = _share(judged, touched[0])
    now, then = (percent_text(one, kind="remaining") for one in (left, left + share))
    return tr(
        "Without it, {then} of the budget of {objective} would be left in place of {now}; every "
        "objective that it touched was met all the same.",
        then=then,
        now=now,
        objective=chapter_title(touched[0]),
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
        yield False, tr("No alert and no person told of it; it was found in the measurements.")
    elif span is not None and span <= QUICK:
        quick = duration_text(max(span, timedelta(minutes=1)))
        yield True, tr("It was noticed within {span}.", span=quick)
    elif span is not None and span > SLOW:
        yield False, tr("It took {span} to be noticed.", span=duration_text(span))
    if judged.incident.source != "episode" and not judged.incident.alerts:
        yield False, tr("No alert of it is on record; people told of it.")


def _recovering(judged: JudgedIncident) -> Facts:
    span = judged.time_to_recover
    if span is not None and span <= SHORT:
        yield True, tr("It was over within {span}.", span=duration_text(span))
    elif span is None:
        yield False, tr("It is not over yet.")
    elif span > LONG:
        yield False, tr("It took {span} to mend.", span=duration_text(span))


def _paying(judged: JudgedIncident, touched: list[SloResult]) -> Facts:
    dear = [one for one in touched if _share(judged, one)[0] > DEAR]
    if dear:
        share = percent_text(_share(judged, dear[0])[0], kind="consumption")
        yield (
            False,
            tr(
                "It took {share} of the budget of {objective} by itself.",
                share=share,
                objective=chapter_title(dear[0]),
            ),
        )
    met = sum(one.outcome is Outcome.MET for one in touched)
    if touched and met == len(touched):
        yield (
            True,
            trn(
                "{count} objective that it touched was met.",
                "{count} objectives that it touched were met.",
                met,
                count=sentence(count_text(met)),
            ),
        )


def _preparing(touched: list[SloResult]) -> Facts:
    bare = [chapter_title(one) for one in touched if one.slo.runbook is None]
    if bare:
        yield False, tr("No runbook is named for {objectives}.", objectives=named(bare))
    elif touched:
        yield True, tr("A runbook is named for everything that it touched.")


def _recording(judged: JudgedIncident) -> Facts:
    if judged.incident.cause:
        yield True, tr("A cause is on record.")
    else:
        yield False, tr("No cause is on record.")
    if judged.incident.follow_up:
        yield True, tr("A follow-up is on record.")
    else:
        yield False, tr("No follow-up is on record.")


def _repeating(judged: JudgedIncident, report: Report) -> Facts:
    own = set(judged.incident.services or (judged.incident.service,))
    others = [
        one.letter
        for one in report.incidents
        if one is not judged and own & set(one.incident.services or (one.incident.service,))
    ]
    if others:
        count = sentence(count_text(len(others)))
        yield (
            False,
            trn(
                "{count} more incident hit the same services: {incidents}.",
                "{count} more incidents hit the same services: {incidents}.",
                len(others),
                count=count,
                incidents=named(others, 6),
            ),
        )


def _asked(judged: JudgedIncident, report: Report) -> list[Asked]:
    """Actions and decisions that the incident or its services call for."""
    wanted = {
        (clean(one.action), clean(one.due))
        for one in report.recommendations
        if _concerns(one, judged, report)
    }
    return [
        one for one in (*actions(report), *decisions(report)) if (one.action, one.due) in wanted
    ]


def _concerns(one: Recommendation, judged: JudgedIncident, report: Report) -> bool:
    if one.kind == "fix-incident":
        return any(
            result.slo.id == one.slo
            and share.letter == judged.letter
            and share.consumed == one.gain
            for result in report.results
            for share in result.incidents
        )
    services = set(judged.incident.services or (judged.incident.service,))
    kinds = ("hold-releases", "review-releases", "write-runbook")
    return one.service in services and one.kind in kinds


# --- the mail ------------------------------------------------------------------------------------


def retrospective_letter(report: Report) -> Letter:
    """The incident in short, with the picture of the dearest objective."""
    judged = chosen(report)
    if judged is None:
        return Letter(retrospective_name(), tr("no incident"), nothing_to_tell(report), ())
    touched = _touched(judged, report)
    learnt = lessons(judged, touched, report)
    rows = [_cost(judged, one) for one in touched]
    row: IncidentRow = incident_row(judged, report.period.zone)
    return Letter(
        document=retrospective_name(),
        verdict=row.title,
        headline=headline(judged, touched, report),
        sections=(
            section(tr("What it cost"), [
                Point(tr("{objective}: {share} of its budget.", objective=one.title,
                         share=one.share),
                      tr("{left} left; without it {without}.", left=one.left,
                         without=one.without)) for one in rows]),
            section(tr("On record"), [
                Point(name, clean(text, 400))
                for name, text in ((tr("Cause."), judged.incident.cause),
                                   (tr("Follow-up."), judged.incident.follow_up)) if text]),
            section(tr("What went badly"), [Point("", one) for one in learnt.badly]),
            section(tr("What went well"), [Point("", one) for one in learnt.well]),
            section(tr("To do"), [Point(f"{one.action}.", one.evidence, f"{one.owner}, {one.due}")
                              for one in _asked(judged, report)]),
        ),
        chart=touched[0].slo.id if touched and touched[0].remaining_curve is not None else "",
    )  # fmt: skip


def nothing_to_tell(report: Report) -> str:
    """What is said where the incident is not there."""
    if report.request.incident:
        wanted = clean(report.request.incident)
        return tr("No incident {incident} is in this period.", incident=wanted)
    return tr("No incident was recorded in this period.")
