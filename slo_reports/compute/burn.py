"""How fast a budget burns, the state that follows from it, and when it is used up."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction

import numpy as np

from slo_reports.compute.budget import Ratio
from slo_reports.compute.grid import Grid, Life
from slo_reports.model import BudgetStatus, Exhaustion, Outcome

_FAR = timedelta(days=36_500)
_STATES = (
    (2, BudgetStatus.CRITICAL),
    (Fraction(3, 2), BudgetStatus.WARNING),
    (1, BudgetStatus.ATTENTION),
)


def default_lookback(length: timedelta) -> timedelta:
    """Trailing look-back of the burn rate: 3 days, 1 day for spans of up to 10 days."""
    return timedelta(days=1 if length <= timedelta(days=10) else 3)


def burn_rate(bad: float, valid: float, target: Ratio) -> Fraction | None:
    """How many times faster than sustainable the error budget is spent.

    Args:
        bad: bad events in the look-back window [events].
        valid: valid events in the same window [events].
        target: promised share of good events [ratio, 0 < target <= 1].

    Returns:
        1 spends exactly the whole budget in one compliance period. Exact; None where nothing was
        served, or where a target of 100 % leaves no budget.

    Source:
        The Site Reliability Workbook, chapter 5.
    """
    if valid == 0 or target >= 1:
        return None
    return Fraction(bad) / Fraction(valid) / (1 - Fraction(target))


def trailing_burn(grid: Grid, lookback: timedelta, target: Ratio) -> Fraction | None:
    """Burn rate over the look-back that ends at the as-of instant."""
    since = grid.data_end - lookback
    return burn_rate(grid.total(grid.bad, since), grid.total(grid.valid, since), target)


def budget_status(
    remaining: Fraction | None, pace: Fraction | None, burn: Fraction | None
) -> BudgetStatus:
    """The forward-looking state of a budget, from the worse of pace and burn rate.

    Args:
        remaining: budget left [ratio]; None where there is none to judge.
        pace: consumed over elapsed fraction [1].
        burn: trailing burn rate [1]; None without traffic in the look-back.
    """
    if remaining is None:
        return BudgetStatus.UNKNOWN
    if remaining <= 0:
        return BudgetStatus.EXHAUSTED
    worse = max(rate for rate in (pace, burn, Fraction(0)) if rate is not None)
    return next((state for over, state in _STATES if worse > over), BudgetStatus.HEALTHY)


def believed(status: BudgetStatus, outcome: Outcome) -> BudgetStatus:
    """The status where data are missing: bad news stands, good news is not believed."""
    if outcome is not Outcome.INSUFFICIENT_DATA:
        return status
    return status if status in _ALARMING else BudgetStatus.UNKNOWN


_ALARMING = (BudgetStatus.WARNING, BudgetStatus.CRITICAL, BudgetStatus.EXHAUSTED)


def spent_at(grid: Grid, budget: float) -> datetime | None:
    """End of the first slice in which the cumulated bad events reach the whole budget.

    Args:
        grid: the slices.
        budget: the whole period's budget [events]; 0 asks for the first bad event.
    """
    cumulated = np.cumsum(grid.bad)
    # The sum of floats may fall short of the exact total by its last digits.
    reached = np.flatnonzero((cumulated > 0) & (cumulated >= budget * (1 - 1e-12)))
    if not len(reached):
        return None
    return min(grid.start + (int(reached[0]) + 1) * grid.step, grid.data_end)


def projection(remaining: Fraction, burn: Fraction | None, life: Life) -> Exhaustion:
    """When a budget that is not used up will be, at the present rate.

    Args:
        remaining: budget left [ratio, over 0].
        burn: trailing burn rate [1].
        life: the span that the budget is for.

    Returns:
        As-of + r × length / b. ``later`` has no instant where it is a century away or more.
    """
    if burn is None or burn == 0:
        return Exhaustion("never", None)
    rate = remaining / burn
    if rate * (life.length // timedelta(seconds=1)) > _FAR // timedelta(seconds=1):
        return Exhaustion("later", None)
    at = life.data_end + timedelta(microseconds=int(rate * (life.length // timedelta.resolution)))
    return Exhaustion("projected" if at < life.end else "later", at)
