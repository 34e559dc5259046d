"""A period day by day, and the spans that have no data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import numpy as np

from slo_reports.compute import budget
from slo_reports.compute.grid import Grid, exact_sum
from slo_reports.model import Day
from slo_reports.periods import Period, local_date, midnight

_HALF = 0.5


def days(grid: Grid, period: Period) -> tuple[Day, ...]:
    """One entry per local day, as long as the clocks make it (23 to 25 hours).

    A slice belongs to the local day of its start. Days before the SLO's own life have no
    coverage; the day of its beginning is measured from then on.
    """
    return tuple(_day(grid, day, period.zone) for day in _dates(period))


def _dates(period: Period) -> Iterator[date]:
    last = local_date(period.data_end - timedelta(microseconds=1), period.zone)
    for number in range((last - period.first_day).days + 1):
        yield period.first_day + timedelta(days=number)


def _day(grid: Grid, day: date, zone: str) -> Day:
    low = grid.index(midnight(day, zone))
    high = grid.index(midnight(day + timedelta(days=1), zone))
    good, valid = exact_sum(grid.good[low:high]), exact_sum(grid.valid[low:high])
    coverage = grid.coverage_between(max(low, grid.first), high)
    return Day(day, budget.sli(good, valid), good, valid, coverage)


def missing(grid: Grid) -> tuple[tuple[datetime, datetime], ...]:
    """Spans of the SLO's own life in which less than half of each slice has data, merged."""
    absent = np.zeros(len(grid) + 2, dtype=np.int8)
    lacking = (grid.coverage < _HALF) & ~grid.excluded
    absent[grid.first + 1 : -1] = lacking[grid.first :]
    turns = np.flatnonzero(np.diff(absent))
    return tuple(
        (grid.start + int(low) * grid.step, min(grid.start + int(high) * grid.step, grid.data_end))
        for low, high in zip(turns[::2], turns[1::2], strict=True)
    )
