"""Episodes: spans in which a budget burnt fast, found in the slices without any alert.

The rule: over some half hour the budget burns at six times the sustainable rate or more; of those
half hours the slices that burn faster than sustainable count, from the first to the last of them;
what lies less than an hour apart is one episode. It is kept where it holds three bad events or
more and took at least 2 % of the whole period's budget.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from slo_reports.compute import budget
from slo_reports.compute.grid import Array, Grid, exact_sum, life_of
from slo_reports.compute.methods import counted_grid
from slo_reports.language import tr
from slo_reports.model import Exclusion, Incident, Subject, content_hash
from slo_reports.periods import Period

Indices = NDArray[np.intp]
SOURCE = "episode"
WINDOW = timedelta(minutes=30)
"""The short window whose burn rate is looked at; one slice where slices are longer."""
FAST = 6.0
"""The burn rate from which the window burns fast [1]."""
APART = timedelta(hours=1)
"""Slices that burn and lie no further apart than this are one episode."""
LEAST_SHARE = 0.02
"""The share of the whole period's budget that makes an episode worth telling [ratio]."""
LEAST_EVENTS = 3.0
"""Fewer bad events than this are chance [events]."""


def episodes(
    subject: Subject, period: Period, exclusions: Sequence[Exclusion] = ()
) -> tuple[Incident, ...]:
    """The episodes of one SLO in a period, in order of time.

    Args:
        subject: the SLO with its slices.
        period: what its budget is for.
        exclusions: all there are; nothing burns in a slice that is taken out.

    Returns:
        Incidents with the SLO's id and the source ``episode``; none without traffic, and none
        for a target of 100 %, which has no budget to burn.
    """
    grid = counted_grid(subject, period, exclusions)
    target = subject.slo.objective_for(period).target
    if grid is None or target >= 1 or not (valid := grid.total(grid.valid)):
        return ()
    life = life_of(subject.measurement.since, period)
    whole = float(budget.budget_events(valid, target, life.elapsed))
    return tuple(
        _incident(subject, grid, first, last)
        for first, last in _runs(_burning(grid, target), max(1, APART // grid.step))
        if _is_worth_telling(exact_sum(grid.bad[first : last + 1]), whole)
    )


def _is_worth_telling(bad: float, whole: float) -> bool:
    return bad >= LEAST_EVENTS and bad >= LEAST_SHARE * whole


def _burning(grid: Grid, target: Decimal) -> Indices:
    """Indices of the slices that burn faster than sustainable inside a window that burns fast."""
    allowed = float(1 - Fraction(target))
    size = min(max(1, WINDOW // grid.step), len(grid))
    bad, valid = _trailing(grid.bad, size), _trailing(grid.valid, size)
    fast = (valid > 0) & (bad >= FAST * allowed * valid)
    inside = _trailing(fast[::-1].astype(np.float64), size)[::-1] > 0
    return np.flatnonzero(inside & (grid.bad > allowed * grid.valid))


def _trailing(values: Array, size: int) -> Array:
    """For each place the sum of the ``size`` values that end there, of fewer at the beginning."""
    cumulated = np.concatenate((np.zeros(size), np.cumsum(values)))
    return np.asarray(cumulated[size:] - cumulated[:-size])


def _runs(indices: Indices, apart: int) -> list[tuple[int, int]]:
    """First and last of the indices that lie at most ``apart`` from each other."""
    if not len(indices):
        return []
    groups = np.split(indices, np.flatnonzero(np.diff(indices) > apart) + 1)
    return [(int(group[0]), int(group[-1])) for group in groups]


def _incident(subject: Subject, grid: Grid, first: int, last: int) -> Incident:
    start = grid.start + first * grid.step
    end = min(grid.start + (last + 1) * grid.step, grid.data_end)
    slo = subject.slo
    key = f"{SOURCE}|{slo.id}|{start.isoformat()}"
    return Incident(
        start=start,
        end=end,
        id=content_hash(key.encode())[:12],
        title=tr("{objective}: budget burnt without an alert", objective=slo.title),
        service=slo.service,
        severity="unknown",
        source=SOURCE,
        slo=slo.id,
        ongoing=end >= grid.data_end,
        sources=(SOURCE,),
        began_at=start,
        ended_at=end,
    )
