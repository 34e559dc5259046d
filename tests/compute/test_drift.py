"""Whether the past changed, why, and where; and what was only forgotten."""

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.snapshots import (
    COMMERCE,
    OCTOBER,
    ODD,
    STEP,
    a_snapshot,
    forgotten,
    more_events,
    with_slices,
)

from slo_reports.compute import build_report
from slo_reports.compute.drift import DriftKind, drift
from slo_reports.compute.holding import held
from slo_reports.model import Exclusion, JourneyIndicator, JourneyStep, Measurement, Subject
from slo_reports.periods import month

SLO = "commerce/checkout-availability"
SMALL = COMMERCE[:1]
LATE = more_events(2000, 2012, valid=10, bad=2)


@pytest.fixture(scope="module")
def old():
    return a_snapshot(SMALL)


def at(index):
    return OCTOBER.start + index * STEP


def with_definition(snapshot, **changed):
    first, *rest = snapshot.subjects
    return replace(snapshot, subjects=(replace(first, slo=replace(first.slo, **changed)), *rest))


def test_nothing_drifts_from_itself(old):
    assert drift(old, old) == ()
    odd = a_snapshot(ODD)
    assert drift(odd, odd) == ()


def test_late_data_are_found_with_their_span_and_their_size(old):
    (one,) = drift(old, with_slices(old, SLO, LATE))
    assert (one.slo, one.kinds, one.slices, one.gone) == (SLO, (DriftKind.LATE_DATA,), 12, None)
    assert one.span == (at(2000), at(2012))
    assert one.figures.now.valid - one.figures.before.valid == 120
    assert one.figures.now.bad - one.figures.before.bad == 24
    assert one.differs


def test_events_that_went_while_the_source_was_there_are_other_data(old):
    (one,) = drift(old, with_slices(old, SLO, more_events(5, 6, valid=-1, bad=0)))
    assert one.kinds == (DriftKind.OTHER_DATA,)


def test_events_that_only_moved_are_a_drift_although_the_sums_agree(old):
    def moved(slices):
        return more_events(9, 10, valid=1, bad=0)(more_events(8, 9, valid=-1, bad=0)(slices))

    (one,) = drift(old, with_slices(old, SLO, moved))
    assert (one.slices, one.figures.now) == (2, one.figures.before)
    assert one.differs


def test_a_new_exclusion_is_told_with_its_span(old):
    out = Exclusion(at(100), at(112), "Maintenance", "Ada", slos=(SLO,))
    (one,) = drift(old, replace(old, exclusions=(out,)))
    assert (one.slo, one.kinds, one.span) == (SLO, (DriftKind.EXCLUSION,), (at(100), at(112)))
    (back,) = drift(replace(old, exclusions=(out,)), old)
    assert back.kinds == (DriftKind.EXCLUSION,)


def test_other_words_of_an_exclusion_are_no_drift(old):
    one = Exclusion(at(100), at(112), "Maintenance", "Ada")
    other = replace(one, reason="Moved house", author="Grace")
    assert drift(replace(old, exclusions=(one,)), replace(old, exclusions=(other,))) == ()


def test_late_data_and_an_exclusion_at_once_are_both_told(old):
    out = Exclusion(at(100), at(112), "Maintenance", "Ada", slos=(SLO,))
    (one,) = drift(old, replace(with_slices(old, SLO, LATE), exclusions=(out,)))
    assert one.kinds == (DriftKind.LATE_DATA, DriftKind.EXCLUSION)
    assert one.span == (at(100), at(2012))


def test_a_changed_target_is_told_and_a_changed_title_is_not(old):
    assert drift(old, with_definition(old, title="Up", owner="Others")) == ()
    objective = replace(old.subjects[0].slo.objectives[0], target=Decimal("0.99"))
    (one,) = drift(old, with_definition(old, objectives=(objective,)))
    assert (one.kinds, one.span) == ((DriftKind.TARGET,), None)


def test_a_changed_query_is_told_and_not_called_late_data(old):
    indicator = replace(old.subjects[0].slo.indicator, metric="requests_total")
    new = with_definition(with_slices(old, SLO, LATE), indicator=indicator)
    (one,) = drift(old, new)
    assert (one.kinds, one.span) == ((DriftKind.QUERY,), (at(2000), at(2012)))


def test_objectives_that_come_and_go_are_told():
    one, other = a_snapshot(SMALL), a_snapshot(COMMERCE[:2])
    assert {each.kinds for each in drift(one, other)} == {(DriftKind.ADDED,)}
    assert {each.kinds for each in drift(other, one)} == {(DriftKind.REMOVED,)}


def test_what_the_source_forgot_is_never_a_drift_and_a_counter_without_past_neither(old):
    (one,) = drift(old, with_slices(old, SLO, forgotten(300)))
    assert (one.kinds, one.gone, one.slices) == ((DriftKind.GONE,), (at(0), at(301)), 0)
    assert one.figures.now == one.figures.before
    assert not one.differs


def test_late_data_after_what_was_forgotten_are_still_found(old):
    new = with_slices(with_slices(old, SLO, LATE), SLO, forgotten(300))
    (one,) = drift(old, new)
    assert one.kinds == (DriftKind.LATE_DATA, DriftKind.GONE)
    assert one.span == (at(2000), at(2012))
    assert one.figures.now.valid - one.figures.before.valid == 120


def test_an_objective_that_cannot_be_measured_any_more_keeps_its_figures_and_says_why(old):
    first, *rest = old.subjects
    blind = replace(first, measurement=Measurement(None, reason="no series matched"))
    (one,) = drift(old, replace(old, subjects=(blind, *rest)))
    assert (one.kinds, one.reason) == ((DriftKind.GONE,), "no series matched")
    assert one.figures.now == one.figures.before


def test_what_could_not_be_measured_and_can_be_now_is_late_data(old):
    first, *rest = old.subjects
    blind = replace(old, subjects=(replace(first, measurement=Measurement(None)), *rest))
    (one,) = drift(blind, old)
    assert one.kinds == (DriftKind.LATE_DATA,)


def test_another_grain_that_says_the_same_is_no_drift_and_one_that_lacks_data_neither(old):
    def coarser(slices):
        good, valid, coverage = (
            one[: len(one) // 3 * 3].reshape(-1, 3)
            for one in (slices.good, slices.valid, slices.coverage)
        )
        return replace(
            slices,
            step=3 * slices.step,
            good=good.sum(axis=1),
            valid=valid.sum(axis=1),
            coverage=coverage.mean(axis=1),
        )

    new = with_slices(old, SLO, coarser)
    assert drift(old, new) == ()
    (one,) = drift(old, with_slices(new, SLO, forgotten(100)))
    assert one.kinds == (DriftKind.GONE,)


def test_a_journey_drifts_with_its_step():
    snapshot = a_snapshot(COMMERCE[:2])
    steps = tuple(JourneyStep(snapshot.subjects[n].slo.id, critical=True) for n in (0, 2))
    buy = replace(snapshot.subjects[0].slo, id="commerce/buy", indicator=JourneyIndicator(steps))
    old = replace(snapshot, subjects=(*snapshot.subjects, Subject(buy, Measurement(None))))
    found = {one.slo: one for one in drift(old, with_slices(old, SLO, LATE))}
    assert set(found) == {SLO, "commerce/buy"}
    assert found["commerce/buy"].kinds == (DriftKind.LATE_DATA,)
    assert found["commerce/buy"].span == (at(2000), at(2012))


def test_two_periods_cannot_be_compared(old):
    september = a_snapshot(SMALL, period=month(2026, 9, "Europe/Berlin"))
    with pytest.raises(ValueError, match="2026-10 cannot be compared with 2026-09"):
        drift(old, september)


@given(st.integers(1, 8939))
def test_forgetting_any_part_of_the_period_is_never_a_drift(until):
    snapshot = a_snapshot(SMALL)
    found = drift(snapshot, with_slices(snapshot, SLO, forgotten(until)))
    assert not any(one.differs for one in found)


def test_what_is_held_over_is_said_beside_the_objective(old):
    filled = held(old, with_slices(old, SLO, forgotten(300)))
    first = filled.snapshot.subjects[0].measurement
    assert np.array_equal(first.slices.valid, old.subjects[0].measurement.slices.valid)
    assert first.notes[-1] == (
        "1 Oct to 2 Oct are as revision 1 had it: the source no longer holds all of it."
    )
    assert "1 Oct to 2 Oct are as revision 1" in build_report(filled.snapshot).notes[-1]


def test_alerts_that_only_the_older_snapshot_knows_are_kept(old):
    told = replace(old.incidents[0], source="alertmanager", id="a1")
    written = replace(old.incidents[1], id="w1")
    before = replace(old, incidents=(told, written))
    assert held(before, replace(old, incidents=())).snapshot.incidents == (told,)
    assert held(before, replace(old, incidents=(told,))).snapshot.incidents == (told,)


def test_a_definition_that_counts_otherwise_is_not_mixed_with_frozen_slices(old):
    indicator = replace(old.subjects[0].slo.indicator, metric="requests_total")
    new = with_definition(with_slices(old, SLO, forgotten(300)), indicator=indicator)
    assert held(old, new).gone == {}
