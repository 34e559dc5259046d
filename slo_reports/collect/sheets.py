"""Many SLOs' slices over one grid, put together day by day from what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.grid import Grid
from slo_reports.collect.parts import Part, composed, each_once, span_in
from slo_reports.collect.survey import Surveyed
from slo_reports.history import Batch, Stamp
from slo_reports.history.batches import Counts, texts
from slo_reports.history.days import NONE, day_start

Index = NDArray[np.intp]
_ASKED = -1
"""In place of a stamp: asked for just now."""


@dataclass(eq=False)
class _Lines:
    """Notes or queries by a number, each list of them once."""

    lists: list[tuple[str, ...]] = field(default_factory=list)
    numbers: dict[str | tuple[str, ...], int] = field(default_factory=dict)

    def number(self, lines: str | tuple[str, ...]) -> int:
        """The number of some lines; as JSON, they are read only once."""
        found = self.numbers.get(lines)
        if found is None:
            found = self.numbers[lines] = len(self.lists)
            self.lists.append(texts(lines) if isinstance(lines, str) else lines)
        return found

    def of(self, numbers: NDArray[np.int32]) -> tuple[str, ...]:
        """All lines of some lists, each once, in their order."""
        return each_once(
            line for one in dict.fromkeys(numbers.tolist()) for line in self.lists[one]
        )


class Sheet:
    """Slices of many SLOs over one grid; each SLO's day is put once, in any order.

    Kept days come as batches of many SLOs. What was asked for just now comes as parts, and so do
    days of which one of several rows had to be chosen.
    """

    def __init__(self, grid: Grid, days: Sequence[date], slos: int) -> None:
        self._grid = grid
        self._days = days
        self._spans = [span_in(day, grid) for day in days]
        self._good, self._valid = (np.zeros((slos, grid.count)) for _ in range(2))
        self._whole = np.ones(grid.count)
        """The coverage of all SLOs that lack nothing, which is nearly all of them."""
        self._whole.setflags(write=False)
        self._coverage: dict[int, NDArray[np.float64]] = {}
        """Of the others."""
        pairs = slos, len(days)
        self._seen_before = np.zeros(pairs, np.bool_)
        self._series = np.zeros(pairs, np.int64)
        self._notes_of, self._queries_of = (np.zeros(pairs, np.int32) for _ in range(2))
        self._stamp_of = np.full(pairs, _ASKED, np.int32)
        self._notes, self._queries = _Lines(), _Lines()
        self._stamps: dict[Stamp, int] = {}
        self._parts: dict[int, dict[int, Part]] = {}

    def put_batch(self, day: int, batch: Batch, rows: Index, slos: Index) -> None:
        """Put the day of many SLOs.

        Args:
            day: which of the days.
            batch: where it is kept, by the present definitions.
            rows: which rows of it.
            slos: whose they are.
        """
        first, count = self._spans[day]
        start = self._grid.start + first * self._grid.step
        skipped = (start - day_start(batch.stamp.day)) // batch.stamp.step
        each = self._grid.step // batch.stamp.step
        if batch.slices is None:
            self._put_sums(day, batch, rows, slos, each)
        else:
            self._put_slices(day, batch, rows, slos, slice(skipped, skipped + count * each), each)
        began = batch.first[rows]
        began_earlier = (began != NONE) & (began < skipped)
        self._seen_before[slos, day] = batch.seen_before[rows] | began_earlier
        self._series[slos, day] = batch.series[rows]
        self._stamp_of[slos, day] = self._stamps.setdefault(batch.stamp, len(self._stamps))
        self._notes_of[slos, day] = [self._notes.number(batch.notes[row]) for row in rows]
        self._queries_of[slos, day] = [self._queries.number(batch.queries[row]) for row in rows]

    def _put_slices(
        self, day: int, batch: Batch, rows: Index, slos: Index, inside: slice, each: int
    ) -> None:
        slices = batch.slices
        assert slices is not None  # noqa: S101  # the caller looked
        place = self._place(day)
        for target, source in ((self._good, slices.good), (self._valid, slices.valid)):
            _assign(target, slos, place, _added(_some(source, rows)[:, inside], each))
        broken = ~slices.whole[rows]
        if broken.any():
            after = (np.cumsum(~slices.whole) - 1)[rows[broken]]
            coverage = _added(slices.coverage[after][:, inside], each) / each
            self._cover(slos[broken], place, coverage)

    def _put_sums(self, day: int, batch: Batch, rows: Index, slos: Index, each: int) -> None:
        """Whole days of which only the sums are needed: right in sum, and in when they began."""
        first, count = self._spans[day]
        began = np.maximum(batch.first[rows], 0) // each
        self._good[slos, first + began] = batch.good[rows]
        self._valid[slos, first + began] = batch.valid[rows]
        share = batch.covered[rows] / each / (count - began)
        broken = (began > 0) | (share != 1)
        late = np.arange(count) >= began[broken, np.newaxis]
        self._cover(slos[broken], self._place(day), late * share[broken, np.newaxis])

    def _cover(self, slos: Index, place: slice, coverage: NDArray[np.float64]) -> None:
        for slo, row in zip(slos.tolist(), coverage, strict=True):
            if slo not in self._coverage:
                self._coverage[slo] = np.ones(self._grid.count)
            self._coverage[slo][place] = row

    def put_part(self, slo: int, day: int, part: Part) -> None:
        """Put one SLO's day."""
        place = self._place(day)
        self._good[slo, place], self._valid[slo, place] = part.good, part.valid
        self._cover(np.array([slo]), place, part.coverage[np.newaxis])
        self._seen_before[slo, day], self._series[slo, day] = part.seen_before, part.series
        self._notes_of[slo, day] = self._notes.number(part.notes)
        self._queries_of[slo, day] = self._queries.number(part.queries)
        if part.stamp is not None:
            self._stamp_of[slo, day] = self._stamps.setdefault(part.stamp, len(self._stamps))
        self._parts.setdefault(slo, {})[day] = part

    def _place(self, day: int) -> slice:
        first, count = self._spans[day]
        return slice(first, first + count)

    def is_asked(self, slo: int) -> bool:
        """Whether nothing of an SLO was kept."""
        return bool((self._stamp_of[slo] == _ASKED).all())

    def stamps(self, slos: Index) -> set[Stamp]:
        """How and when what is kept of some SLOs was collected."""
        used = set(np.unique(self._stamp_of[slos]).tolist())
        return {stamp for stamp, number in self._stamps.items() if number in used}

    def most_series(self, slos: Index) -> list[int]:
        """The most series that were counted on a kept day of each."""
        kept = np.where(self._stamp_of[slos] == _ASKED, 0, self._series[slos])
        most: list[int] = kept.max(axis=1, initial=0).tolist()
        return most

    def surveyed(self, slo: int) -> Surveyed:
        """What a survey of the grid would have said of one SLO; each day must be there."""
        coverage = self._coverage.get(slo, self._whole)
        counted = self._series[slo] > 0
        known_before = bool(self._seen_before[slo, 0]) or bool(coverage[0] > 0)
        outdated = any(one.outdated for one in self._parts.get(slo, {}).values())
        if outdated or not known_before or not counted.any():
            return composed([self._part(slo, day) for day in range(len(self._days))], self._grid)
        return Surveyed(
            good=self._good[slo],
            valid=self._valid[slo],
            coverage=coverage,
            since=None,
            reason=None,
            notes=self._notes.of(self._notes_of[slo, counted]),
            queries=self._queries.of(self._queries_of[slo]),
            series=int(self._series[slo].max()),
            seen_before=bool(self._seen_before[slo, 0]),
        )

    def _part(self, slo: int, day: int) -> Part:
        put = self._parts.get(slo, {}).get(day)
        if put is not None:
            return put
        place = self._place(day)
        stamp = list(self._stamps)[self._stamp_of[slo, day]]
        return Part(
            day=self._days[day],
            first=place.start,
            good=self._good[slo, place],
            valid=self._valid[slo, place],
            coverage=self._coverage.get(slo, self._whole)[place],
            seen_before=bool(self._seen_before[slo, day]),
            source_was_there=stamp.source_was_there,
            series=int(self._series[slo, day]),
            notes=self._notes.lists[self._notes_of[slo, day]],
            queries=self._queries.lists[self._queries_of[slo, day]],
            stamp=stamp,
        )


def _some(matrix: Counts, rows: Index) -> Counts:
    """Some rows of a matrix; no copy where it is all of them."""
    return matrix if len(rows) == len(matrix) else matrix[rows]


def _assign(target: NDArray[np.float64], rows: Index, place: slice, values: Counts) -> None:
    """Rows are assigned one beside the other where they are, which is twice as fast."""
    beside = len(rows) and rows[-1] - rows[0] + 1 == len(rows) and (np.diff(rows) == 1).all()
    if beside:
        target[rows[0] : rows[-1] + 1, place] = values
    else:
        target[rows, place] = values


def _added(values: Counts, each: int) -> Counts:
    """Sums of each so many neighbours."""
    if each == 1:
        return values
    sums: Counts = values.reshape(len(values), -1, each).sum(axis=2)
    return sums
