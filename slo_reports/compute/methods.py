"""The door of compute: measured slices, less what is excluded, in the unit of the SLO's method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import numpy as np

from slo_reports.compute import budget, phases
from slo_reports.compute.grid import Grid, lay, lay_slices, life_of
from slo_reports.exclusions import concerning, excluded_slices
from slo_reports.methods import measured_per_slice, together, weigh_parts
from slo_reports.model import Exclusion, Method, Slices, Slo, Subject
from slo_reports.periods import Period


def without(grid: Grid, exclusions: Sequence[Exclusion]) -> Grid:
    """The grid with every slice emptied that one of the exclusions overlaps."""
    out = excluded_slices(exclusions, grid.start, grid.step, len(grid))
    kept = (~out).astype(np.float64)
    return replace(
        grid,
        good=grid.good * kept,
        valid=grid.valid * kept,
        coverage=grid.coverage * kept,
        excluded=out,
    )


def counted_grid(
    subject: Subject,
    period: Period,
    exclusions: Sequence[Exclusion] = (),
    steps: Sequence[Slo] = (),
) -> Grid | None:
    """What an SLO is judged on: its slices, less what is excluded, in the unit of its method.

    Args:
        subject: the SLO with all that was measured of it.
        period: what is judged.
        exclusions: all there are; those that concern other SLOs change nothing.
        steps: critical steps of a user journey, whose exclusions are its own too.

    Returns:
        None where nothing was measured.
    """
    grid = lay(subject.measurement, period)
    if grid is None:
        return None
    own = concerning(exclusions, subject.slo, *steps)
    parts = subject.slo.objective_for(period).parts(period)
    return in_parts(without(grid, own), subject.slo, parts)


def by_method(grid: Grid, slo: Slo, target: Decimal) -> Grid:
    """A grid of measured slices as a grid in the unit of the SLO's method, by one target."""
    return in_parts(grid, slo, [(grid.start, target)])


def in_parts(grid: Grid, slo: Slo, parts: Sequence[tuple[datetime, Decimal]]) -> Grid:
    """A grid of measured slices as a grid in the unit of the SLO's method.

    The slices of a method are counted from the period's start; the last one may be cut short.

    Args:
        grid: measured slices, exclusions already taken out.
        slo: with its method.
        parts: the targets in force, each with the instant from which it holds [ratio].
    """
    per = measured_per_slice(slo, grid.step)
    cuts = [(grid.index(since), target) for since, target in parts]
    good, valid = weigh_parts(grid.good, grid.valid, slo, cuts, per)
    left = together((~grid.excluded).astype(np.float64), per)
    covered = together(grid.coverage, per)
    return replace(
        grid,
        step=per * grid.step,
        good=good,
        valid=valid,
        coverage=np.divide(covered, left, out=np.zeros(len(left)), where=left > 0),
        first=grid.first // per,
        excluded=left == 0,
    )


def compare_methods(
    slices: Slices,
    slo: Slo,
    period: Period,
    exclusions: Sequence[Exclusion] = (),
    steps: Sequence[Slo] = (),
) -> dict[Method, tuple[float | None, float | None]]:
    """The same slices by all three methods, side by side.

    Args:
        slices: what was measured.
        slo: its slice target and slice window hold for the two methods that have slices.
        period: what is judged.
        exclusions: all there are; those that concern the SLO are taken out.
        steps: critical steps of a user journey, whose exclusions are its own too.

    Returns:
        By method (SLI [ratio], consumed share of the whole period's budget [ratio]); None where
        there is no traffic, or no budget.
    """
    grid = without(lay_slices(slices, period), concerning(exclusions, slo, *steps))
    objective, life = slo.objective_for(period), life_of(None, period)
    parts = objective.parts(period)
    found: dict[Method, tuple[float | None, float | None]] = {}
    for method in Method:
        one = in_parts(grid, replace(slo, method=method), parts)
        target = phases.effective_target(parts, phases.part_sizes(one, parts), period)
        good, valid = one.events()
        found[method] = (
            budget.sli(good, valid),
            budget.error_budget(good, valid, target, life).consumed,
        )
    return found
