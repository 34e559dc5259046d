from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.grids import DAY, HOUR, START, a_grid, hours

from slo_reports.compute.grid import exact_sum, lay
from slo_reports.model import Measurement, Slices
from slo_reports.periods import to_date


def test_slices_outside_the_period_are_not_counted() -> None:
    around = hours([1.0] * 30, start=START - 3 * HOUR)
    grid = a_grid(around)
    assert (len(grid), grid.total(grid.bad)) == (24, 24.0)


def test_slices_that_were_never_stored_are_gaps_not_good() -> None:
    grid = a_grid(hours([1.0] * 12))
    assert (len(grid), grid.mean_coverage()) == (24, 0.5)


def test_slices_at_and_after_the_as_of_instant_are_not_counted() -> None:
    noon = to_date(DAY, START + 12 * HOUR)
    grid = a_grid(hours([1.0] * 24), noon)
    assert grid.total(grid.bad) == 12.0


def test_a_slice_cut_by_the_as_of_instant_ends_there() -> None:
    now = START + timedelta(minutes=90)
    grid = a_grid(hours([1.0] * 24), to_date(DAY, now))
    assert (len(grid), grid.edges[-1]) == (2, now.timestamp())


def test_coverage_is_over_the_own_life() -> None:
    since = START + 12 * HOUR
    grid = a_grid(hours([0.0] * 24, coverage=[0.0] * 12 + [1.0] * 9 + [0.0] * 3), since=since)
    assert grid.mean_coverage() == 0.75


def test_counts_that_are_no_numbers_are_no_data() -> None:
    good = np.array([1.0, np.nan, 1.0, 5.0])
    valid = np.array([1.0, 2.0, np.inf, 4.0])
    grid = a_grid(Slices(START, 6 * HOUR, good, valid, np.ones(4)))
    assert grid.valid.tolist() == [1.0, 0.0, 0.0, 4.0]
    assert grid.coverage.tolist() == [1.0, 0.0, 0.0, 1.0]
    assert grid.good.tolist() == [1.0, 0.0, 0.0, 4.0]


def test_what_was_not_measured_has_no_grid() -> None:
    assert lay(Measurement(None, reason="nothing there"), DAY) is None


def test_no_slices_at_all_leave_an_uncovered_period() -> None:
    empty = Slices(START, HOUR, np.array([]), np.array([]), np.array([]))
    grid = a_grid(empty)
    assert (grid.mean_coverage(), grid.total(grid.valid)) == (0.0, 0.0)


def test_slices_of_another_year_leave_nothing() -> None:
    far = hours([1.0] * 24, start=datetime(2020, 1, 1, tzinfo=UTC))
    assert a_grid(far).total(a_grid(far).valid) == 0.0
    assert a_grid(replace(far, start=datetime(2030, 1, 1, tzinfo=UTC))).mean_coverage() == 0.0


WHOLE = st.integers(-(2**50), 2**50).map(float)


@given(st.lists(WHOLE) | st.lists(st.floats(-1e300, 1e300)) | st.lists(WHOLE | st.floats(0, 1)))
def test_sums_are_correctly_rounded_whatever_is_added(values: list[float]) -> None:
    assert exact_sum(np.asarray(values, dtype=np.float64)) == math.fsum(values)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([], id="nothing"),
        pytest.param([-0.0], id="the other zero"),
        pytest.param([2.0**53, 1.0, 1.0], id="more than integers go"),
        pytest.param([2.0**53 - 1, 1.0, -5.0], id="partial sums too large"),
        pytest.param([0.1] * 10, id="fractions"),
        pytest.param([math.inf, 1.0], id="without end"),
    ],
)
def test_sums_at_the_edges_are_those_of_python(values: list[float]) -> None:
    found, known = exact_sum(np.asarray(values, dtype=np.float64)), math.fsum(values)
    assert (found, math.copysign(1, found)) == (known, math.copysign(1, known))
