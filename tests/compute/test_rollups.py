"""Objectives added up by team and by label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.snapshots import ODD, a_snapshot

from slo_reports.compute import build_report
from slo_reports.compute.rollups import rollups
from slo_reports.model import Outcome, Rollup, SloResult

RESULTS = build_report(a_snapshot()).results + build_report(a_snapshot(ODD)).results


def one_of(rollup: Sequence[Rollup], name: str) -> Rollup:
    (found,) = (one for one in rollup if one.name == name)
    return found


def carrying(result: SloResult, **labels: str) -> SloResult:
    return replace(result, slo=replace(result.slo, labels=tuple(labels.items())))


def test_a_team_has_its_outcomes_and_its_worst_budget() -> None:
    report = build_report(a_snapshot())
    assert [(one.by, one.name) for one in report.rollups] == [
        ("team", "Team Basket"),
        ("team", "Team Find"),
        ("team", "Team Ledger"),
        ("team", "Team Shelf"),
    ]
    basket = one_of(report.rollups, "Team Basket")
    assert basket.outcomes == ((Outcome.MET, 2), (Outcome.MISSED, 2))
    assert (basket.objectives, basket.count(Outcome.MISSED)) == (4, 2)
    assert basket.remaining == pytest.approx(-0.18, abs=1e-4)
    assert (basket.worst, basket.worst_title) == (
        "commerce/checkout-availability",
        "Checkout availability",
    )


def test_coverage_weighs_by_the_events_that_full_data_would_have_counted() -> None:
    whole, half = (replace(RESULTS[0], valid=one) for one in (300.0, 50.0))
    (team,) = rollups([replace(whole, coverage=1.0), replace(half, coverage=0.5)])
    assert team.coverage == pytest.approx(350 / 400)


def test_where_nothing_was_counted_there_is_no_coverage() -> None:
    (team,) = rollups([replace(RESULTS[0], valid=0.0, coverage=1.0)])
    assert team.coverage is None


def test_a_label_groups_from_two_services_on() -> None:
    checkout = [one for one in RESULTS if one.slo.service == "Checkout"]
    search = [one for one in RESULTS if one.slo.service == "Search"]
    alone = [carrying(one, area="buying") for one in checkout]
    assert {one.by for one in rollups([*alone, *search])} == {"team"}
    both = [*alone, *(carrying(one, area="finding") for one in search), RESULTS[-1]]
    areas = [one for one in rollups(both) if one.by == "label area"]
    assert [one.name for one in areas] == ["buying", "finding", ""]
    assert one_of(areas, "buying").objectives == len(checkout)


LABELS = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"))
SOME = st.lists(st.tuples(st.sampled_from(RESULTS), st.sampled_from("ABC"), LABELS), max_size=12)


@given(SOME)
def test_the_groups_of_each_kind_hold_every_objective_once(
    drawn: list[tuple[SloResult, str, dict[str, str]]],
) -> None:
    results = [
        replace(one, slo=replace(one.slo, owner=owner, labels=tuple(labels.items())))
        for one, owner, labels in drawn
    ]
    found = rollups(results)
    left = [one.budget.remaining for one in results if one.budget.remaining is not None]
    for kind in {one.by for one in found}:
        groups = [one for one in found if one.by == kind]
        assert len({one.name for one in groups}) == len(groups)
        assert sum(one.objectives for one in groups) == len(results)
        total: Counter[Outcome] = Counter()
        for one in groups:
            total.update(dict(one.outcomes))
        assert total == Counter(one.outcome for one in results)
        worst = [one.remaining for one in groups if one.remaining is not None]
        assert min(worst, default=None) == min(left, default=None)
        assert all(one.coverage is None or 0 < one.coverage <= 1 for one in groups)
    assert bool(found) is bool(results)


@given(st.integers(0, len(RESULTS) - 1), st.floats(0.01, 0.99))
def test_losing_data_never_improves_coverage(index: int, kept: float) -> None:
    team = [replace(one, slo=replace(one.slo, owner="A")) for one in RESULTS]
    one = team[index]
    less = [*team]
    less[index] = replace(one, valid=one.valid * kept, coverage=one.coverage * kept)
    before, after = (rollups(results)[0].coverage for results in (team, less))
    assert before is not None
    assert after is not None
    assert after <= before + 1e-12
