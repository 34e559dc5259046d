"""The lines of the charts: budget left, and burn rate over short windows."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from slo_reports.compute.budget import Ratio
from slo_reports.compute.grid import Array, Grid
from slo_reports.model import Curve

Indices = NDArray[np.intp]
HOUR = timedelta(hours=1)
WINDOWS = (HOUR, timedelta(hours=6))
_POINTS = 750
_STEPS = 40
_STEEP = 0.005
"""A slice that takes this share of the budget is a step: its both ends are kept."""


def remaining_curve(grid: Grid, budget: float, remaining: float) -> Curve:
    """Budget left at the ends of slices, from 1 down to ``remaining``.

    Args:
        grid: the slices.
        budget: the whole period's budget [events, over 0].
        remaining: where the line ends [ratio].

    Returns:
        One point an hour (fewer for long periods) and the instants around steps [ratio].
    """
    left = 1 - np.concatenate(([0.0], np.cumsum(grid.bad))) / budget
    left[-1] = remaining
    kept = np.union1d(_regular(grid), _around_steps(grid.bad / budget))
    return Curve(grid.edges[kept], left[kept])


def _regular(grid: Grid) -> Indices:
    hours = max(1, -(-len(grid) * grid.step // (HOUR * _POINTS)))
    stride = max(1, int(hours * HOUR // grid.step))
    return np.append(np.arange(0, len(grid), stride), len(grid))


def _around_steps(drops: Array) -> Indices:
    steepest = np.argsort(-drops, kind="stable")[:_STEPS]
    steps = steepest[drops[steepest] >= _STEEP]
    return np.concatenate((steps, steps + 1))


def burn_curves(grid: Grid, target: Ratio) -> tuple[tuple[timedelta, Curve], ...]:
    """Burn rate at each hour over the windows that alerts look at.

    Returns:
        (window, curve) for one and six hours, at least one slice of the method; NaN where nothing
        was served [1]. Empty where a target of 100 % leaves no budget.
    """
    if target >= 1:
        return ()
    return tuple((window, _burn_curve(grid, window, float(1 - target))) for window in WINDOWS)


def _burn_curve(grid: Grid, window: timedelta, allowed: float) -> Curve:
    hour = max(1, int(HOUR // grid.step))
    ends = np.append(np.arange(hour, len(grid), hour), len(grid))
    begins = np.maximum(ends - max(1, int(window // grid.step)), 0)
    valid, bad = (_between(one, begins, ends) for one in (grid.valid, grid.bad))
    served = np.where(valid > 0, valid, np.nan)
    return Curve(grid.edges[ends], bad / served / allowed)


def _between(values: Array, begins: Indices, ends: Indices) -> Array:
    cumulated = np.concatenate(([0.0], np.cumsum(values)))
    inside: Array = cumulated[ends] - cumulated[begins]
    return inside
