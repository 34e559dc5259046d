"""Counting a family of series over a grid, in chunks that the source can bear."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.answers import Labels, Series
from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.counters import increments, last_value
from slo_reports.collect.coverage import first_scrape
from slo_reports.collect.families import INFINITE, Family, boundary_of
from slo_reports.collect.grid import Grid
from slo_reports.collect.looking_back import (
    FAR,
    LOOK_BACK,
    RECENT,
    last_values,
    long_silent,
    one_spelling,
)
from slo_reports.collect.matching import Matching
from slo_reports.collect.raw import choosing
from slo_reports.collect.restarts import Restarts
from slo_reports.collect.spans import over
from slo_reports.history.days import DAY
from slo_reports.promql import just_under

if TYPE_CHECKING:
    from slo_reports.collect.raw.reading import Reading

_HOUR = timedelta(hours=1)
_POINTS_AT_ONCE = 400_000  # about 8 MB of JSON
_STEPS = 100
"""Into how many parts progress is cut, about."""
_TARGET_LABELS = frozenset({"job", "instance"})
Progress = Callable[[int], None]
"""Told how many slices of a family have been counted."""


@dataclass(eq=False)
class Tally:
    """What has been counted for one SLO.

    Attributes:
        good: good events per slice.
        valid: valid events per slice.
        present: slices in which any of its series had a sample.
        series: identities of the series that count.
        seen_before: whether any of them had a sample in the day before the grid.
        boundaries: for each instance of a histogram, the boundaries it has among those asked for.
    """

    good: NDArray[np.float64]
    valid: NDArray[np.float64]
    present: NDArray[np.bool_]
    series: set[Labels] = field(default_factory=set)
    seen_before: bool = False
    boundaries: dict[Labels, set[object]] = field(default_factory=lambda: defaultdict(set))

    @staticmethod
    def empty(count: int) -> Tally:
        """Nothing counted yet, over so many slices."""
        return Tally(np.zeros(count), np.zeros(count), np.zeros(count, dtype=bool))

    @property
    def jobs(self) -> set[str]:
        """The values of ``job`` on the series."""
        return {value for labels in self.series for name, value in labels if name == "job"}

    @property
    def targets(self) -> set[Labels]:
        """The values of ``job`` and ``instance`` on the series."""
        return {
            tuple(pair for pair in labels if pair[0] in _TARGET_LABELS) for labels in self.series
        }


Tallies = Mapping[str, Tally]
"""Tallies by SLO id."""


class Counting:
    """Counts one family's series into the tallies of its SLOs, chunk after chunk."""

    def __init__(
        self,
        client: PrometheusClient,
        family: Family,
        tallies: Tallies,
        *,
        scrape_interval: timedelta,
        pool: Executor,
        by_day: bool = False,
    ) -> None:
        self._client = client
        self._by_day = by_day
        self._family = family
        self._tallies = tallies
        self._interval = scrape_interval
        self._restarts = Restarts(client, family, scrape_interval, pool)
        self._pool = pool
        self._start = datetime.min.replace(tzinfo=UTC)
        self._matching = Matching(family.needs)
        self._last: dict[Labels, float] = {}
        self._targets: dict[Labels, list[tuple[Tally, float, float]]] = {}
        self._dawn = range(0)

    def run(self, grid: Grid, progress: Progress) -> None:
        """Count all slices of a grid.

        Raises:
            SourceError: a query failed for good.
        """
        if not grid.count:
            return
        self._baseline(grid)
        self._start = grid.start
        if not self._last:
            self._dawn = self._first_hour(grid)
        if not self._by_samples(grid, progress):
            self._by_questions(grid, progress)

    def _by_samples(self, grid: Grid, progress: Progress) -> bool:
        """Count every single sample, where the source hands them out and they are many."""
        extent = choosing.Extent(len(self._last), grid.count - self._dawn.start, self._interval)
        reading = choosing.reading(self._client, self._family, grid, extent, self._pool)
        try:
            if reading is not None:
                self._read(reading, progress)
        except choosing.NotOffered:
            return False
        return reading is not None

    def _read(self, reading: Reading, progress: Progress) -> None:
        """Count what is read; progress is told by how many series are done of those expected."""
        count, told = reading.grid.count, 0
        born: dict[Labels, tuple[int, float]] = {}
        counters = reading.counters(self._last, lambda labels: bool(self._targets_of(labels)))
        for number, (labels, found) in enumerate(counters, 1):
            self._add(0, labels, found.present, found.events)
            if labels not in self._last and found.first >= 0:
                born[labels] = found.first, found.first_value
            done = min(count, count * number // reading.expected)
            if done - told > count // _STEPS:
                progress(done - told)
                told = done
        progress(count - told)
        self._settle(born)

    def _settle(self, born: Mapping[Labels, tuple[int, float]]) -> None:
        """Take off what counters that were taken for new had counted before.

        Args:
            born: of each the slice of its first sample, and that sample.
        """
        self._remember(born)
        for labels, (first, value) in born.items():
            before = self._last.get(labels)
            if before is None:
                counted_before = value if first in self._dawn else 0.0
            else:
                counted_before = before if value >= before else 0.0
            for tally, good, valid in self._targets_of(labels):
                tally.good[first] -= good * counted_before
                tally.valid[first] -= valid * counted_before

    def _by_questions(self, grid: Grid, progress: Progress) -> None:
        """Ask for the values at the ends of slices, and where counters were reset."""
        done = 0 if self._last else self._probe(grid, progress)
        for first, part, values, resets in self._fetched(
            grid.part(done, grid.count - done), self._slices_at_once(grid)
        ):
            self._take(done + first, part, values, resets)
            progress(part.count)

    def _probe(self, grid: Grid, progress: Progress) -> int:
        """Count a first day, by which one can tell how many series there are."""
        day = grid.part(0, min(max(1, DAY // grid.step), grid.count))
        self._take(0, day, *self._fetch(day))
        progress(day.count)
        return day.count

    def _slices_at_once(self, grid: Grid) -> int:
        """As many as an answer bears, in whole hours."""
        hour = max(1, _HOUR // grid.step)
        return max(1, _POINTS_AT_ONCE // max(1, len(self._last)) // hour) * hour

    def _baseline(self, grid: Grid) -> None:
        """Find what counters stood at that were seen recently, and what an objective has at all.

        A day is twenty-four times as much to read as an hour, so it is asked for only of the
        objectives that no series of the last hour counts for. Other counters that were silent in
        it are looked up when they turn up.
        """
        self._note(last_values(self._client, [self._family.selector], grid.start, RECENT))
        seen = {tally for labels in self._last for tally, _, _ in self._targets_of(labels)}
        unseen = [one for one in self._family.needs if self._tallies[one.slo] not in seen]
        if unseen:
            chosen = self._family.serving(unseen).selector
            self._note(last_values(self._client, [chosen], grid.start, LOOK_BACK))

    def _note(self, stood: Mapping[Labels, float]) -> None:
        """Note what counters stood at before the first slice."""
        for labels, value in stood.items():
            self._last[labels] = max(value, self._last.get(labels, 0.0))
            for tally, _, _ in self._targets_of(labels):
                tally.seen_before = True

    def _first_hour(self, grid: Grid) -> range:
        """The slices in which the source's own memory begins; none where it has an earlier one.

        A counter that is first seen there may be years old: it counts from its first sample on.
        """
        first = first_scrape(self._client, grid.start - LOOK_BACK, grid.end)
        if first is None or first < grid.start:
            return range(0)
        begin = (first - grid.start) // grid.step
        return range(begin, begin + -(-_HOUR // grid.step) + 1)

    def _fetched(
        self, grid: Grid, size: int
    ) -> Iterator[tuple[int, Grid, list[Series], list[Series]]]:
        """Chunks in order, with as many more in flight as the source may be asked at once."""
        ahead = self._client.settings.concurrency
        waiting: list[tuple[int, Grid, Future[tuple[list[Series], list[Series]]]]] = []
        for first, part in grid.chunks(size):
            waiting.append((first, part, self._pool.submit(self._fetch, part)))
            if len(waiting) > ahead:
                first_due, part_due, future = waiting.pop(0)
                yield (first_due, part_due, *future.result())
        for first, part, future in waiting:
            yield (first, part, *future.result())

    def _fetch(self, part: Grid) -> tuple[list[Series], list[Series]]:
        """Counter values over some slices, and the hours in which counters were reset."""
        return self._values(part), self._restarts.find(part)

    def _values(self, part: Grid) -> list[Series]:
        expression = f"last_over_time({self._family.selector}[{just_under(part.step)}])"
        return list(over(self._client, expression, part))

    def _take(
        self, first: int, part: Grid, values: Iterable[Series], resets: Iterable[Series]
    ) -> None:
        columns = _columns(part, values)
        self._remember(columns)
        counted = {
            labels: increments(column, self._last.get(labels))
            for labels, column in columns.items()
            if self._targets_of(labels)
        }
        found_at = self._found_at_dawn(first, columns)
        self._restarts.mend(part, columns, self._last, counted, resets=resets, found_at=found_at)
        for labels, events in counted.items():
            self._add(first, labels, ~np.isnan(columns[labels]), events)
        for labels, column in columns.items():
            last = last_value(column, self._last.get(labels))
            if last is not None:
                self._last[labels] = last

    def _found_at_dawn(
        self, first: int, columns: Mapping[Labels, NDArray[np.float64]]
    ) -> dict[Labels, int]:
        """The place in its column at which each counter begins that begins with the source."""
        if first >= self._dawn.stop:
            return {}
        places = {
            labels: int(np.flatnonzero(~np.isnan(column))[0])
            for labels, column in columns.items()
            if labels not in self._last and not np.isnan(column).all()
        }
        return {labels: place for labels, place in places.items() if first + place in self._dawn}

    def _remember(self, columns: Iterable[Labels]) -> None:
        """Find what counters stood at that turn up after a longer silence."""
        born = [one for one in columns if one not in self._last and self._targets_of(one)]
        if born:
            reach = FAR if self._by_day else LOOK_BACK
            self._note(long_silent(self._client, self._family, born, self._start, reach=reach))

    def _add(
        self,
        first: int,
        labels: Labels,
        present: NDArray[np.bool_],
        events: NDArray[np.float64],
    ) -> None:
        where = slice(first, first + len(events))
        for tally, good, valid in self._targets_of(labels):
            for sums, weight in ((tally.good, good), (tally.valid, valid)):
                if weight:
                    sums[where] += events if weight == 1 else weight * events
            tally.present[where] |= present

    def _targets_of(self, labels: Labels) -> list[tuple[Tally, float, float]]:
        """The tallies that a series counts for, with its weights; worked out once a series."""
        known = self._targets.get(labels)
        if known is None:
            known = self._targets[labels] = list(self._match(labels))
        return known

    def _match(self, labels: Labels) -> Iterator[tuple[Tally, float, float]]:
        for need, weights in self._matching.served(dict(labels)):
            tally = self._tallies[need.slo]
            if need.boundaries:
                _note_boundary(tally, labels, need.boundaries)
            if any(weights):
                tally.series.add(labels)
                yield (tally, *weights)


def _note_boundary(tally: Tally, labels: Labels, wanted: Sequence[object]) -> None:
    instance = tuple(pair for pair in labels if pair[0] != "le")
    boundary = boundary_of(dict(labels).get("le", ""))
    if boundary in (*wanted, INFINITE):
        tally.boundaries[instance].add(boundary)


def _columns(part: Grid, values: Iterable[Series]) -> dict[Labels, NDArray[np.float64]]:
    """One column per series; chunks that were split and spellings of ``le`` are laid together."""
    columns: dict[Labels, NDArray[np.float64]] = {}
    for series in values:
        labels, column = one_spelling(series.labels), part.column(series)
        known = columns.get(labels)
        columns[labels] = column if known is None else np.where(np.isnan(known), column, known)
    return columns
