"""Sentences about one objective, each from numbers of the report."""

from __future__ import annotations

from dataclasses import dataclass

from slo_reports.language import tr, trn
from slo_reports.model import Day, JudgedIncident, NextPhase, Outcome, Report, SloResult
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
    period_noun,
    sentence,
)
from slo_reports.render.clean import clean
from slo_reports.render.rows import percentiles_text, target_text
from slo_reports.statuses import outcome_word

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
        return Lede(f"{sentence(outcome_word(result.outcome))}.", result.reason or "")
    strong = percent_text(result.sli, result.objective.target)
    text = [tr("against {target}.", target=target)]
    if report.period.as_of is not None:
        text = [tr("against {target} so far.", target=target)]
    if result.outcome is Outcome.INSUFFICIENT_DATA:
        coverage = percent_text(result.coverage, kind="coverage")
        text.append(tr("Data for {share} of the time are too few for a verdict.", share=coverage))
    used = result.budget.consumed_minutes
    if used is not None:
        text.append(
            tr(
                "The {period} held {held} of budget; {used} were used.",
                period=period_noun(report.period.kind),
                held=minutes_text(result.budget.minutes),
                used=minutes_text(used, "up"),
            )
        )
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


def _dearest(result: SloResult) -> list[str]:
    costs = sorted(result.incidents, key=lambda one: -one.consumed)
    if not costs or costs[0].consumed < 0.1:
        return []
    share = percent_text(costs[0].consumed, kind="consumption")
    return [
        tr(
            "Incident {letter} alone took {share} of the budget.",
            letter=costs[0].letter,
            share=share,
        )
    ]


def _impact(result: SloResult) -> Paragraph | None:
    return Paragraph(tr("Impact."), clean(result.slo.impact, 300)) if result.slo.impact else None


def _what_happened(result: SloResult, report: Report) -> Paragraph | None:
    used = result.budget.consumed
    if used is None:
        return None
    whole = percent_text(used, kind="consumption")
    if not result.incidents:
        return Paragraph(
            tr("What happened."),
            tr(
                "No incident touched it; {share} of the budget went in errors outside incidents.",
                share=whole,
            ),
        )
    taken = sum(one.consumed for one in result.incidents)
    share = percent_text(taken, kind="consumption")
    count = counted(len(result.incidents), "incident", "incidents")
    text = [
        trn(
            "{incidents} took {share} of the budget, of {whole} used in all.",
            "{incidents} took {share} of the budget, of {whole} used in all.",
            len(result.incidents),
            incidents=sentence(count),
            share=share,
            whole=whole,
        )
    ]
    dear = _longest_told(result, report)
    if dear is not None:
        text.append(dear)
    return Paragraph(tr("What happened."), " ".join(text))


def _longest_told(result: SloResult, report: Report) -> str | None:
    dearest = max(result.incidents, key=lambda one: one.consumed)
    judged = next((one for one in report.incidents if one.letter == dearest.letter), None)
    return None if judged is None else _told(judged, dearest.consumed, report.period.zone)


def _told(judged: JudgedIncident, consumed: float, zone: str) -> str:
    return tr(
        "The dearest was {letter}, “{title}”, on {instant}: {share} in {span}.",
        letter=judged.letter,
        title=clean(judged.incident.title, 90),
        instant=instant_text(judged.incident.start, zone),
        share=percent_text(consumed, kind="consumption"),
        span=duration_text(judged.length),
    )


def _budget(result: SloResult, report: Report) -> Paragraph | None:
    end, zone = result.exhaustion, report.period.zone
    if end is None or end.at is None:
        return None
    at = instant_text(end.at, zone)
    match end.kind:
        case "spent":
            return Paragraph(tr("Budget."), tr("It was used up on {instant}.", instant=at))
        case "projected":
            return Paragraph(tr("Budget."), _projected(result.burn, at))
        case _:
            return None


def _projected(burn: float | None, at: str) -> str:
    if burn is None:
        return tr("At the present burn rate it will be used up on {instant}.", instant=at)
    return tr(
        "At the present burn rate of {rate} it will be used up on {instant}.",
        rate=burn_text(burn),
        instant=at,
    )


def _worst_days(result: SloResult) -> Paragraph | None:
    served = [one for one in result.days if one.sli is not None]
    target = float(result.objective.target)
    bad = [one for one in served if _sli(one) < target]
    if not bad:
        return None
    worst = min(bad, key=_sli)
    text = trn(
        "{count} of {days} days was below {target}: {day} at {share}.",
        "{count} of {days} days were below {target}; the worst was {day} at {share}.",
        len(bad),
        count=sentence(count_text(len(bad))),
        days=len(served),
        target=percent_text(result.objective.target, kind="target"),
        day=date_text(worst.day),
        share=percent_text(_sli(worst), result.objective.target),
    )
    return Paragraph(tr("Days."), text)


def _sli(day: Day) -> float:
    return 1.0 if day.sli is None else day.sli


def _without_incidents(result: SloResult, report: Report) -> Paragraph | None:
    left = result.budget.remaining
    taken = sum(one.consumed for one in result.incidents)
    if left is None or taken < 0.1:
        return None
    lead = tr("Without it") if len(result.incidents) == 1 else tr("Without these incidents")
    told = {
        "service": clean(result.slo.service),
        "share": percent_text(left + taken, kind="remaining"),
    }
    text = tr("{service} would have {share} of its budget left", **told)
    if report.period.as_of is not None:
        text = tr("{service} would now have {share} of its budget left", **told)
    return Paragraph(lead, f"{text}{_without_each(result, left)}.")


def _without_each(result: SloResult, left: float) -> str:
    """What each of several incidents alone would have left, the dearest first."""
    dear = sorted(result.incidents, key=lambda one: -one.consumed)[:_MOST_TOLD]
    if len(result.incidents) < 2:
        return ""
    told = [
        tr(
            "without {letter} alone {share}",
            letter=one.letter,
            share=percent_text(left + one.consumed, kind="remaining"),
        )
        for one in dear
    ]
    return f"; {', '.join(told)}"


def _outlook(result: SloResult, report: Report) -> Paragraph | None:
    if result.burn is None:
        return None
    text = [
        tr(
            "The last {span} burned at {rate}.",
            span=duration_text(result.lookback),
            rate=burn_text(result.burn),
        )
    ]
    before = result.previous
    if before is not None and before.consumed is not None:
        name = sentence(period_name(before.period))
        share = percent_text(1 - before.consumed, kind="remaining")
        text.append(tr("{period} closed with {share} left.", period=name, share=share))
    return Paragraph(tr("Now.") if report.period.as_of else tr("At the end."), " ".join(text))


def _next_phase(result: SloResult) -> Paragraph | None:
    coming = result.next_phase
    if coming is None or coming.outcome not in (Outcome.MET, Outcome.MISSED):
        return None
    return Paragraph(tr("The next phase,"), _would_have_been(coming))


def _would_have_been(coming: NextPhase) -> str:
    told = {
        "target": percent_text(coming.target, kind="target"),
        "day": date_text(coming.start),
        "outcome": outcome_word(coming.outcome),
    }
    if coming.remaining is None:
        return tr("{target} from {day}, would have been {outcome}.", **told)
    if coming.remaining < 0:
        return tr(
            "{target} from {day}, would have been {outcome}, {share} over its budget.",
            **told,
            share=percent_text(-coming.remaining, kind="consumption"),
        )
    return tr(
        "{target} from {day}, would have been {outcome} with {share} of its budget left.",
        **told,
        share=percent_text(coming.remaining, kind="remaining"),
    )


def _percentiles(result: SloResult, report: Report) -> Paragraph | None:
    told, noun = percentiles_text(result), period_noun(report.period.kind)
    text = tr("Over the whole {period}, {values}.", period=noun, values=told)
    return Paragraph(tr("Percentiles."), text) if told else None


def _life(result: SloResult, report: Report) -> Paragraph | None:
    if result.since is None:
        return None
    at = instant_text(result.since, report.period.zone)
    return Paragraph(
        tr("Since."),
        tr("Its data begin on {instant}; it is judged on its own life.", instant=at),
    )
