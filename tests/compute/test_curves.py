from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from support.grids import DAY, HOUR, START, a_grid, hours

from slo_reports.compute import curves
from slo_reports.periods import between, quarter


def test_the_line_falls_from_all_to_what_is_left() -> None:
    grid = a_grid(hours([0.0, 5.0, 0.0, 10.0] + [0.0] * 20))
    curve = curves.remaining_curve(grid, 20.0, 0.25)
    assert curve.times[0] == START.timestamp()
    assert curve.values[:5].tolist() == [1.0, 1.0, 0.75, 0.75, 0.25]
    assert (curve.times[-1], curve.values[-1]) == (DAY.end.timestamp(), 0.25)


def test_the_instants_around_a_step_are_kept_between_the_hours() -> None:
    five = timedelta(minutes=5)
    bad = np.zeros(288)
    bad[100] = 50.0
    curve = curves.remaining_curve(a_grid(hours(bad, 1000.0, step=five)), 100.0, 0.5)
    times = curve.times.tolist()
    step = (START + 100 * five).timestamp()
    assert step in times
    assert step + 300 in times
    assert len(times) == 25 + 2


def test_long_periods_have_no_more_points_than_a_month() -> None:
    whole = quarter(2026, 3, "UTC")
    count = int(whole.length / HOUR)
    grid = a_grid(hours([0.0] * count, start=whole.start), whole)
    curve = curves.remaining_curve(grid, 1.0, 1.0)
    assert len(curve.times) <= 751
    assert curve.times[-1] == whole.end.timestamp()


def test_burn_over_an_hour_and_over_six() -> None:
    grid = a_grid(hours([0.0] * 5 + [60.0] + [0.0] * 18))
    (one, hourly), (six, slow) = curves.burn_curves(grid, Decimal("0.9"))
    assert (one, six) == (HOUR, 6 * HOUR)
    assert hourly.times[5] == (START + 6 * HOUR).timestamp()
    assert hourly.values[5] == pytest.approx(6.0)
    assert slow.values[5] == pytest.approx(1.0)
    assert slow.values[11] == pytest.approx(0.0)


def test_burn_breaks_where_nothing_was_served() -> None:
    grid = a_grid(hours([0.0] * 24, [100.0] * 3 + [0.0] * 21))
    (_, hourly), (_, slow) = curves.burn_curves(grid, Decimal("0.9"))
    assert np.isnan(hourly.values[3:]).all()
    assert not np.isnan(slow.values[7])
    assert np.isnan(slow.values[8])


def test_a_promise_of_everything_has_no_burn_curve() -> None:
    assert curves.burn_curves(a_grid(hours([0.0])), Decimal(1)) == ()


def test_a_line_of_ten_days_has_each_hour() -> None:
    days = between(START.date(), (START + timedelta(days=10)).date(), "UTC")
    curve = curves.remaining_curve(a_grid(hours([0.0] * 240), days), 1.0, 1.0)
    assert np.diff(curve.times).tolist() == [3600.0] * 240
