"""All services seen from above: teams add up, changes are told from history, words agree."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from support.estate import Estate, a_portfolio, an_estate
from support.snapshots import COMMERCE, ODD, Service, a_snapshot

from slo_reports.compute import build_report
from slo_reports.compute.portfolio import OUTLIERS, team_of
from slo_reports.model import Portfolio, Report, ServiceState, Turn


def judged(*services: Service) -> Report:
    return build_report(a_portfolio(estate=Estate(services, ())))


def seen(report: Report) -> Portfolio:
    assert report.portfolio is not None
    return report.portfolio


@pytest.fixture(scope="module")
def report() -> Report:
    return build_report(a_portfolio(60))


def with_past(service: Service, used: float, past: tuple[float | None, ...]) -> Service:
    """The service with its first promise only, and a truth of its own."""
    first = replace(service.promises[0], background=used, cost={}, past=past)
    return replace(service, promises=(first,))


def test_every_service_is_in_one_team_and_the_numbers_add_up(report: Report) -> None:
    teams = seen(report).teams
    names = [name for team in teams for name in team.services]
    assert sorted(names) == sorted(one.name for one in report.services)
    for team in teams:
        assert team.missed + team.at_risk + team.no_verdict + team.met == len(team.services)
    missed = sum(one.state is ServiceState.MISSED for one in report.services)
    assert sum(team.missed for team in teams) == missed
    assert sum(team.objectives for team in teams) == len(report.results)


def test_teams_with_most_missed_services_come_first(report: Report) -> None:
    need = [(-one.missed, -one.at_risk) for one in seen(report).teams]
    assert need == sorted(need)


def test_a_service_belongs_to_the_owner_of_most_of_its_objectives() -> None:
    (service,) = build_report(a_snapshot(COMMERCE[:1])).services
    first, second = service.results
    other = replace(second, slo=replace(second.slo, owner="Team Zebra"))
    third = replace(other, slo=replace(other.slo, id="x"))
    assert team_of(replace(service, results=(first, other))) == "Team Basket"
    assert team_of(replace(service, results=(first, other, third))) == "Team Zebra"


@pytest.mark.parametrize(
    ("used", "past", "turn", "periods"),
    [
        pytest.param(1.2, (0.4, 0.5), Turn.NEWLY_MISSED, 1, id="newly missed"),
        pytest.param(1.2, (0.4, 1.5, 1.1), Turn.MISSED_AGAIN, 3, id="third time running"),
        pytest.param(1.2, (1.4, 0.5, 1.1), Turn.MISSED_AGAIN, 2, id="a good period ends a run"),
        pytest.param(0.3, (1.4, 1.1), Turn.RECOVERED, 2, id="recovered after two"),
        pytest.param(1.2, (), Turn.NEWLY_MISSED, 1, id="without a past"),
    ],
)
def test_what_changed_is_told_from_the_periods_before(
    used: float, past: tuple[float | None, ...], turn: Turn, periods: int
) -> None:
    (found,) = seen(judged(with_past(COMMERCE[0], used, past))).turns
    assert (found.turn, found.periods) == (turn, periods)


def test_a_service_that_stays_good_is_no_news() -> None:
    assert seen(judged(with_past(COMMERCE[0], 0.3, (0.4, 0.5)))).turns == ()


def test_outliers_are_the_judged_objectives_with_the_least_budget_left(report: Report) -> None:
    outliers = seen(report).outliers
    left = {one.slo.id: one.budget.remaining for one in report.results}
    shown = [left[one] for one in outliers]
    assert len(outliers) == OUTLIERS
    assert None not in shown
    assert shown == sorted(shown, key=lambda one: one or 0.0)
    known = [one.budget.remaining for one in report.results if one.outcome in ("met", "missed")]
    assert shown[0] == min(one for one in known if one is not None)


def test_a_missed_target_of_100_percent_is_an_outlier_without_a_number() -> None:
    ledger = next(one for one in ODD if one.name == "Ledger")
    broken = replace(ledger, promises=(replace(ledger.promises[0], target="1", cost={}),))
    assert seen(judged(broken)).outliers == ("commerce/ledger-completeness",)


def test_the_headline_counts_services_and_names_the_teams_with_most_misses(report: Report) -> None:
    found = seen(report)
    missed = sum(one.missed for one in found.teams)
    assert f"of {len(report.services)} services met all of their objectives" in report.headline
    assert missed
    first = next(one for one in found.teams if one.missed)
    assert f"{first.name or 'services without owner'} ({first.missed})" in report.headline


@pytest.mark.parametrize(
    ("services", "headline"),
    [
        pytest.param((), "This report covers no services.", id="none"),
        pytest.param(
            (with_past(COMMERCE[0], 0.3, ()),), "Checkout met all of its objectives.", id="one"
        ),
        pytest.param((with_past(COMMERCE[0], 1.3, ()),), "Checkout missed an objective.", id="bad"),
        pytest.param(ODD[:1], "Vouchers could not be judged.", id="silent"),
        pytest.param(
            tuple(with_past(one, 0.3, ()) for one in COMMERCE[:3]),
            "All three services met all of their objectives.",
            id="all",
        ),
    ],
)
def test_small_portfolios_have_headlines_that_read(
    services: tuple[Service, ...], headline: str
) -> None:
    assert judged(*services).headline == headline


def test_a_long_team_name_is_cut_in_the_headline() -> None:
    services = [replace(one, owner=f"{n} {'x' * 200}") for n, one in enumerate(COMMERCE)]
    assert len(judged(*services).headline) < 400


def test_the_json_holds_the_portfolio_and_that_of_other_kinds_does_not(report: Report) -> None:
    assert len(json.loads(report.to_json())["portfolio"]["teams"]) == len(seen(report).teams)
    assert "portfolio" not in json.loads(build_report(a_snapshot(COMMERCE[:1])).to_json())


def test_the_estate_is_the_same_each_time() -> None:
    assert an_estate(40) == an_estate(40)
