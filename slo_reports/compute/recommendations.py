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
from slo_reports.language import tr
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
from slo_reports.units import EVENTS, unit_words

TREND = 12
_REVIEWED = (BudgetStatus.ATTENTION, BudgetStatus.WARNING, BudgetStatus.CRITICAL)


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
    action = tr(
        "Hold feature releases of {service} until its error budget recovers",
        service=result.slo.service,
    )
    gain = max(result.budget.consumed or 1.0, 1.0)
    return _make("hold-releases", result, gain, (action, _overspent(result)), tr("now"))


def _overspent(result: SloResult) -> str:
    consumed, end = result.budget.consumed, result.exhaustion
    if consumed is None:
        return tr(
            "{objective} promises {target}; {failed} failed.",
            objective=result.slo.title,
            target=_target(result),
            failed=_failed(result),
        )
    told = {
        "objective": result.slo.title,
        "used": numbers.percent_text(consumed, kind="consumption"),
    }
    if end is None or end.at is None:
        return tr("{objective} used {used} of its budget.", **told)
    at = numbers.instant_text(end.at, result.history[-1].period.zone)
    return tr(
        "{objective} used {used} of its budget; it was spent on {instant}.", **told, instant=at
    )


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
    action = tr("Review risky releases of {service} before they go out", service=name)
    if result.status is BudgetStatus.CRITICAL:
        action = tr("Put off risky releases of {service} and review the others", service=name)
    gain = min(max(_strain(result), 0.05), 1.0)
    return _make("review-releases", result, gain, (action, _strained(result)), tr("now"))


def _strained(result: SloResult) -> str:
    left, rate = result.budget.remaining, worse_rate(result)
    told = {
        "objective": result.slo.title,
        "share": numbers.percent_text(1 if left is None else left, kind="remaining"),
    }
    if rate <= 1:
        return tr("{objective} has {share} of its budget left.", **told)
    return tr(
        "{objective} has {share} of its budget left and burns {rate} as fast as planned.",
        **told,
        rate=numbers.burn_text(rate),
    )


# --- data ----------------------------------------------------------------------------------------


def _restore_monitoring(service: ServiceResult, context: _Context) -> Iterator[Recommendation]:
    blind = [one for one in service.results if _lacks_data(one, context.ranking)]
    if not blind:
        return
    worst = min(blind, key=lambda one: one.coverage)
    gain = max(1 - worst.coverage, 0.05)
    name = full_title(worst.slo)
    if _begins_late(worst, context):
        action = tr("Let data of {objective} come together", objective=name)
    else:
        action = tr("Restore the measurement of {objective}", objective=name)
    yield _make(
        "restore-monitoring", worst, gain, (action, _blindness(worst, context)), context.within(7)
    )


def _lacks_data(result: SloResult, ranking: Ranking) -> bool:
    unjudged = result.outcome in (Outcome.NOT_MEASURED, Outcome.INSUFFICIENT_DATA)
    return unjudged or _longest_gap(result) >= ranking.long_gap


def _longest_gap(result: SloResult) -> timedelta:
    return max((end - start for start, end in result.missing), default=timedelta(0))


def _begins_late(result: SloResult, context: _Context) -> bool:
    """Whether all that lacks is what was before its first data."""
    gaps = result.missing
    return len(gaps) == 1 and gaps[0][0] <= context.period.start and gaps[0][1] < context.period.end


def _blindness(result: SloResult, context: _Context) -> str:
    if result.outcome is Outcome.NOT_MEASURED:
        return _full_stop(no_verdict_reason(result))
    share = numbers.percent_text(result.coverage, kind="coverage")
    minimum = numbers.percent_text(result.slo.minimum_coverage, kind="target")
    if not result.missing:
        return tr(
            "Data for {share} of the time; a verdict needs {minimum}.",
            share=share,
            minimum=minimum,
        )
    start, end = max(result.missing, key=lambda span: (span[1] - span[0], span[0]))
    if _begins_late(result, context):
        return tr(
            "Its data begin at {instant}, and what was before is not known. A verdict needs "
            "{minimum} of the period; a shorter one can be judged sooner.",
            instant=numbers.instant_text(end, context.period.zone),
            minimum=minimum,
        )
    return tr(
        "Data for {share} of the time; the longest gap is {span} from {instant}. "
        "A verdict needs {minimum}.",
        share=share,
        span=numbers.duration_text(end - start),
        instant=numbers.instant_text(start, context.period.zone),
        minimum=minimum,
    )


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
    words = fix_action(judged), _taken(share, result, judged)
    return _make("fix-incident", result, share.consumed, words, context.within(14))


def fix_action(judged: JudgedIncident) -> str:
    """What is asked for about an incident that took much of a budget."""
    return tr(
        "Remove the cause of incident {letter}: {title}",
        letter=judged.letter,
        title=judged.incident.title,
    )


def _taken(share: IncidentShare, result: SloResult, judged: JudgedIncident) -> str:
    left = result.budget.remaining
    told = {
        "share": numbers.percent_text(share.consumed, kind="consumption"),
        "objective": full_title(result.slo),
        "span": numbers.duration_text(judged.length),
    }
    if left is None or left >= 0 or left + share.consumed < 0:
        return tr("It took {share} of the budget of {objective} in {span}.", **told)
    return tr(
        "It took {share} of the budget of {objective} in {span}; without it {saved} would be left.",
        **told,
        saved=numbers.percent_text(left + share.consumed, kind="remaining"),
    )


def _write_runbook(result: SloResult, context: _Context) -> Iterator[Recommendation]:
    if result.slo.runbook is not None or not result.incidents:
        return
    most = max(result.incidents, key=lambda share: share.consumed)
    taken = numbers.percent_text(most.consumed, kind="consumption")
    action = tr("Write a runbook for {objective}", objective=full_title(result.slo))
    evidence = tr(
        "Incident {letter} took {share} of its budget and no runbook is named.",
        letter=most.letter,
        share=taken,
    )
    yield _make("write-runbook", result, most.consumed, (action, evidence), context.within(14))


# --- objectives ----------------------------------------------------------------------------------


def _speed_up(result: SloResult, context: _Context) -> Iterator[Recommendation]:
    rest = result.unattributed or 0.0
    slow = isinstance(result.slo.indicator, LatencyIndicator) and result.outcome is Outcome.MISSED
    if not slow or rest < 0.5:
        return
    share = numbers.percent_text(rest, kind="consumption")
    action = tr("Find what makes {service} slow outside incidents", service=result.slo.service)
    evidence = tr(
        "{objective}: slow events outside every incident took {share} of the budget.",
        objective=result.slo.title,
        share=share,
    )
    yield _make("speed-up", result, rest, (action, evidence), context.within(28))


def _targets(result: SloResult, ranking: Ranking) -> Iterator[Recommendation]:
    recent = [one for one in result.history[-TREND:] if _was_judged(one)]
    missed = sum(one.outcome is Outcome.MISSED for one in recent)
    kind = result.history[-1].period.kind
    told = {"objective": full_title(result.slo), "target": _target(result)}
    if missed >= ranking.missed_often:
        action = tr(
            "Fund the reliability of {objective}, or choose an objective below {target}", **told
        )
        evidence = tr(
            "Missed in {count} of the last {periods}.",
            count=numbers.count_text(missed),
            periods=numbers.periods_counted(len(recent), kind),
        )
        gain = missed / len(recent)
        yield _make("loosen-target", result, gain, (action, evidence), _next_review())
    used = [one.consumed for one in recent if one.consumed is not None]
    rises_anyway = result.next_phase is not None
    known = len(used) >= max(ranking.calm_periods, 1)
    if not rises_anyway and known and max(used) <= ranking.barely_used:
        action = tr("Choose an objective above {target} for {objective}", **told)
        evidence = tr(
            "Never more than {share} of the budget used in {periods}.",
            share=numbers.percent_text(max(used), kind="consumption"),
            periods=numbers.periods_counted(len(used), kind),
        )
        yield _make("tighten-target", result, 0.1, (action, evidence), _next_review())


def _was_judged(past: PastPeriod) -> bool:
    return past.outcome in (Outcome.MET, Outcome.MISSED)


def _few_events(result: SloResult, ranking: Ranking) -> Iterator[Recommendation]:
    budget = result.budget.events
    if result.valid == 0 or budget == 0 or budget >= ranking.few_failures:
        return
    if result.method is not Method.OCCURRENCES:  # slices: there are as many as the period has
        return
    one = numbers.decimal_text(100 / numbers.exact(budget))
    action = tr(
        "Count more events for {objective}, or judge it over a longer period",
        objective=full_title(result.slo),
    )
    evidence = tr(
        "{count} events: one failure is {share} of the budget.",
        count=numbers.events_text(result.valid),
        share=f"{one}{numbers.NARROW}%",
    )
    yield _make("widen-what-counts", result, 0.1, (action, evidence), _next_review())


# --- words ---------------------------------------------------------------------------------------


def _next_review() -> str:
    return tr("next objective review")


def _target(result: SloResult) -> str:
    return numbers.percent_text(result.objective.target, kind="target")


def _failed(result: SloResult) -> str:
    if result.unit == EVENTS:
        return numbers.counted(int(result.budget.bad), "event", "events")
    return f"{numbers.events_text(result.budget.bad, 'up')} {unit_words(result.unit)}"


def _full_stop(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
