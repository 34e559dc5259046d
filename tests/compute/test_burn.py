from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.grids import DAY, HOUR, START, a_grid, hours

from slo_reports.compute import burn
from slo_reports.compute.grid import life_of
from slo_reports.model import BudgetStatus, Exhaustion, Outcome
from slo_reports.periods import month, to_date

THREE_NINES = Decimal("0.999")
SEPTEMBER = month(2026, 9, "UTC")


def test_burn_rate_of_the_worked_example_to_date() -> None:
    assert burn.burn_rate(6_000, 4_000_000, THREE_NINES) == Fraction(3, 2)


def test_burn_rate_is_unknown_where_nothing_was_served_or_nothing_may_fail() -> None:
    assert burn.burn_rate(0, 0, THREE_NINES) is None
    assert burn.burn_rate(1, 10, Decimal(1)) is None


@pytest.mark.parametrize(
    ("remaining", "pace", "rate", "status"),
    [
        pytest.param("0.25", "0.75", "1.8", BudgetStatus.WARNING, id="the worked example"),
        pytest.param("0.5", "1.5", "1.5", BudgetStatus.ATTENTION, id="exactly 1.5 is no warning"),
        pytest.param("0.5", "2", "0", BudgetStatus.WARNING, id="exactly 2 is not critical"),
        pytest.param("0.5", "0.1", "2.01", BudgetStatus.CRITICAL, id="the worse of both counts"),
        pytest.param("0.5", "1", "1", BudgetStatus.HEALTHY, id="exactly the plan is healthy"),
        pytest.param("0", "1", "0", BudgetStatus.EXHAUSTED, id="nothing left"),
        pytest.param("-0.1", "0", "0", BudgetStatus.EXHAUSTED, id="overspent"),
        pytest.param("0.5", "0.5", None, BudgetStatus.HEALTHY, id="no traffic lately"),
        pytest.param(None, None, None, BudgetStatus.UNKNOWN, id="without data"),
    ],
)
def test_budget_status(
    remaining: str | None, pace: str | None, rate: str | None, status: BudgetStatus
) -> None:
    left, paced, burning = (
        None if one is None else Fraction(one) for one in (remaining, pace, rate)
    )
    assert burn.budget_status(left, paced, burning) is status


def test_where_data_are_missing_only_bad_news_is_believed() -> None:
    little = Outcome.INSUFFICIENT_DATA
    assert burn.believed(BudgetStatus.HEALTHY, little) is BudgetStatus.UNKNOWN
    assert burn.believed(BudgetStatus.EXHAUSTED, little) is BudgetStatus.EXHAUSTED
    assert burn.believed(BudgetStatus.HEALTHY, Outcome.MET) is BudgetStatus.HEALTHY


def test_the_look_back_is_three_days_of_a_month_and_one_of_a_week() -> None:
    assert burn.default_lookback(SEPTEMBER.length) == timedelta(days=3)
    assert burn.default_lookback(timedelta(days=7)) == timedelta(days=1)


def test_the_trailing_burn_looks_at_the_last_hours_only() -> None:
    grid = a_grid(hours([50.0] * 20 + [1.0] * 4))
    assert burn.trailing_burn(grid, 4 * HOUR, Decimal("0.99")) == 1


def test_at_the_worked_rate_a_whole_budget_lasts_sixteen_days() -> None:
    life = life_of(None, SEPTEMBER)
    projected = burn.projection(Fraction(1), Fraction(9, 5), life)
    assert projected.at is not None
    assert (projected.at - SEPTEMBER.end) / timedelta(days=1) == pytest.approx(16.67, abs=0.01)


def test_a_budget_is_projected_to_end_inside_the_period() -> None:
    life = life_of(None, to_date(SEPTEMBER, datetime(2026, 9, 11, tzinfo=UTC)))
    found = burn.projection(Fraction(1, 2), Fraction(3, 2), life)
    assert found == Exhaustion("projected", datetime(2026, 9, 21, tzinfo=UTC))


def test_a_slow_burn_crosses_after_the_period() -> None:
    life = life_of(None, to_date(SEPTEMBER, datetime(2026, 9, 11, tzinfo=UTC)))
    found = burn.projection(Fraction(1, 2), Fraction(1, 2), life)
    assert found == Exhaustion("later", datetime(2026, 10, 11, tzinfo=UTC))


def test_a_crossing_a_century_away_has_no_date() -> None:
    found = burn.projection(Fraction(1), Fraction(1, 10**9), life_of(None, SEPTEMBER))
    assert found == Exhaustion("later", None)


@pytest.mark.parametrize("rate", [None, Fraction(0)])
def test_nothing_that_burns_never_ends(rate: Fraction | None) -> None:
    found = burn.projection(Fraction(1), rate, life_of(None, SEPTEMBER))
    assert found == Exhaustion("never", None)


def test_a_budget_is_spent_at_the_end_of_the_slice_that_reaches_it() -> None:
    grid = a_grid(hours([1.0, 0.0, 2.0, 5.0]))
    assert burn.spent_at(grid, 3.0) == START + 3 * HOUR
    assert burn.spent_at(grid, 3.1) == START + 4 * HOUR
    assert burn.spent_at(grid, 9.0) is None


def test_without_a_budget_the_first_bad_event_spends_it() -> None:
    assert burn.spent_at(a_grid(hours([0.0, 0.0, 1.0])), 0.0) == START + 3 * HOUR
    assert burn.spent_at(a_grid(hours([0.0, 0.0])), 0.0) is None


@given(
    left=st.fractions(Fraction(1, 1000), 1),
    rate=st.fractions(Fraction(1, 1000), 1000),
)
def test_a_projection_is_never_before_the_data_end(left: Fraction, rate: Fraction) -> None:
    found = burn.projection(left, rate, life_of(None, DAY))
    assert found.at is not None
    assert found.at >= DAY.end
    assert found.kind == "later"
