from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.grids import DAY, START, hours
from support.snapshots import COMMERCE, a_slo

from slo_reports.compute.episodes import LEAST_SHARE, episodes
from slo_reports.model import Measurement, Objective, Subject

SLO = a_slo(COMMERCE[0], COMMERCE[0].promises[0])  # 99.9 %
MINUTES = timedelta(minutes=1)


def subject(bad: dict[int, float], valid: float = 1000.0, target: str = "0.999") -> Subject:
    """A day of 5-minute slices with bad events in some of them: 288 events of budget."""
    slices = hours([bad.get(i, 0.0) for i in range(288)], valid, step=5 * MINUTES)
    objective = Objective(Decimal(target), "day", timedelta(days=1))
    return Subject(replace(SLO, objectives=(objective,)), Measurement(slices))


def spans(found: Subject) -> list[tuple[float, float]]:
    """First and last instants of the episodes, in slices since the day began."""
    return [
        ((one.start - START) / (5 * MINUTES), (one.end - START) / (5 * MINUTES))
        for one in episodes(found, DAY)
    ]


def test_a_burst_is_told_from_its_first_to_its_last_bad_slice() -> None:
    assert spans(subject({100: 50, 101: 80, 103: 40})) == [(100, 104)]


def test_bursts_less_than_an_hour_apart_are_one_and_others_two() -> None:
    assert spans(subject({100: 60, 110: 60})) == [(100, 111)]
    assert spans(subject({100: 60, 130: 60})) == [(100, 101), (130, 131)]


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param({}, id="nothing bad"),
        pytest.param(dict.fromkeys(range(288), 1.0), id="exactly sustainable all day"),
        pytest.param(dict.fromkeys(range(100, 200), 5.0), id="five times, which is not fast"),
        pytest.param({100: 5.0}, id="fast, but 1.7 % of the budget"),
    ],
)
def test_what_does_not_burn_fast_or_costs_little_is_no_episode(bad: dict[int, float]) -> None:
    assert spans(subject(bad)) == []


def test_six_times_sustainable_over_half_an_hour_is_fast() -> None:
    assert spans(subject({100: 36})) == [(100, 101)]
    assert spans(subject({100: 35})) == []


def test_one_failure_of_a_quiet_night_is_chance_and_no_episode() -> None:
    assert spans(subject({100: 1}, valid=1)) == []
    assert spans(subject({100: 1, 101: 1, 102: 1}, valid=1)) == [(100, 103)]


def test_a_target_without_a_budget_has_no_episodes() -> None:
    assert spans(subject({100: 500}, target="1")) == []


def test_what_is_not_measured_has_no_episodes() -> None:
    assert episodes(Subject(SLO, Measurement(None, reason="no series")), DAY) == ()


def test_an_episode_at_the_end_of_the_data_goes_on() -> None:
    (found,) = episodes(subject({287: 90}), DAY)
    assert found.ongoing
    assert (found.source, found.began_at) == ("episode", found.start)


@given(st.lists(st.integers(0, 1000), min_size=288, max_size=288))
def test_episodes_lie_apart_inside_the_period_and_each_costs_its_share(bad: list[int]) -> None:
    found = subject({i: float(n) for i, n in enumerate(bad)})
    edges = [edge for span in spans(found) for edge in span]
    assert edges == sorted(edges)
    assert all(0 <= edge <= 288 for edge in edges)
    for first, last in spans(found):
        assert sum(bad[int(first) : int(last)]) >= LEAST_SHARE * 288
