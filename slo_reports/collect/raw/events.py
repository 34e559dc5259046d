"""What a counter counted in each slice, by every single sample of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.grid import Grid
from slo_reports.collect.raw.chunks import Samples, samples_of
from slo_reports.collect.raw.compiling import compiled, inlined

_DISORDERED = -2
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, eq=False)
class Counted:
    """One counter over a grid.

    Attributes:
        events: per slice; what happened in a gap falls into the first slice after it.
        present: slices in which it had a sample.
        first: index of the first of these; -1 where there is none.
        first_value: its first sample, which ``events`` hold in full where the counter was new.
    """

    events: NDArray[np.float64]
    present: NDArray[np.bool_]
    first: int
    first_value: float


def counted(grid: Grid, counters: Sequence[bytes], before: Iterable[float | None]) -> list[Counted]:
    """Count some counters.

    Args:
        grid: the slices.
        counters: of each its chunks.
        before: what each stood at before the first slice; None where it was never seen, and
            counts from zero.

    Raises:
        ValueError: chunks are damaged, or hold something else than samples.
    """
    return [
        counted_once(samples, grid, stood)
        for samples, stood in zip(samples_of(counters), before, strict=True)
    ]


def counted_once(samples: Samples, grid: Grid, before: float | None) -> Counted:
    """One counter's events; its samples are put in order where they are in none."""
    times, values = samples
    events, present = np.zeros(grid.count), np.zeros(grid.count, np.bool_)
    stood = np.nan if before is None else before
    first, value = _count_events(times, values, *edges_of(grid), stood, events, present)
    if first == _DISORDERED:
        order = np.argsort(times, kind="stable")
        last = np.append(np.diff(times[order]) > 0, [True])  # of those of one instant
        return counted_once((times[order[last]], values[order[last]]), grid, before)
    return Counted(events, present, first, value)


def edges_of(grid: Grid) -> tuple[int, int]:
    """The first slice's start [ms since the epoch], and the length of a slice [ms]."""
    return round(grid.start.timestamp() * 1000), grid.step // _MILLISECOND


@compiled
def _count_events(
    times: NDArray[np.int64],
    values: NDArray[np.float64],
    start: int,
    step: int,
    before: float,
    events: NDArray[np.float64],
    present: NDArray[np.bool_],
) -> tuple[int, float]:
    """Events per slice, however often the counter was reset; see ``counters.recount``.

    A slice without a reset counts the difference of its ends, one with a reset what each sample
    adds.

    Args:
        times: of the samples, ascending [ms since the epoch].
        values: of the samples; one that is not a number tells nothing.
        start: the first slice's start [ms since the epoch].
        step: length of a slice [ms].
        before: what the counter stood at before; NaN where it was never seen.
        events: takes the events; zero until now.
        present: takes whether there was a sample; false until now.

    Returns:
        The slice of the first sample, -1 where there is none, or that times are not ascending;
        and the first sample.
    """
    first, first_value = -1, 0.0
    stood = 0.0 if np.isnan(before) else before
    last, added, fell = stood, 0.0, False
    current, edge, time = -1, start, np.int64(-(2**62))
    for sample in range(len(times)):
        if times[sample] <= time:
            return _DISORDERED, 0.0
        time, value = times[sample], values[sample]
        if time <= start or np.isnan(value):
            continue
        if time > edge:
            if current >= 0:
                events[current] = added if fell else _difference(stood, last)
                stood, added, fell = last, 0.0, False
            current = (time - start - 1) // step
            if current >= len(events):
                return first, first_value
            edge = start + (current + 1) * step
            present[current] = True
            if first < 0:
                first, first_value = current, value
        fell |= value < last
        added += _difference(last, value)
        last = value
    if current >= 0:
        events[current] = added if fell else _difference(stood, last)
    return first, first_value


@inlined
def _difference(before: float, after: float) -> float:
    """What a counter counted between two values; a reset one counts from zero."""
    return after - before if after >= before else after
