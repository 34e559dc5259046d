"""How the numbers of a report came about, in sentences, and the tables that prove it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from slo_reports.language import tr, trn
from slo_reports.model import Exclusion, Method, Outcome, Report, SloResult
from slo_reports.numbers import (
    count_text,
    duration_text,
    instant_text,
    listed,
    minutes_text,
    percent_number,
    percent_text,
    period_facts,
    plain_number,
    sentence,
)
from slo_reports.periods import local_date
from slo_reports.render.clean import clean
from slo_reports.render.method_insights import insight_method
from slo_reports.render.rows import bounds_text, chapter_title, objective_row, percentiles_text
from slo_reports.render.story import Paragraph
from slo_reports.statuses import method_word

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
        Paragraph(tr("Period"), _period(report)),
        Paragraph(
            tr("Good and valid events"),
            tr(
                "Valid events are those that count at all; good ones met the criterion. The "
                "measured value is good over valid events of the whole period, never a mean of "
                "ratios, so a quiet hour weighs as much as its events."
            ),
        ),
        *_methods(report),
        Paragraph(
            tr("Error budget"),
            " ".join(_budget(report)),
            "error-budget",
        ),
        Paragraph(tr("Burn rate"), _burn(report)),
        Paragraph(
            tr("Incidents"),
            tr(
                "Bad events inside an incident's span count to it; an alert begins to fire after "
                "the errors do, so up to 15 minutes before it count too. Where incidents overlap, "
                "the one that began first has the events. All else stands under Other. An episode "
                "is a span that nobody told of, in which the budget burnt at six times the "
                "sustainable rate."
            ),
            "incidents",
        ),
        Paragraph(tr("Coverage"), _coverage(report)),
        *_exclusions(report),
        *_verdicts(report),
        *insight_method(report),
        Paragraph(
            tr("Rounding"),
            tr(
                "Comparisons use exact numbers. Only then are they rounded, against ourselves: "
                "measured values and budget left down, consumption up. A miss never reads as met."
            ),
        ),
    ]
    if report.notes:
        told = " ".join(_ended(note) for note in report.notes[:12])
        parts.append(Paragraph(tr("Notes"), told))
    return parts


def _ended(text: str) -> str:
    line = clean(text, 300)
    return line if line.endswith((".", "!", "?", "…")) else f"{line}."


def _period(report: Report) -> str:
    period = report.period
    zone = ZoneInfo(period.zone)
    start = instant_text(period.start, period.zone, with_year=True)
    end = instant_text(period.end, period.zone, with_year=True)
    text = [
        tr(
            "{facts}: from {start} to {end} local time, the end excluded.",
            facts=period_facts(period),
            start=start,
            end=end,
        )
    ]
    shift = period.end.astimezone(zone).utcoffset()
    before = period.start.astimezone(zone).utcoffset()
    if shift is not None and before is not None and shift != before:
        hours = duration_text(abs(shift - before))
        text.append(
            tr("Clocks went forward by {span} in it.", span=hours)
            if shift > before
            else tr("Clocks went back by {span} in it.", span=hours)
        )
    return " ".join(text)


def _budget(report: Report) -> Iterator[str]:
    yield tr(
        "One minus the target, times valid events. Budget left is one minus bad events over "
        "budget; below zero it is overspent. The same share of the period's length gives minutes."
    )
    one = next((one for one in report.results if one.budget.minutes > 0), None)
    if one is not None:
        yield tr(
            "{target} allows {minutes} here.",
            target=percent_text(one.objective.target, kind="target"),
            minutes=minutes_text(one.budget.minutes),
        )


def _burn(report: Report) -> str:
    text = [
        tr(
            "The share of bad events over a look-back, divided by one minus the target; 1× uses "
            "the budget up exactly at the period's end."
        )
    ]
    spans = sorted({one.lookback for one in report.results})
    if spans:
        told = listed([duration_text(one) for one in spans])
        text.append(tr("At the end it is taken over {spans}.", spans=told))
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
        told = f" {tr('or')} ".join(
            tr(
                "{rate} over {long} and {short}",
                rate=f"{plain_number(rate)}×",
                long=duration_text(long),
                short=duration_text(short),
            )
            for rate, long, short in pages[:3]
        )
        text.append(tr("Pages need {rates}.", rates=told))
    return " ".join(text)


def _coverage(report: Report) -> str:
    if report.coverage is None:
        return tr("No objective could be measured.")
    share = percent_text(report.coverage, kind="coverage")
    text = [tr("The source had data for {share} of the time on average.", share=share)]
    gappy = sum(bool(one.missing) for one in report.results)
    if gappy:
        text.append(
            trn(
                "{count} objective has gaps, listed below.",
                "{count} objectives have gaps, listed below.",
                gappy,
                count=sentence(count_text(gappy)),
            )
        )
    text.append(tr("A gap is neither good nor bad: it lowers coverage and improves no figure."))
    return " ".join(text)


def _explained() -> dict[Outcome, str]:
    return {
        Outcome.NO_TRAFFIC: tr(
            "No traffic: the source had data, and no valid event happened. That is neither met "
            "nor missed."
        ),
        Outcome.INSUFFICIENT_DATA: tr(
            "Insufficient data: coverage is below the objective's minimum; the numbers are shown, "
            "a verdict is not given."
        ),
        Outcome.NOT_MEASURED: tr(
            "Not measured: the source could not answer; the reason stands beside the objective."
        ),
    }


def _methods_explained() -> dict[Method, str]:
    return {
        Method.TIMESLICES: tr(
            "Timeslices, where the objective names them: a slice is good where its own ratio "
            "reaches the slice target; the measured value is good slices over slices."
        ),
        Method.RATIO_TIMESLICES: tr(
            "Ratio timeslices, where the objective names them: the measured value is the mean of "
            "the slices' ratios."
        ),
    }


def _methods(report: Report) -> list[Paragraph]:
    there = {one.method for one in report.results}
    told = [text for one, text in _methods_explained().items() if one in there]
    if not told:
        return []
    told.append(
        tr(
            "By either, time weighs and not traffic: budget, burn rate and incidents are counted "
            "in slices, and a slice without valid events counts for neither side."
        )
    )
    return [Paragraph(tr("Methods"), " ".join(told))]


def _exclusions(report: Report) -> list[Paragraph]:
    if not any(one.exclusions for one in report.results):
        return []
    return [
        Paragraph(
            tr("Exclusions"),
            tr(
                "Maintenance and approved adjustments are taken out of good and valid events, and "
                "coverage is judged on what is left. A slice that an exclusion overlaps is out as "
                "a whole. Each is listed below, with the numbers on both sides."
            ),
        )
    ]


def _verdicts(report: Report) -> list[Paragraph]:
    there = {one.outcome for one in report.results}
    told = [text for outcome, text in _explained().items() if outcome in there]
    return [Paragraph(tr("No verdict"), " ".join(told))] if told else []


def gap_rows(report: Report) -> list[GapRow]:
    """Objectives with gaps, in the report's order."""
    return [_gap_row(one, report.period.zone) for one in report.results if one.missing]


def _gap_row(result: SloResult, zone: str) -> GapRow:
    row = objective_row(result)
    spans = [_span(start, end, zone) for start, end in result.missing[:_MOST_SPANS]]
    more = len(result.missing) - _MOST_SPANS
    total = sum((end - start for start, end in result.missing), timedelta())
    tail = [tr("and {count} more", count=more)] if more > 0 else []
    whole = f"{spans[0]} ({duration_text(total)})"
    if len(result.missing) > 1:
        whole = tr(
            "{spans} ({duration} in all)",
            spans="; ".join([*spans, *tail]),
            duration=duration_text(total),
        )
    return GapRow(
        service=clean(result.slo.service),
        objective=row.objective,
        coverage=row.coverage,
        measured=row.measured,
        bounds=row.bounds,
        spans=whole,
    )


def exclusion_rows(report: Report) -> list[ExclusionRow]:
    """Each exclusion that took something out, in order of time, with the numbers on both sides."""
    found = sorted({one for result in report.results for one in result.exclusions})
    return [_exclusion_row(one, report) for one in found]


def _exclusion_row(one: Exclusion, report: Report) -> ExclusionRow:
    by, kind = clean(one.author), tr("maintenance")
    if one.approved_by:
        by = tr("{author}, approved by {other}", author=by, other=clean(one.approved_by))
    if one.kind == "adjustment":
        kind = tr("adjustment")
    return ExclusionRow(
        when=_span(one.start, one.end, report.period.zone),
        reason=clean(f"{one.reason} ({kind})", 200),
        said_by=by,
        of="; ".join(_with_and_without(each) for each in report.results if one in each.exclusions),
    )


def _with_and_without(result: SloResult) -> str:
    row, before, target = objective_row(result), result.before_exclusions, result.objective.target
    whole = "–" if before is None or before.sli is None else percent_number(before.sli, target)
    return tr(
        "{objective} {measured}, without exclusions {whole}",
        objective=chapter_title(result),
        measured=row.measured,
        whole=whole,
    )


def _span(start: datetime, end: datetime, zone: str) -> str:
    until = instant_text(end, zone)
    if local_date(start, zone) == local_date(end, zone):
        until = until[-5:]
    return tr("{first} to {last}", first=instant_text(start, zone), last=until)


def appendix_rows(report: Report) -> list[AppendixRow]:
    """All objectives with their exact verdicts and queries."""
    return [_appendix_row(one) for one in report.results]


def _appendix_row(result: SloResult) -> AppendixRow:
    origin = result.slo.origin
    remarks = (_ended(sentence(one)) for one in result.remarks)
    notes = [*result.notes, *([result.reason] if result.reason else []), *remarks]
    told = percentiles_text(result)
    if told:
        notes.append(
            tr("Percentiles from the summed buckets of the whole period: {values}.", values=told)
        )
    return AppendixRow(
        title=chapter_title(result),
        id=clean(result.slo.id),
        defined="" if origin is None else f"{clean(origin.path)}:{origin.line}",
        verdict=f"{sentence(method_word(result.method))}: {result.verdict_exact}",
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
            return tr("The source had data, and no valid event happened.")
        case Outcome.INSUFFICIENT_DATA:
            told = tr(
                "The source had data for {share} of the time; {minimum} are needed.",
                share=percent_text(result.coverage, kind="coverage"),
                minimum=percent_text(result.slo.minimum_coverage, kind="target"),
            )
            if not result.bounds:
                return told
            return f"{told} {tr('The value lies {bounds}.', bounds=bounds_text(result))}"
        case _:
            return ""
