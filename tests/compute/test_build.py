from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.grids import DAY, HOUR, START
from support.snapshots import COMMERCE, OCTOBER, ODD, a_slo, a_snapshot

from slo_reports.compute import build_report
from slo_reports.model import (
    Incident,
    Measurement,
    Objective,
    Outcome,
    Slices,
    SloResult,
    Snapshot,
    Subject,
    content_hash,
)
from slo_reports.periods import to_date

SLO = a_slo(COMMERCE[0], COMMERCE[0].promises[0])
COMMERCE_REPORT = build_report(a_snapshot())
ODD_REPORT = build_report(a_snapshot(ODD))


def result_of(identity: str) -> SloResult:
    results = COMMERCE_REPORT.results + ODD_REPORT.results
    return next(one for one in results if one.slo.id == f"commerce/{identity}")


# --- the example month ---------------------------------------------------------------------------


def test_the_known_truth_of_each_objective_is_found_again() -> None:
    for service in COMMERCE:
        for promise in service.promises:
            result = result_of(a_slo(service, promise).name)
            asked = promise.background + sum(promise.cost.values())
            one_event = 1 / result.budget.events
            assert result.budget.consumed == pytest.approx(asked, abs=max(0.01, 1.01 * one_event))


def test_what_incidents_took_is_found_again() -> None:
    checkout = result_of("checkout-availability")
    shares = {one.letter: round(one.consumed, 2) for one in checkout.incidents}
    assert shares == {"B": 0.31, "C": 0.48, "D": 0.09}
    assert checkout.unattributed == pytest.approx(0.30, abs=0.003)
    dearest = COMMERCE_REPORT.incidents[2].costs[0]
    assert dearest[:2] == ("commerce/checkout-availability", "Checkout availability")


def test_a_missed_month_is_told_to_the_last_event() -> None:
    checkout = result_of("checkout-availability")
    assert (checkout.good, checkout.valid) == (26_368_848, 26_400_000)
    assert checkout.budget.minutes == pytest.approx(44.7)
    assert checkout.outcome is Outcome.MISSED
    assert checkout.exhaustion is not None
    assert checkout.exhaustion.kind == "spent"


def test_the_curve_ends_at_what_is_left() -> None:
    for result in COMMERCE_REPORT.results:
        assert result.remaining_curve is not None
        assert result.remaining_curve.values[0] == 1.0
        assert result.remaining_curve.values[-1] == result.budget.remaining
        assert len(result.remaining_curve.times) < 850


def test_the_history_ends_with_the_reported_month() -> None:
    checkout = result_of("checkout-availability")
    assert len(checkout.history) == 12
    assert checkout.history[-1].period == OCTOBER
    assert checkout.previous is not None
    assert checkout.previous.consumed == 0.56


def test_notes_name_their_service_once() -> None:
    assert COMMERCE_REPORT.notes == ("Search: 13 minutes on 8 October are missing.",)
    assert ODD_REPORT.notes == (
        "Gift cards: data began on 15 Oct 10:00; it is judged from then on.",
    )


# --- what is not ordinary ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("vouchers-availability", Outcome.NO_TRAFFIC),
        ("returns-availability", Outcome.INSUFFICIENT_DATA),
        ("gift-cards-availability", Outcome.MET),
        ("reviews-availability", Outcome.NOT_MEASURED),
        ("ledger-completeness", Outcome.MET),
    ],
)
def test_outcomes_that_are_not_ordinary(name: str, outcome: Outcome) -> None:
    assert result_of(name).outcome is outcome


def test_too_little_data_still_shows_its_numbers() -> None:
    returns = result_of("returns-availability")
    assert returns.sli == pytest.approx(0.9998)
    assert returns.coverage == pytest.approx(6940 / 8940)
    assert len(returns.missing) == 1


def test_a_service_begun_inside_the_month_is_judged_on_its_own_life() -> None:
    cards = result_of("gift-cards-availability")
    assert (cards.coverage, cards.missing) == (1.0, ())
    assert cards.since is not None
    assert cards.budget.minutes == pytest.approx((OCTOBER.end - cards.since).total_seconds() / 6000)
    assert cards.budget.consumed == pytest.approx(0.4)


def test_what_was_not_measured_says_why_and_lowers_no_coverage_mean() -> None:
    reviews = result_of("reviews-availability")
    assert reviews.reason == "Prometheus knows no series named review_requests_total."
    assert (reviews.remaining_curve, reviews.days, reviews.sli) == (None, (), None)
    assert ODD_REPORT.coverage == pytest.approx((4 + 6940 / 8940) / 5)


def test_the_objective_nearest_to_the_period_counts() -> None:
    both = (
        Objective(Decimal("0.9"), "week", timedelta(days=7)),
        Objective(Decimal("0.99"), "30d", timedelta(days=30)),
    )
    snapshot = a_snapshot(COMMERCE[:1])
    slo = replace(snapshot.subjects[0].slo, objectives=both)
    report = build_report(replace(snapshot, subjects=(replace(snapshot.subjects[0], slo=slo),)))
    assert report.results[0].objective is both[1]


def test_a_report_to_date_knows_what_the_snapshot_knew() -> None:
    early = to_date(OCTOBER, OCTOBER.start + timedelta(days=10))
    report = build_report(a_snapshot(period=early))
    assert [one.letter for one in report.incidents] == ["A"]
    curve = report.results[0].remaining_curve
    assert curve is not None
    assert curve.times[-1] == early.data_end.timestamp()
    assert curve.values[-1] == report.results[0].budget.remaining


def test_nothing_at_all_is_a_report_too() -> None:
    report = build_report(a_snapshot((), incidents=()))
    assert (report.services, report.coverage, len(report.figures)) == ((), None, 4)


# --- properties ----------------------------------------------------------------------------------


def _refuse(constant: str) -> float:
    raise AssertionError(constant)


def json_of(report_bytes: bytes, check: Callable[[str], float] = _refuse) -> object:
    return json.loads(report_bytes, parse_constant=check)


def numbers_in(plain: object) -> list[float]:
    if isinstance(plain, dict):
        return [one for value in plain.values() for one in numbers_in(value)]
    if isinstance(plain, list):
        return [one for value in plain for one in numbers_in(value)]
    return [plain] if isinstance(plain, float) else []


def snapshot_of(
    bad: list[int],
    valid: list[int],
    coverage: list[float],
    target: str,
    spans: list[tuple[float, float]],
) -> Snapshot:
    whole = np.array(valid, dtype=float)
    failed = np.minimum(np.array(bad, dtype=float), whole)
    known = np.array(coverage, dtype=float)
    present = (known > 0).astype(float)
    slices = Slices(START, HOUR, (whole - failed) * present, whole * present, known)
    slo = replace(SLO, objectives=(Objective(Decimal(target), "day", timedelta(days=1)),))
    incidents = tuple(
        Incident(
            START + low * HOUR,
            START + (low + length) * HOUR,
            f"I{n}",
            "T",
            "Checkout",
            "page",
            "alert",
        )
        for n, (low, length) in enumerate(spans)
    )
    return replace(
        a_snapshot(()),
        period=DAY,
        subjects=(Subject(slo, Measurement(slices)),),
        incidents=incidents,
    )


SNAPSHOTS = st.builds(
    snapshot_of,
    bad=st.lists(st.integers(0, 50), min_size=24, max_size=24),
    valid=st.lists(st.sampled_from([0, 1, 40, 10_000]), min_size=24, max_size=24),
    coverage=st.lists(st.sampled_from([0.0, 0.4, 1.0, 1.0, 1.0]), min_size=24, max_size=24),
    target=st.sampled_from(["0.9", "0.99", "0.9995", "1"]),
    spans=st.lists(st.tuples(st.floats(-2, 26), st.floats(0, 5)), max_size=5),
)


@given(SNAPSHOTS)
def test_no_number_of_a_report_is_nan_or_infinite(snapshot: Snapshot) -> None:
    plain = json_of(build_report(snapshot).to_json())
    assert all(math.isfinite(one) for one in numbers_in(plain))


@given(SNAPSHOTS)
def test_the_same_snapshot_is_judged_to_the_same_bytes(snapshot: Snapshot) -> None:
    again = Snapshot.from_json(snapshot.to_json())
    assert build_report(snapshot).to_json() == build_report(again).to_json()


@given(SNAPSHOTS)
def test_shares_and_rest_are_the_consumption(snapshot: Snapshot) -> None:
    (result,) = build_report(snapshot).results
    if result.budget.consumed is None:
        assert result.unattributed is None
        return
    assert result.unattributed is not None
    parts = math.fsum([*(one.consumed for one in result.incidents), result.unattributed])
    assert parts == pytest.approx(result.budget.consumed, rel=1e-12, abs=1e-12)


@given(SNAPSHOTS, st.sets(st.integers(0, 23), min_size=1))
def test_taking_data_away_never_makes_a_verdict_better(snapshot: Snapshot, gone: set[int]) -> None:
    (before,) = build_report(snapshot).results
    slices = snapshot.subjects[0].measurement.slices
    assert slices is not None
    keep = np.array([float(n not in gone) for n in range(24)])
    fewer = Slices(START, HOUR, slices.good * keep, slices.valid * keep, slices.coverage * keep)
    subject = replace(snapshot.subjects[0], measurement=Measurement(fewer))
    (after,) = build_report(replace(snapshot, subjects=(subject,))).results
    assert after.coverage <= before.coverage
    if before.outcome is Outcome.INSUFFICIENT_DATA:
        assert after.outcome is Outcome.INSUFFICIENT_DATA
    if sum(slices.coverage[sorted(gone)]) > 24 * 0.05:
        assert after.outcome is Outcome.INSUFFICIENT_DATA


@given(SNAPSHOTS)
def test_a_gap_written_down_and_one_left_out_are_the_same(snapshot: Snapshot) -> None:
    slices = snapshot.subjects[0].measurement.slices
    assert slices is not None
    cut = Slices(START, HOUR, slices.good[:20], slices.valid[:20], slices.coverage[:20])
    zeros = np.zeros(4)
    written = Slices(
        START,
        HOUR,
        np.append(slices.good[:20], zeros),
        np.append(slices.valid[:20], zeros),
        np.append(slices.coverage[:20], zeros),
    )
    reports = [
        build_report(replace(snapshot, subjects=(Subject(SLO, Measurement(one)),)))
        for one in (cut, written)
    ]
    assert reports[0].results[0].coverage == reports[1].results[0].coverage
    assert reports[0].results[0].budget == reports[1].results[0].budget
    assert reports[0].headline == reports[1].headline


def test_the_report_carries_the_hash_of_its_snapshot() -> None:
    snapshot = a_snapshot(ODD)
    assert build_report(snapshot).snapshot_hash == content_hash(snapshot.to_json())
