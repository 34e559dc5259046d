"""A grid cut into days and put together again is the same grid."""

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from support.days import stamp

from slo_reports.collect.grid import Grid
from slo_reports.collect.parts import composed, part_of_asked, part_of_row, span_in
from slo_reports.collect.survey import Surveyed
from slo_reports.history import DaySlices, DaySums, SloDay
from slo_reports.history.days import DAY, day_start, days_touched

STEP = timedelta(minutes=15)
FIRST = date(2026, 10, 1)
PER_DAY = DAY // STEP


def world(seed, days):
    """Slices of some whole days; data begin somewhere."""
    random = np.random.default_rng(seed)
    valid = random.integers(0, 1000, days * PER_DAY).astype(float)
    coverage = random.integers(0, 3, len(valid)) / 2
    begin = random.integers(0, len(valid))
    valid[:begin] = coverage[:begin] = 0
    return np.floor(valid * random.random(len(valid))), valid, coverage


def row(day, arrays, *, opened=True):
    inside = slice((day - FIRST).days * PER_DAY, ((day - FIRST).days + 1) * PER_DAY)
    slices = DaySlices(*(one[inside] for one in arrays))
    before = bool(arrays[2][: inside.start].any())
    sums, made = DaySums.of(slices), stamp(day=day, step=STEP)
    kept = slices if opened else None
    return SloDay("shop/a", "a" * 16, sums, kept, 2, before, (), ("up",), made)


def surveyed(arrays, grid):
    first = (grid.start - day_start(FIRST)) // STEP
    good, valid, coverage = (one[first : first + grid.count] for one in arrays)
    found = np.flatnonzero(coverage)
    before = bool(arrays[2][:first].any())
    since = grid.start + int(found[0]) * STEP if len(found) and found[0] and not before else None
    return Surveyed(good, valid, coverage, since, None, (), ("up",), 2, before)


@given(
    seed=st.integers(0, 2**32),
    days=st.integers(2, 6),
    cut=st.tuples(st.integers(0, PER_DAY - 1), st.integers(0, PER_DAY - 1)),
    kept=st.lists(st.booleans(), min_size=6, max_size=6),
)
def test_days_kept_and_days_asked_for_make_the_whole(seed, days, cut, kept):
    arrays = world(seed, days)
    start = day_start(FIRST) + cut[0] * STEP
    grid = Grid(start, STEP, days * PER_DAY - cut[0] - cut[1])
    parts = []
    for number, day in enumerate(days_touched(grid.start, grid.end)):
        if kept[number]:
            parts.append(part_of_row(row(day, arrays), grid))
        else:
            span = grid.part(*span_in(day, grid))
            asked = surveyed(arrays, span)
            parts.append(part_of_asked(asked, span, grid, day, source_was_there=True))
    whole, made = surveyed(arrays, grid), composed(parts, grid)
    assert np.array_equal(made.good, whole.good)
    assert np.array_equal(made.valid, whole.valid)
    assert np.array_equal(made.coverage, whole.coverage)
    assert made.since == whole.since


@given(seed=st.integers(0, 2**32), opened=st.booleans())
def test_a_coarser_grid_holds_the_same_events_and_time(seed, opened):
    arrays = world(seed, 3)
    grid = Grid(day_start(FIRST), 4 * STEP, 3 * PER_DAY // 4)
    days = days_touched(grid.start, grid.end)
    made = composed([part_of_row(row(day, arrays, opened=opened), grid) for day in days], grid)
    for one, whole in zip((made.good, made.valid, 4 * made.coverage), arrays, strict=True):
        by_day = whole.reshape(3, -1).sum(axis=1)
        assert np.allclose(one.reshape(3, -1).sum(axis=1), by_day)
