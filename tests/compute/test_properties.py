"""What holds for any slices, gaps, zones, targets, methods, incidents and exclusions."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.snapshots import a_snapshot

from slo_reports.compute import build_report
from slo_reports.compute.methods import compare_methods
from slo_reports.exclusions import excluded_slices
from slo_reports.model import (
    Exclusion,
    Incident,
    Measurement,
    Method,
    Objective,
    Outcome,
    Phase,
    Slices,
    Slo,
    SloResult,
    Snapshot,
    Subject,
)
from slo_reports.periods import Period, between, to_date

BASE = a_snapshot(())
SLO = a_snapshot().subjects[0].slo
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Chatham",
)
DAYS = (
    date(2026, 3, 28),
    date(2026, 4, 4),
    date(2026, 7, 1),
    date(2026, 10, 24),
    date(2026, 11, 1),
)
STEPS = (5, 15)


@dataclass(frozen=True)
class Case:
    """A snapshot of one SLO, with what it was made from."""

    snapshot: Snapshot
    slices: Slices

    @property
    def slo(self) -> Slo:
        return self.snapshot.subjects[0].slo

    @property
    def period(self) -> Period:
        return self.snapshot.period

    def judged(self, slices: Slices | None = None) -> SloResult:
        measured = Measurement(self.slices if slices is None else slices)
        changed = replace(self.snapshot, subjects=(Subject(self.slo, measured),))
        (result,) = build_report(changed).results
        return result

    def without(self, gone: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Slices:
        """The slices with some of them not measured."""
        kept = (~gone).astype(float)
        one = self.slices
        return replace(
            one, good=one.good * kept, valid=one.valid * kept, coverage=one.coverage * kept
        )


def a_period(zone: str, first: date, length: int, *, running: bool) -> Period:
    period = between(first, first + timedelta(days=length), zone)
    return to_date(period, period.start + timedelta(hours=17)) if running else period


def some_slices(period: Period, step: int, seed: int, *, fractions: bool) -> Slices:
    dice = np.random.default_rng(seed)
    grain = timedelta(minutes=step)
    count = (period.data_end - period.start) // grain
    valid = dice.choice([0, 1, 3, 1000, 1_000_000], count).astype(float)
    bad = np.floor(valid * dice.choice([0, 0, 0, 0.001, 0.01, 0.3, 1], count))
    if fractions:
        valid, bad = np.minimum(valid, 1), np.where(valid > 0, dice.random(count), 0)
    known = dice.choice([0.0, 0.4, 1, 1, 1, 1, 1, 1, 1, 1], count)
    present = known > 0
    return Slices(period.start, grain, (valid - bad) * present, valid * present, known)


@st.composite
def objectives(draw: st.DrawFn, first: date) -> Objective:
    """One target, or phases that begin before, inside and after the period."""
    targets = st.sampled_from([Decimal(one) for one in TARGETS])
    days = draw(st.lists(st.integers(-1, 4), unique=True, max_size=3).map(sorted))
    phases = tuple(Phase(draw(targets), first + timedelta(days=day)) for day in days)
    return Objective(draw(targets), "day", timedelta(days=1), phases)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    zone, first = draw(st.sampled_from(ZONES)), draw(st.sampled_from(DAYS))
    period = a_period(zone, first, draw(st.integers(1, 3)), running=draw(st.booleans()))
    slices = some_slices(
        period,
        draw(st.sampled_from(STEPS)),
        draw(st.integers(0, 2**32)),
        fractions=draw(st.booleans()),
    )
    window = draw(st.sampled_from([None, *(timedelta(minutes=15 * n) for n in (1, 2, 4, 32))]))
    slo = replace(
        SLO,
        objectives=(draw(objectives(first)),),
        method=draw(st.sampled_from(Method)),
        slice_window=window,
        slice_target=draw(st.sampled_from([None, Decimal("0.5"), Decimal("0.999"), Decimal(1)])),
    )
    spans = st.tuples(st.floats(-3, 75), st.floats(0.01, 9))
    snapshot = replace(
        BASE,
        period=period,
        subjects=(Subject(slo, Measurement(slices)),),
        incidents=tuple(
            _incident(period, number, *span)
            for number, span in enumerate(draw(st.lists(spans, max_size=4)))
        ),
        exclusions=tuple(_exclusion(period, *span) for span in draw(st.lists(spans, max_size=3))),
    )
    return Case(snapshot, slices)


TARGETS = ("0.5", "0.9", "0.99", "0.9995", "1")


def _incident(period: Period, number: int, low: float, length: float) -> Incident:
    start = period.start + timedelta(hours=low)
    end = start + timedelta(hours=length)
    return Incident(start, end, f"I{number}", "T", SLO.service, "page", "alert")


def _exclusion(period: Period, low: float, length: float) -> Exclusion:
    start = period.start + timedelta(hours=low)
    return Exclusion(start, start + timedelta(hours=length), "Moved", "Ada")


def _refuse(constant: str) -> float:
    raise AssertionError(constant)


def out_of(case: Case) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    one = case.slices
    return excluded_slices(case.snapshot.exclusions, one.start, one.step, len(one))


@given(cases())
def test_no_nan_and_no_infinity_leave_compute(case: Case) -> None:
    json.loads(build_report(case.snapshot).to_json(), parse_constant=_refuse)


@given(cases())
def test_the_same_snapshot_gives_the_same_bytes(case: Case) -> None:
    again = Snapshot.from_json(case.snapshot.to_json())
    assert build_report(case.snapshot).to_json() == build_report(again).to_json()


@given(cases())
def test_sums_close(case: Case) -> None:
    result = case.judged()
    assert 0 <= result.good <= result.valid
    assert result.budget.bad == pytest.approx(result.valid - result.good)
    assert math.fsum(day.valid for day in result.days) == pytest.approx(result.valid)
    assert math.fsum(day.good for day in result.days) == pytest.approx(result.good, abs=1e-6)
    if result.budget.consumed is None:
        assert result.unattributed is None
        return
    assert result.unattributed is not None
    parts = math.fsum([*(one.consumed for one in result.incidents), result.unattributed])
    assert parts == pytest.approx(result.budget.consumed, rel=1e-9, abs=1e-9)
    assert result.budget.remaining == pytest.approx(1 - result.budget.consumed)


@given(cases())
def test_occurrences_are_the_measured_events_and_slices_are_whole(case: Case) -> None:
    result, kept = case.judged(), ~out_of(case)
    if case.slo.method is Method.OCCURRENCES:
        assert result.valid == math.fsum(case.slices.valid[kept])
        return
    assert result.valid == int(result.valid)
    window = case.slo.slice_window or case.slices.step
    assert result.valid <= -(-(case.period.data_end - case.period.start) // window)
    if case.slo.method is Method.TIMESLICES:
        assert result.good == int(result.good)


@given(cases(), st.integers(0, 2**32))
def test_losing_data_never_improves_coverage_or_gives_a_verdict(case: Case, seed: int) -> None:
    before = case.judged()
    gone = np.random.default_rng(seed).random(len(case.slices)) < 0.3
    after = case.judged(case.without(gone))
    assert after.coverage <= before.coverage
    if before.outcome is Outcome.INSUFFICIENT_DATA:
        assert after.outcome is Outcome.INSUFFICIENT_DATA


@given(cases(), st.integers(0, 2**32))
def test_losing_good_data_never_improves_a_number(case: Case, seed: int) -> None:
    before = case.judged()
    bad = case.slices.valid - case.slices.good
    gone = (np.random.default_rng(seed).random(len(case.slices)) < 0.5) & (bad == 0)
    after = case.judged(case.without(gone))
    if before.sli is not None and after.sli is not None:
        assert after.sli <= before.sli + 1e-12
    if before.budget.remaining is not None and after.budget.remaining is not None:
        assert after.budget.remaining <= before.budget.remaining + 1e-9
    if before.outcome is Outcome.MISSED:
        assert after.outcome is not Outcome.MET


@given(cases())
def test_the_range_holds_the_measured_value_and_is_as_wide_as_what_is_missing(case: Case) -> None:
    result = case.judged()
    if result.bounds is None:
        assert result.sli is None or result.coverage in (0, 1)
        return
    low, high = result.bounds
    assert result.sli is not None
    assert 0 <= low <= result.sli <= high <= 1
    assert high - low == pytest.approx(1 - result.coverage)


@given(cases(), st.integers(0, 2**32))
def test_losing_good_data_never_raises_the_lowest_value(case: Case, seed: int) -> None:
    before = case.judged()
    bad = case.slices.valid - case.slices.good
    gone = (np.random.default_rng(seed).random(len(case.slices)) < 0.5) & (bad == 0)
    after = case.judged(case.without(gone))
    if before.sli is not None and after.sli is not None:
        assert lowest(after) <= lowest(before) + 1e-12


def lowest(result: SloResult) -> float:
    assert result.sli is not None
    return result.sli if result.bounds is None else result.bounds[0]


@given(cases(), st.integers(0, 2**32))
def test_what_happened_in_an_excluded_slice_changes_nothing(case: Case, seed: int) -> None:
    out = out_of(case)
    step = int(case.slices.step / timedelta(minutes=1))
    other = some_slices(case.period, step, seed, fractions=False)
    one = case.slices
    changed = replace(
        one,
        good=np.where(out, other.good, one.good),
        valid=np.where(out, other.valid, one.valid),
        coverage=np.where(out, other.coverage, one.coverage),
    )
    left, right = (
        replace(case.judged(slices), before_exclusions=None) for slices in (one, changed)
    )
    assert (left.good, left.valid, left.coverage, left.missing) == (
        right.good,
        right.valid,
        right.coverage,
        right.missing,
    )
    assert (left.outcome, left.budget, left.days, left.incidents) == (
        right.outcome,
        right.budget,
        right.days,
        right.incidents,
    )


@given(cases())
def test_the_numbers_before_exclusions_are_those_without_any(case: Case) -> None:
    with_them = case.judged()
    (without,) = build_report(replace(case.snapshot, exclusions=())).results
    assert without.before_exclusions is None
    if with_them.before_exclusions is not None:
        before = with_them.before_exclusions
        assert (before.sli, before.remaining, before.outcome) == (
            without.sli,
            without.budget.remaining,
            without.outcome,
        )


@given(cases())
def test_methods_side_by_side_agree_with_the_judgement(case: Case) -> None:
    result = case.judged()
    found = compare_methods(case.slices, case.slo, case.period, case.snapshot.exclusions)
    assert found.keys() == set(Method)
    assert found[case.slo.method] == (result.sli, result.budget.consumed)
