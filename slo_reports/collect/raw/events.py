"""What a counter counted in each slice, by every single sample of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.grid import Grid
from slo_reports.collect.raw.chunks import decode, expected, padded, sample_count
from slo_reports.collect.raw.compiling import compiled, inlined

DISORDERED = -2
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


def counted(grid: Grid, counters: Iterable[tuple[bytes, float | None]]) -> list[Counted]:
    """Count some counters.

    Args:
        grid: the slices.
        counters: of each its chunks, and what it stood at before the first slice; None where it
            was never seen, and counts from zero.

    Raises:
        ValueError: chunks are damaged, or hold something else than samples.
    """
    edges = round(grid.start.timestamp() * 1000), grid.step // _MILLISECOND
    times, values = np.empty(0, np.int64), np.empty(0, np.float64)
    found = []
    for chunks, before in counters:
        data, end = padded(chunks), np.uint64(len(chunks))
        if (count := expected(sample_count(data, end))) > len(times):
            times, values = np.empty(count, np.int64), np.empty(count, np.float64)
        filled = expected(decode(data, end, times, values.view(np.uint64)))
        found.append(of_samples(times[:filled], values[:filled], edges, grid.count, before))
    return found


def of_samples(
    times: NDArray[np.int64],
    values: NDArray[np.float64],
    edges: tuple[int, int],
    count: int,
    before: float | None,
) -> Counted:
    """One counter's events.

    Args:
        times: of its samples [ms since the epoch]; put in order where they are in none.
        values: of its samples.
        edges: the first slice's start [ms since the epoch], and the length of a slice [ms].
        count: how many slices there are.
        before: what it stood at before; None where it was never seen.
    """
    events, present = np.zeros(count), np.zeros(count, np.bool_)
    stood = np.nan if before is None else before
    first, value = count_events(times, values, *edges, stood, events, present)
    if first == DISORDERED:
        order = np.argsort(times, kind="stable")
        last = np.append(np.diff(times[order]) > 0, [True])  # of those of one instant
        return of_samples(times[order[last]], values[order[last]], edges, count, before)
    return Counted(events, present, first, value)


@compiled
def count_events(
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
            return DISORDERED, 0.0
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
