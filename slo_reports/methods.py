"""How slices become the SLI of a period: occurrences, timeslices, ratio timeslices.

By a method other than occurrences time is what counts: the measured slices are put together to
slices of the method's window, and each of those that has valid events becomes one valid "event",
good by the method's rule. From there on every formula is the same, with V the number of slices.
A slice without valid events is no data for the method: it leaves numerator and denominator.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from slo_reports.model import GaugeIndicator, Method, RatioQueryIndicator, Slo, ThresholdIndicator

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
_NEAR = 1e-9
"""Ratios nearer to the slice target than this are compared as exact fractions."""


def slice_window_fault(slo: Slo, step: timedelta) -> str | None:
    """Why an SLO's slices cannot be made of the measured ones, if they cannot.

    Args:
        slo: with its method and ``slice_window``.
        step: length of a measured slice.
    """
    window = slo.slice_window
    if window is None or not window % step:
        return None
    return (
        f"slice_window must be a multiple of the measured slice: {_short(window)} is none of "
        f"{_short(step)} (source.slice)"
    )


def measured_per_slice(slo: Slo, step: timedelta) -> int:
    """How many measured slices make one slice of the SLO's method."""
    if slo.method is Method.OCCURRENCES or slo.slice_window is None:
        return 1
    return max(1, slo.slice_window // step)


def weigh(good: Array, valid: Array, slo: Slo, target: Decimal, per: int) -> tuple[Array, Array]:
    """Good and valid "events" in the unit of an SLO's method.

    Args:
        good: good events per measured slice, from the period's start on [events].
        valid: valid events per measured slice [events].
        slo: with its method and slice target.
        target: the objective's target; a slice's own target where the SLO names none [ratio].
        per: measured slices per slice of the method; the last one may be cut short.

    Returns:
        Occurrences: what was given. Otherwise one entry per slice of the method: valid is 1 where
        it has valid events, else 0; good is 1 or 0 by the slice target, or the slice's ratio.
    """
    if slo.method is Method.OCCURRENCES:
        return good, valid
    good, valid = together(good, per), together(valid, per)
    served = valid > 0
    ratios = np.divide(good, valid, out=np.zeros(len(valid)), where=served)
    if slo.method is Method.RATIO_TIMESLICES:
        return ratios, served.astype(np.float64)
    limit = target if slo.slice_target is None else slo.slice_target
    return _reached(good, valid, ratios, limit) * served, served.astype(np.float64)


def weigh_parts(
    good: Array, valid: Array, slo: Slo, parts: Sequence[tuple[int, Decimal]], per: int
) -> tuple[Array, Array]:
    """The same where the target changes inside the period.

    Args:
        good: good events per measured slice, from the period's start on [events].
        valid: valid events per measured slice [events].
        slo: with its method and slice target.
        parts: each target with the first measured slice that it holds for.
        per: measured slices per slice of the method.
    """
    weighed, served = weigh(good, valid, slo, parts[0][1], per)
    for first, target in parts[1:]:
        later, _ = weigh(good, valid, slo, target, per)
        cut = -(-first // per)
        weighed = np.concatenate((weighed[:cut], later[cut:]))
    return weighed, served


def totals(
    good: Array,
    valid: Array,
    excluded: Flags,
    slo: Slo,
    parts: Sequence[tuple[int, Decimal]],
    step: timedelta,
) -> tuple[float, tuple[float, ...]]:
    """Good of a whole period, and valid of each of its parts, in the unit of the SLO's method.

    Args:
        good: good events of each measured slice of the period [events].
        valid: valid events of each [events].
        excluded: slices that are taken out.
        slo: with its method.
        parts: each target with the first measured slice that it holds for.
        step: length of a measured slice.
    """
    kept = ~excluded
    if slo.method is not Method.OCCURRENCES:
        good = np.minimum(good, valid)
    per = measured_per_slice(slo, step)
    good, valid = weigh_parts(good * kept, valid * kept, slo, parts, per)
    cuts = [0, *(-(-first // per) for first, _ in parts[1:]), len(valid)]
    sizes = (math.fsum(valid[low:high]) for low, high in itertools.pairwise(cuts))
    return math.fsum(good), tuple(sizes)


def needs_fine_slices(slo: Slo) -> bool:
    """Whether an SLO's totals hang on the length of the slices it is measured on."""
    return _by_value(slo) or slo.method is not Method.OCCURRENCES


def _by_value(slo: Slo) -> bool:
    """Whether each measured slice has one value, rather than events."""
    return isinstance(slo.indicator, ThresholdIndicator | RatioQueryIndicator)


def together(values: Array, per: int) -> Array:
    """Sums of each ``per`` neighbours, the last of what is left over."""
    if per == 1 or not len(values):
        return values
    return np.add.reduceat(values, np.arange(0, len(values), per))


def _reached(good: Array, valid: Array, ratios: Array, limit: Decimal) -> Array:
    reached = ratios >= float(limit)
    for index in np.flatnonzero(np.abs(ratios - float(limit)) < _NEAR):
        asked = Fraction(limit) * Fraction(float(valid[index]))
        reached[index] = Fraction(float(good[index])) >= asked
    return reached.astype(np.float64)


def unit_of(slo: Slo, step: timedelta) -> str:
    """What an SLO's good and valid numbers count, such as ``events`` or ``slices of 5 minutes``.

    Args:
        slo: with its method and indicator.
        step: length of a slice of the method.
    """
    if slo.method is not Method.OCCURRENCES or _by_value(slo):
        return f"slices of {_length(step)}"
    if slo.steps:
        return "events of the first step"
    return "samples" if isinstance(slo.indicator, GaugeIndicator) else "events"


def _length(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    number, unit = next((seconds // size, unit) for unit, size in _UNITS if seconds % size == 0)
    return f"{number} {unit}{'' if number == 1 else 's'}"


_UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))


def _short(span: timedelta) -> str:
    number, unit = _length(span).split()
    return f"{number}{unit[0]}"
