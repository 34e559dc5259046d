"""Counting a gauge's samples, good and all, exactly as they are stored.

PromQL cannot count the samples of a range by their value: a subquery evaluates at steps of its
own and may see one sample twice and miss another. So each slice is asked for the number, the
minimum and the maximum of its samples, which settles every slice whose samples all compare alike;
the few others are counted here from their raw samples.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.answers import Labels, Series
from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.counting import Progress, Tally
from slo_reports.collect.grid import Grid
from slo_reports.collect.looking_back import LOOK_BACK
from slo_reports.collect.spans import columns
from slo_reports.errors import TooMuchData
from slo_reports.model import Comparison, GaugeIndicator
from slo_reports.promql import duration, just_under, selector

NOTE = (
    "counted sample by sample: where a slice's minimum and maximum do not settle it, from its raw "
    "samples; samples that are no number do not count"
)
_SLICES_AT_ONCE = 2_000
_LONGEST_RUN = timedelta(days=1)
_MILLISECOND = timedelta(milliseconds=1)
_OPERATORS: Mapping[Comparison, Callable[..., NDArray[np.bool_]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
Column = NDArray[np.float64]
Flags = NDArray[np.bool_]


def count_query(gauge: GaugeIndicator, step: timedelta) -> str:
    """The query for the number of samples per slice, for people to paste."""
    return f"count_over_time({selector(gauge.metric, gauge.filters)}[{just_under(step)}])"


def count_samples(
    client: PrometheusClient, gauge: GaugeIndicator, grid: Grid, tally: Tally, progress: Progress
) -> None:
    """Count the samples of a gauge, all series together, into a tally.

    Raises:
        SourceError: a query failed for good.
    """
    if not grid.count:
        return
    seen = client.query(
        f"last_over_time({selector(gauge.metric, gauge.filters)}[{duration(LOOK_BACK)}])",
        grid.start,
    )
    tally.seen_before = bool(seen)
    tally.series |= {series.labels for series in seen}
    for first, part in grid.chunks(_SLICES_AT_ONCE):
        where = slice(first, first + part.count)
        for labels, (good, valid) in _counted(client, gauge, part).items():
            tally.good[where] += good
            tally.valid[where] += valid
            tally.present[where] |= valid > 0
            tally.series.add(labels)
        progress(part.count)


def _counted(
    client: PrometheusClient, gauge: GaugeIndicator, part: Grid
) -> dict[Labels, tuple[Column, Column]]:
    """Good and valid samples per slice of each series."""
    samples = f"{selector(gauge.metric, gauge.filters)}[{just_under(part.step)}]"
    sums = f"sum_over_time({samples})"
    counts = columns(client, f"count_over_time({samples})", part)
    lows = columns(client, f"min_over_time({samples})", part)
    highs = columns(client, f"max_over_time({samples})", part)
    # a sum that differs from itself is no number: so is one of its samples
    odd = columns(client, f"count_over_time({samples}) unless ({sums} == {sums})", part)
    found: dict[Labels, tuple[Column, Column]] = {}
    open_cells: dict[Labels, Flags] = {}
    nothing = np.full(part.count, np.nan)
    for labels, count in counts.items():
        low, high = lows.get(labels, nothing), highs.get(labels, nothing)
        every, none = settled(gauge.op, low, high, float(gauge.limit))
        valid = np.nan_to_num(count)
        found[labels] = (valid * every, valid)
        is_odd = ~np.isnan(odd.get(labels, nothing))
        open_cells[labels] = (valid > 0) & (~(every | none) | is_odd)
    _recount(client, gauge, part, found, open_cells)
    return found


def compares(op: Comparison, values: Column, limit: float) -> Flags:
    """Whether each value compares well with a limit; one that is no number never does."""
    return _OPERATORS[op](values, limit) & ~np.isnan(values)


def settled(op: Comparison, low: Column, high: Column, limit: float) -> tuple[Flags, Flags]:
    """Whether all samples of a slice compare well, and whether none does, from their extremes.

    Args:
        op: how a good sample compares with the limit.
        low: each slice's smallest sample; NaN where it is not known.
        high: its largest.
        limit: what samples are compared with.
    """
    low_is_good, high_is_good = compares(op, low, limit), compares(op, high, limit)
    both, neither = low_is_good & high_is_good, ~low_is_good & ~high_is_good
    known = ~np.isnan(low) & ~np.isnan(high)
    outside = (limit < low) | (limit > high)
    if op == "==":
        return both & known, outside & known
    if op == "!=":
        return outside & known, neither & known
    return both & known, neither & known


def _recount(
    client: PrometheusClient,
    gauge: GaugeIndicator,
    part: Grid,
    found: Mapping[Labels, tuple[Column, Column]],
    open_cells: Mapping[Labels, Flags],
) -> None:
    """Count every unsettled slice from its raw samples."""
    unsettled = np.zeros(part.count, dtype=bool)
    for cells in open_cells.values():
        unsettled |= cells
    for run in _runs(part, unsettled):
        for series in _raw(client, gauge, run):
            if series.labels not in found:
                continue
            good, valid = found[series.labels]
            inside = _slice_of(series.times, part)
            for index in np.unique(inside[open_cells[series.labels][inside]]):
                values = series.values[(inside == index) & ~np.isnan(series.values)]
                good[index] = np.count_nonzero(compares(gauge.op, values, float(gauge.limit)))
                valid[index] = len(values)


def _runs(part: Grid, wanted: Flags) -> Iterator[Grid]:
    """Neighbouring wanted slices as grids of at most a day."""
    longest = max(1, _LONGEST_RUN // part.step)
    turns = np.flatnonzero(np.diff(np.concatenate(([False], wanted, [False])).astype(np.int8)))
    for low, high in zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True):
        for first in range(low, high, longest):
            yield part.part(first, min(longest, high - first))


def _raw(client: PrometheusClient, gauge: GaugeIndicator, run: Grid) -> Iterable[Series]:
    """The raw samples of some slices; where they are too many, in halves."""
    chosen = selector(gauge.metric, gauge.filters)
    try:
        return client.query(f"{chosen}[{just_under(run.count * run.step)}]", run.end)
    except TooMuchData:
        if run.count == 1:
            raise
        half = run.count // 2
        rest = run.part(half, run.count - half)
        return [*_raw(client, gauge, run.part(0, half)), *_raw(client, gauge, rest)]


def _slice_of(times: Column, part: Grid) -> NDArray[np.intp]:
    """The slice that each sample is in; one exactly on an edge is in the slice that ends there."""
    elapsed = np.rint((times - part.start.timestamp()) * 1000).astype(np.int64)
    return (-(-elapsed // (part.step // _MILLISECOND)) - 1).astype(np.intp)
