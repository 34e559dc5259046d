"""Earlier periods of an SLO as totals, in the unit of its method and without what is excluded."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from slo_reports.collect.grid import Grid
from slo_reports.collect.grouping import groups_of
from slo_reports.collect.plan import Plan
from slo_reports.collect.survey import Surveyed
from slo_reports.exclusions import concerning, excluded_slices
from slo_reports.methods import totals
from slo_reports.model import Exclusion, Slo, Totals
from slo_reports.periods import Period

_AT_ONCE = 1000
"""SLOs that are asked for together: a year of their hours takes 0.2 GB, and each time the days of
that year are opened."""


def histories(
    plan: Plan,
    slos: Sequence[Slo],
    ask: Callable[[Grid, Sequence[Slo]], Mapping[str, Surveyed]],
    *,
    reported: Period,
    exclusions: Sequence[Exclusion],
) -> dict[str, tuple[Totals, ...]]:
    """The totals of the earlier periods of many SLOs, by their ids.

    A year of hours weighs more than the reported month, and only totals are kept of it: so they
    are asked for by and by.

    Args:
        plan: which periods, in which slices.
        slos: whose.
        ask: measures some of them.
        reported: see ``history``.
        exclusions: see ``history``.
    """
    found: dict[str, tuple[Totals, ...]] = {}
    for grid in (plan.past_grid, plan.fine_past_grid):
        some = [slo for slo in slos if plan.past_grid_of(slo) is grid]
        for group in groups_of(some, _AT_ONCE):
            surveyed = ask(grid, group)
            for slo in group:
                if slo.id in surveyed:
                    found[slo.id] = history(
                        slo,
                        surveyed[slo.id],
                        grid,
                        plan.past,
                        reported=reported,
                        exclusions=exclusions,
                    )
    return found


def history(
    slo: Slo,
    past: Surveyed,
    grid: Grid,
    periods: Sequence[Period],
    *,
    reported: Period,
    exclusions: Sequence[Exclusion],
) -> tuple[Totals, ...]:
    """The totals of earlier periods, from the first that has any data.

    Args:
        slo: with its method.
        past: what was measured on ``grid``.
        grid: the slices of all the periods.
        periods: oldest first.
        reported: the period whose objective they are judged by, in its phases.
        exclusions: all there are.
    """
    if past.reason is not None:
        return ()
    own = concerning(exclusions, slo)
    out = excluded_slices(own, grid.start, grid.step, grid.count)
    objective = slo.objective_for(reported)
    found: list[Totals] = []
    for period in periods:
        first = max(0, (period.start - grid.start) // grid.step)
        last = min(grid.count, (period.end - grid.start) // grid.step)
        began = past.since if past.since and period.start < past.since < period.end else None
        born = first if began is None else (began - grid.start) // grid.step
        if not np.any(past.coverage[born:last] > 0) and not found:
            continue
        inside = slice(first, last)
        parts = [
            (max(0, -((period.start - since) // grid.step)), target)
            for since, target in objective.parts(period)
        ]
        good, sizes = totals(
            past.good[inside], past.valid[inside], out[inside], slo, parts, grid.step
        )
        valid = math.fsum(sizes)
        covered = past.coverage[born:last][~out[born:last]]
        coverage = float(covered.mean()) if len(covered) else 0.0
        changed = sizes if len(sizes) > 1 else ()
        found.append(Totals(period, good, valid, coverage, began, changed))
    return tuple(found)
