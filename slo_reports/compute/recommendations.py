"""What to do, each with the numbers it rests on, ranked by what it saves for the work it takes.

score = gain × tier weight / effort. ``gain`` is a share of an error budget: what was overspent,
what an incident took, or what lacking data could hide. ``effort`` is the usual days of work for
that kind. Weights, efforts and limits are the policy's; docs/decisions-policy.md explains them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from slo_reports import numbers
from slo_reports.compute.attribution import full_title
from slo_reports.compute.services import LITTLE_LEFT, no_verdict_reason, worse_rate
from slo_reports.model import (
    BudgetStatus,
    IncidentShare,
    JudgedIncident,
    LatencyIndicator,
    Method,
    Outcome,
    PastPeriod,
    Ranking,
    Recommendation,
    ServiceResult,
    SloResult,
    Tier,
)
from slo_reports.periods import Period, local_date

TREND = 12
_REVIEWED = (BudgetStatus.ATTENTION, BudgetStatus.WARNING, BudgetStatus.CRITICAL)
_REVIEW = "next objective review"


@dataclass(frozen=True)
class _Context:
    """What every rule may look at."""

    period: Period
    incidents: dict[str, JudgedIncident]
    ranking: Ranking

    def within(self, days: int) -> str:
        """A due date, counted from the end of the data."""
        due = self.period.data_end + timedelta(days=days)
        return numbers.day_text(local_date(due, self.period.zone))


def recommendations(
    services: Sequence[ServiceResult],
    incidents: Sequence[JudgedIncident],
    period: Period,
    ranking: Ranking,
) -> tuple[Recommendation, ...]:
    """Everything worth asking for, most urgent first."""
    context = _Context(period, {one.letter: one for one in incidents}, ranking)
    tiers = {one.slo.id: one.slo.tier for service in services for one in service.results}
    found = [
        _ranked(one, tiers.get(one.slo or ""), ranking)
        for service in services
        for one in _for_service(service, context)
    ]
    return tuple(sorted(found, key=lambda one: (-one.score, one.service, one.slo or "", one.kind)))


def _ranked(one: Recommendation, tier: Tier | None, ranking: Ranking) -> Recommendation:
    weight, effort = ranking.weight(tier), ranking.effort(one.kind)
    score = numbers.exact(one.gain) * numbers.exact(weight) / numbers.exact(effort)
    return replace(one, score=float(score), weight=weight, effort_days=effort)


def _for_service(service: ServiceResult, context: _Context) -> Iterator[Recommendation]:
    """A user journey asks for its releases and its target only: the rest its steps ask for."""
    yield from _hold_or_review(service)
    for result in service.results:
        yield from _targets(result, context.ranking)
    measured = tuple(one for one in service.results if not one.slo.steps)
    service = replace(service, results=measured)
    yield from _restore_monitoring(service, context)
    yield from _fix_incidents(service, context)
    for result in service.results:
        yield from _speed_up(result, context)
        yield from _write_runbook(result, context)
        yield from _few_events(result, context.ranking)


def _make(
    kind: str, result: SloResult, gain: float, words: tuple[str, str], due: str
) -> Recommendation:
    """A recommendation whose rank is not known yet."""
    return Recommendation(
        kind=kind,
        action=words[0],
        evidence=words[1],
        owner=result.slo.owner,
        due=due,
        service=result.slo.service,
        slo=result.slo.id,
        score=0.0,
        gain=gain,
        weight=0.0,
        effort_days=0.0,
    )


# --- releases ------------------------------------------------------------------------------------


def _hold_or_review(service: ServiceResult) -> Iterator[Recommendation]:
    exhausted = [one for one in service.results if one.status is BudgetStatus.EXHAUSTED]
    if exhausted:
        yield _hold(exhausted[0])
        return
    strained = [one for one in service.results if _is_strained(one)]
    if strained:
        yield _review(max(strained, key=_strain))


def _hold(result: SloResult) -> Recommendation:
    action = f"Hold feature releases of {result.slo.service} until its error budget recovers"
    consumed = result.budget.consumed
    if consumed is None:
        evidence = f"{_title(result)} promises {_target(result)}; {_failed(result)} failed."
    else:
        used = numbers.percent_text(consumed, kind="consumption")
        evidence = f"{_title(result)} used {used} of its budget{_since(result)}."
    return _make("hold-releases", result, max(consumed or 1.0, 1.0), (action, evidence), "now")


def _since(result: SloResult) -> str:
    if result.exhaustion is None or result.exhaustion.at is None:
        return ""
    zone = result.history[-1].period.zone
    return f"; it was spent on {numbers.instant_text(result.exhaustion.at, zone)}"


def _is_strained(result: SloResult) -> bool:
    if result.status is BudgetStatus.UNKNOWN:
        return False
    left = result.budget.remaining
    return result.status in _REVIEWED or (left is not None and left < LITTLE_LEFT)


def _strain(result: SloResult) -> float:
    left = 1.0 if result.budget.remaining is None else result.budget.remaining
    return max(worse_rate(result) - 1, LITTLE_LEFT - left, 0.0)


def _review(result: SloResult) -> Recommendation:
    name = result.slo.service
    action = (
        f"Put off risky releases of {name} and review the others"
        if result.status is BudgetStatus.CRITICAL
        else f"Review risky releases of {name} before they go out"
    )
    evidence = f"{_title(result)} has {_left_text(result)} of its budget left{_speed(result)}."
    gain = min(max(_strain(result), 0.05), 1.0)
    return _make("review-releases", result, gain, (action, evidence), "now")


def _left_text(result: SloResult) -> str:
    left = result.budget.remaining
    return "all" if left is None else numbers.percent_text(left, kind="remaining")


def _speed(result: SloResult) -> str:
    rate = worse_rate(result)
    return f" and burns {numbers.burn_text(rate)} as fast as planned" if rate > 1 else ""


# --- data ----------------------------------------------------------------------------------------


def _restore_monitoring(service: ServiceResult, context: _Context) -> Iterator[Recommendation]:
    blind = [one for one in service.results if _lacks_data(one, context.ranking)]
    if not blind:
        return
    worst = min(blind, key=lambda one: one.coverage)
    gain = max(1 - worst.coverage, 0.05)
    action = f"Restore the measurement of {full_title(worst.slo)}"
    yield _make(
        "restore-monitoring", worst, gain, (action, _blindness(worst, context)), context.within(7)
    )


def _lacks_data(result: SloResult, ranking: Ranking) -> bool:
    unjudged = result.outcome in (Outcome.NOT_MEASURED, Outcome.INSUFFICIENT_DATA)
    return unjudged or _longest_gap(result) >= ranking.long_gap


def _longest_gap(result: SloResult) -> timedelta:
    return max((end - start for start, end in result.missing), default=timedelta(0))


def _blindness(result: SloResult, context: _Context) -> str:
    if result.outcome is Outcome.NOT_MEASURED:
        return _full_stop(no_verdict_reason(result))
    share = numbers.percent_text(result.coverage, kind="coverage")
    minimum = numbers.percent_text(result.slo.minimum_coverage, kind="target")
    if not result.missing:
        return f"Data for {share} of the time; a verdict needs {minimum}."
    start, end = max(result.missing, key=lambda span: (span[1] - span[0], span[0]))
    began = numbers.instant_text(start, context.period.zone)
    gap = f"{numbers.duration_text(end - start)} from {began}"
    return f"Data for {share} of the time; the longest gap is {gap}. A verdict needs {minimum}."


# --- incidents -----------------------------------------------------------------------------------


def _fix_incidents(service: ServiceResult, context: _Context) -> Iterator[Recommendation]:
    dearest: dict[str, tuple[IncidentShare, SloResult]] = {}
    for result in service.results:
        for share in result.incidents:
            known = dearest.get(share.letter)
            if known is None or share.consumed > known[0].consumed:
                dearest[share.letter] = (share, result)
    for share, result in dearest.values():
        if share.consumed >= context.ranking.costly_incident:
            yield _fix(share, result, context)


def _fix(share: IncidentShare, result: SloResult, context: _Context) -> Recommendation:
    judged = context.incidents[share.letter]
    taken = numbers.percent_text(share.consumed, kind="consumption")
    lasted = numbers.duration_text(judged.length)
    action = fix_action(judged)
    title, without = full_title(result.slo), _without(share, result)
    evidence = f"It took {taken} of the budget of {title} in {lasted}{without}."
    return _make("fix-incident", result, share.consumed, (action, evidence), context.within(14))


def fix_action(judged: JudgedIncident) -> str:
    """What is asked for about an incident that took much of a budget."""
    return f"Remove the cause of incident {judged.letter}: {judged.incident.title}"


def _without(share: IncidentShare, result: SloResult) -> str:
    left = result.budget.remaining
    if left is None or left >= 0 or left + share.consumed < 0:
        return ""
    saved = numbers.percent_text(left + share.consumed, kind="remaining")
    return f"; without it {saved} would be left"


def _write_runbook(result: SloResult, context: _Context) -> Iterator[Recommendation]:
    if result.slo.runbook is not None or not result.incidents:
        return
    most = max(result.incidents, key=lambda share: share.consumed)
    taken = numbers.percent_text(most.consumed, kind="consumption")
    action = f"Write a runbook for {full_title(result.slo)}"
    evidence = f"Incident {most.letter} took {taken} of its budget and no runbook is named."
    yield _make("write-runbook", result, most.consumed, (action, evidence), context.within(14))


# --- objectives ----------------------------------------------------------------------------------


def _speed_up(result: SloResult, context: _Context) -> Iterator[Recommendation]:
    rest = result.unattributed or 0.0
    slow = isinstance(result.slo.indicator, LatencyIndicator) and result.outcome is Outcome.MISSED
    if not slow or rest < 0.5:
        return
    share = numbers.percent_text(rest, kind="consumption")
    action = f"Find what makes {result.slo.service} slow outside incidents"
    evidence = f"{_title(result)}: slow events outside every incident took {share} of the budget."
    yield _make("speed-up", result, rest, (action, evidence), context.within(28))


def _targets(result: SloResult, ranking: Ranking) -> Iterator[Recommendation]:
    recent = [one for one in result.history[-TREND:] if _was_judged(one)]
    missed = sum(one.outcome is Outcome.MISSED for one in recent)
    title = full_title(result.slo)
    if missed >= ranking.missed_often:
        action = f"Fund the reliability of {title}, or choose an objective below {_target(result)}"
        last = numbers.periods_counted(len(recent), result.history[-1].period.kind)
        evidence = f"Missed in {numbers.count_text(missed)} of the last {last}."
        gain = missed / len(recent)
        yield _make("loosen-target", result, gain, (action, evidence), _REVIEW)
    used = [one.consumed for one in recent if one.consumed is not None]
    rises_anyway = result.next_phase is not None
    known = len(used) >= max(ranking.calm_periods, 1)
    if not rises_anyway and known and max(used) <= ranking.barely_used:
        most = numbers.percent_text(max(used), kind="consumption")
        action = f"Choose an objective above {_target(result)} for {title}"
        periods = numbers.periods_counted(len(used), result.history[-1].period.kind)
        evidence = f"Never more than {most} of the budget used in {periods}."
        yield _make("tighten-target", result, 0.1, (action, evidence), _REVIEW)


def _was_judged(past: PastPeriod) -> bool:
    return past.outcome in (Outcome.MET, Outcome.MISSED)


def _few_events(result: SloResult, ranking: Ranking) -> Iterator[Recommendation]:
    budget = result.budget.events
    if result.valid == 0 or budget == 0 or budget >= ranking.few_failures:
        return
    if result.method is not Method.OCCURRENCES:  # slices: there are as many as the period has
        return
    one = numbers.decimal_text(100 / numbers.exact(budget))
    events = numbers.events_text(result.valid)
    action = f"Count more events for {full_title(result.slo)}, or judge it over a longer period"
    evidence = f"{events} events: one failure is {one}{numbers.NARROW}% of the budget."
    yield _make("widen-what-counts", result, 0.1, (action, evidence), _REVIEW)


# --- words ---------------------------------------------------------------------------------------


def _title(result: SloResult) -> str:
    return result.slo.title


def _target(result: SloResult) -> str:
    return numbers.percent_text(result.objective.target, kind="target")


def _failed(result: SloResult) -> str:
    if result.unit == "events":
        return numbers.counted(int(result.budget.bad), "event", "events")
    return f"{numbers.events_text(result.budget.bad, 'up')} {result.unit}"


def _full_stop(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
