"""Real change told from noise, by hand-worked numbers (docs/arithmetic.md, Trend)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from support.snapshots import COMMERCE, OCTOBER, Promise, Service, a_snapshot

from slo_reports.compute import build_report
from slo_reports.compute.shifts import consumptions, dispersion, natural_limit, shift
from slo_reports.model import Day, Outcome, PastPeriod, Shift, ShiftKind, SloResult, Tier
from slo_reports.periods import month, previous, to_date

PAST = (0.4, 0.5, 0.4, 0.5, 0.4, 0.5)


def a_result(consumed: float, past: Sequence[float | None], target: str = "0.999") -> SloResult:
    promise = Promise("p", "Promise", target, 1_000_000, consumed, {}, tuple(past))
    service = Service("Shop", "Team", Tier.STANDARD, (promise,))
    return build_report(a_snapshot([service], incidents=())).results[0]


def on_days(result: SloResult, bad: Sequence[float], valid: float = 1000.0) -> SloResult:
    """The same, with days of so many bad events, which are all there are."""
    days = tuple(
        Day(date(2026, 10, 1) + timedelta(days=n), (valid - one) / valid, valid - one, valid, 1.0)
        for n, one in enumerate(bad)
    )
    return replace(result, days=days, budget=replace(result.budget, bad=sum(bad)))


def told(result: SloResult) -> Shift:
    found = shift(result)
    assert found is not None
    return found


def test_usual_is_the_median_give_or_take_the_natural_limit() -> None:
    assert natural_limit(PAST) == pytest.approx(0.3145)  # 3.145 × a median step of 10 points
    found = told(a_result(0.7, PAST))
    assert found.kind is ShiftKind.USUAL
    assert (found.usual, found.low, found.high) == pytest.approx((0.45, 0.1355, 0.7645))


@pytest.mark.parametrize(
    ("bad", "noise", "kind"),
    [
        pytest.param([30.0] * 30, 0.09, ShiftKind.WORSE, id="900 over all days"),
        pytest.param([900.0] + [0.0] * 29, 2.7, ShiftKind.FEW_DAYS, id="900 on one of 30 days"),
    ],
)
def test_a_change_that_a_day_explains_is_no_real_one(
    bad: list[float], noise: float, kind: ShiftKind
) -> None:
    found = told(on_days(a_result(0.9, PAST), bad))
    assert found.noise == pytest.approx(noise)
    assert found.kind is kind


def test_much_less_than_usual_is_a_real_change_for_the_better() -> None:
    assert told(a_result(0.02, PAST)).kind is ShiftKind.BETTER


def test_days_that_scatter_as_chances_do_count_once() -> None:
    even = [Day(OCTOBER.first_day, 0.97, 970.0, 1000.0, 1.0)] * 30
    assert dispersion(even) == 1.0
    assert dispersion([]) == 1.0


def test_five_earlier_periods_tell_nothing() -> None:
    found = told(a_result(0.9, PAST[:5]))
    assert (found.kind, found.periods, found.usual) == (ShiftKind.UNKNOWN, 5, None)


def test_earlier_periods_count_by_the_target_of_today() -> None:
    june = PastPeriod(month(2026, 6, "UTC"), 0.995, 0.5, Outcome.MET, 0.99)
    assert consumptions([june], 0.995) == pytest.approx([1.0])
    assert consumptions([june], 1.0) == []


def test_months_of_28_and_of_31_days_weigh_the_same() -> None:
    """The same share of a budget is no change, though its minutes are others."""
    february = month(2026, 2, "UTC")
    report = build_report(
        a_snapshot(
            [Service("Shop", "T", Tier.STANDARD, (
                Promise("p", "P", "0.999", 1_000_000, 0.45, {}, (0.45,) * 6),))],
            period=february,
            incidents=(),
        )
    )  # fmt: skip
    assert {one.period.length.days for one in report.results[0].history} >= {28, 30, 31}
    (found,) = report.insight.shifts if report.insight else ()
    assert (found.kind, found.low, found.high) == pytest.approx((ShiftKind.USUAL, 0.45, 0.45))


def test_a_period_to_date_is_not_compared() -> None:
    running = to_date(OCTOBER, OCTOBER.start + timedelta(days=10))
    report = build_report(a_snapshot(COMMERCE, period=running))
    assert report.insight is not None
    assert report.insight.shifts == ()
    assert report.insight.plan is None
    assert report.insight.changes is not None
    assert report.insight.changes.moved is None


def test_what_changed_since_the_month_before() -> None:
    report = build_report(a_snapshot())
    assert report.insight is not None
    found = report.insight.changes
    assert found is not None
    assert found.since == previous(OCTOBER)
    assert found.missed == ("Checkout availability", "Checkout latency under 500 ms")
    assert (found.still, found.recovered, found.began) == (0, (), ())
    assert found.moved is not None
    assert found.moved.title == "Checkout availability"
    assert found.moved.points == pytest.approx(0.56 - 1.18)


def test_what_is_back_in_budget_is_told() -> None:
    service = Service("Shop", "T", Tier.STANDARD, (
        Promise("a", "Again", "0.999", 1_000_000, 1.3, {}, (1.2,)),
        Promise("b", "Back", "0.999", 1_000_000, 0.5, {}, (1.1,)),
        Promise("n", "New", "0.999", 1_000_000, 0.5),
    ))  # fmt: skip
    report = build_report(a_snapshot([service], incidents=()))
    found = report.insight.changes if report.insight else None
    assert found is not None
    assert (found.missed, found.still) == ((), 1)
    assert found.recovered == ("Shop back",)
    assert found.began == ("Shop new",)
