"""Objectives gathered into services, worst first, each with a word and a line."""

from __future__ import annotations

import math
from collections.abc import Sequence

from slo_reports import numbers
from slo_reports.compute.trend import just_before
from slo_reports.language import tr
from slo_reports.model import (
    BudgetStatus,
    Outcome,
    ServiceResult,
    ServiceState,
    SloResult,
    Tier,
)
from slo_reports.numbers import inline

LITTLE_LEFT = 0.25
"""A met objective with less budget left than this is at risk [ratio]."""
_RANK = tuple(ServiceState)
_FELT = 0.05
_CHANGED = 0.10
_FAST = (BudgetStatus.WARNING, BudgetStatus.CRITICAL)


def state_of(result: SloResult) -> ServiceState:
    """One word for an objective: ``at risk`` is met with little left or burning fast."""
    match result.outcome:
        case Outcome.MISSED:
            return ServiceState.MISSED
        case Outcome.MET:
            return ServiceState.AT_RISK if _is_at_risk(result) else ServiceState.MET
        case _:
            return ServiceState.NO_VERDICT


def _is_at_risk(result: SloResult) -> bool:
    left = result.budget.remaining
    return result.status in _FAST or (left is not None and left < LITTLE_LEFT)


def by_need(result: SloResult) -> tuple[int, float, str, str]:
    """Sort key: missed, at risk, no verdict, met; then the least budget left."""
    state = state_of(result)
    return _RANK.index(state), _left(result, state), result.slo.title, result.slo.id


def _left(result: SloResult, state: ServiceState) -> float:
    if result.budget.remaining is not None:
        return result.budget.remaining
    return -math.inf if state is ServiceState.MISSED else math.inf


def services(results: Sequence[SloResult]) -> tuple[ServiceResult, ...]:
    """The services of a report, worst first, and their objectives worst first."""
    groups: dict[str, list[SloResult]] = {}
    for result in results:
        groups.setdefault(result.slo.service, []).append(result)
    found = [_service(name, sorted(group, key=by_need)) for name, group in groups.items()]
    return tuple(sorted(found, key=_service_need))


def _service_need(service: ServiceResult) -> tuple[int, float, str]:
    left = math.inf if service.remaining is None else service.remaining
    return _RANK.index(service.state), left, service.name


def _service(name: str, results: Sequence[SloResult]) -> ServiceResult:
    owners = sorted({result.slo.owner for result in results})
    tiers = {result.slo.tier for result in results}
    left = [one.budget.remaining for one in results if one.budget.remaining is not None]
    return ServiceResult(
        name=name,
        owner=", ".join(owners),
        tier=next((tier for tier in Tier if tier in tiers), None),
        state=state_of(results[0]),
        remaining=min(left, default=None),
        note=note(results),
        results=tuple(results),
    )


def note(results: Sequence[SloResult]) -> str:
    """One line about a service.

    Args:
        results: its objectives, worst first.
    """
    match state_of(results[0]):
        case ServiceState.MISSED:
            return _missed_note(results)
        case ServiceState.AT_RISK:
            return _risk_note(results[0])
        case ServiceState.NO_VERDICT:
            return no_verdict_reason(results[0])
        case ServiceState.MET:
            return _met_note(results)


def _missed_note(results: Sequence[SloResult]) -> str:
    missed = [inline(one.slo.title) for one in results if one.outcome is Outcome.MISSED]
    if len(missed) == len(results) > 1:
        count = numbers.count_text(len(missed))
        return tr("Both missed") if len(missed) == 2 else tr("All {count} missed", count=count)
    return tr("Missed on {objectives}", objectives=numbers.listed(missed))


def _risk_note(result: SloResult) -> str:
    left, title = result.budget.remaining, inline(result.slo.title)
    if left is not None and left < LITTLE_LEFT:
        share = numbers.percent_text(left, kind="remaining")
        return tr("{share} of the budget left on {objective}", share=share, objective=title)
    rate = numbers.burn_text(worse_rate(result))
    return tr("Burning {rate} as fast as planned on {objective}", rate=rate, objective=title)


def worse_rate(result: SloResult) -> float:
    """The worse of pace and trailing burn rate [1]; 0 where neither is known."""
    return max((rate for rate in (result.pace, result.burn) if rate is not None), default=0.0)


def no_verdict_reason(result: SloResult) -> str:
    """Why an objective could not be judged, in a few words."""
    match result.outcome:
        case Outcome.NO_TRAFFIC:
            return tr("No traffic")
        case Outcome.NOT_MEASURED:
            return tr("Not measured: {reason}", reason=result.reason)
        case _:
            share = numbers.percent_text(result.coverage, kind="coverage")
            return tr("Data for {share} of the time", share=share)


def _met_note(results: Sequence[SloResult]) -> str:
    worst = results[0]
    if worst.since is not None:
        day = numbers.instant_text(worst.since, worst.history[-1].period.zone)
        return tr("Measured since {day}", day=day)
    return _felt_note(results) or _change_note(worst) or _all_met_note(len(results))


def _felt_note(results: Sequence[SloResult]) -> str:
    felt = [share for one in results for share in one.incidents if share.consumed >= _FELT]
    if not felt:
        return ""
    most = max(felt, key=lambda share: share.consumed)
    taken = numbers.percent_text(most.consumed, kind="consumption")
    return tr("Incident {letter} took {share} of a budget", letter=most.letter, share=taken)


def _change_note(result: SloResult) -> str:
    before = just_before(result.history, result.history[-1].period)
    if before is None or before.consumed is None or result.budget.consumed is None:
        return ""
    saved = before.consumed - result.budget.consumed
    name = numbers.period_name(before.period)
    if abs(saved) < _CHANGED:
        return tr("Much as in {period}", period=name)
    if saved > 0:
        return tr("Less of the budget used than in {period}", period=name)
    return tr("More of the budget used than in {period}", period=name)


def _all_met_note(count: int) -> str:
    if count == 1:
        return tr("Its one objective met")
    if count == 2:
        return tr("Both objectives met")
    return tr("All {count} met", count=numbers.count_text(count))
