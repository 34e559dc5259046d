"""The tables of a report as words: formatted once, the same in every document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from slo_reports.language import tr
from slo_reports.model import (
    JudgedIncident,
    Method,
    Outcome,
    Percentile,
    Report,
    ServiceResult,
    SloResult,
)
from slo_reports.numbers import (
    NARROW,
    burn_text,
    duration_text,
    inline,
    instant_text,
    latency_text,
    percent_number,
    percent_text,
    sentence,
    signed_points,
    target_words,
)
from slo_reports.render.clean import clean
from slo_reports.render.marks import SERVICE_MARKS, Mark, mark_of
from slo_reports.statuses import method_word
from slo_reports.tiers import tier_text
from slo_reports.units import EVENTS, unit_words

_WITHOUT_IDENTITY = ("alert", "alertmanager", "episode")  # no person gave these an id
NOTHING = "–"
"""Stands where a number does not exist."""


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
    said: str
    """The word inside a sentence."""
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
    said: str
    """The word inside a sentence."""
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


def mark_said(mark: Mark) -> str:
    """An objective's outcome inside a sentence, such as ``at risk``."""
    return {
        Mark.MET: tr("met"),
        Mark.AT_RISK: tr("at risk"),
        Mark.MISSED: tr("missed"),
        Mark.INSUFFICIENT: tr("insufficient data"),
        Mark.NO_TRAFFIC: tr("no traffic"),
        Mark.NOT_MEASURED: tr("not measured"),
    }[mark]


def mark_word(mark: Mark) -> str:
    """An objective's outcome alone, such as ``At risk``."""
    return sentence(mark_said(mark))


def _service_said(mark: Mark) -> str:
    match mark:
        case Mark.MET:
            return tr("objectives met")
        case Mark.INSUFFICIENT:
            return tr("no verdict")
        case _:
            return mark_said(mark)


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
        word=mark_word(mark),
        said=mark_said(mark),
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
        return tr("with exclusions; without them no traffic")
    measured = percent_number(before.sli, result.objective.target)
    if before.remaining is None:
        return tr("with exclusions; without them {measured}", measured=measured)
    return tr(
        "with exclusions; without them {measured}, {left} left",
        measured=measured,
        left=percent_number(before.remaining, kind="remaining"),
    )


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
    return tr(
        "between {low} and {high} if the gap was all bad or all good",
        low=low,
        high=f"{high}{NARROW}%",
    )


def method_text(result: SloResult) -> str:
    """The method beside the number, such as ``timeslices, slices of 1 hour``; empty for events."""
    return "; ".join(text for text in (_by(result), _interpolated(result)) if text)


def _by(result: SloResult) -> str:
    if result.method is Method.OCCURRENCES:
        return "" if result.unit == EVENTS else tr("by {unit}", unit=unit_words(result.unit))
    method = method_word(result.method)
    return f"{method}, {unit_words(result.unit)}" if result.valid else method


def _interpolated(result: SloResult) -> str:
    if result.interpolated is None:
        return ""
    low, high = (latency_text(one) for one in result.interpolated)
    return tr("interpolated between {low} and {high}", low=low, high=high)


def percentiles_text(result: SloResult) -> str:
    """Such as ``p50 84 ms, p95 310 ms, p99 over 1 s``; empty where there are none."""
    return ", ".join(f"p{one.share * 100:.0f} {_within(one)}" for one in result.percentiles)


def _within(one: Percentile) -> str:
    latency = latency_text(one.seconds)
    return tr("over {latency}", latency=latency) if one.over else latency


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
        tier="" if service.tier is None else sentence(tier_text(service.tier)),
        mark=mark,
        word=sentence(_service_said(mark)),
        said=_service_said(mark),
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
        lasted=tr("{duration}, goes on", duration=lasted) if incident.ongoing else lasted,
        severity=clean(severity_word(incident.severity)),
        service=clean(", ".join(incident.services or (incident.service,))),
        source=clean(", ".join(map(source_word, incident.sources or (incident.source,)))),
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
        yield tr("Noticed after {duration}", duration=duration_text(judged.time_to_detect))
    if judged.incident.cause:
        yield tr("Cause: {cause}", cause=clean(judged.incident.cause))
    if judged.incident.follow_up:
        yield tr("Follow-up: {text}", text=clean(judged.incident.follow_up))


def severity_word(severity: str) -> str:
    """A severity as people read it: the source's own word, but for ours where none is known."""
    return tr("unknown") if severity == "unknown" else severity


def source_word(source: str) -> str:
    """What told of an incident; where its alerts or slices did, in words."""
    return {"alert": tr("alert"), "episode": tr("episode")}.get(source, source)


def chapter_title(result: SloResult) -> str:
    """A heading such as ``Checkout availability``."""
    return f"{clean(result.slo.service)} {inline(clean(result.slo.title))}"
