"""The next period: what it may use, when the budget may end, and what is planned in it.

No model and no randomness: each judged period of the last twelve is one case of how much the next
one uses, and the reported period's days, begun at each of them in turn, are the cases of when.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from statistics import median

from slo_reports.compute.attribution import full_title
from slo_reports.compute.shifts import LEAST_PERIODS, MOST_PERIODS, consumptions
from slo_reports.exclusions import touching
from slo_reports.model import (
    ComingTarget,
    Day,
    Exclusion,
    Forecast,
    Outcome,
    Plan,
    SloResult,
)
from slo_reports.periods import Period, following

_TENTH = 0.1
_JUDGED = (Outcome.MET, Outcome.MISSED)
Ends = tuple[datetime, datetime, datetime]


def plan(
    results: Sequence[SloResult], period: Period, planned: Sequence[Exclusion] = ()
) -> Plan | None:
    """What is known of the next period; None while the reported one still runs.

    Args:
        results: all objectives; those without a verdict have no forecast.
        period: the reported one.
        planned: exclusions written down for the next one.
    """
    if period.as_of is not None:
        return None
    coming = following(period)
    found = [forecast(one, coming) for one in results if one.outcome in _JUDGED]
    known = [one for one in found if one is not None]
    concerning = [
        one
        for one in touching(planned, coming.start, coming.end)
        if any(one.concerns(result.slo) for result in results)
    ]
    targets = tuple(_targets(results, coming))
    if not known and not concerning and not targets:
        return None
    return Plan(coming, tuple(sorted(known, key=_worst_first)), tuple(concerning), targets)


def _worst_first(one: Forecast) -> tuple[float, float, float, str]:
    return -(one.chance or 0.0), -(one.expected or 0.0), -(one.at_close or 0.0), one.slo


def forecast(result: SloResult, coming: Period) -> Forecast | None:
    """What the next period may use of one objective's budget; None for a target of 100 %."""
    target = hardest(result, coming)
    if target >= 1:
        return None
    cases = consumptions(result.history, float(target))[-MOST_PERIODS:]
    at_close = _at_close(result, target)
    head = Forecast(
        slo=result.slo.id,
        title=full_title(result.slo),
        target=target,
        periods=len(cases),
        at_close=at_close,
        close_at=_linear(at_close, coming),
    )
    return head if len(cases) < LEAST_PERIODS else _with_cases(head, cases, result, coming)


def hardest(result: SloResult, coming: Period) -> Decimal:
    """The target of the next period; the highest where it changes inside it."""
    return max(target for _, target in result.slo.objective_for(coming).parts(coming))


def _with_cases(
    head: Forecast, cases: Sequence[float], result: SloResult, coming: Period
) -> Forecast:
    missed = [one for one in cases if one > 1]
    return Forecast(
        slo=head.slo,
        title=head.title,
        target=head.target,
        periods=head.periods,
        missed=len(missed),
        expected=median(cases),
        low=quantile(cases, _TENTH),
        high=quantile(cases, 1 - _TENTH),
        chance=chance(len(missed), len(cases)),
        spent=spent_between(missed, result.days, coming),
        at_close=head.at_close,
        close_at=head.close_at,
    )


def chance(missed: int, periods: int) -> float:
    """That the next period is missed, after so many misses: (missed + 1) / (periods + 2).

    Source:
        Laplace's rule of succession: twelve good months are no proof that none will be bad.
    """
    return (missed + 1) / (periods + 2)


def quantile(values: Sequence[float], share: float) -> float:
    """The value that a share of cases lies below: place p (n + 1) in order, the ends at most."""
    ordered = sorted(values)
    place = min(max(share * (len(ordered) + 1) - 1, 0.0), len(ordered) - 1.0)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def _at_close(result: SloResult, target: Decimal) -> float | None:
    """A whole period's consumption at the closing burn rate, by the next target [ratio]."""
    if result.burn is None or result.objective.target >= 1:
        return None
    return result.burn * float((1 - result.objective.target) / (1 - target))


def _linear(consumed: float | None, coming: Period) -> datetime | None:
    """When an even consumption uses the budget up: start + length / consumption."""
    if consumed is None or consumed <= 1:
        return None
    return coming.start + coming.length / consumed


def spent_between(missed: Sequence[float], days: Sequence[Day], coming: Period) -> Ends | None:
    """When the budget ends in a period that is missed: earliest tenth, middle, latest tenth.

    Args:
        missed: consumptions over 1, each a case [ratio].
        days: of the reported period; each in turn is taken as the next one's first.
        coming: the next period.
    """
    shares = _shares(days)
    found = [
        _crossing(consumed, shares[first:] + shares[:first])
        for consumed in missed
        for first in range(len(shares))
    ]
    if not found:
        return None
    early, middle, late = (quantile(found, one) for one in (_TENTH, 0.5, 1 - _TENTH))
    return _at(coming, early), _at(coming, middle), _at(coming, late)


def _shares(days: Sequence[Day]) -> list[float]:
    """Each day's share of all bad events; even where there were none [ratio]."""
    bad = [max(one.valid - one.good, 0.0) for one in days]
    whole = math.fsum(bad)
    return [one / whole for one in bad] if whole > 0 else [1 / len(bad) for _ in bad]


def _crossing(consumed: float, shares: Sequence[float]) -> float:
    """The fraction of a period at which a consumption reaches the whole budget."""
    before = 0.0
    for number, used in enumerate(accumulate(one * consumed for one in shares)):
        if used >= 1:
            return (number + (1 - before) / (used - before)) / len(shares)
        before = used
    return 1.0


def _at(coming: Period, fraction: float) -> datetime:
    minutes = math.floor(fraction * (coming.length / timedelta(minutes=1)))
    return coming.start + timedelta(minutes=minutes)


def _targets(results: Sequence[SloResult], coming: Period) -> list[ComingTarget]:
    """Next phases that begin in the next period."""
    return [
        ComingTarget(
            slo=one.slo.id,
            title=full_title(one.slo),
            start=phase.start,
            before=one.objective.target,
            target=phase.target,
            outcome=phase.outcome,
            remaining=phase.remaining,
        )
        for one in results
        if (phase := one.next_phase) is not None and phase.start <= coming.last_day
    ]
