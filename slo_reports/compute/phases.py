"""A target that changes inside a period: what its parts come to.

Each part has its own budget, (1 − T_i) × V_i, and the period's budget is their sum. One exact
target says the same of the whole: T = 1 − budget / V. With it every other formula stays as it is.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction

from slo_reports.compute import budget
from slo_reports.compute.budget import Ratio
from slo_reports.compute.grid import Grid, Life
from slo_reports.model import NextPhase, Objective, Phase, Slo
from slo_reports.periods import Period

Parts = Sequence[tuple[datetime, Decimal]]
"""Targets, each with the instant from which it holds; the first from the period's start."""


def part_sizes(grid: Grid, parts: Parts) -> list[float]:
    """Valid events of each part; a slice belongs to the part in which it begins [events]."""
    cuts = [*(grid.index(since) for since, _ in parts), len(grid)]
    cuts[0] = 0
    return [grid.total(grid.valid[low:high]) for low, high in itertools.pairwise(cuts)]


def effective_target(parts: Parts, sizes: Sequence[float], period: Period) -> Ratio:
    """The one target that allows as many bad events as the parts do together.

    Args:
        parts: the targets in force.
        sizes: valid events of each part; all zero: the parts weigh by their time [events].
        period: of which they are the parts.

    Returns:
        1 − Σ (1 − T_i) × V_i / V, exact; the target itself where there is one only.
    """
    if len(parts) == 1:
        return parts[0][1]
    weights = [Fraction(size) for size in sizes]
    if not any(weights):
        weights = _lengths(parts, period)
    allowed = sum(
        (
            (1 - Fraction(target)) * weight
            for (_, target), weight in zip(parts, weights, strict=True)
        ),
        Fraction(0),
    )
    return 1 - allowed / sum(weights, Fraction(0))


def _lengths(parts: Parts, period: Period) -> list[Fraction]:
    edges = [*(since for since, _ in parts), period.end]
    return [
        Fraction((end - start) // timedelta.resolution) for start, end in itertools.pairwise(edges)
    ]


def shown(objective: Objective, target: Ratio, parts: Parts) -> Objective:
    """The objective as pages tell it: with one target, whatever was in force."""
    if not isinstance(target, Fraction):
        return objective
    return replace(objective, target=shown_target(target, parts))


def shown_target(target: Fraction, parts: Parts) -> Decimal:
    """What several targets come to, rounded up to few digits."""
    finest = min(int(one.as_tuple().exponent) for _, one in parts)
    digits = Decimal(1).scaleb(min(-5, finest - 1))
    exact = Decimal(target.numerator) / Decimal(target.denominator)
    return min(exact.quantize(digits, rounding=ROUND_CEILING), Decimal(1))


def would_have_said(
    phase: Phase, counted: tuple[float, float], coverage: float, slo: Slo, life: Life
) -> NextPhase:
    """What a phase would have said of a period in which it was not in force.

    Args:
        phase: the one to come.
        counted: good and valid events by its target [events].
        coverage: share of the SLO's own life with data [ratio].
        slo: with its minimum of coverage.
        life: the span that the budget is for.
    """
    good, valid = counted
    return NextPhase(
        phase.target,
        phase.start,
        budget.outcome(good, valid, phase.target, coverage, slo.minimum_coverage),
        budget.error_budget(good, valid, phase.target, life).remaining,
    )
