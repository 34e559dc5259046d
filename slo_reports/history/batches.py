"""Many SLOs' days side by side, as a file holds them: an array per column, no object per row."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from json import dumps, loads
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slo_reports.history.days import NONE, DaySlices, DaySums, SloDay, Stamp

Counts = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Matrices:
    """The slices of a batch: a row per SLO, oldest slice first.

    Attributes:
        good: good events [events]; whole numbers where all of them are.
        valid: valid events [events]; likewise.
        whole: the rows of which each slice has data for all of its length.
        coverage: of the other rows, in their order [ratio].
    """

    good: Counts
    valid: Counts
    whole: NDArray[np.bool_]
    coverage: NDArray[np.float64]

    def day(self, row: int) -> DaySlices:
        """One row's slices."""
        count = self.valid.shape[1]
        after = row - int(np.count_nonzero(self.whole[:row]))
        return DaySlices(
            self.good[row].astype(np.float64),
            self.valid[row].astype(np.float64),
            np.ones(count) if self.whole[row] else self.coverage[after],
        )

    def only(self, rows: NDArray[np.intp]) -> Matrices:
        """Some of the rows, in the order that is asked for."""
        broken = rows[~self.whole[rows]]
        after = np.cumsum(~self.whole) - 1
        return Matrices(
            self.good[rows], self.valid[rows], self.whole[rows], self.coverage[after[broken]]
        )

    @staticmethod
    def of(days: Sequence[DaySlices]) -> Matrices:
        """The slices of some SLOs' days."""
        good, valid, coverage = (np.stack([one[n] for one in days]) for n in range(3))
        whole = (coverage == 1).all(axis=1)
        return Matrices(good, valid, whole, coverage[~whole])


@dataclass(frozen=True, eq=False)
class Batch:
    """What one collection knows of one UTC day of many SLOs; the attributes are those of `SloDay`.

    Attributes:
        good: good events of the whole day [events].
        valid: valid events of the whole day [events].
        covered: sums of the slices' coverage [slices].
        first: index of the first slice with any data, or ``NONE``.
        notes: as JSON, see ``texts``.
        queries: as JSON, see ``texts``.
        slices: None where only the sums were asked for.
    """

    stamp: Stamp
    slos: list[str]
    fingerprints: list[str]
    good: NDArray[np.float64]
    valid: NDArray[np.float64]
    covered: NDArray[np.float64]
    first: NDArray[np.int32]
    series: NDArray[np.int64]
    seen_before: NDArray[np.bool_]
    notes: list[str]
    queries: list[str]
    slices: Matrices | None

    def __len__(self) -> int:
        return len(self.slos)

    @property
    def keys(self) -> list[tuple[str, str]]:
        """Of each row what a day holds at most once in its settled files."""
        return list(zip(self.slos, self.fingerprints, strict=True))

    def row(self, row: int) -> SloDay:
        """One SLO's day."""
        first = int(self.first[row])
        return SloDay(
            slo=self.slos[row],
            fingerprint=self.fingerprints[row],
            sums=DaySums(
                float(self.good[row]),
                float(self.valid[row]),
                float(self.covered[row]),
                None if first == NONE else first,
            ),
            slices=None if self.slices is None else self.slices.day(row),
            series=int(self.series[row]),
            seen_before=bool(self.seen_before[row]),
            notes=texts(self.notes[row]),
            queries=texts(self.queries[row]),
            stamp=self.stamp,
        )

    def rows(self) -> list[SloDay]:
        """All SLOs' days, one by one."""
        return [self.row(row) for row in range(len(self))]

    def without(self, keys: Collection[tuple[str, str]]) -> Batch:
        """The rows but those of some SLOs, each by one fingerprint."""
        rows = [row for row, key in enumerate(self.keys) if key not in keys]
        return self if len(rows) == len(self) else self.only(rows)

    def only(self, rows: Sequence[int]) -> Batch:
        """Some of the rows, in the order that is asked for."""
        index = np.asarray(rows, dtype=np.intp)
        lists = (self.slos, self.fingerprints, self.notes, self.queries)
        slos, fingerprints, notes, queries = ([one[row] for row in rows] for one in lists)
        return Batch(
            stamp=self.stamp,
            slos=slos,
            fingerprints=fingerprints,
            good=self.good[index],
            valid=self.valid[index],
            covered=self.covered[index],
            first=self.first[index],
            series=self.series[index],
            seen_before=self.seen_before[index],
            notes=notes,
            queries=queries,
            slices=None if self.slices is None else self.slices.only(index),
        )

    @staticmethod
    def of(stamp: Stamp, rows: Sequence[SloDay]) -> Batch:
        """Some SLOs' days, in order of SLO; with slices where all have theirs."""
        ordered = sorted(rows, key=lambda one: one.key)
        firsts = (one.sums.first for one in ordered)
        opened = [one.slices for one in ordered if one.slices is not None]
        return Batch(
            stamp=stamp,
            slos=[one.slo for one in ordered],
            fingerprints=[one.fingerprint for one in ordered],
            good=np.array([one.sums.good for one in ordered], np.float64),
            valid=np.array([one.sums.valid for one in ordered], np.float64),
            covered=np.array([one.sums.covered for one in ordered], np.float64),
            first=np.array([NONE if one is None else one for one in firsts], np.int32),
            series=np.array([one.series for one in ordered], np.int64),
            seen_before=np.array([one.seen_before for one in ordered], np.bool_),
            notes=[text_of(one.notes) for one in ordered],
            queries=[text_of(one.queries) for one in ordered],
            slices=Matrices.of(opened) if ordered and len(opened) == len(ordered) else None,
        )


@lru_cache(maxsize=100_000)
def text_of(lines: tuple[str, ...]) -> str:
    """Notes or queries as a row holds them."""
    return dumps(lines, ensure_ascii=False)


@lru_cache(maxsize=100_000)
def texts(text: str) -> tuple[str, ...]:
    """The notes or queries of a row."""
    return tuple(loads(text))
