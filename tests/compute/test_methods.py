"""Occurrences, timeslices and ratio timeslices, by published and hand-worked numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from support.grids import DAY, HOUR, START, hours
from support.snapshots import a_snapshot

from slo_reports.compute import build_report
from slo_reports.compute.methods import compare_methods
from slo_reports.model import (
    Exclusion,
    Measurement,
    Method,
    Objective,
    Outcome,
    Slices,
    Slo,
    SloResult,
    Subject,
)
from slo_reports.periods import Period, between

SLO = a_snapshot().subjects[0].slo
MINUTE = timedelta(minutes=1)


def a_slo(target: str, method: Method = Method.TIMESLICES, **more: object) -> Slo:
    objective = Objective(Decimal(target), "day", timedelta(days=1))
    return replace(SLO, objectives=(objective,), method=method, **more)  # type: ignore[arg-type]  # fields by name


def days_from_start(count: int) -> Period:
    return between(START.date(), (START + timedelta(days=count)).date(), "UTC")


def judged(
    slo: Slo, slices: Slices, period: Period = DAY, exclusions: tuple[Exclusion, ...] = ()
) -> SloResult:
    snapshot = replace(
        a_snapshot(()),
        period=period,
        subjects=(Subject(slo, Measurement(slices)),),
        incidents=(),
        exclusions=exclusions,
    )
    (result,) = build_report(snapshot).results
    return result


# --- OpenSLO's budgeting examples: two weeks, 95 %, slices of one minute -------------------------

WEEKS = days_from_start(14)


def attacked(minutes: int) -> Slices:
    """A service that is 99 % good, and 1 % during an attack."""
    bad = np.full(14 * 1440, 1.0)
    bad[500 : 500 + minutes] = 99
    return hours(bad, 100, step=MINUTE)


@pytest.mark.parametrize(("minutes", "met"), [(1008, True), (1009, False)])
def test_timeslices_allow_1008_bad_minutes_of_two_weeks(minutes: int, met: bool) -> None:
    result = judged(a_slo("0.95"), attacked(minutes), WEEKS)
    assert (result.outcome is Outcome.MET) is met
    assert (result.budget.events, result.budget.bad) == (1008, minutes)
    assert result.budget.minutes == 1008
    assert result.unit == "slices of 1 minute"


@pytest.mark.parametrize(("minutes", "met"), [(822, True), (823, False)])
def test_ratio_timeslices_allow_822_minutes_of_attack(minutes: int, met: bool) -> None:
    result = judged(a_slo("0.95", Method.RATIO_TIMESLICES), attacked(minutes), WEEKS)
    assert (result.outcome is Outcome.MET) is met


def test_a_low_traffic_week_allows_five_bad_minutes() -> None:
    week = days_from_start(7)
    for bad, met in ((5, True), (6, False)):
        failed = np.zeros(7 * 1440)
        failed[:bad] = 1
        result = judged(a_slo("0.9995"), hours(failed, 1, step=MINUTE), week)
        assert result.budget.events == pytest.approx(5.04)
        assert (result.outcome is Outcome.MET) is met


# --- a quiet hour and a busy hour ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("hour", "by_events", "by_ratios"),
    [pytest.param(0, 1.4, 138.9, id="quiet"), pytest.param(12, 144.9, 138.9, id="busy")],
)
def test_an_outage_of_one_hour_by_two_methods(
    hour: int, by_events: float, by_ratios: float
) -> None:
    valid = np.full(30 * 288, 5 * 1000.0).reshape(30, 24, 12)
    valid[:, 0, :] = 5 * 10
    bad = np.zeros_like(valid)
    bad[7, hour, :] = valid[7, hour, :]
    slices = hours(bad.ravel(), valid.ravel(), step=timedelta(minutes=5))
    found = compare_methods(slices, a_slo("0.999"), days_from_start(30))
    consumed = {method: round(100 * (used or 0), 1) for method, (_, used) in found.items()}
    assert consumed == {
        Method.OCCURRENCES: by_events,
        Method.TIMESLICES: by_ratios,
        Method.RATIO_TIMESLICES: by_ratios,
    }


# --- slices --------------------------------------------------------------------------------------


def test_a_slice_without_valid_events_leaves_both_sides() -> None:
    served = [100.0] * 20 + [0.0] * 4
    result = judged(a_slo("0.9"), hours([50] + [0] * 23, served))
    assert (result.good, result.valid, result.coverage) == (19, 20, 1)


def test_no_traffic_is_no_traffic_by_any_method() -> None:
    for method in Method:
        result = judged(a_slo("0.9", method), hours([0.0] * 24, 0))
        assert (result.outcome, result.sli) == (Outcome.NO_TRAFFIC, None)


def test_slices_are_put_together_to_the_slice_window() -> None:
    bad = np.zeros(288)
    bad[:12] = [2, *[0] * 11]
    slo = a_slo("0.9", slice_target=Decimal("0.998"), slice_window=HOUR)
    slices = hours(bad, 100, step=timedelta(minutes=5))
    result = judged(slo, slices)
    assert (result.good, result.valid) == (24, 24)
    assert result.unit == "slices of 1 hour"
    assert judged(replace(slo, slice_window=None), slices).good == 287


def test_a_last_slice_that_is_cut_short_is_judged_by_what_it_has() -> None:
    slo = a_slo("0.9", slice_window=timedelta(hours=8))
    slices = hours([0.0] * 20, 100)
    period = replace(DAY, as_of=START + 20 * HOUR)
    assert judged(slo, slices, period).valid == 3


@pytest.mark.parametrize("good", range(1, 101))
def test_a_slice_exactly_at_its_target_is_good(good: int) -> None:
    target = Decimal(good) / 100
    slices = hours([100.0 - good] * 24, 100)
    for method in (Method.TIMESLICES, Method.RATIO_TIMESLICES):
        assert judged(a_slo(str(target), method), slices).outcome is Outcome.MET


def test_a_slice_one_event_short_of_its_target_is_bad() -> None:
    valid = 10_000_000_000.0
    slices = hours([valid / 1000 + 1] * 24, valid)
    assert judged(a_slo("0.999"), slices).good == 0


def test_the_slice_target_is_the_objectives_where_none_is_named() -> None:
    slices = hours([4.0] * 24, 100)
    assert judged(a_slo("0.95"), slices).good == 24
    assert judged(a_slo("0.95", slice_target=Decimal("0.97")), slices).good == 0


def test_days_curves_and_verdict_count_in_slices() -> None:
    result = judged(a_slo("0.9"), hours([50] * 3 + [0] * 21, 100))
    assert result.days[0].valid == 24
    assert result.verdict_exact == "21 of 24 slices of 1 hour good; 90 % asks for 22".replace(
        "90 %", "90\u202f%"
    )
    assert result.remaining_curve is not None
    assert result.remaining_curve.values[-1] == pytest.approx(1 - 3 / 2.4)
    assert result.exhaustion is not None
    assert result.exhaustion.at == START + 3 * HOUR


# --- exclusions ----------------------------------------------------------------------------------


def out(first: float, last: float, **more: object) -> Exclusion:
    times = (START + first * HOUR, START + last * HOUR)
    return Exclusion(*times, "Database moved", "Ada", **more)  # type: ignore[arg-type]  # fields by name


def occurrences(target: str = "0.99") -> Slo:
    return a_slo(target, Method.OCCURRENCES)


def test_an_excluded_span_leaves_both_good_and_valid() -> None:
    slices = hours([50, 50] + [0] * 22, 100)
    result = judged(occurrences(), slices, exclusions=(out(0, 2),))
    assert (result.good, result.valid, result.outcome) == (2200, 2200, Outcome.MET)
    assert result.before_exclusions is not None
    assert result.before_exclusions.sli == pytest.approx(2300 / 2400)
    assert result.before_exclusions.outcome is Outcome.MISSED
    assert result.before_exclusions.remaining == pytest.approx(1 - 100 / 24)
    assert result.exclusions == (out(0, 2),)


def test_a_slice_that_an_exclusion_only_touches_is_out_as_a_whole() -> None:
    slices = hours([0.0] * 24, 100)
    assert judged(occurrences(), slices, exclusions=(out(0.999, 2.001),)).valid == 2100
    assert judged(occurrences(), slices, exclusions=(out(1, 2),)).valid == 2300


def test_coverage_is_judged_on_what_is_left() -> None:
    slices = hours([0.0] * 24, 100, coverage=[0.0] * 6 + [1.0] * 18)
    result = judged(occurrences(), slices, exclusions=(out(0, 6),))
    assert (result.coverage, result.missing) == (1, ())
    assert judged(occurrences(), slices).outcome is Outcome.INSUFFICIENT_DATA


def test_an_exclusion_of_everything_leaves_no_verdict() -> None:
    result = judged(occurrences(), hours([1.0] * 24, 100), exclusions=(out(-1, 30),))
    assert (result.outcome, result.sli, result.coverage) == (Outcome.INSUFFICIENT_DATA, None, 0)
    assert result.reason == "Exclusions take out all of the period."


def test_an_exclusion_is_for_the_services_and_slos_it_names() -> None:
    slices = hours([0.0] * 24, 100)
    for one, valid in (
        (out(0, 2, services=(SLO.service,)), 2200),
        (out(0, 2, slos=(SLO.id,)), 2200),
        (out(0, 2, services=("elsewhere",)), 2400),
    ):
        assert judged(occurrences(), slices, exclusions=(one,)).valid == valid
    assert judged(occurrences(), slices, exclusions=(out(0, 2, services=("x",)),)).exclusions == ()


def test_an_exclusion_outside_the_period_is_not_mentioned() -> None:
    result = judged(occurrences(), hours([0.0] * 24, 100), exclusions=(out(24, 30),))
    assert (result.exclusions, result.before_exclusions) == ((), None)


def test_exclusions_are_taken_out_before_slices_are_put_together() -> None:
    bad = np.zeros(288)
    bad[:6] = 100
    slo = a_slo("0.9", slice_window=HOUR)
    result = judged(slo, hours(bad, 100, step=timedelta(minutes=5)), exclusions=(out(0, 0.5),))
    assert (result.good, result.valid) == (24, 24)
