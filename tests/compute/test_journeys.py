"""User journeys: made of their critical steps, slice by slice, by hand-worked numbers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.grids import DAY, HOUR, START, hours
from support.snapshots import a_snapshot

from slo_reports.compute import build_report
from slo_reports.compute.explanation import explain
from slo_reports.compute.journeys import approximate
from slo_reports.model import (
    Exclusion,
    Incident,
    JourneyIndicator,
    JourneyStep,
    Measurement,
    Method,
    Objective,
    Outcome,
    Report,
    Slices,
    Slo,
    SloResult,
    Snapshot,
    Subject,
    Totals,
)
from slo_reports.periods import previous

BASE = a_snapshot().subjects[0].slo
PROMISE = (Objective(Decimal("0.9"), "day", timedelta(days=1)),)
Combine = Literal["product", "worst"]


def a_step(name: str, slices: Slices | None, **more: object) -> Subject:
    slo = replace(BASE, id=f"shop/{name}", name=name, service=name.capitalize(), objectives=PROMISE)
    return Subject(slo, Measurement(slices, **more))  # type: ignore[arg-type]  # fields by name


def a_journey(*steps: str, combine: Combine = "product", **more: object) -> Subject:
    """A journey over ids without their namespace; a step in brackets is not critical."""
    indicator = JourneyIndicator(
        tuple(JourneyStep(f"shop/{one.strip('()')}", one[0] != "(") for one in steps), combine
    )
    slo = replace(
        BASE,
        id="shop/buy",
        service="Shop",
        title="User journey: Buy",
        indicator=indicator,
        objectives=PROMISE,
        runbook=None,
        **more,  # type: ignore[arg-type]  # fields by name
    )
    return Subject(slo, Measurement(None))


def frozen(
    *subjects: Subject,
    exclusions: Sequence[Exclusion] = (),
    incidents: Sequence[Incident] = (),
) -> Snapshot:
    return replace(
        a_snapshot(()),
        period=DAY,
        subjects=subjects,
        incidents=tuple(incidents),
        exclusions=tuple(exclusions),
    )


def reported(
    *subjects: Subject,
    exclusions: Sequence[Exclusion] = (),
    incidents: Sequence[Incident] = (),
) -> Report:
    return build_report(frozen(*subjects, exclusions=exclusions, incidents=incidents))


def judged(*subjects: Subject, **more: Sequence[Exclusion]) -> SloResult:
    report = reported(*subjects, **more)
    (journey,) = (one for one in report.results if one.slo.id == "shop/buy")
    return journey


def day(*bad: float, valid: Sequence[float] | float = 100.0, **more: object) -> Slices:
    """A day whose first hours have these bad events; all others are good."""
    whole = np.zeros(24)
    whole[: len(bad)] = bad
    return hours(whole, valid, **more)  # type: ignore[arg-type]  # names of hours()


SEARCH = a_step("search", day(0, 10, 0))
PAY = a_step("pay", day(0, 5, 25, valid=50.0))


# --- product and worst ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("combine", "bad"),
    [
        pytest.param("product", 19 + 50, id="0.9 x 0.9 and 1 x 0.5"),
        pytest.param("worst", 10 + 50, id="0.9 and 0.5"),
    ],
)
def test_a_slice_is_as_good_as_its_critical_steps_together(combine: Combine, bad: float) -> None:
    result = judged(SEARCH, PAY, a_journey("search", "pay", combine=combine))
    assert (result.valid, result.budget.bad) == (2400, pytest.approx(bad))
    assert result.outcome is Outcome.MET
    assert result.unit == "events of the first step"
    assert "of 2 400 events of the first step good" in result.verdict_exact.replace("\u202f", " ")


def test_the_first_critical_step_weighs() -> None:
    result = judged(SEARCH, PAY, a_journey("(search)", "pay", "search"))
    assert result.valid == 24 * 50
    assert result.budget.bad == pytest.approx(50 * 0.19 + 50 * 0.5)
    assert any("critical step, Pay availability" in note for note in result.notes)


def test_a_step_that_is_not_critical_is_shown_and_not_counted() -> None:
    result = judged(SEARCH, PAY, a_journey("search", "(pay)"))
    assert result.budget.bad == 10
    assert [(one.slo, one.critical, one.outcome) for one in result.steps] == [
        ("shop/search", True, Outcome.MET),
        ("shop/pay", False, Outcome.MET),
    ]
    assert result.steps[1].sli == (24 * 50 - 30) / (24 * 50)
    assert result.steps[1].title == "Pay availability"


def test_where_a_critical_step_has_no_data_the_journey_has_none() -> None:
    half = np.repeat([1.0, 0.0], 12)
    gone = a_step("pay", hours(np.zeros(24), 50 * half, coverage=0.5 * half))
    result = judged(SEARCH, gone, a_journey("search", "pay"))
    assert (result.valid, result.coverage) == (1200, 0.25)
    assert result.outcome is Outcome.INSUFFICIENT_DATA


def test_a_critical_step_without_traffic_changes_nothing() -> None:
    quiet = a_step("pay", hours(np.zeros(24), 0.0))
    result = judged(SEARCH, quiet, a_journey("search", "pay"))
    assert (result.valid, result.budget.bad) == (2400, 10)


def test_nobody_who_sets_out_is_no_traffic() -> None:
    quiet = hours(np.zeros(24), 0.0)
    steps = a_step("search", quiet), a_step("pay", quiet)
    assert judged(*steps, a_journey("search", "pay")).outcome is Outcome.NO_TRAFFIC


def test_a_journey_of_one_step_has_its_numbers_exactly() -> None:
    report = reported(SEARCH, a_journey("search"))
    journey, step = sorted(report.results, key=lambda one: one.slo.id)
    assert (journey.good, journey.valid, journey.sli) == (step.good, step.valid, step.sli)


def test_by_timeslices_a_slice_of_the_journey_is_good_or_bad() -> None:
    journey = a_journey("search", "pay", method=Method.TIMESLICES, slice_target=Decimal("0.85"))
    result = judged(SEARCH, PAY, journey)
    assert (result.good, result.valid, result.unit) == (22, 24, "slices of 1 hour")


# --- what cannot be measured ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        pytest.param(
            (SEARCH, a_step("pay", None, reason="No series matched.")),
            "Its critical step shop/pay was not measured: No series matched.",
            id="not measured",
        ),
        pytest.param(
            (SEARCH,), "Its critical step shop/pay is not part of this report.", id="not there"
        ),
        pytest.param(
            (SEARCH, a_step("pay", day(0, step=timedelta(minutes=5)))),
            "Its critical steps are measured in different slices.",
            id="another grain",
        ),
    ],
)
def test_a_journey_without_a_critical_step_is_not_measured(
    steps: tuple[Subject, ...], reason: str
) -> None:
    result = judged(*steps, a_journey("search", "pay"))
    assert (result.outcome, result.reason) == (Outcome.NOT_MEASURED, reason)


def test_a_step_that_is_not_critical_may_be_missing() -> None:
    result = judged(SEARCH, a_journey("search", "(pay)"))
    assert result.outcome is Outcome.MET
    assert (result.steps[1].outcome, result.steps[1].sli) == (Outcome.NOT_MEASURED, None)


def test_a_journey_lives_from_when_its_last_critical_step_does() -> None:
    born = START + 6 * HOUR
    alive = (np.arange(24) >= 6).astype(float)
    young = a_step("pay", hours(np.zeros(24), 50 * alive, coverage=alive), since=born)
    result = judged(SEARCH, young, a_journey("search", "pay"))
    assert (result.since, result.coverage, result.valid) == (born, 1.0, 1800)


# --- exclusions, incidents, trend, recommendations -----------------------------------------------


def test_what_is_excluded_of_a_critical_step_is_out_of_the_journey() -> None:
    window = Exclusion(START + 2 * HOUR, START + 3 * HOUR, "Move", "Ada", services=("Pay",))
    result = judged(SEARCH, PAY, a_journey("search", "pay"), exclusions=[window])
    assert (result.valid, result.budget.bad) == (2300, pytest.approx(19))
    assert result.exclusions == (window,)
    assert result.before_exclusions is not None
    assert result.before_exclusions.sli == pytest.approx(1 - 69 / 2400)
    spared = judged(SEARCH, PAY, a_journey("search", "(pay)"), exclusions=[window])
    assert (spared.valid, spared.exclusions) == (2400, ())


def test_the_explanation_of_a_journey_takes_out_what_its_report_takes_out() -> None:
    window = Exclusion(START + 2 * HOUR, START + 3 * HOUR, "Move", "Ada", services=("Pay",))
    snapshot = frozen(SEARCH, PAY, a_journey("search", "pay"), exclusions=[window])
    explained = explain(snapshot, "shop/buy")
    (decides,) = (row for row in explained.methods if row.decides)
    assert decides.sli == explained.result.sli == pytest.approx(1 - 19 / 2300)
    assert decides.consumed == explained.result.budget.consumed


def an_incident(hour: int, service: str, slo: str | None = None) -> Incident:
    start = START + hour * HOUR
    return Incident(start, start + HOUR, f"I{hour}", "T", service, "page", "incident log", slo)


def test_incidents_of_critical_steps_cost_the_journey() -> None:
    incidents = [an_incident(1, "Search"), an_incident(2, "Pay", "shop/pay")]
    report = reported(SEARCH, PAY, a_journey("search", "pay"), incidents=incidents)
    result = next(one for one in report.results if one.slo.id == "shop/buy")
    assert [round(one.bad, 9) for one in result.incidents] == [19, 50]
    assert result.unattributed == pytest.approx(0, abs=1e-9)
    other = [an_incident(1, "Search", "shop/search-latency"), an_incident(2, "Orders")]
    report = reported(SEARCH, PAY, a_journey("search", "pay"), incidents=other)
    assert next(one for one in report.results if one.slo.id == "shop/buy").incidents == ()


def test_what_the_steps_ask_for_the_journey_does_not_ask_for_again() -> None:
    worse = a_step("pay", day(*[40] * 12, valid=50.0))
    report = reported(
        SEARCH, worse, a_journey("search", "pay"), incidents=[an_incident(2, "Pay", "shop/pay")]
    )
    kinds = {one.kind for one in report.recommendations if one.slo == "shop/buy"}
    assert kinds == {"hold-releases"}


BEFORE = previous(DAY)


def with_past(subject: Subject, good: float, valid: float, coverage: float = 1.0) -> Subject:
    past = (Totals(BEFORE, good, valid, coverage),)
    return replace(subject, measurement=replace(subject.measurement, history=past))


@pytest.mark.parametrize(("combine", "sli"), [("product", 0.81), ("worst", 0.9)])
def test_an_earlier_period_is_made_of_whole_ratios_and_said_to_be(
    combine: Combine, sli: float
) -> None:
    steps = with_past(SEARCH, 900, 1000, 0.98), with_past(PAY, 45, 50, 0.97)
    result = judged(*steps, a_journey("search", "pay", combine=combine))
    assert result.previous is not None
    assert result.previous.sli == pytest.approx(sli)
    assert approximate() in result.notes


def test_a_period_that_one_critical_step_does_not_know_is_left_out() -> None:
    result = judged(with_past(SEARCH, 900, 1000), PAY, a_journey("search", "pay"))
    assert result.previous is None
    assert approximate() not in result.notes


def test_what_is_counted_in_good_slices_has_no_trend_of_event_ratios() -> None:
    steps = with_past(SEARCH, 900, 1000), with_past(PAY, 45, 50)
    assert judged(*steps, a_journey("search", "pay", method=Method.TIMESLICES)).previous is None
    by_slices = replace(steps[1], slo=replace(PAY.slo, method=Method.TIMESLICES))
    assert judged(steps[0], by_slices, a_journey("search", "pay")).previous is None


# --- what holds for any steps --------------------------------------------------------------------


@st.composite
def some_steps(draw: st.DrawFn) -> tuple[Subject, ...]:
    dice = np.random.default_rng(draw(st.integers(0, 2**32)))
    return tuple(_any_step(f"s{n}", dice) for n in range(draw(st.integers(1, 4))))


def _any_step(name: str, dice: np.random.Generator) -> Subject:
    valid = dice.choice([0, 1, 7, 1000, 1_000_000], 24).astype(float)
    bad = np.floor(valid * dice.choice([0, 0, 0.001, 0.3, 1], 24))
    known = dice.choice([0.0, 0.4, 1, 1, 1, 1], 24)
    present = known > 0
    return a_step(name, Slices(START, HOUR, (valid - bad) * present, valid * present, known))


def names(steps: Sequence[Subject]) -> list[str]:
    return [one.slo.name for one in steps]


def only_hour(subject: Subject, hour: int) -> Subject:
    """The step with one hour measured."""
    one = subject.measurement.slices
    assert one is not None
    kept = (np.arange(24) == hour).astype(float)
    return replace(
        subject,
        measurement=Measurement(
            replace(one, good=one.good * kept, valid=one.valid * kept, coverage=one.coverage * kept)
        ),
    )


@given(some_steps(), st.sampled_from(["product", "worst"]), st.integers(0, 23))
def test_no_slice_is_better_than_any_of_its_critical_steps(
    steps: tuple[Subject, ...], combine: Combine, hour: int
) -> None:
    report = reported(
        *(only_hour(one, hour) for one in steps), a_journey(*names(steps), combine=combine)
    )
    journey = next(one for one in report.results if one.slo.id == "shop/buy")
    others = [one for one in report.results if one is not journey]
    assert journey.coverage == min(one.coverage for one in others)
    if journey.sli is not None:
        for one in others:
            assert one.sli is None or journey.sli <= one.sli + 1e-12


@given(some_steps(), st.sampled_from(["product", "worst"]))
def test_a_snapshot_with_a_journey_reads_back_and_its_report_is_json(
    steps: tuple[Subject, ...], combine: Combine
) -> None:
    journey = a_journey(*names(steps), combine=combine)
    snapshot = replace(
        a_snapshot(()), period=DAY, subjects=(*steps, journey), incidents=(an_incident(3, "S0"),)
    )
    again = Snapshot.from_json(snapshot.to_json())
    assert again.subjects[-1].slo == journey.slo
    told = build_report(again).to_json()
    assert told == build_report(snapshot).to_json()
    json.loads(told, parse_constant=_refuse)


def _refuse(constant: str) -> float:
    raise AssertionError(constant)


@given(some_steps())
def test_the_worst_is_never_worse_than_the_product(steps: tuple[Subject, ...]) -> None:
    product, worst = (
        judged(*steps, a_journey(*names(steps), combine=combine))
        for combine in ("product", "worst")
    )
    assert product.valid == worst.valid
    assert product.good <= worst.good + 1e-6


@given(some_steps(), st.integers(0, 2**32), st.sampled_from(["product", "worst"]))
def test_losing_data_of_a_step_never_improves_the_journey(
    steps: tuple[Subject, ...], seed: int, combine: Combine
) -> None:
    journey = a_journey(*names(steps), combine=combine)
    before = judged(*steps, journey)
    dice = np.random.default_rng(seed)
    number = int(dice.integers(len(steps)))
    after = judged(*_losing(steps, number, dice.random(24) < 0.4), journey)
    assert after.coverage <= before.coverage + 1e-12
    assert after.budget.bad <= before.budget.bad + 1e-6  # a gap is neither good nor bad
    if before.outcome is Outcome.INSUFFICIENT_DATA:
        assert after.outcome is Outcome.INSUFFICIENT_DATA
    good_hours = np.array([one.sli == 1.0 or one.valid == 0 for one in _by_hour(steps, combine)])
    kept = judged(*_losing(steps, number, (dice.random(24) < 0.7) & good_hours), journey)
    if before.sli is not None and kept.sli is not None:
        assert kept.sli <= before.sli + 1e-12


def _losing(
    steps: Sequence[Subject], number: int, gone: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> list[Subject]:
    one = steps[number].measurement.slices
    assert one is not None
    left = (~gone).astype(float)
    slices = replace(
        one, good=one.good * left, valid=one.valid * left, coverage=one.coverage * left
    )
    changed = list(steps)
    changed[number] = replace(steps[number], measurement=Measurement(slices))
    return changed


def _by_hour(steps: Sequence[Subject], combine: Combine) -> list[SloResult]:
    journey = a_journey(*names(steps), combine=combine)
    return [judged(*(only_hour(one, hour) for one in steps), journey) for hour in range(24)]


def test_a_step_is_known_by_its_id_and_says_whether_it_is_critical() -> None:
    slo: Slo = a_journey("search", "(pay)").slo
    assert [one.slo for one in slo.steps if one.critical] == ["shop/search"]
    assert BASE.steps == ()


@pytest.mark.parametrize(("combine", "good"), [("product", 231), ("worst", 240)])
def test_the_example_of_the_docs(combine: Combine, good: float) -> None:
    three = (np.arange(24) < 3).astype(float)
    steps = (
        a_step("search", day(0, 10, 0, valid=100 * three)),
        a_step("pay", day(0, 5, 25, valid=50 * three)),
    )
    result = judged(*steps, a_journey("search", "pay", combine=combine))
    assert (result.good, result.valid) == (pytest.approx(good), 300)
