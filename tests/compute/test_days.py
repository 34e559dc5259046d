from __future__ import annotations

from datetime import date, timedelta

import pytest
from support.grids import HOUR, START, a_grid, hours

from slo_reports.compute import days
from slo_reports.periods import month, to_date

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("number", "day", "length"),
    [
        pytest.param(10, 25, 25, id="clocks go back"),
        pytest.param(3, 29, 23, id="clocks go forward"),
    ],
)
def test_local_days_are_as_long_as_the_clocks_make_them(number: int, day: int, length: int) -> None:
    period = month(2026, number, BERLIN)
    count = int(period.length / HOUR)
    found = days.days(a_grid(hours([0.0] * count, 1.0, start=period.start), period), period)
    assert len(found) == 31
    assert {one.valid for one in found if one.day.day != day} == {24.0}
    assert found[day - 1].valid == length
    assert sum(one.valid for one in found) == count


def test_a_period_to_date_has_the_days_that_have_begun() -> None:
    period = to_date(month(2026, 9, "UTC"), START + timedelta(days=2, hours=1))
    found = days.days(a_grid(hours([1.0] * 49, start=START), period), period)
    assert [one.day for one in found] == [date(2026, 9, 1), date(2026, 9, 2), date(2026, 9, 3)]
    assert found[-1].valid == 100.0


def test_a_day_without_traffic_has_no_sli_and_one_without_data_no_coverage() -> None:
    period = to_date(month(2026, 9, "UTC"), START + timedelta(days=2))
    valid = [100.0] * 24 + [0.0] * 24
    grid = a_grid(hours([0.0] * 48, valid, coverage=[1.0] * 24 + [0.0] * 24), period)
    first, second = days.days(grid, period)
    assert (first.sli, first.coverage) == (1.0, 1.0)
    assert (second.sli, second.coverage) == (None, 0.0)


def test_gaps_are_merged_and_end_with_the_data() -> None:
    coverage = [1.0, 0.4, 0.0, 0.5, 1.0, 0.0] + [1.0] * 17 + [0.0]
    grid = a_grid(hours([0.0] * 24, coverage=coverage))
    at = [(low - START) / HOUR for span in days.missing(grid) for low in span]
    assert at == [1, 3, 5, 6, 23, 24]


def test_before_its_own_life_nothing_is_missing() -> None:
    grid = a_grid(hours([0.0] * 24, coverage=[0.0] * 24), since=START + 20 * HOUR)
    assert days.missing(grid) == ((START + 20 * HOUR, START + 24 * HOUR),)
    whole = a_grid(hours([0.0] * 24))
    assert days.missing(whole) == ()
