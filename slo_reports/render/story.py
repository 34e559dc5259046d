"""Sentences about one objective, each from numbers of the report."""

from __future__ import annotations

from dataclasses import dataclass

from slo_reports.model import Day, JudgedIncident, Outcome, Report, SloResult
from slo_reports.numbers import (
    burn_text,
    count_text,
    counted,
    date_text,
    duration_text,
    instant_text,
    minutes_text,
    percent_text,
    period_name,
    sentence,
)
from slo_reports.periods import PeriodKind
from slo_reports.render.clean import clean
from slo_reports.render.rows import percentiles_text, target_text

_MOST_TOLD = 2
"""Incidents of which a chapter says what would be left without each."""


@dataclass(frozen=True)
class Paragraph:
    """A bold lead and the sentences that follow it; other parts may link to an anchor."""

    lead: str
    text: str
    anchor: str = ""


@dataclass(frozen=True)
class Lede:
    """The sentence under a chapter's heading; ``strong`` comes first, in bold."""

    strong: str
    text: str


def lede(result: SloResult, report: Report) -> Lede:
    """What was measured against what was promised, and what that cost."""
    target = target_text(result)
    if result.sli is None:
        return Lede(f"{result.outcome.capitalize()}.", result.reason or "")
    strong = percent_text(result.sli, result.objective.target)
    so_far = "" if report.period.as_of is None else " so far"
    text = [f"against {target}{so_far}."]
    if result.outcome is Outcome.INSUFFICIENT_DATA:
        coverage = percent_text(result.coverage, kind="coverage")
        text.append(f"Data for {coverage} of the time are too few for a verdict.")
    used = result.budget.consumed_minutes
    if used is not None:
        noun = _noun(report)
        held = minutes_text(result.budget.minutes)
        text.append(f"The {noun} held {held} of budget; {minutes_text(used, 'up')} were used.")
    text += _dearest(result)
    return Lede(strong, " ".join(text))


def story(result: SloResult, report: Report) -> list[Paragraph]:
    """What happened, what the budget did, and how sure the numbers are."""
    parts = [
        _impact(result),
        _what_happened(result, report),
        _budget(result, report),
        _worst_days(result),
        _without_incidents(result, report),
        _outlook(result, report),
        _next_phase(result),
        _percentiles(result, report),
        _life(result, report),
    ]
    return [part for part in parts if part is not None]


def _noun(report: Report) -> str:
    match report.period.kind:
        case PeriodKind.MONTH | PeriodKind.WEEK | PeriodKind.QUARTER | PeriodKind.YEAR as kind:
            return kind.value
        case _:
            return "period"


def _dearest(result: SloResult) -> list[str]:
    costs = sorted(result.incidents, key=lambda one: -one.consumed)
    if not costs or costs[0].consumed < 0.1:
        return []
    share = percent_text(costs[0].consumed, kind="consumption")
    return [f"Incident {costs[0].letter} alone took {share} of the budget."]


def _impact(result: SloResult) -> Paragraph | None:
    return Paragraph("Impact.", clean(result.slo.impact, 300)) if result.slo.impact else None


def _what_happened(result: SloResult, report: Report) -> Paragraph | None:
    used = result.budget.consumed
    if used is None:
        return None
    whole = percent_text(used, kind="consumption")
    if not result.incidents:
        return Paragraph("What happened.", f"No incident touched it; {whole} of the budget went in "
                         "errors outside incidents.")  # fmt: skip
    taken = sum(one.consumed for one in result.incidents)
    share = percent_text(taken, kind="consumption")
    count = counted(len(result.incidents), "incident", "incidents")
    text = [(f"{sentence(count)} took {share} of the budget, of {whole} used in all.")]
    dear = _longest_told(result, report)
    if dear is not None:
        text.append(dear)
    return Paragraph("What happened.", " ".join(text))


def _longest_told(result: SloResult, report: Report) -> str | None:
    dearest = max(result.incidents, key=lambda one: one.consumed)
    judged = next((one for one in report.incidents if one.letter == dearest.letter), None)
    return None if judged is None else _told(judged, dearest.consumed, report.period.zone)


def _told(judged: JudgedIncident, consumed: float, zone: str) -> str:
    when = instant_text(judged.incident.start, zone)
    share = percent_text(consumed, kind="consumption")
    title = clean(judged.incident.title, 90)
    return (
        f"The dearest was {judged.letter}, “{title}”, on {when}: {share} in "
        f"{duration_text(judged.length)}."
    )


def _budget(result: SloResult, report: Report) -> Paragraph | None:
    end, zone = result.exhaustion, report.period.zone
    if end is None or end.at is None:
        return None
    at = instant_text(end.at, zone)
    rate = "" if result.burn is None else f" of {burn_text(result.burn)}"
    match end.kind:
        case "spent":
            return Paragraph("Budget.", f"It was used up on {at}.")
        case "projected":
            return Paragraph(
                "Budget.", f"At the present burn rate{rate} it will be used up on {at}."
            )
        case _:
            return None


def _worst_days(result: SloResult) -> Paragraph | None:
    served = [one for one in result.days if one.sli is not None]
    target = float(result.objective.target)
    bad = [one for one in served if _sli(one) < target]
    if not bad:
        return None
    worst = min(bad, key=_sli)
    sli = percent_text(_sli(worst), result.objective.target)
    target_text = percent_text(result.objective.target, kind="target")
    verb = "was" if len(bad) == 1 else "were"
    head = f"{sentence(count_text(len(bad)))} of {len(served)} days {verb} below {target_text}"
    tail = f": {date_text(worst.day)} at {sli}." if len(bad) == 1 else (
        f"; the worst was {date_text(worst.day)} at {sli}.")  # fmt: skip
    return Paragraph("Days.", head + tail)


def _sli(day: Day) -> float:
    return 1.0 if day.sli is None else day.sli


def _without_incidents(result: SloResult, report: Report) -> Paragraph | None:
    left = result.budget.remaining
    taken = sum(one.consumed for one in result.incidents)
    if left is None or taken < 0.1:
        return None
    share = percent_text(left + taken, kind="remaining")
    lead = "Without it" if len(result.incidents) == 1 else "Without these incidents"
    verb = "would have" if report.period.as_of is None else "would now have"
    each = _without_each(result, left)
    return Paragraph(lead, f"{clean(result.slo.service)} {verb} {share} of its budget left{each}.")


def _without_each(result: SloResult, left: float) -> str:
    """What each of several incidents alone would have left, the dearest first."""
    dear = sorted(result.incidents, key=lambda one: -one.consumed)[:_MOST_TOLD]
    if len(result.incidents) < 2:
        return ""
    told = [
        f"without {one.letter} alone {percent_text(left + one.consumed, kind='remaining')}"
        for one in dear
    ]
    return f"; {', '.join(told)}"


def _outlook(result: SloResult, report: Report) -> Paragraph | None:
    if result.burn is None:
        return None
    span = duration_text(result.lookback)
    text = f"The last {span} burned at {burn_text(result.burn)}"
    before = result.previous
    if before is not None and before.consumed is not None:
        share = percent_text(1 - before.consumed, kind="remaining")
        text += f". {sentence(period_name(before.period))} closed with {share} left"
    return Paragraph("Now." if report.period.as_of else "At the end.", f"{text}.")


def _next_phase(result: SloResult) -> Paragraph | None:
    coming = result.next_phase
    if coming is None or coming.outcome not in (Outcome.MET, Outcome.MISSED):
        return None
    target = percent_text(coming.target, kind="target")
    head = f"{target} from {date_text(coming.start)}, would have been {coming.outcome}"
    if coming.remaining is None:
        return Paragraph("The next phase,", f"{head}.")
    if coming.remaining < 0:
        over = percent_text(-coming.remaining, kind="consumption")
        return Paragraph("The next phase,", f"{head}, {over} over its budget.")
    left = percent_text(coming.remaining, kind="remaining")
    return Paragraph("The next phase,", f"{head} with {left} of its budget left.")


def _percentiles(result: SloResult, report: Report) -> Paragraph | None:
    told = percentiles_text(result)
    text = f"Over the whole {_noun(report)}, {told}."
    return Paragraph("Percentiles.", text) if told else None


def _life(result: SloResult, report: Report) -> Paragraph | None:
    if result.since is None:
        return None
    at = instant_text(result.since, report.period.zone)
    return Paragraph("Since.", f"Its data begin on {at}; it is judged on its own life.")
