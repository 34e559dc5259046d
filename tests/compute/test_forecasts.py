"""The next period, by hand-worked numbers (docs/arithmetic.md, Forecast)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.snapshots import OCTOBER, Promise, Service, a_snapshot

from slo_reports.compute import build_report
from slo_reports.compute.forecasts import chance, forecast, quantile, spent_between
from slo_reports.model import (
    Day,
    Exclusion,
    Objective,
    Outcome,
    Phase,
    Plan,
    Snapshot,
    Tier,
)
from slo_reports.periods import month

NOVEMBER = month(2026, 11, "UTC")
TWELVE = tuple(n / 10 for n in range(1, 13))


def shop(consumed: float = 1.2, past: tuple[float, ...] = TWELVE[:-1]) -> Snapshot:
    promise = Promise("p", "Promise", "0.99", 1_000_000, consumed, {}, past)
    return a_snapshot([Service("Shop", "Team", Tier.STANDARD, (promise,))], incidents=())


def plan_of(snapshot: Snapshot) -> Plan:
    insight = build_report(snapshot).insight
    assert insight is not None
    assert insight.plan is not None
    return insight.plan


def a_day(bad: float) -> Day:
    return Day(date(2026, 10, 1), None, 1000.0 - bad, 1000.0, 1.0)


def test_twelve_periods_are_twelve_cases() -> None:
    (found,) = plan_of(shop()).forecasts
    assert (found.periods, found.missed) == (12, 2)
    assert found.expected == pytest.approx(0.65)
    assert (found.low, found.high) == pytest.approx((0.13, 1.17))
    assert found.chance == pytest.approx(3 / 14)


def test_no_miss_is_no_proof_that_there_will_be_none() -> None:
    assert chance(0, 12) == pytest.approx(1 / 14)
    assert chance(12, 12) == pytest.approx(13 / 14)


def test_five_periods_are_too_few_for_a_forecast() -> None:
    (found,) = plan_of(shop(0.5, TWELVE[:4])).forecasts
    assert (found.periods, found.expected, found.chance, found.spent) == (5, None, None, None)
    assert found.at_close is not None


def test_a_budget_that_is_used_twice_over_ends_half_way_on_even_days() -> None:
    assert spent_between([2.0], [a_day(10.0)] * 30, NOVEMBER) == (
        (datetime(2026, 11, 16, tzinfo=UTC),) * 3
    )


def test_one_bad_day_may_fall_on_any_day() -> None:
    days = [a_day(100.0), *[a_day(0.0)] * 29]
    found = spent_between([2.0], days, NOVEMBER)
    assert found is not None
    early, middle, late = found
    # Half of that day uses the budget up; it is each of thirty days in turn: places 3.1, 15.5, 27.9
    assert early == NOVEMBER.start + timedelta(days=2.6)
    assert middle == NOVEMBER.start + timedelta(days=15)
    assert late == NOVEMBER.start + timedelta(days=27.4)


def test_where_no_case_is_a_miss_no_day_is_told() -> None:
    assert spent_between([], [a_day(1.0)], NOVEMBER) is None


def test_a_closing_burn_rate_of_1_8_uses_a_month_up_in_16_7_days() -> None:
    result = replace(build_report(shop()).results[0], burn=1.8)
    found = forecast(result, NOVEMBER)
    assert found is not None
    assert found.at_close == 1.8
    assert found.close_at == NOVEMBER.start + timedelta(days=30) / 1.8
    assert round((found.close_at - NOVEMBER.start) / timedelta(days=1), 1) == 16.7


def test_cases_count_by_the_next_target_where_a_phase_begins() -> None:
    snapshot = shop(0.5, (0.5,) * 6)
    (one,) = snapshot.subjects
    phases = (
        Phase(Decimal("0.99"), date(2026, 1, 1)),
        Phase(Decimal("0.995"), date(2026, 11, 1)),
    )
    objective = Objective(Decimal("0.99"), "month", timedelta(days=30), phases)
    slo = replace(one.slo, objectives=(objective,))
    found = plan_of(replace(snapshot, subjects=(replace(one, slo=slo),)))
    assert found.forecasts[0].target == Decimal("0.995")
    assert found.forecasts[0].expected == pytest.approx(1.0)
    (target,) = found.targets
    assert (target.before, target.target) == (Decimal("0.99"), Decimal("0.995"))
    assert (target.outcome, target.remaining) == (Outcome.MET, pytest.approx(0.0))


def test_maintenance_of_the_next_period_is_in_the_plan_and_changes_no_number() -> None:
    def out(start: datetime, **of: tuple[str, ...]) -> Exclusion:
        return Exclusion(start, start + timedelta(hours=2), "Upgrade", "Ada", **of)

    begin = OCTOBER.end + timedelta(days=3)
    planned = (out(begin), out(begin, services=("Elsewhere",)), out(OCTOBER.start))
    found = plan_of(replace(shop(), planned=planned))
    assert found.maintenance == (planned[0],)
    with_it, without = build_report(replace(shop(), planned=planned)), build_report(shop())
    assert [one.sli for one in with_it.results] == [one.sli for one in without.results]


def test_a_snapshot_without_plans_has_the_same_bytes_as_ever() -> None:
    text = shop().to_json()
    assert b'"planned"' not in text
    assert b'"earlier"' not in text
    planned = replace(shop(), planned=(Exclusion(OCTOBER.end, NOVEMBER.end, "Upgrade", "Ada"),))
    assert Snapshot.from_json(planned.to_json()).planned == planned.planned


@given(
    st.lists(st.floats(1.01, 50), min_size=1, max_size=6),
    st.lists(st.floats(0, 900), min_size=1, max_size=31),
)
def test_a_budget_that_is_missed_ends_inside_the_period(
    missed: list[float], bad: list[float]
) -> None:
    found = spent_between(missed, [a_day(one) for one in bad], NOVEMBER)
    assert found is not None
    assert NOVEMBER.start <= found[0] <= found[1] <= found[2] <= NOVEMBER.end


@given(st.lists(st.floats(0, 5), min_size=1, max_size=12), st.floats(0, 1))
def test_a_quantile_lies_among_the_cases(cases: list[float], share: float) -> None:
    assert min(cases) <= quantile(cases, share) <= max(cases)
