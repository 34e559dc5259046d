from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.words import plain

from slo_reports.compute import budget
from slo_reports.compute.grid import Life, life_of
from slo_reports.model import Outcome
from slo_reports.periods import month, to_date

THREE_NINES = Decimal("0.999")
SEPTEMBER = month(2026, 9, "UTC")
NO_DATA = (0, 0)


def test_a_finished_month_of_the_worked_example() -> None:
    spent = budget.error_budget(
        12_000_000 - 9_000, 12_000_000, THREE_NINES, life_of(None, SEPTEMBER)
    )
    assert spent.events == 12_000
    assert spent.minutes == pytest.approx(43.2, abs=1e-12)
    assert spent.consumed == 0.75
    assert spent.consumed_minutes == pytest.approx(32.4)
    assert spent.remaining == 0.25
    assert spent.remaining_events == 3_000
    assert spent.remaining_minutes == pytest.approx(10.8)


def test_a_month_to_date_of_the_worked_example() -> None:
    day_ten = to_date(SEPTEMBER, datetime(2026, 9, 11, tzinfo=UTC))
    life = life_of(None, day_ten)
    assert life.elapsed == Fraction(1, 3)
    spent = budget.error_budget(4_000_000 - 6_000, 4_000_000, THREE_NINES, life)
    assert (spent.consumed, spent.remaining, spent.events) == (0.5, 0.5, 12_000)


@pytest.mark.parametrize(
    ("rows", "consumed"),
    [
        pytest.param([(999, 1000)], 1, id="exactly the budget"),
        pytest.param([(0, 10), (9990, 9990)], 1, id="a quiet bad hour weighs by its events"),
        pytest.param([(999, 1000), NO_DATA], 1, id="a gap is not good"),
        pytest.param([(1000, 1000)], 0, id="nothing failed"),
        pytest.param([(0, 1000)], 1000, id="everything failed"),
    ],
)
def test_consumed_share_of_a_three_nines_budget(rows: list[tuple[int, int]], consumed: int) -> None:
    good, valid = (sum(column) for column in zip(*rows, strict=True))
    found = budget.consumed_fraction(valid - good, valid, THREE_NINES, Fraction(1))
    assert found == consumed


@pytest.mark.parametrize(
    ("good", "valid", "target", "coverage", "verdict"),
    [
        pytest.param(999, 1000, "0.999", 1.0, Outcome.MET, id="exactly the target is met"),
        pytest.param(19_979_999, 20_000_000, "0.999", 1.0, Outcome.MISSED, id="one event short"),
        pytest.param(998_996, 1_000_000, "0.999", 1.0, Outcome.MISSED, id="99.8996 is a miss"),
        pytest.param(0, 0, "0.999", 1.0, Outcome.NO_TRAFFIC, id="no traffic is not a hundred"),
        pytest.param(0, 0, "0.999", 0.0, Outcome.INSUFFICIENT_DATA, id="no data is no traffic not"),
        pytest.param(10, 10, "0.999", 0.949, Outcome.INSUFFICIENT_DATA, id="below the minimum"),
        pytest.param(0, 10, "0.999", 0.949, Outcome.INSUFFICIENT_DATA, id="also for a bad one"),
        pytest.param(10, 10, "0.999", 0.95, Outcome.MET, id="the minimum is enough"),
        pytest.param(10, 10, "1", 1.0, Outcome.MET, id="all of them promised and kept"),
        pytest.param(9, 10, "1", 1.0, Outcome.MISSED, id="all of them promised"),
    ],
)
def test_the_outcome_of(
    good: float, valid: float, target: str, coverage: float, verdict: Outcome
) -> None:
    assert budget.outcome(good, valid, Decimal(target), coverage, 0.95) is verdict


def test_nothing_ever_measured_is_insufficient_even_where_no_minimum_is_asked() -> None:
    assert budget.outcome(0, 0, THREE_NINES, 0.0, 0.0) is Outcome.INSUFFICIENT_DATA


def test_a_promise_of_everything_has_no_budget_and_divides_by_nothing() -> None:
    spent = budget.error_budget(9, 10, Decimal(1), life_of(None, SEPTEMBER))
    assert (spent.events, spent.minutes, spent.consumed, spent.remaining) == (0, 0, None, None)


def test_a_service_begun_inside_the_period_has_the_budget_of_its_own_life() -> None:
    life = life_of(datetime(2026, 9, 16, tzinfo=UTC), SEPTEMBER)
    assert life.length == timedelta(days=15)
    assert budget.error_budget(1000, 1000, THREE_NINES, life).minutes == pytest.approx(21.6)


@pytest.mark.parametrize(
    "since", [datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 10, 2, tzinfo=UTC)]
)
def test_a_beginning_outside_the_period_changes_nothing(since: datetime) -> None:
    assert life_of(since, SEPTEMBER) == Life(SEPTEMBER.start, SEPTEMBER.end, SEPTEMBER.end)


@pytest.mark.parametrize(
    ("good", "valid", "target", "sentence"),
    [
        (
            19_998_000,
            20_000_000,
            "0.999",
            "19 998 000 of 20 000 000 good; 99.9 % asks for 19 980 000",
        ),
        (1, 3, "0.5", "1 of 3 good; 50 % asks for 2"),
        (1.5, 3, "0.5", "1.5 of 3 good; 50 % asks for 1.5"),
        (0, 0, "0.5", "no valid events"),
    ],
)
def test_the_exact_comparison_is_told(
    good: float, valid: float, target: str, sentence: str
) -> None:
    assert plain(budget.verdict_exact(good, valid, Decimal(target))) == sentence


@given(
    valid=st.integers(1, 10**12),
    share=st.fractions(0, 1),
    target=st.sampled_from(["0.5", "0.99", "0.999", "0.99999"]),
)
def test_met_and_budget_left_agree(valid: int, share: Fraction, target: str) -> None:
    good = int(valid * share)
    consumed = budget.consumed_fraction(valid - good, valid, Decimal(target), Fraction(1))
    assert consumed is not None
    assert budget.is_met(good, valid, Decimal(target)) == (consumed <= 1)
