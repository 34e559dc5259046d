import itertools
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_reports.collect.counters import increments, last_value, recount
from slo_reports.collect.grid import Grid, common_step
from slo_reports.periods import month

NONE = float("nan")


@pytest.mark.parametrize(
    ("values", "before", "events"),
    [
        pytest.param([110, 130, 130], 100.0, [10, 20, 0], id="neighbours are subtracted"),
        pytest.param([NONE, 7, 9], None, [0, 7, 2], id="a new series counts from zero"),
        pytest.param([110, NONE, 150], 100.0, [10, 0, 40], id="a gap's events come after it"),
        pytest.param([110, 4, 10], 100.0, [10, 4, 6], id="a reset counts from zero"),
        pytest.param([NONE, NONE], 5.0, [0, 0], id="nothing seen, nothing counted"),
        pytest.param([], None, [], id="no slices"),
    ],
)
def test_increments_of_a_counter_read_at_the_end_of_each_slice(values, before, events):
    assert increments(np.array(values, float), before).tolist() == events


def test_recount_sees_every_reset_inside_a_slice():
    samples, slices = np.array([5.0, 9, 1, 3, 0, 2]), np.array([0, 0, 0, 2, 2, 2])
    assert recount(samples, slices, 4, 4.0).tolist() == [1 + 4 + 1, 0, 2 + 2, 0]


def test_last_value_is_carried_over_slices_without_samples():
    assert last_value(np.array([NONE, 8.0, NONE]), 3.0) == 8.0
    assert last_value(np.array([NONE]), 3.0) == 3.0
    assert last_value(np.array([NONE]), None) is None


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.integers(1, 7))
def test_slices_of_any_size_add_up_to_the_events_of_a_counter_without_resets(events, size):
    counter = np.cumsum(events).astype(float)
    ends = counter[size - 1 :: size]
    assert increments(ends, 0.0).sum() == ends[-1:].sum()


@given(st.lists(st.one_of(st.none(), st.integers(0, 9)), max_size=40), st.integers(0, 40))
def test_cutting_a_counter_in_two_chunks_counts_the_same(values, cut):
    column = np.array([NONE if one is None else one for one in values], float)
    head, tail = column[:cut], column[cut:]
    apart = [*increments(head, 3.0), *increments(tail, last_value(head, 3.0))]
    assert apart == increments(column, 3.0).tolist()


def test_a_sample_on_an_edge_belongs_to_the_slice_that_ends_there():
    grid = Grid(datetime(2026, 10, 1, tzinfo=UTC), timedelta(minutes=5), 12)
    assert grid.slice_end(0) == datetime(2026, 10, 1, 0, 5, tzinfo=UTC)
    assert grid.end == datetime(2026, 10, 1, 1, tzinfo=UTC)


def test_chunks_touch_and_hold_every_slice_once():
    grid = Grid(datetime(2026, 10, 1, tzinfo=UTC), timedelta(minutes=5), 100)
    parts = list(grid.chunks(30))
    assert [(first, part.count) for first, part in parts] == [(0, 30), (30, 30), (60, 30), (90, 10)]
    assert all(a.end == b.start for (_, a), (_, b) in itertools.pairwise(parts))
    assert parts[-1][1].end == grid.end


@pytest.mark.parametrize(
    ("zone", "step"),
    [("Europe/Berlin", 60), ("Australia/Lord_Howe", 30), ("Asia/Kathmandu", 15)],
)
def test_the_coarse_step_fits_the_zones_midnights(zone, step):
    boundaries = [month(2026, number, zone).start for number in range(1, 13)]
    wanted = [timedelta(minutes=minutes) for minutes in (60, 30, 15)]
    assert common_step(boundaries, wanted) == timedelta(minutes=step)
