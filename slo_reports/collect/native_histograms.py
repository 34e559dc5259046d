"""Counting native histograms: the exact counter method, on their count and their good events.

Each scrape of a native histogram tells how many events there were since its process began, and
``histogram_fraction`` which share of them stayed within a threshold: two counters. They are read at
the end of each slice and subtracted here, series by series, so nothing is extrapolated and a new
series counts from zero. In Prometheus 2.42 ``last_over_time`` and ``resets`` pass native histograms
over, so they are asked of a subquery's floats, which is finer than the scrapes and misses none.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.answers import Labels, Series
from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.counting import Progress, Tally
from slo_reports.collect.grid import Grid
from slo_reports.collect.looking_back import LOOK_BACK
from slo_reports.collect.spans import columns
from slo_reports.model import LatencyIndicator
from slo_reports.promql import duration, just_under, selector

NOTE = (
    "counted from a native histogram: nothing is extrapolated, but within the histogram's bucket "
    "around the threshold good events are interpolated by the source"
)
_SLICES_AT_ONCE = 2_000
_MILLISECOND = timedelta(milliseconds=1)
_NOISE = 1e-9
"""By so much, of all events, a share multiplied by them may miss a whole number."""
Column = NDArray[np.float64]
Flags = NDArray[np.bool_]
Reading = tuple[float, float]
"""(all, good) events since the process began."""


@dataclass(frozen=True)
class NativeCounters:
    """The two counters that a native histogram holds for a threshold, as PromQL."""

    every: str
    good: str

    @staticmethod
    def of(latency: LatencyIndicator) -> NativeCounters:
        """From minus infinity, so that events of no duration, and negative ones, are good."""
        chosen = selector(latency.histogram, latency.filters)
        every = f"histogram_count({chosen})"
        share = f"histogram_fraction(-Inf, {latency.threshold:f}, {chosen})"
        return NativeCounters(every, f"{share} * {every}")


def count_native(
    client: PrometheusClient,
    latency: LatencyIndicator,
    grid: Grid,
    tally: Tally,
    *,
    interval: timedelta,
    progress: Progress,
) -> None:
    """Count the events of a native histogram, all series together, into a tally.

    Args:
        client: the source.
        latency: with a native histogram.
        grid: the slices.
        tally: what is counted into.
        interval: between two scrapes.
        progress: told of slices that are counted.

    Raises:
        SourceError: a query failed for good.
    """
    if not grid.count:
        return
    asking = _Asking(client, NativeCounters.of(latency), interval)
    last = asking.before(grid)
    tally.seen_before = bool(last)
    tally.series |= set(last)
    for first, part in grid.chunks(_SLICES_AT_ONCE):
        where = slice(first, first + part.count)
        for labels, (valid, good, present) in _counted(asking, part, last).items():
            tally.valid[where] += valid
            tally.good[where] += good
            tally.present[where] |= present
            tally.series.add(labels)
        progress(part.count)


def fineness(step: timedelta, interval: timedelta) -> timedelta:
    """How finely a slice is read: at least twice a scrape, in even parts, so also at its end."""
    whole = step // _MILLISECOND
    least = max(1, -(-2 * step // interval))
    parts = next((one for one in range(least, whole) if not whole % one), whole)
    return whole // parts * _MILLISECOND


def differences(every: Column, good: Column, before: Reading | None) -> tuple[Column, Column]:
    """Valid and good events that a histogram counted between readings.

    Args:
        every: all events so far, at each reading [events]; NaN where there was none.
        good: those within the threshold.
        before: the reading before the first, or None where it was never seen: it counts from zero.

    Returns:
        Events per reading. Fewer events in all than before are a reset, for both. Good events lie
        between none and all: a histogram that halves its resolution may take an interpolated few
        back.
    """
    valid_events, good_events = np.zeros(len(every)), np.zeros(len(every))
    known = np.flatnonzero(~np.isnan(every))
    if len(known):
        now = np.stack((every[known], good[known]))
        earlier = np.column_stack(((0.0, 0.0) if before is None else before, now[:, :-1]))
        valid, fine = np.where(now[0] < earlier[0], now, now - earlier)
        valid_events[known], good_events[known] = valid, np.clip(fine, 0.0, valid)
    return valid_events, good_events


def _counted(
    asking: _Asking, part: Grid, last: dict[Labels, Reading]
) -> dict[Labels, tuple[Column, Column, Flags]]:
    """Valid and good events per slice of each series, and where it was; ``last`` moves on."""
    read = asking.readings(part)
    found = {
        labels: (*differences(*pair, last.get(labels)), ~np.isnan(pair[0]))
        for labels, pair in read.items()
    }
    for index, cells in asking.resets(part).items():
        again = asking.every_reading(part, index)
        for labels in cells & again.keys() & read.keys():
            earlier = (read[labels][0][:index], read[labels][1][:index])
            valid, good = differences(*again[labels], _newest(*earlier, last.get(labels)))
            found[labels][0][index], found[labels][1][index] = valid.sum(), good.sum()
    for labels, pair in read.items():
        newest = _newest(*pair, last.get(labels))
        if newest is not None:
            last[labels] = newest
    return found


def _newest(every: Column, good: Column, before: Reading | None) -> Reading | None:
    known = np.flatnonzero(~np.isnan(every))
    return (float(every[known[-1]]), float(good[known[-1]])) if len(known) else before


@dataclass(frozen=True)
class _Asking:
    """The questions to the source."""

    client: PrometheusClient
    counters: NativeCounters
    interval: timedelta

    def before(self, grid: Grid) -> dict[Labels, Reading]:
        """The last reading of each series before the first slice."""
        found = self.readings(Grid(grid.start - LOOK_BACK, LOOK_BACK, 1))
        return {one: (float(every[0]), float(good[0])) for one, (every, good) in found.items()}

    def readings(self, part: Grid) -> dict[Labels, tuple[Column, Column]]:
        """All and good events so far, at the end of each slice."""
        inside = self._inside(part.step, just_under(part.step))
        every = columns(self.client, f"last_over_time(({self.counters.every}){inside})", part)
        good = columns(self.client, f"last_over_time(({self.counters.good}){inside})", part)
        nothing = np.full(part.count, np.nan)
        return {one: (all_, _whole(all_, good.get(one, nothing))) for one, all_ in every.items()}

    def resets(self, part: Grid) -> dict[int, set[Labels]]:
        """The slices in which series were reset, in order."""
        inside = self._inside(part.step, duration(part.step + 1.5 * self.interval))
        found: dict[int, set[Labels]] = defaultdict(set)
        expression = f"resets(({self.counters.every}){inside}) > 0"
        for labels, column in columns(self.client, expression, part).items():
            for index in np.flatnonzero(~np.isnan(column)).tolist():
                found[index].add(labels)
        return dict(sorted(found.items()))

    def every_reading(self, part: Grid, index: int) -> dict[Labels, tuple[Column, Column]]:
        """All and good events so far, at each reading in one slice."""
        inside, end = self._inside(part.step, just_under(part.step)), part.slice_end(index)
        good = {
            one.labels: one for one in self.client.query(f"({self.counters.good}){inside}", end)
        }
        return {
            one.labels: (one.values, _whole(one.values, _at_times(good.get(one.labels), one)))
            for one in self.client.query(f"({self.counters.every}){inside}", end)
        }

    def _inside(self, step: timedelta, length: str) -> str:
        return f"[{length}:{duration(fineness(step, self.interval))}]"


def _at_times(series: Series | None, other: Series) -> Column:
    """The values of a series at the times of another, NaN where it has none."""
    known = {} if series is None else dict(zip(series.times, series.values, strict=True))
    return np.array([known.get(time, np.nan) for time in other.times], dtype=np.float64)


def _whole(every: Column, good: Column) -> Column:
    """Good events without a float's noise; none where there were no events to take a share of."""
    known = np.where(np.isnan(every), np.nan, np.nan_to_num(good))
    near = np.rint(known)
    return np.where(np.abs(known - near) <= _NOISE * np.maximum(every, 1.0), near, known)
