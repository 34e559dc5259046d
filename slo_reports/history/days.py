"""One SLO's UTC day as the history keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

DAY = timedelta(days=1)
NONE = -1
"""In place of the index of a slice: none has any data."""
WHOLE = 0.95
"""Share of a day from which the source counts as having been there: an hour may be missing."""


@dataclass(frozen=True)
class Stamp:
    """How and when some SLOs' day was collected; one per file.

    Attributes:
        step: length of a slice.
        settled: whether it is final: late data are not expected, and it is never written again.
        source: what the settings call the source.
        version: what the source calls itself.
        seen: share of the day for which the source had any data at all [ratio].
        warnings: what the source warned of while it answered.
        reason: why a day that was settled was measured again; empty for one that was not.
    """

    day: date
    step: timedelta
    settled: bool
    collected_at: datetime
    source: str
    url: str
    version: str
    seen: float
    warnings: tuple[str, ...] = ()
    reason: str = ""

    @property
    def source_was_there(self) -> bool:
        """Whether what is missing from the day had not begun, rather than been lost."""
        return self.seen >= WHOLE


class DaySlices(NamedTuple):
    """The day's slices, oldest first.

    Attributes:
        good: good events per slice [events].
        valid: valid events per slice [events].
        coverage: share of each slice with data [ratio].
    """

    good: NDArray[np.float64]
    valid: NDArray[np.float64]
    coverage: NDArray[np.float64]


class DaySums(NamedTuple):
    """What is known of a day without opening its slices.

    Attributes:
        good: good events of the whole day [events].
        valid: valid events of the whole day [events].
        covered: sum of the slices' coverage [slices].
        first: index of the first slice with any data; None where there is none.
    """

    good: float
    valid: float
    covered: float
    first: int | None

    @staticmethod
    def of(slices: DaySlices) -> DaySums:
        """The sums of a day's slices."""
        good, valid, covered, first = (
            one[0].item() for one in sums_by_day(slices, len(slices.valid))
        )
        return DaySums(good, valid, covered, None if first == NONE else first)


def sums_by_day(slices: DaySlices, each: int) -> tuple[NDArray[Any], ...]:
    """The sums of days whose slices follow one another, so many a day.

    Returns:
        Of each day the good and the valid events [events], the sum of the slices' coverage
        [slices], and the index of the first slice with any data, or ``NONE``.
    """
    good, valid, coverage = (one.reshape(-1, each) for one in slices)
    covered = coverage > 0
    first = np.where(covered.any(axis=1), covered.argmax(axis=1), NONE)
    return good.sum(axis=1), valid.sum(axis=1), coverage.sum(axis=1), first


@dataclass(frozen=True, eq=False)
class SloDay:
    """What one collection knows of one SLO's UTC day.

    Attributes:
        fingerprint: of the definition that it was measured by.
        slices: None where only the sums were asked for.
        series: how many series were counted.
        seen_before: whether any of them had a sample in the 24 hours before the day.
    """

    slo: str
    fingerprint: str
    sums: DaySums
    slices: DaySlices | None
    series: int
    seen_before: bool
    notes: tuple[str, ...]
    queries: tuple[str, ...]
    stamp: Stamp

    @property
    def key(self) -> tuple[str, str]:
        """What a day holds at most once in its settled files."""
        return self.slo, self.fingerprint


def day_start(day: date) -> datetime:
    """The first instant of a UTC day."""
    return datetime.combine(day, time(), tzinfo=UTC)


def days_touched(start: datetime, end: datetime) -> list[date]:
    """The UTC days that a half-open span has any instant of."""
    if end <= start:
        return []
    first = start.astimezone(UTC).date()
    last = (end - timedelta(microseconds=1)).astimezone(UTC).date()
    return [first + n * DAY for n in range((last - first).days + 1)]


def best(rows: Sequence[SloDay]) -> SloDay | None:
    """The row to believe: the newest restated, else the first settled, else the newest open one."""
    if len(rows) == 1:
        return rows[0]
    found = sorted(rows, key=lambda one: one.stamp.collected_at)
    restated = [one for one in found if one.stamp.reason]
    if restated:
        return restated[-1]
    settled = [one for one in found if one.stamp.settled]
    if settled:
        return settled[0]
    return found[-1] if found else None
