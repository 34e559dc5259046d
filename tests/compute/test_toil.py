"""Toil budgets: the formula by hand, a team's worst objective, and what is not known."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.snapshots import COMMERCE, ODD, a_snapshot

from slo_reports.compute import build_report
from slo_reports.compute.toil import toil_share
from slo_reports.model import DEFAULT_POLICY


@pytest.mark.parametrize(
    ("percent", "share"),
    [
        ("100.07", "0.60"),
        ("100", "0.60"),
        ("99.999", "0.50"),
        ("99", "0.50"),
        ("98.9", "0.445"),
        ("98", "0.40"),
        ("95", "0.25"),
        ("94", "0.20"),
        ("93", "0.20"),
        ("0", "0.20"),
    ],
)
def test_the_share_by_performance(percent, share):
    assert toil_share(Fraction(percent) / 100) == Fraction(share)


@given(st.fractions(0, 2), st.fractions(0, 2))
def test_worse_performance_never_allows_more_toil(one, other):
    low, high = sorted((one, other))
    assert Fraction(1, 5) <= toil_share(low) <= toil_share(high) <= Fraction(3, 5)


def toil(services=COMMERCE, **teams):
    policy = replace(DEFAULT_POLICY, teams={f"Team {name}": size for name, size in teams.items()})
    report = build_report(replace(a_snapshot(services), policy=policy))
    return {one.team: one for one in report.toil}


def test_a_team_is_judged_by_its_worst_objective_and_hours_follow_its_size():
    found = toil(Basket=6, Shelf=4.5)
    basket, shelf, ledger = (found[f"Team {name}"] for name in ("Basket", "Shelf", "Ledger"))
    assert basket.title == "Checkout latency under 500 ms"
    assert basket.performance < 1
    assert (basket.share, basket.toil_hours, basket.automation_hours) == (0.5, 120.0, 120.0)
    assert (shelf.share, shelf.toil_hours, shelf.automation_hours) == (0.6, 108.0, 72.0)
    assert (ledger.share, ledger.size, ledger.toil_hours) == (0.6, None, None)
    assert next(iter(found)) == "Team Basket"


def test_other_hours_a_week_count():
    policy = replace(DEFAULT_POLICY, teams={"Team Shelf": 2}, hours_per_week=36)
    report = build_report(replace(a_snapshot(), policy=policy))
    (shelf,) = [one for one in report.toil if one.team == "Team Shelf"]
    assert shelf.toil_hours == 43.2


def test_what_is_not_known_earns_no_bonus_and_no_traffic_is_no_lack():
    found = toil(ODD, Ledger=5, Basket=3)
    ledger = found["Team Ledger"]
    assert ledger.unjudged == 1  # returns has too little data, all else is met
    assert (ledger.share, ledger.toil_hours) == (0.5, 100.0)
    basket = found["Team Basket"]  # only vouchers, without traffic
    assert (basket.share, basket.toil_hours, basket.unjudged, basket.slo) == (None, None, 0, None)
    assert found["Team Find"].unjudged == 1
    assert found["Team Shelf"].share == 0.6
