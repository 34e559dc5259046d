"""The stakeholder one-pager: how the services kept their promises, in plain words.

It is one page whatever there is to tell: texts are cut, and what does not fit is counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from slo_reports.language import tr, trn
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

CHOICES = (
    (12, 5), (10, 4), (9, 4), (8, 4), (8, 3), (7, 3), (6, 3), (6, 2), (5, 2), (4, 2), (4, 1),
    (3, 1), (2, 1), (1, 1),
)  # fmt: skip
"""Rows of services and lines in each column, best first."""
_NAME = 28
_SENTENCE = 150
_TITLE = 60
_AGAIN = 220


@dataclass(frozen=True)
class Told:
    """One service in plain words."""

    name: str
    mark: Mark
    text: str

    @property
    def word(self) -> str:
        """How it kept its promise, for a table."""
        return {
            Mark.MET: tr("Kept its promise"),
            Mark.AT_RISK: tr("Kept it, only just"),
            Mark.MISSED: tr("Did not keep it"),
            Mark.INSUFFICIENT: tr("Cannot be told"),
        }[self.mark]

    @property
    def lead(self) -> str:
        """The same with its name, for a mail."""
        return {
            Mark.MET: tr("{service}: kept its promise.", service=self.name),
            Mark.AT_RISK: tr("{service}: kept it, only just.", service=self.name),
            Mark.MISSED: tr("{service}: did not keep it.", service=self.name),
            Mark.INSUFFICIENT: tr("{service}: cannot be told.", service=self.name),
        }[self.mark]


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


def brief_name() -> str:
    """What the one-pager is called."""
    return tr("In brief")


def brief_values(report: Report) -> dict[str, Any]:
    """The variables of ``brief.html.j2``."""
    given = frame(report)
    again = again_lines(given)
    services, most = fitting(report, again)
    return {
        **given,
        "document": brief_name(),
        "description": tr("How the services kept their promises"),
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
        tail = [tr("And {count} more.", count=more)] if more else []
        told.append(" ".join([clean(notices[0].told, _AGAIN), *tail]))
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
    told = {"count": events_text(len(rest))}
    if kept == len(rest):
        return trn(
            "And {count} more service; it kept its promises.",
            "And {count} more services; all of them kept their promises.",
            kept,
            **told,
        )
    if not kept:
        return trn(
            "And {count} more service; it did not.",
            "And {count} more services; none of them kept its promises.",
            len(rest),
            **told,
        )
    return trn(
        "And {count} more services; {kept} of them kept its promises.",
        "And {count} more services; {kept} of them kept their promises.",
        kept,
        **told,
        kept=events_text(kept),
    )


# --- sentences -----------------------------------------------------------------------------------


def plain_facts(report: Report) -> str:
    """Which days, how many services, and how much of the time was recorded."""
    told = {
        "days": period_facts(report.period).split(",")[0],
        "services": sentence(counted(len(report.services), "service", "services")),
    }
    if report.coverage is None:
        return tr("{days}. {services}.", **told)
    share = percent_text(report.coverage, kind="coverage")
    return tr("{days}. {services}, recorded for {share} of the time.", **told, share=share)


def plain_headline(report: Report) -> str:
    """The whole report in a sentence or two, without a word that has to be learnt."""
    total = len(report.services)
    if not total:
        return tr("This page is about no service: none was chosen.")
    kept, broken, unknown = _tally(report)
    tell = _kept_so_far if report.period.as_of else _kept_in
    parts = [tell(kept, total, report)]
    if broken and kept:
        parts.append(tr("{services} did not", services=named(broken, 2)))
    if unknown:
        parts.append(tr("of {services} it cannot be told", services=named(unknown, 2)))
    return sentence(f"{'; '.join(parts)}.")


def _kept_so_far(kept: int, total: int, _report: Report) -> str:
    if kept == total:
        return trn(
            "The one service has kept its promises so far",
            "All {total} services have kept their promises so far",
            total,
            total=count_text(total),
        )
    if not kept:
        return tr("No service has kept its promises so far")
    return trn(
        "{count} of {total} services has kept its promises so far",
        "{count} of {total} services have kept their promises so far",
        kept,
        count=sentence(count_text(kept)),
        total=count_text(total),
    )


def _kept_in(kept: int, total: int, report: Report) -> str:
    told = {"period": _when(report), "total": count_text(total)}
    if kept == total:
        return trn(
            "The one service kept its promises in {period}",
            "All {total} services kept their promises in {period}",
            total,
            **told,
        )
    if not kept:
        return tr("No service kept its promises in {period}", period=told["period"])
    return trn(
        "{count} of {total} services kept its promises in {period}",
        "{count} of {total} services kept their promises in {period}",
        kept,
        **told,
        count=sentence(count_text(kept)),
    )


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
    return tr("this week") if kind is PeriodKind.WEEK else tr("these days")


def _told(service: ServiceResult) -> Told:
    """A service by its worst promise."""
    mark, results = SERVICE_MARKS[service.state], service.results
    text = plain_result(results[0]) if results else tr("Nothing is promised.")
    missed = sum(one.outcome is Outcome.MISSED for one in results)
    if missed > 1:
        text += f" {_broken(missed, len(results))}"
    return Told(clean(service.name, _NAME), mark, clean(text, _SENTENCE))


def _broken(missed: int, total: int) -> str:
    if missed < total:
        count = sentence(count_text(missed))
        told = {"count": count, "total": count_text(total)}
        return tr("{count} of its {total} promises broke.", **told)
    if total == 2:
        return tr("Both its promises broke.")
    return tr("All its {total} promises broke.", total=count_text(total))


def plain_result(result: SloResult) -> str:
    """What happened to one promise, and how much of its room for failures that took."""
    match result.outcome:
        case Outcome.NO_TRAFFIC:
            return tr("Nobody used it.")
        case Outcome.NOT_MEASURED:
            return tr("It could not be measured.")
        case Outcome.INSUFFICIENT_DATA:
            share = percent_text(result.coverage, kind="coverage")
            return tr(
                "Only {share} of the time was recorded, which is too little to tell.", share=share
            )
        case _:
            return f"{_failed(result)}: {_of_allowed(result)}."


def _failed(result: SloResult) -> str:
    if result.unit != "events":
        used = result.budget.consumed_minutes
        if used is None:
            return tr("It fell short")
        return tr("{minutes} below its mark", minutes=minutes_text(used, "up"))
    told = {"bad": events_text(result.budget.bad, "up"), "valid": large_text(result.valid)}
    if isinstance(result.slo.indicator, LatencyIndicator):
        return tr("{bad} of {valid} answers were too slow", **told)
    return tr("{bad} of {valid} requests failed", **told)


def _of_allowed(result: SloResult) -> str:
    used = result.budget.consumed
    if used is None:
        return tr("none is allowed") if result.budget.bad else tr("none is allowed, none happened")
    if used > 1:
        over = percent_text(exact(used) - 1, kind="consumption")
        return tr("{share} more than its promise allows", share=over)
    share = percent_text(used, kind="consumption")
    return tr("{share} of what its promise allows", share=share)


def promise(report: Report) -> str:
    """What a promise and its room for failures are, by the example of the worst service."""
    results = [one for one in report.results if one.objective.target < 1]
    if not results:
        return tr("Each service promises how much of what it does goes well.")
    example = results[0]
    rest = tr(
        "The other {share} are its room for failures: as much as {room} of standing still. While "
        "there is room, new features may take risks; when it is used up, making the service steady "
        "comes first.",
        share=percent_text(1 - example.objective.target, kind="target"),
        room=minutes_text(example.budget.minutes, "down"),
    )
    return f"{_promised(example)} {rest}"


def _promised(example: SloResult) -> str:
    told = {
        "service": clean(example.slo.service, _NAME),
        "requests": _of_all(example.objective.target),
    }
    if isinstance(example.slo.indicator, LatencyIndicator):
        return tr("{service} promises that {requests} are answered in time.", **told)
    return tr("{service} promises that {requests} go well.", **told)


def _of_all(target: Any) -> str:
    """A share as people count it, such as ``999 of 1 000 requests``."""
    whole = 1 / (1 - Fraction(target))
    if whole.denominator == 1 and whole <= 100_000:
        told = {"good": events_text(whole - 1), "all": events_text(whole)}
        return tr("{good} of {all} requests", **told)
    return tr("{share} of requests", share=percent_text(target, kind="target"))


# --- the three columns ---------------------------------------------------------------------------


def columns(report: Report) -> tuple[Column, ...]:
    """What users noticed, what is being done, what is asked."""
    dear = sorted(report.incidents, key=lambda one: -_bad(one))
    doing = [*_follow_ups(dear), *_plain(report, _doing)]
    return (
        _column(tr("What users noticed"), [_noticed(one, report) for one in dear],
                tr("Nothing out of the ordinary.")),
        _column(tr("What is being done"), doing, tr("Nothing needs to be mended.")),
        _column(tr("What is asked of you"), _plain(report, _asked), tr("Nothing.")),
    )  # fmt: skip


def _column(title: str, lines: list[str], nothing: str) -> Column:
    unique = list(dict.fromkeys(clean(one, _SENTENCE) for one in lines))
    return Column(title, tuple(unique), nothing)


def _bad(judged: JudgedIncident) -> float:
    return max((bad for _, _, _, bad in judged.costs), default=0.0)


def _noticed(judged: JudgedIncident, report: Report) -> str:
    incident = judged.incident
    told = {
        "service": clean(incident.service, _NAME),
        "day": date_text(local_date(incident.start, report.period.zone)),
        "span": duration_text(judged.length),
        "title": clean(incident.title, 60),
    }
    text = (
        tr("{service} on {day}, for {span} so far: {title}.", **told)
        if incident.ongoing
        else tr("{service} on {day}, for {span}: {title}.", **told)
    )
    units = {one.slo.id: one.unit for one in report.results}
    counts = [bad for slo, _, _, bad in judged.costs if units.get(slo) == "events"]
    hit = [tr("It hit {count} requests.", count=events_text(max(counts), "up"))] if counts else []
    return " ".join([_ended_once(text), *hit])


def _ended_once(text: str) -> str:
    """A sentence whose last words brought an end of their own."""
    return f"{text[:-2]}{text[-2]}" if text[-2:-1] in (".", "!", "?", "…") else text


def _follow_ups(incidents: Sequence[JudgedIncident]) -> list[str]:
    return [
        _ended_once(f"{clean(one.incident.service, _NAME)}: {clean(one.incident.follow_up)}.")
        for one in incidents
        if one.incident.follow_up
    ]


def _doing(one: Recommendation) -> str:
    """What somebody does, without being asked by the reader; empty for other kinds."""
    told = {
        "service": clean(one.service, _NAME),
        "owner": clean(one.owner, _NAME),
        "day": clean(one.due, 20),
    }
    match one.kind:
        case "fix-incident":
            return tr("{owner} removes what made {service} fail, until {day}.", **told)
        case "speed-up":
            return tr("{owner} finds out why {service} is slow, until {day}.", **told)
        case "write-runbook":
            return tr("{owner} writes down what to do when {service} fails, until {day}.", **told)
        case "restore-monitoring":
            return tr("{owner} makes {service} measurable again, until {day}.", **told)
        case _:
            return ""


def _asked(one: Recommendation) -> str:
    """What the reader has to agree to; empty for other kinds."""
    told = {"service": clean(one.service, _NAME)}
    match one.kind:
        case "hold-releases":
            return tr("Agree that new features of {service} wait until it is steady again.", **told)
        case "review-releases":
            return tr("Have risky changes of {service} looked at before they go out.", **told)
        case "loosen-target":
            return tr(
                "{service} breaks its promise again and again: pay for more reliability, or "
                "promise less.",
                **told,
            )
        case "tighten-target":
            return tr(
                "{service} could promise more: it hardly ever used the room that it has.", **told
            )
        case _:
            return ""


def _plain(report: Report, phrase: Callable[[Recommendation], str]) -> list[str]:
    return [text for text in map(phrase, report.recommendations) if text]


# --- the mail ------------------------------------------------------------------------------------


def brief_letter(report: Report) -> Letter:
    """The page again, which is short enough for a mail."""
    kept, _, _ = _tally(report)
    services, most = fitting(report)
    rows = [_told(one) for one in report.services[:services]]
    more = max(0, len(report.services) - len(rows))
    points = tuple(Point(one.lead, one.text) for one in rows)
    return Letter(
        document=brief_name(),
        verdict=tr(
            "{count} of {total}\u202fservices kept their promises",
            count=kept,
            total=len(report.services),
        ),
        headline=plain_headline(report),
        sections=(
            Section(tr("Services"), points, tr("None."), more),
            *(
                Section(
                    one.title,
                    tuple(Point("", line) for line in one.lines),
                    one.nothing,
                    one.left_out,
                )
                for one in (column.with_most(most) for column in columns(report))
            ),
            Section(tr("What a promise is"), (Point("", promise(report)),)),
        ),
    )
