"""The stakeholder one-pager: how the services kept their promises, in plain words.

It is one page whatever there is to tell: texts are cut, and what does not fit is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from slo_reports.model import (
    JudgedIncident,
    LatencyIndicator,
    Outcome,
    Recommendation,
    Report,
    ServiceResult,
    ServiceState,
    SloResult,
)
from slo_reports.numbers import (
    NARROW,
    count_text,
    counted,
    date_text,
    duration_text,
    events_text,
    exact,
    large_text,
    minutes_text,
    percent_text,
    period_facts,
    period_title,
    sentence,
)
from slo_reports.periods import PeriodKind, local_date
from slo_reports.render.clean import clean
from slo_reports.render.governance import named
from slo_reports.render.letters import Letter, Point, Section
from slo_reports.render.marks import SERVICE_MARKS, Mark
from slo_reports.render.one_page import Page
from slo_reports.render.page import frame

DOCUMENT = "In brief"
CHOICES = (
    (12, 5), (10, 4), (9, 4), (8, 4), (8, 3), (7, 3), (6, 3), (6, 2), (5, 2), (4, 2), (4, 1),
    (3, 1), (2, 1), (1, 1),
)  # fmt: skip
"""Rows of services and lines in each column, best first."""
_NAME = 28
_SENTENCE = 150
_TITLE = 60
_AGAIN = 220
_PLAIN = {
    Mark.MET: "Kept its promise",
    Mark.AT_RISK: "Kept it, only just",
    Mark.MISSED: "Did not keep it",
    Mark.INSUFFICIENT: "Cannot be told",
}


@dataclass(frozen=True)
class Told:
    """One service in plain words."""

    name: str
    mark: Mark
    word: str
    text: str


@dataclass(frozen=True)
class Column:
    """One of the three questions with its answers."""

    title: str
    lines: tuple[str, ...]
    nothing: str
    left_out: int = 0

    def with_most(self, most: int) -> Column:
        """The same with so many lines at most."""
        return replace(self, lines=self.lines[:most], left_out=max(0, len(self.lines) - most))


def brief_values(report: Report) -> dict[str, Any]:
    """The variables of ``brief.html.j2``."""
    given = frame(report)
    again = again_lines(given)
    services, most = fitting(report, again)
    return {
        **given,
        "document": DOCUMENT,
        "description": "How the services kept their promises",
        "title": clean(report.request.title, _TITLE),
        "facts": plain_facts(report),
        "again": again,
        "headline": plain_headline(report),
        "told": [_told(one) for one in report.services[:services]],
        "told_left_out": left_out(report, services),
        "columns": [one.with_most(most) for one in columns(report)],
        "promise": promise(report),
        "foot": foot(report),
    }


def fitting(report: Report, again: Sequence[str] = ()) -> tuple[int, int]:
    """How many services, and how many lines of each column, one page has room for."""
    return page_of(report, again).fitting(CHOICES)


def page_of(report: Report, again: Sequence[str]) -> Page:
    """All that there is to say, to be measured."""
    return Page(
        title=(clean(report.request.title, _TITLE), period_title(report.period)),
        headline=plain_headline(report),
        again=again,
        rows=[(one.name, one.text) for one in map(_told, report.services[: CHOICES[0][0]])],
        columns=[one.lines for one in columns(report)],
        promise=promise(report),
        foot=foot(report),
    )


def again_lines(given: Mapping[str, Any]) -> list[str]:
    """A restatement and the notices, a line for each kind."""
    box, notices = given["restatement"], given["notices"]
    told = [] if box is None else [clean(f"{box.title}. {box.reason}", _AGAIN)]
    if notices:
        more = len(notices) - 1 + given["notices_left_out"]
        tail = f" And {more} more." if more else ""
        told.append(f"{clean(notices[0].told, _AGAIN)}{tail}")
    return told


def foot(report: Report) -> str:
    """The footer of the settings, as far as there is room."""
    return clean(report.request.footer, _SENTENCE)


def left_out(report: Report, services: int) -> str:
    """How many services have no row, and how those did; empty where all have one."""
    rest = report.services[services:]
    if not rest:
        return ""
    kept = sum(one.state in (ServiceState.MET, ServiceState.AT_RISK) for one in rest)
    noun = "service" if len(rest) == 1 else "services"
    how = {len(rest): "all of them kept their promises", 0: "none of them kept its promises"}
    if len(rest) == 1:
        how = {1: "it kept its promises", 0: "it did not"}
    told_so = how.get(kept, f"{events_text(kept)} of them kept their promises")
    return f"And {events_text(len(rest))} more {noun}; {told_so}."


# --- sentences -----------------------------------------------------------------------------------


def plain_facts(report: Report) -> str:
    """Which days, how many services, and how much of the time was recorded."""
    count = len(report.services)
    days = period_facts(report.period).split(",")[0]
    head = f"{days}. {sentence(counted(count, 'service', 'services'))}"
    if report.coverage is None:
        return f"{head}."
    return f"{head}, recorded for {percent_text(report.coverage, kind='coverage')} of the time."


def plain_headline(report: Report) -> str:
    """The whole report in a sentence or two, without a word that has to be learnt."""
    total = len(report.services)
    if not total:
        return "This page is about no service: none was chosen."
    kept, broken, unknown = _tally(report)
    when = "so far" if report.period.as_of else f"in {_when(report)}"
    verb = "have kept" if report.period.as_of else "kept"
    if kept == total:
        head = "The one service" if total == 1 else f"All {count_text(total)} services"
        return f"{head} {verb} {'its' if total == 1 else 'their'} promises {when}."
    of = "services" if total > 1 else "service"
    head = f"{sentence(count_text(kept))} of {count_text(total)} {of} {verb} "
    parts = [f"{head}{'its' if kept == 1 else 'their'} promises {when}"]
    if broken:
        parts.append(f"{named(broken, 2)} did not")
    if unknown:
        parts.append(f"of {named(unknown, 2)} it cannot be told")
    return f"{'; '.join(parts)}."


def _tally(report: Report) -> tuple[int, list[str], list[str]]:
    broken = [clean(one.name, _NAME) for one in report.services if one.state is ServiceState.MISSED]
    unknown = [
        clean(one.name, _NAME) for one in report.services if one.state is ServiceState.NO_VERDICT
    ]
    return len(report.services) - len(broken) - len(unknown), broken, unknown


def _when(report: Report) -> str:
    kind = report.period.kind
    if kind in (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.YEAR):
        return period_title(report.period)
    return "this week" if kind is PeriodKind.WEEK else "these days"


def _told(service: ServiceResult) -> Told:
    """A service by its worst promise."""
    mark, results = SERVICE_MARKS[service.state], service.results
    text = plain_result(results[0]) if results else "Nothing is promised."
    missed = sum(one.outcome is Outcome.MISSED for one in results)
    if missed > 1:
        text += f" {_broken(missed, len(results))} broke."
    return Told(clean(service.name, _NAME), mark, _PLAIN[mark], clean(text, _SENTENCE))


def _broken(missed: int, total: int) -> str:
    if missed < total:
        return f"{sentence(count_text(missed))} of its {count_text(total)} promises"
    return "Both its promises" if total == 2 else f"All its {count_text(total)} promises"


def plain_result(result: SloResult) -> str:
    """What happened to one promise, and how much of its room for failures that took."""
    match result.outcome:
        case Outcome.NO_TRAFFIC:
            return "Nobody used it."
        case Outcome.NOT_MEASURED:
            return "It could not be measured."
        case Outcome.INSUFFICIENT_DATA:
            share = percent_text(result.coverage, kind="coverage")
            return f"Only {share} of the time was recorded, which is too little to tell."
        case _:
            return f"{_failed(result)}: {_of_allowed(result)}."


def _failed(result: SloResult) -> str:
    if result.unit != "events":
        used = result.budget.consumed_minutes
        return "It fell short" if used is None else f"{minutes_text(used, 'up')} below its mark"
    slow = isinstance(result.slo.indicator, LatencyIndicator)
    noun, verb = ("answers", "were too slow") if slow else ("requests", "failed")
    bad = events_text(result.budget.bad, "up")
    return f"{bad} of {large_text(result.valid)} {noun} {verb}"


def _of_allowed(result: SloResult) -> str:
    used = result.budget.consumed
    if used is None:
        return "none is allowed" if result.budget.bad else "none is allowed, none happened"
    if used > 1:
        over = percent_text(exact(used) - 1, kind="consumption")
        return f"{over} more than its promise allows"
    return f"{percent_text(used, kind='consumption')} of what its promise allows"


def promise(report: Report) -> str:
    """What a promise and its room for failures are, by the example of the worst service."""
    results = [one for one in report.results if one.objective.target < 1]
    if not results:
        return "Each service promises how much of what it does goes well."
    example = results[0]
    target = example.objective.target
    verb = (
        "are answered in time" if isinstance(example.slo.indicator, LatencyIndicator) else "go well"
    )
    share = percent_text(1 - target, kind="target")
    room = minutes_text(example.budget.minutes, "down")
    return (
        f"{clean(example.slo.service, _NAME)} promises that {_of_all(target)} requests {verb}. "
        f"The other {share} are its room for failures: as much as {room} of standing still. While "
        "there is room, new features may take risks; when it is used up, making the service steady "
        "comes first."
    )


def _of_all(target: Any) -> str:
    """A share as people count it, such as ``999 of 1 000``."""
    whole = 1 / (1 - Fraction(target))
    if whole.denominator == 1 and whole <= 100_000:
        return f"{events_text(whole - 1)} of {events_text(whole)}"
    return f"{percent_text(target, kind='target')} of"


# --- the three columns ---------------------------------------------------------------------------


def columns(report: Report) -> tuple[Column, ...]:
    """What users noticed, what is being done, what is asked."""
    dear = sorted(report.incidents, key=lambda one: -_bad(one))
    doing = [*_follow_ups(dear), *_plain(report, _DOING)]
    return (
        _column("What users noticed", [_noticed(one, report) for one in dear],
                "Nothing out of the ordinary."),
        _column("What is being done", doing, "Nothing needs to be mended."),
        _column("What is asked of you", _plain(report, _ASKED), "Nothing."),
    )  # fmt: skip


def _column(title: str, lines: list[str], nothing: str) -> Column:
    unique = list(dict.fromkeys(clean(one, _SENTENCE) for one in lines))
    return Column(title, tuple(unique), nothing)


def _bad(judged: JudgedIncident) -> float:
    return max((bad for _, _, _, bad in judged.costs), default=0.0)


def _noticed(judged: JudgedIncident, report: Report) -> str:
    incident = judged.incident
    day = date_text(local_date(incident.start, report.period.zone))
    lasted = f"{duration_text(judged.length)}{' so far' if incident.ongoing else ''}"
    title = clean(incident.title, 60)
    units = {one.slo.id: one.unit for one in report.results}
    counts = [bad for slo, _, _, bad in judged.costs if units.get(slo) == "events"]
    hit = f" It hit {events_text(max(counts), 'up')} requests." if counts else ""
    return f"{clean(incident.service, _NAME)} on {day}, for {lasted}: {title}.{hit}"


def _follow_ups(incidents: Sequence[JudgedIncident]) -> list[str]:
    return [
        f"{clean(one.incident.service, _NAME)}: {clean(one.incident.follow_up)}."
        for one in incidents
        if one.incident.follow_up
    ]


Phrase = Callable[[str, Recommendation], str]

_DOING: dict[str, Phrase] = {
    "fix-incident": lambda name, one: (
        f"{_who(one)} removes what made {name} fail, until {clean(one.due, 20)}."
    ),
    "speed-up": lambda name, one: (
        f"{_who(one)} finds out why {name} is slow, until {clean(one.due, 20)}."
    ),
    "write-runbook": lambda name, one: (
        f"{_who(one)} writes down what to do when {name} fails, until {clean(one.due, 20)}."
    ),
    "restore-monitoring": lambda name, one: (
        f"{_who(one)} makes {name} measurable again, until {clean(one.due, 20)}."
    ),
}
_ASKED: dict[str, Phrase] = {
    "hold-releases": lambda name, _: (
        f"Agree that new features of {name} wait until it is steady again."
    ),
    "review-releases": lambda name, _: (
        f"Have risky changes of {name} looked at before they go out."
    ),
    "loosen-target": lambda name, _: (
        f"{name} breaks its promise again and again: pay for more reliability, or promise less."
    ),
    "tighten-target": lambda name, _: (
        f"{name} could promise more: it hardly ever used the room that it has."
    ),
}


def _plain(report: Report, phrases: dict[str, Phrase]) -> list[str]:
    return [
        phrases[one.kind](clean(one.service, _NAME), one)
        for one in report.recommendations
        if one.kind in phrases
    ]


def _who(one: Recommendation) -> str:
    return clean(one.owner, _NAME)


# --- the mail ------------------------------------------------------------------------------------


def brief_letter(report: Report) -> Letter:
    """The page again, which is short enough for a mail."""
    kept, _, _ = _tally(report)
    services, most = fitting(report)
    rows = [_told(one) for one in report.services[:services]]
    more = max(0, len(report.services) - len(rows))
    points = tuple(Point(f"{one.name}: {one.word.lower()}.", one.text) for one in rows)
    return Letter(
        document=DOCUMENT,
        verdict=f"{kept} of {len(report.services)}{NARROW}services kept their promises",
        headline=plain_headline(report),
        sections=(
            Section("Services", points, "None.", more),
            *(
                Section(
                    one.title,
                    tuple(Point("", line) for line in one.lines),
                    one.nothing,
                    one.left_out,
                )
                for one in (column.with_most(most) for column in columns(report))
            ),
            Section("What a promise is", (Point("", promise(report)),)),
        ),
    )
