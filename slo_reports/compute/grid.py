"""The slices of one SLO laid on its own life inside a period.

Everything after this works on a ``Grid``: one row per slice of the period up to the as-of
instant, none missing (a slice that was not measured has no events and no coverage).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from slo_reports.model import Measurement, Slices
from slo_reports.periods import Period

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
_TINY = timedelta(microseconds=1)
_EXACT = 2.0**53
"""Whole numbers that add up to less are added exactly, in whatever order."""


@dataclass(frozen=True)
class Life:
    """The part of a period in which an SLO existed: it is judged on this alone.

    Attributes:
        start: the period's start, or when the SLO's data began inside it [UTC].
        end: the period's end [UTC].
        data_end: the as-of instant, or the period's end [UTC].
    """

    start: datetime
    end: datetime
    data_end: datetime

    @property
    def length(self) -> timedelta:
        """From start to end, whatever has elapsed."""
        return self.end - self.start

    @property
    def minutes(self) -> Fraction:
        """The length L of the budget formulas [min]."""
        return Fraction(self.length // _TINY, timedelta(minutes=1) // _TINY)

    @property
    def elapsed(self) -> Fraction:
        """Elapsed fraction f of the budget formulas, exact [ratio]."""
        return Fraction((self.data_end - self.start) // _TINY, self.length // _TINY)


def life_of(since: datetime | None, period: Period) -> Life:
    """The life of an SLO whose data began at ``since``, None: before the period."""
    inside = since is not None and period.start < since < period.data_end
    start = since if inside and since is not None else period.start
    return Life(start, period.end, period.data_end)


@dataclass(frozen=True, eq=False)
class Grid:
    """All slices of a period up to its as-of instant, oldest first.

    Attributes:
        start: first instant of the first slice [UTC].
        step: length of one slice.
        good: good events per slice, never more than valid ones [events].
        valid: valid events per slice [events].
        coverage: share of each slice with data [ratio].
        first: index of the first slice of the SLO's own life.
        data_end: where the last slice is cut off [UTC].
        excluded: slices that were taken out; they have no events and count for no coverage.
    """

    start: datetime
    step: timedelta
    good: Array
    valid: Array
    coverage: Array
    first: int
    data_end: datetime
    excluded: Flags

    def __len__(self) -> int:
        return len(self.valid)

    @property
    def bad(self) -> Array:
        """Bad events per slice [events]."""
        return self.valid - self.good

    @property
    def edges(self) -> Array:
        """The slices' boundaries, one more than slices, the last at the as-of instant [s]."""
        steps = np.arange(len(self) + 1, dtype=np.float64)
        edges: Array = self.start.timestamp() + steps * self.step.total_seconds()
        edges[-1] = min(edges[-1], self.data_end.timestamp())
        return edges

    def index(self, instant: datetime) -> int:
        """Index of the first slice that begins at or after an instant."""
        return min(max(math.ceil((instant - self.start) / self.step), 0), len(self))

    def total(self, values: Array, since: datetime | None = None) -> float:
        """Sum over the slices that begin at or after ``since``, correctly rounded."""
        return exact_sum(values[0 if since is None else self.index(since) :])

    def events(self) -> tuple[float, float]:
        """Good and valid events of all slices, correctly rounded [events]."""
        valid = self.total(self.valid)
        return min(self.total(self.good), valid), valid

    def mean_coverage(self) -> float:
        """Coverage of the SLO's own life, excluded slices apart [ratio]."""
        return self.coverage_between(self.first, len(self))

    def coverage_between(self, low: int, high: int) -> float:
        """Mean coverage of some slices, excluded ones apart; 0 where none is left [ratio]."""
        alive = self.coverage[low:high][~self.excluded[low:high]]
        return exact_sum(alive) / len(alive) if len(alive) else 0.0


def exact_sum(values: Array) -> float:
    """The correctly rounded sum, as ``math.fsum``; many times as fast for whole numbers."""
    if (np.trunc(values) == values).all() and np.abs(values).sum() < _EXACT:
        return float(values.sum()) + 0.0  # no sum is -0.0
    return math.fsum(values.tolist())


def lay(measurement: Measurement, period: Period) -> Grid | None:
    """A measurement on the grid of a period; None where nothing was measured."""
    if measurement.slices is None:
        return None
    return lay_slices(measurement.slices, period, measurement.since)


def lay_slices(slices: Slices, period: Period, since: datetime | None = None) -> Grid:
    """Slices on the grid of a period.

    Slices outside the period are left out. Counts that are no finite number are no data, and
    good events above the valid ones count as valid: neither may improve a figure.
    """
    start = period.start + (slices.start - period.start) % slices.step
    size = max(math.ceil((period.data_end - start) / slices.step), 0)
    good, valid, coverage = (_placed(one, slices, start, size) for one in _sane(slices))
    life = life_of(since, period)
    first = min(max((life.start - start) // slices.step, 0), size)
    nothing = np.zeros(size, dtype=bool)
    return Grid(start, slices.step, good, valid, coverage, first, period.data_end, nothing)


def _sane(slices: Slices) -> tuple[Array, Array, Array]:
    known = np.isfinite(slices.good) & np.isfinite(slices.valid) & np.isfinite(slices.coverage)
    valid = np.where(known, np.maximum(slices.valid, 0.0), 0.0)
    good = np.where(known, np.clip(slices.good, 0.0, valid), 0.0)
    return good, valid, np.where(known, np.clip(slices.coverage, 0.0, 1.0), 0.0)


def _placed(values: Array, slices: Slices, start: datetime, size: int) -> Array:
    offset = (slices.start - start) // slices.step
    placed = np.zeros(size)
    low, high = max(offset, 0), min(offset + len(values), size)
    if high > low:
        placed[low:high] = values[low - offset : high - offset]
    return placed
