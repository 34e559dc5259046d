"""How the numbers of a report came about, in sentences, and the tables that prove it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from slo_reports.model import Exclusion, Method, Outcome, Report, SloResult
from slo_reports.numbers import (
    counted,
    duration_text,
    instant_text,
    listed,
    minutes_text,
    percent_number,
    percent_text,
    period_facts,
    sentence,
)
from slo_reports.periods import local_date
from slo_reports.render.clean import clean
from slo_reports.render.method_insights import insight_method
from slo_reports.render.rows import bounds_text, chapter_title, objective_row, percentiles_text
from slo_reports.render.story import Paragraph

_MOST_SPANS = 6
_MOST_QUERIES = 6


@dataclass(frozen=True)
class GapRow:
    """One objective's spans without data."""

    service: str
    objective: str
    coverage: str
    spans: str
    measured: str
    bounds: str


@dataclass(frozen=True)
class ExclusionRow:
    """One span that was taken out, and of what."""

    when: str
    reason: str
    said_by: str
    of: str


@dataclass(frozen=True)
class AppendixRow:
    """What was asked for one objective, and the exact comparison."""

    title: str
    id: str
    defined: str
    verdict: str
    notes: tuple[str, ...]
    queries: tuple[str, ...]
    queries_left_out: int


def method(report: Report) -> list[Paragraph]:
    """The sections of the method chapter that this report needs."""
    parts = [
        Paragraph("Period", _period(report)),
        Paragraph(
            "Good and valid events",
            "Valid events are those that count at all; good ones met the criterion. The measured "
            "value is good over valid events of the whole period, never a mean of ratios, so a "
            "quiet hour weighs as much as its events.",
        ),
        *_methods(report),
        Paragraph(
            "Error budget",
            "One minus the target, times valid events. Budget left is one minus bad events over "
            "budget; below zero it is overspent. The same share of the period's length gives "
            f"minutes.{_example(report)}",
            "error-budget",
        ),
        Paragraph("Burn rate", _burn(report)),
        Paragraph(
            "Incidents",
            "Bad events inside an incident's span count to it; an alert begins to fire after the "
            "errors do, so up to 15 minutes before it count too. Where incidents overlap, the one "
            "that began first has the events. All else stands under Other. An episode is a span "
            "that nobody told of, in which the budget burnt at six times the sustainable rate.",
            "incidents",
        ),
        Paragraph("Coverage", _coverage(report)),
        *_exclusions(report),
        *_verdicts(report),
        *insight_method(report),
        Paragraph(
            "Rounding",
            "Comparisons use exact numbers. Only then are they rounded, against ourselves: "
            "measured values and budget left down, consumption up. A miss never reads as met.",
        ),
    ]
    if report.notes:
        parts.append(Paragraph("Notes", " ".join(_ended(note) for note in report.notes[:12])))
    return parts


def _ended(text: str) -> str:
    line = clean(text, 300)
    return line if line.endswith((".", "!", "?", "…")) else f"{line}."


def _period(report: Report) -> str:
    period = report.period
    zone = ZoneInfo(period.zone)
    start = instant_text(period.start, period.zone, with_year=True)
    end = instant_text(period.end, period.zone, with_year=True)
    text = [f"{period_facts(period)}: from {start} to {end} local time, the end excluded."]
    shift = period.end.astimezone(zone).utcoffset()
    before = period.start.astimezone(zone).utcoffset()
    if shift is not None and before is not None and shift != before:
        hours = duration_text(abs(shift - before))
        text.append(f"Clocks went {'forward' if shift > before else 'back'} by {hours} in it.")
    return " ".join(text)


def _example(report: Report) -> str:
    for one in report.results:
        if one.budget.minutes > 0:
            target = percent_text(one.objective.target, kind="target")
            return f" {target} allows {minutes_text(one.budget.minutes)} here."
    return ""


def _burn(report: Report) -> str:
    text = [
        (
            "The share of bad events over a look-back, divided by one minus the target; 1× uses "
            "the budget up exactly at the period's end."
        )
    ]
    spans = sorted({one.lookback for one in report.results})
    if spans:
        text.append(f"At the end it is taken over {listed([duration_text(s) for s in spans])}.")
    pages = sorted(
        {
            (alert.threshold, alert.long, alert.short)
            for one in report.results
            for alert in one.slo.burn_rates
            if alert.severity == "page"
        },
        reverse=True,
    )
    if pages:
        told = [
            f"{rate:g}× over {duration_text(long)} and {duration_text(short)}"
            for rate, long, short in pages[:3]
        ]
        text.append(f"Pages need {' or '.join(told)}.")
    return " ".join(text)


def _coverage(report: Report) -> str:
    if report.coverage is None:
        return "No objective could be measured."
    share = percent_text(report.coverage, kind="coverage")
    gappy = sum(bool(one.missing) for one in report.results)
    tail = ""
    if gappy:
        verb = "has" if gappy == 1 else "have"
        tail = f" {sentence(counted(gappy, 'objective', 'objectives'))} {verb} gaps, listed below."
    return (
        f"The source had data for {share} of the time on average.{tail} A gap is neither good "
        "nor bad: it lowers coverage and improves no figure."
    )


_EXPLAINED = {
    Outcome.NO_TRAFFIC: "No traffic: the source had data, and no valid event happened. That is "
    "neither met nor missed.",
    Outcome.INSUFFICIENT_DATA: "Insufficient data: coverage is below the objective's minimum; the "
    "numbers are shown, a verdict is not given.",
    Outcome.NOT_MEASURED: "Not measured: the source could not answer; the reason stands beside "
    "the objective.",
}


_METHODS = {
    Method.OCCURRENCES: "Occurrences",
    Method.TIMESLICES: "Timeslices",
    Method.RATIO_TIMESLICES: "Ratio timeslices",
}
_METHODS_EXPLAINED = {
    Method.TIMESLICES: "Timeslices, where the objective names them: a slice is good where its own "
    "ratio reaches the slice target; the measured value is good slices over slices.",
    Method.RATIO_TIMESLICES: "Ratio timeslices, where the objective names them: the measured value "
    "is the mean of the slices' ratios.",
}


def _methods(report: Report) -> list[Paragraph]:
    there = {one.method for one in report.results}
    told = [text for one, text in _METHODS_EXPLAINED.items() if one in there]
    if not told:
        return []
    told.append(
        "By either, time weighs and not traffic: budget, burn rate and incidents are counted in "
        "slices, and a slice without valid events counts for neither side."
    )
    return [Paragraph("Methods", " ".join(told))]


def _exclusions(report: Report) -> list[Paragraph]:
    if not any(one.exclusions for one in report.results):
        return []
    return [
        Paragraph(
            "Exclusions",
            "Maintenance and approved adjustments are taken out of good and valid events, and "
            "coverage is judged on what is left. A slice that an exclusion overlaps is out as a "
            "whole. Each is listed below, with the numbers on both sides.",
        )
    ]


def _verdicts(report: Report) -> list[Paragraph]:
    there = {one.outcome for one in report.results}
    told = [text for outcome, text in _EXPLAINED.items() if outcome in there]
    return [Paragraph("No verdict", " ".join(told))] if told else []


def gap_rows(report: Report) -> list[GapRow]:
    """Objectives with gaps, in the report's order."""
    return [_gap_row(one, report.period.zone) for one in report.results if one.missing]


def _gap_row(result: SloResult, zone: str) -> GapRow:
    row = objective_row(result)
    spans = [_span(start, end, zone) for start, end in result.missing[:_MOST_SPANS]]
    more = len(result.missing) - _MOST_SPANS
    total = sum((end - start for start, end in result.missing), timedelta())
    tail = [f"and {more} more"] if more > 0 else []
    return GapRow(
        service=clean(result.slo.service),
        objective=row.objective,
        coverage=row.coverage,
        measured=row.measured,
        bounds=row.bounds,
        spans=f"{'; '.join([*spans, *tail])} ({duration_text(total)} in all)"
        if len(result.missing) > 1
        else f"{spans[0]} ({duration_text(total)})",
    )


def exclusion_rows(report: Report) -> list[ExclusionRow]:
    """Each exclusion that took something out, in order of time, with the numbers on both sides."""
    found = sorted({one for result in report.results for one in result.exclusions})
    return [_exclusion_row(one, report) for one in found]


def _exclusion_row(one: Exclusion, report: Report) -> ExclusionRow:
    by = clean(one.author) + (f", approved by {clean(one.approved_by)}" if one.approved_by else "")
    return ExclusionRow(
        when=_span(one.start, one.end, report.period.zone),
        reason=clean(f"{one.reason} ({one.kind})", 200),
        said_by=by,
        of="; ".join(_with_and_without(each) for each in report.results if one in each.exclusions),
    )


def _with_and_without(result: SloResult) -> str:
    row, before, target = objective_row(result), result.before_exclusions, result.objective.target
    whole = "–" if before is None or before.sli is None else percent_number(before.sli, target)
    return f"{chapter_title(result)} {row.measured}, without exclusions {whole}"


def _span(start: datetime, end: datetime, zone: str) -> str:
    until = instant_text(end, zone)
    if local_date(start, zone) == local_date(end, zone):
        until = until[-5:]
    return f"{instant_text(start, zone)} to {until}"


def appendix_rows(report: Report) -> list[AppendixRow]:
    """All objectives with their exact verdicts and queries."""
    return [_appendix_row(one) for one in report.results]


def _appendix_row(result: SloResult) -> AppendixRow:
    origin = result.slo.origin
    remarks = (_ended(sentence(one)) for one in result.remarks)
    notes = [*result.notes, *([result.reason] if result.reason else []), *remarks]
    told = percentiles_text(result)
    if told:
        notes.append(f"Percentiles from the summed buckets of the whole period: {told}.")
    return AppendixRow(
        title=chapter_title(result),
        id=clean(result.slo.id),
        defined="" if origin is None else f"{clean(origin.path)}:{origin.line}",
        verdict=f"{_METHODS[result.method]}: {result.verdict_exact}",
        notes=tuple(clean(note, 400) for note in notes),
        queries=result.queries[:_MOST_QUERIES],
        queries_left_out=max(0, len(result.queries) - _MOST_QUERIES),
    )


def reason(result: SloResult) -> str:
    """Why there is no verdict, as a sentence."""
    if result.reason:
        return _ended(result.reason)
    match result.outcome:
        case Outcome.NO_TRAFFIC:
            return "The source had data, and no valid event happened."
        case Outcome.INSUFFICIENT_DATA:
            range_text = f" The value lies {bounds_text(result)}." if result.bounds else ""
            have = percent_text(result.coverage, kind="coverage")
            need = percent_text(result.slo.minimum_coverage, kind="target")
            return f"The source had data for {have} of the time; {need} are needed.{range_text}"
        case _:
            return ""
