"""One SLO's grid put together from days of the history and from what was just asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.grid import Grid
from slo_reports.collect.survey import Surveyed, nothing_matched
from slo_reports.history import SloDay, Stamp
from slo_reports.history.days import DAY, day_start


@dataclass(frozen=True, eq=False)
class Part:
    """What is known of one UTC day, or of the piece of it that lies in a grid.

    Attributes:
        first: index of its first slice in the grid.
        seen_before: whether the SLO's series had samples before the part.
        source_was_there: whether what is missing from the part had not begun.
        since: when the data began in it, where it was asked for and the source could tell.
        stamp: how it was kept, unless it was asked for just now.
        outdated: whether it was measured by an earlier definition.
    """

    day: date
    first: int
    good: NDArray[np.float64]
    valid: NDArray[np.float64]
    coverage: NDArray[np.float64]
    seen_before: bool
    source_was_there: bool
    series: int
    notes: tuple[str, ...]
    queries: tuple[str, ...]
    since: datetime | None = None
    stamp: Stamp | None = None
    outdated: bool = False

    @property
    def first_covered(self) -> int | None:
        """Index in the part of the first slice with any data."""
        found = np.flatnonzero(self.coverage > 0)
        return int(found[0]) if len(found) else None


def span_in(day: date, grid: Grid) -> tuple[int, int]:
    """The slices of a grid that lie in a UTC day: index of the first, and how many."""
    start = max(grid.start, day_start(day))
    end = min(grid.end, day_start(day) + DAY)
    return (start - grid.start) // grid.step, (end - start) // grid.step


def part_of_row(row: SloDay, grid: Grid, *, outdated: bool = False) -> Part:
    """A kept day on the slices of a grid, whose step is the day's or a multiple of it."""
    first, count = span_in(row.stamp.day, grid)
    start = grid.start + first * grid.step
    skipped = (start - day_start(row.stamp.day)) // row.stamp.step
    if row.slices is None:
        good, valid, coverage = _spread(row, grid, count)
    else:
        each = grid.step // row.stamp.step
        inside = slice(skipped, skipped + count * each)
        good = row.slices.good[inside].reshape(count, each).sum(axis=1)
        valid = row.slices.valid[inside].reshape(count, each).sum(axis=1)
        coverage = row.slices.coverage[inside].reshape(count, each).mean(axis=1)
    began_earlier = row.sums.first is not None and row.sums.first < skipped
    return Part(
        day=row.stamp.day,
        first=first,
        good=good,
        valid=valid,
        coverage=coverage,
        seen_before=row.seen_before or began_earlier,
        source_was_there=row.stamp.source_was_there,
        series=row.series,
        notes=row.notes,
        queries=row.queries,
        stamp=row.stamp,
        outdated=outdated,
    )


def _spread(row: SloDay, grid: Grid, count: int) -> tuple[NDArray[np.float64], ...]:
    """A whole day of which only the sums are needed: right in sum, and in when it began."""
    each = grid.step // row.stamp.step
    began = 0 if row.sums.first is None else row.sums.first // each
    good, valid, coverage = np.zeros(count), np.zeros(count), np.zeros(count)
    good[began], valid[began] = row.sums.good, row.sums.valid
    coverage[began:] = row.sums.covered / each / (count - began)
    return good, valid, coverage


def part_of_asked(
    asked: Surveyed, span: Grid, grid: Grid, day: date, *, source_was_there: bool
) -> Part:
    """One day of a span of the grid that was asked for just now."""
    first, count = span_in(day, grid)
    inside_first = first - (span.start - grid.start) // grid.step
    inside = slice(inside_first, inside_first + count)
    coverage = asked.coverage[inside]
    holds_start = asked.since is not None and span_in(day, grid) == _around(asked.since, grid)
    return Part(
        day=day,
        first=first,
        good=asked.good[inside],
        valid=asked.valid[inside],
        coverage=coverage,
        seen_before=asked.seen_before and inside_first == 0,
        source_was_there=source_was_there,
        series=asked.series if coverage.any() or asked.valid[inside].any() else 0,
        notes=asked.notes,
        queries=asked.queries,
        since=asked.since if holds_start else None,
    )


def _around(instant: datetime, grid: Grid) -> tuple[int, int]:
    return span_in(instant.date(), grid)


def composed(parts: Sequence[Part], grid: Grid) -> Surveyed:
    """What a survey of the whole grid would have said, from its parts in order of time."""
    good, valid, coverage = np.zeros(grid.count), np.zeros(grid.count), np.zeros(grid.count)
    for part in parts:
        inside = slice(part.first, part.first + len(part.valid))
        good[inside], valid[inside] = part.good, part.valid
        coverage[inside] = part.coverage
    queries = each_once(text for part in parts for text in part.queries)
    series = max((part.series for part in parts), default=0)
    seen_before = bool(parts) and parts[0].seen_before
    absent = not (series or coverage.any() or any(part.seen_before for part in parts))
    return Surveyed(
        good=good,
        valid=valid,
        coverage=coverage,
        since=None if absent else _began(parts, grid),
        reason=nothing_matched(queries) if absent else None,
        notes=_notes(parts),
        queries=queries,
        series=series,
        seen_before=seen_before,
        absent=absent,
    )


def _began(parts: Iterable[Part], grid: Grid) -> datetime | None:
    """When the data began inside the grid, where that is certain."""
    for part in parts:
        first = part.first_covered
        if part.seen_before or part.first + (first or 0) == 0 == first:
            return None
        if first is None:
            if not part.source_was_there:
                return None
            continue
        if part.since is not None or (first and not part.source_was_there):
            return part.since
        return grid.start + (part.first + first) * grid.step
    return None


def _notes(parts: Sequence[Part]) -> tuple[str, ...]:
    """What the parts say; one without series says nothing where others have some."""
    telling = [part for part in parts if part.series] or parts
    notes = each_once(text for part in telling for text in part.notes)
    old = [part.day for part in parts if part.outdated and part.coverage.any()]
    return (*notes, _outdated(old, parts)) if old else notes


def _outdated(old: Sequence[date], parts: Sequence[Part]) -> str:
    last = old[-1]
    measured = [part.day for part in parts if part.coverage.any() and part.day <= last]
    span = f"until {last.day} {last:%B}"
    if list(old) != measured:
        count = f"{len(old)} days" if len(old) > 1 else "1 day"
        span = f"on {count} {span}"
    return f"{span} measured by an earlier definition: the present one has no data there"


def each_once(texts: Iterable[str]) -> tuple[str, ...]:
    """Texts in their order, without repetitions."""
    return tuple(dict.fromkeys(texts))
