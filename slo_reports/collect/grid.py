"""The grid of slices that a span of time is measured on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.answers import Series

_NO_TIME = 1e-9
"""Of a slice; less than any source tells instants apart."""
_MOST_POINTS = 10_000  # a source refuses more than 11,000 per series and query


@dataclass(frozen=True)
class Grid:
    """``count`` slices of length ``step``; slice i is (start + i·step, start + (i + 1)·step].

    A counter's value at the end of a slice, less its value at the slice's start, is what the slice
    counted; so a sample exactly on an edge belongs to the slice that ends there.
    """

    start: datetime
    step: timedelta
    count: int

    @staticmethod
    def over(start: datetime, end: datetime, step: timedelta) -> Grid:
        """The slices that fit between two instants; a last, shorter one is left out."""
        return Grid(start, step, (end - start) // step)

    @property
    def end(self) -> datetime:
        """The last slice's end."""
        return self.start + self.count * self.step

    def slice_end(self, index: int) -> datetime:
        """The end of one slice: where a counter is read for it."""
        return self.start + (index + 1) * self.step

    def part(self, first: int, count: int) -> Grid:
        """Some of the slices, as a grid of their own."""
        return Grid(self.start + first * self.step, self.step, count)

    def chunks(self, slices: int) -> Iterator[tuple[int, Grid]]:
        """Parts of at most so many slices, in order, each with the index of its first slice."""
        size = min(max(1, slices), _MOST_POINTS)
        for first in range(0, self.count, size):
            yield first, self.part(first, min(size, self.count - first))

    def holding(self, times: NDArray[np.float64]) -> NDArray[np.intp]:
        """The index of the slice that holds each instant [s since the epoch]."""
        offset = (times - self.start.timestamp()) / self.step.total_seconds()
        return np.ceil(offset - _NO_TIME).astype(np.intp) - 1

    def place(self, series: Series) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """The slice indices that a range query's points stand for, with their values.

        Points that are NaN are left out: a counter that is not a number was not read.
        """
        offset = series.times - self.start.timestamp()
        index = np.rint(offset / self.step.total_seconds()).astype(np.intp) - 1
        keep = ~np.isnan(series.values) & (index >= 0) & (index < self.count)
        return index[keep], series.values[keep]

    def column(self, series: Series) -> NDArray[np.float64]:
        """A range query's points as one value per slice, NaN where there is none."""
        index, values = self.place(series)
        column = np.full(self.count, np.nan)
        column[index] = values
        return column


def common_step(boundaries: Sequence[datetime], wanted: Sequence[timedelta]) -> timedelta:
    """The first of the wanted steps on whose UTC grid all boundaries lie, else the last."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    for step in wanted:
        if not any((instant - epoch) % step for instant in boundaries):
            return step
    return wanted[-1]
