"""Real change told from noise: is a period unlike those before it?

Shares of a budget are compared, never minutes or events, so months of 28 and of 31 days weigh the
same; earlier periods count by the target of today, so a changed promise is no change of service.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from statistics import median

from slo_reports.model import Day, Outcome, PastPeriod, Shift, ShiftKind, SloResult

LEAST_PERIODS = 6
"""Fewer earlier periods tell nothing about what is usual."""
MOST_PERIODS = 12
_LIMIT = 3.145
"""Natural limits of single values, in median moving ranges (Wheeler, Understanding Variation)."""
_ERRORS = 3.0
"""Standard errors within which the days of a period leave its consumption open."""
_JUDGED = (Outcome.MET, Outcome.MISSED)


def shift(result: SloResult) -> Shift | None:
    """Whether an objective's consumption is unlike that of its earlier periods.

    Returns:
        None where the period has no consumption to compare.

    Source:
        Individuals chart with median moving range (Wheeler); quasi-Poisson dispersion of daily
        counts (McCullagh and Nelder, chapter 6).
    """
    now = result.budget.consumed
    if now is None or result.outcome not in _JUDGED:
        return None
    before = consumptions(result.history[:-1], float(result.objective.target))[-MOST_PERIODS:]
    if len(before) < LEAST_PERIODS:
        return Shift(result.slo.id, ShiftKind.UNKNOWN, len(before))
    usual = median(before)
    half, noise = natural_limit(before), noise_of(result)
    return Shift(
        slo=result.slo.id,
        kind=_kind(now - usual, half, noise),
        periods=len(before),
        usual=usual,
        low=max(usual - half, 0.0),
        high=usual + half,
        noise=noise,
    )


def _kind(change: float, half: float, noise: float) -> ShiftKind:
    if abs(change) <= half:
        return ShiftKind.USUAL
    if abs(change) <= noise:
        return ShiftKind.FEW_DAYS
    return ShiftKind.WORSE if change > 0 else ShiftKind.BETTER


def consumptions(history: Sequence[PastPeriod], target: float) -> list[float]:
    """What judged periods would have used of the budget of one target, oldest first [ratio].

    Args:
        history: earlier periods, each with the target that it was judged by.
        target: the one to compare by [ratio]; 1 has no budget, and gives nothing.
    """
    if target >= 1:
        return []
    return [
        one.consumed * (1 - (target if one.target is None else one.target)) / (1 - target)
        for one in history
        if one.consumed is not None and one.outcome in _JUDGED
    ]


def natural_limit(values: Sequence[float]) -> float:
    """How far from the median single values usually lie: 3.145 × median moving range."""
    ranges = [abs(after - before) for before, after in itertools.pairwise(values)]
    return _LIMIT * median(ranges)


def noise_of(result: SloResult) -> float:
    """Three standard errors of the consumption, from how unlike its days are [ratio].

    The bad events of a day scatter by φ times what independent chances would make them:
    φ = Σ (b − p v)² / (p v) / (days − 1), at least 1. Then the error is √(φ B) / budget.
    """
    if result.budget.events <= 0:
        return 0.0
    bad = max(result.budget.bad, 1.0)
    return _ERRORS * math.sqrt(dispersion(result.days) * bad) / result.budget.events


def dispersion(days: Sequence[Day]) -> float:
    """How much more than by chance the bad events of days scatter (φ), at least 1."""
    served = [(one.valid - one.good, one.valid) for one in days if one.valid > 0]
    bad, valid = math.fsum(one for one, _ in served), math.fsum(one for _, one in served)
    if len(served) < 2 or bad <= 0:
        return 1.0
    share = bad / valid
    chi = math.fsum((one - share * of) ** 2 / (share * of) for one, of in served)
    return max(chi / (len(served) - 1), 1.0)
