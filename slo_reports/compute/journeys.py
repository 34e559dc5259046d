"""User journeys: their slices and earlier periods, made of those of their critical steps.

The journey's ratio in a slice is the product (or the worst) of its critical steps' ratios there. It
is weighed by the valid events of the first critical step: so many users set out. Everything after
this door treats a journey as any other objective.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from slo_reports import numbers
from slo_reports.compute.attribution import full_title
from slo_reports.compute.grid import Array, Grid, lay
from slo_reports.language import tr
from slo_reports.model import (
    JourneyIndicator,
    Measurement,
    Method,
    Outcome,
    RatioQueryIndicator,
    Slices,
    Slo,
    SloResult,
    StepResult,
    Subject,
    ThresholdIndicator,
    Totals,
)
from slo_reports.periods import Period


def with_journeys(subjects: Sequence[Subject], period: Period) -> tuple[Subject, ...]:
    """The same subjects, each user journey measured by its steps among them.

    Args:
        subjects: all of a snapshot; nothing is excluded yet.
        period: what is judged.
    """
    known = {one.slo.id: one for one in subjects}
    return tuple(
        replace(one, measurement=_measured(one.slo, one.slo.indicator, known, period))
        if isinstance(one.slo.indicator, JourneyIndicator)
        else one
        for one in subjects
    )


def critical_steps(slo: Slo, known: Mapping[str, Slo]) -> tuple[Slo, ...]:
    """The SLOs that a journey fails with, in its order; nothing for any other SLO."""
    return tuple(known[one.slo] for one in slo.steps if one.critical and one.slo in known)


def _measured(
    slo: Slo, journey: JourneyIndicator, known: Mapping[str, Subject], period: Period
) -> Measurement:
    names = [one.slo for one in journey.steps if one.critical]
    fault = next((text for text in (_fault(one, known) for one in names) if text), None)
    if fault is not None:
        return Measurement(None, reason=fault)
    steps = [known[one] for one in names]
    grids = [grid for grid in (lay(one.measurement, period) for one in steps) if grid is not None]
    if len({(grid.start, grid.step) for grid in grids}) > 1:
        return Measurement(None, reason=tr("Its critical steps are measured in different slices."))
    history = _history(journey, steps) if _alike([slo, *(one.slo for one in steps)]) else ()
    return Measurement(
        slices=combined(journey, grids),
        since=max((one.measurement.since for one in steps if one.measurement.since), default=None),
        notes=(_how(journey, steps), *([approximate()] if history else [])),
        history=history,
    )


def approximate() -> str:
    """What is said of earlier periods of a journey."""
    return tr(
        "the earlier periods of this journey are made of its steps' ratios over whole periods, not "
        "slice by slice: they are approximate."
    )


def _fault(step: str, known: Mapping[str, Subject]) -> str | None:
    if step not in known:
        return tr("Its critical step {step} is not part of this report.", step=step)
    measurement = known[step].measurement
    if measurement.slices is None:
        why = measurement.reason or tr("the source gave no slices for it.")
        return tr("Its critical step {step} was not measured: {reason}", step=step, reason=why)
    return None


def combined(journey: JourneyIndicator, grids: Sequence[Grid]) -> Slices:
    """The slices of a journey.

    Args:
        journey: says how ratios are combined.
        grids: its critical steps in order, on one grid.

    Returns:
        Valid events of the first step, good by the combined ratio [events]. A step without events
        in a slice changes nothing there; where any step has no data, the journey has none.
    """
    first, *others = grids
    coverage = np.minimum.reduce([one.coverage for one in grids])
    known = (coverage > 0).astype(np.float64)
    good = _good(journey, first.good, first.valid, [_ratios(one) for one in others])
    return Slices(first.start, first.step, good * known, first.valid * known, coverage)


def _ratios(grid: Grid) -> Array:
    ratios: Array = np.ones(len(grid))
    return np.divide(grid.good, grid.valid, out=ratios, where=grid.valid > 0)


def _good(journey: JourneyIndicator, good: Array, valid: Array, others: Sequence[Array]) -> Array:
    """Good events of the first step, less what the other steps let fail; exact where all is good.

    Args:
        journey: says how ratios are combined.
        good: of the first step [events].
        valid: of the first step [events].
        others: ratios of the other steps.
    """
    if not others:
        return good
    if journey.combine == "worst":
        worst: Array = np.minimum(good, valid * np.minimum.reduce(others))
        return worst
    product: Array = np.multiply.reduce([good, *others])
    return product


def _how(journey: JourneyIndicator, steps: Sequence[Subject]) -> str:
    titles = [full_title(one.slo) for one in steps]
    named = numbers.listed(titles)
    if journey.combine == "product":
        return tr(
            "in each slice the product of the ratios of {steps}, weighed by the events of its "
            "first critical step, {first}.",
            steps=named,
            first=titles[0],
        )
    return tr(
        "in each slice the worst of the ratios of {steps}, weighed by the events of its first "
        "critical step, {first}.",
        steps=named,
        first=titles[0],
    )


# --- earlier periods -----------------------------------------------------------------------------


def _alike(slos: Sequence[Slo]) -> bool:
    """Whether totals of whole periods are ratios of what a journey counts in each slice."""
    by_value = (ThresholdIndicator, RatioQueryIndicator)
    return all(
        one.method is Method.OCCURRENCES or isinstance(one.indicator, by_value) for one in slos
    )


def _history(journey: JourneyIndicator, steps: Sequence[Subject]) -> tuple[Totals, ...]:
    """The earlier periods of which all critical steps know something."""
    first, *others = (
        {(one.period.start, one.period.end): one for one in step.measurement.history}
        for step in steps
    )
    return tuple(
        _total(journey, [total, *(one[key] for one in others)])
        for key, total in first.items()
        if all(key in one for one in others)
    )


def _total(journey: JourneyIndicator, parts: Sequence[Totals]) -> Totals:
    first, *others = parts
    ratios = [min(one.good, one.valid) / one.valid if one.valid > 0 else 1.0 for one in others]
    good = min(first.good, first.valid)
    good = (
        min(good, first.valid * min(ratios, default=1.0))
        if journey.combine == "worst"
        else good * math.prod(ratios)
    )
    coverage = min(one.coverage for one in parts)
    return Totals(first.period, good, first.valid, coverage, _latest(parts))


def _latest(parts: Sequence[Totals]) -> datetime | None:
    return max((one.since for one in parts if one.since is not None), default=None)


# --- what a page says of the steps ---------------------------------------------------------------


def with_steps(results: Sequence[SloResult]) -> list[SloResult]:
    """The same results, each user journey with the numbers of its steps."""
    known = {one.slo.id: one for one in results}
    return [
        replace(one, steps=tuple(_step(s.slo, known.get(s.slo), s.critical) for s in one.slo.steps))
        if one.slo.steps
        else one
        for one in results
    ]


def _step(name: str, result: SloResult | None, critical: bool) -> StepResult:  # noqa: FBT001 as the step says
    if result is None:
        return StepResult(name, name, critical, None, None, 0.0, Outcome.NOT_MEASURED)
    return StepResult(
        slo=name,
        title=full_title(result.slo),
        critical=critical,
        target=result.objective.target,
        sli=result.sli,
        coverage=result.coverage,
        outcome=result.outcome,
    )
