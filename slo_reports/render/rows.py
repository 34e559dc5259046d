"""The tables of a report as words: formatted once, the same in every document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from slo_reports.language import tr
from slo_reports.model import JudgedIncident, Method, Outcome, Report, ServiceResult, SloResult
from slo_reports.numbers import (
    NARROW,
    burn_text,
    duration_text,
    instant_text,
    latency_text,
    percent_number,
    percent_text,
    signed_points,
    target_words,
)
from slo_reports.render.clean import clean
from slo_reports.render.marks import SERVICE_MARKS, Mark, mark_of

_WITHOUT_IDENTITY = ("alert", "alertmanager", "episode")  # no person gave these an id
NOTHING = "–"
"""Stands where a number does not exist."""

WORDS = {
    Mark.MET: "Met",
    Mark.AT_RISK: "At risk",
    Mark.MISSED: "Missed",
    Mark.INSUFFICIENT: "Insufficient data",
    Mark.NO_TRAFFIC: "No traffic",
    Mark.NOT_MEASURED: "Not measured",
}
_SERVICE_WORDS = {
    Mark.MET: "Objectives met",
    Mark.AT_RISK: "At risk",
    Mark.MISSED: "Missed",
    Mark.INSUFFICIENT: "No verdict",
}


@dataclass(frozen=True)
class ObjectiveRow:
    """One objective; all numbers in percent, without the sign."""

    result: SloResult
    mark: Mark
    objective: str
    target: str
    measured: str
    left: str
    change: str
    coverage: str
    burn: str
    word: str
    method: str
    """How slices became the number, where it is not by events."""
    excluded: str
    """What the number would have been with nothing taken out, where something was."""
    bounds: str
    """Between which numbers it lies whatever happened without data, where data are missing."""
    phases: str
    """The targets in words, where the target changed inside the period."""


@dataclass(frozen=True)
class ServiceRows:
    """A service with its rows, worst first."""

    service: ServiceResult
    name: str
    tier: str
    mark: Mark
    word: str
    left: str
    rows: tuple[ObjectiveRow, ...]


@dataclass(frozen=True)
class CostCell:
    """What an incident cost one objective."""

    share: str
    of: str
    without: str = ""
    """What would be left of the budget, had it not been."""


@dataclass(frozen=True)
class IncidentRow:
    """One incident; it has an identity where people gave it one."""

    letter: str
    title: str
    identity: str
    began: str
    lasted: str
    severity: str
    service: str
    source: str
    costs: tuple[CostCell, ...]
    more: int
    details: tuple[str, ...] = ()
    """Noticed when, the cause, what is done about it: as far as it is known."""
    url: str = ""
    start: float = 0.0
    """What a table is sorted by: since the epoch [s], its length [s], the share of the dearest."""
    seconds: float = 0.0
    dearest: float = 0.0


def objective_row(result: SloResult) -> ObjectiveRow:
    """The words of one objective's row."""
    left = result.budget.remaining
    mark = mark_of(result)
    target = result.objective.target
    measured = result.reason is None or result.valid > 0
    return ObjectiveRow(
        result=result,
        mark=mark,
        objective=clean(result.slo.title),
        target=percent_number(target, kind="target"),
        measured=NOTHING if result.sli is None else percent_number(result.sli, target),
        left=NOTHING if left is None else percent_number(left, kind="remaining"),
        change=_change(result),
        coverage=percent_number(result.coverage, kind="coverage") if measured else NOTHING,
        burn=NOTHING if result.burn is None else burn_text(result.burn),
        word=WORDS[mark],
        method=method_text(result),
        excluded=_excluded(result),
        bounds=bounds_text(result),
        phases=target_text(result) if result.parts else "",
    )


def _excluded(result: SloResult) -> str:
    before = result.before_exclusions
    if before is None:
        return ""
    if before.sli is None:
        return "with exclusions; without them no traffic"
    measured = percent_number(before.sli, result.objective.target)
    left = before.remaining
    budget = "" if left is None else f", {percent_number(left, kind='remaining')} left"
    return f"with exclusions; without them {measured}{budget}"


def target_text(result: SloResult) -> str:
    """The target as people say it, with the day of a change inside the period."""
    if not result.parts:
        return percent_text(result.objective.target, kind="target")
    return target_words(result.parts, result.history[-1].period.zone)


def bounds_text(result: SloResult) -> str:
    """What the time without data could have done, as words; empty where nothing is missing.

    Only where the gap is a real one (half of a slice or more), or there is no verdict for lack of
    data: a lost scrape now and then is in the coverage.
    """
    if result.bounds is None or not (result.missing or result.outcome is Outcome.INSUFFICIENT_DATA):
        return ""
    low, high = (percent_number(one, result.objective.target) for one in result.bounds)
    return f"between {low} and {high}{NARROW}% if the gap was all bad or all good"


def method_text(result: SloResult) -> str:
    """The method beside the number, such as ``timeslices, slices of 1 hour``; empty for events."""
    return "; ".join(text for text in (_by(result), _interpolated(result)) if text)


def _by(result: SloResult) -> str:
    if result.method is Method.OCCURRENCES:
        return "" if result.unit == "events" else f"by {result.unit}"
    return f"{result.method}, {result.unit}" if result.valid else str(result.method)


def _interpolated(result: SloResult) -> str:
    if result.interpolated is None:
        return ""
    low, high = (latency_text(one) for one in result.interpolated)
    return f"interpolated between {low} and {high}"


def percentiles_text(result: SloResult) -> str:
    """Such as ``p50 84 ms, p95 310 ms, p99 over 1 s``; empty where there are none."""
    return ", ".join(
        f"p{one.share * 100:.0f} {'over ' if one.over else ''}{latency_text(one.seconds)}"
        for one in result.percentiles
    )


def _change(result: SloResult) -> str:
    now, before = result.budget.consumed, result.previous
    if now is None or before is None or before.consumed is None:
        return NOTHING
    return signed_points(before.consumed - now)


def service_rows(report: Report) -> tuple[ServiceRows, ...]:
    """All services with their rows, in the report's order."""
    return tuple(_service(one) for one in report.services)


def _service(service: ServiceResult) -> ServiceRows:
    mark = SERVICE_MARKS[service.state]
    left = service.remaining
    return ServiceRows(
        service=service,
        name=clean(service.name),
        tier="" if service.tier is None else service.tier.replace("_", " ").capitalize(),
        mark=mark,
        word=_SERVICE_WORDS[mark],
        left=NOTHING if left is None else percent_number(left, kind="remaining"),
        rows=tuple(objective_row(one) for one in service.results),
    )


def budgets_left(report: Report) -> dict[str, float]:
    """The budget left by the objectives' ids, where there is one [ratio]."""
    return {
        one.slo.id: one.budget.remaining
        for one in report.results
        if one.budget.remaining is not None
    }


def incident_row(
    judged: JudgedIncident, zone: str, *, costs: int = 2, left: Mapping[str, float] | None = None
) -> IncidentRow:
    """The words of one incident's row, with its ``costs`` dearest objectives.

    Args:
        judged: the incident with what it cost.
        zone: whose clock is told.
        costs: so many objectives are named.
        left: budgets left by the objectives' ids, to say what would be left without it [ratio].
    """
    incident = judged.incident
    lasted = duration_text(judged.length)
    return IncidentRow(
        letter=judged.letter,
        title=clean(incident.title),
        identity="" if incident.source in _WITHOUT_IDENTITY else clean(incident.id),
        began=instant_text(incident.start, zone),
        lasted=f"{lasted}, goes on" if incident.ongoing else lasted,
        severity=clean(incident.severity),
        service=clean(", ".join(incident.services or (incident.service,))),
        source=clean(", ".join(incident.sources or (incident.source,))),
        costs=tuple(
            CostCell(
                percent_number(consumed, kind="consumption"),
                clean(title),
                _without(consumed, (left or {}).get(slo)),
            )
            for slo, title, consumed, _ in judged.costs[:costs]
        ),
        more=max(0, len(judged.costs) - costs),
        details=tuple(_details(judged)),
        url=incident.url if incident.url.startswith(("https://", "http://")) else "",
        start=incident.start.timestamp(),
        seconds=judged.length.total_seconds(),
        dearest=max((consumed for _, _, consumed, _ in judged.costs), default=0.0),
    )


def _without(consumed: float, left: float | None) -> str:
    if left is None:
        return ""
    return tr("else {share} left", share=percent_text(left + consumed, kind="remaining"))


def _details(judged: JudgedIncident) -> Iterator[str]:
    if judged.time_to_detect is not None:
        yield f"Noticed after {duration_text(judged.time_to_detect)}"
    if judged.incident.cause:
        yield f"Cause: {clean(judged.incident.cause)}"
    if judged.incident.follow_up:
        yield f"Follow-up: {clean(judged.incident.follow_up)}"


def chapter_title(result: SloResult) -> str:
    """A heading such as ``Checkout availability``."""
    title = clean(result.slo.title)
    plain = title[:1].isupper() and not title[1:2].isupper()
    words = title[:1].lower() + title[1:] if plain else title
    return f"{clean(result.slo.service)} {words}"
