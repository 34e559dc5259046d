from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from support.grids import DAY, HOUR, START, a_grid, hours
from support.snapshots import COMMERCE, OCTOBER, a_slo, a_snapshot

from slo_reports.compute import build_report
from slo_reports.compute.attribution import (
    basis_points,
    lettered,
    shares,
    time_to_detect,
    time_to_recover,
)
from slo_reports.compute.merging import merged
from slo_reports.model import Incident

SLO = a_slo(COMMERCE[0], COMMERCE[0].promises[0])
TITLES = {"a": "Availability", "b": "Latency under 1 s"}


def told(source: str, start: float, end: float, **changes: object) -> Incident:
    base = Incident(
        START + start * HOUR,
        START + end * HOUR,
        f"{source}-{start}",
        f"{source} title",
        "Checkout",
        "ticket",
        source,
    )
    return replace(base, **changes)


def episode(start: float, end: float, slo: str = "a", **changes: object) -> Incident:
    found = told("episode", start, end, slo=slo, severity="unknown", **changes)
    return replace(found, began_at=found.start, ended_at=found.end)


def hours_of(one: Incident) -> tuple[float, float]:
    return (one.start - START) / HOUR, (one.end - START) / HOUR


def test_what_a_person_wrote_keeps_its_words_and_span_and_takes_the_worst_severity() -> None:
    file = told("file", 2, 4, cause="A full disk", id="INC-7")
    page = told("alert", 2.5, 5, severity="page", alerts=("BudgetBurn",))
    (one,) = merged([page, file], [episode(1.75, 2.25)], TITLES)
    assert (one.id, one.title, one.cause) == ("INC-7", "file title", "A full disk")
    assert hours_of(one) == (2, 4)
    assert one.severity == "page"
    assert one.sources == ("file", "alert", "episode")
    assert one.alerts == ("BudgetBurn",)
    assert time_to_detect(one) == 0.75 * HOUR
    assert time_to_recover(one) == 2.25 * HOUR


def test_an_alert_and_the_episode_behind_it_are_one_incident_over_both_spans() -> None:
    (one,) = merged([told("alert", 2, 3, slo="a")], [episode(1.8, 3.5)], TITLES)
    assert hours_of(one) == (1.8, 3.5)
    assert (one.source, one.slo) == ("alert", "a")
    assert time_to_detect(one) == timedelta(minutes=12)


def test_an_episode_that_several_alerts_tell_of_lengthens_none_of_them() -> None:
    pages = [told("alert", n, n + 0.7) for n in range(5)]
    found = merged(pages, [episode(0, 5)], TITLES)
    assert [hours_of(one) for one in found] == [(n, n + 0.7) for n in range(5)]


def test_a_long_episode_beside_short_incidents_has_what_they_leave() -> None:
    grid = a_grid(hours([10] * 20 + [0] * 4))
    pages = [told("file", n, n + 1) for n in (3, 9)]
    found = merged(pages, [episode(0, 20, slo=SLO.id)], TITLES)
    taken = shares(grid, SLO, lettered(found, DAY), 1.0)
    assert [(one.letter, one.bad) for one in taken] == [("A", 180), ("B", 10), ("C", 10)]


def test_an_alert_just_after_an_episode_belongs_to_it() -> None:
    (one,) = merged([told("alert", 2, 3, slo="a")], [episode(1.5, 1.9)], TITLES)
    assert one.sources == ("alert", "episode")


def test_an_episode_much_longer_than_what_a_person_wrote_stays_beside_it() -> None:
    found = merged([told("file", 2, 3)], [episode(1.5, 9)], TITLES)
    assert [hours_of(one) for one in found] == [(1.5, 9), (2, 3)]


def test_an_incident_takes_the_bad_events_of_its_episode_beyond_what_a_person_stated() -> None:
    grid = a_grid(hours([0, 8, 8, 8, 0, *[0] * 19]))
    (one,) = merged([told("file", 2, 3)], [episode(1, 4, slo=SLO.id)], TITLES)
    assert hours_of(one) == (2, 3)
    (share,) = shares(grid, SLO, lettered([one], DAY), 1.0)
    assert share.bad == 24


def test_troubles_of_two_services_stay_two() -> None:
    found = merged([told("file", 1, 3, service="Search"), told("alert", 1, 3)], [], TITLES)
    assert [one.source for one in found] == ["alert", "file"]


def test_an_incident_of_several_services_takes_the_alerts_of_each() -> None:
    both = told("file", 1, 3, services=("Checkout", "Search"))
    (one,) = merged([both, told("alert", 1, 2), told("alert", 2, 3, service="Search")], [], TITLES)
    assert one.sources == ("file", "alert")


def test_two_incidents_that_people_wrote_never_become_one() -> None:
    first, second = told("file", 1, 3), told("file", 2, 4)
    found = merged([first, second, told("alert", 2.1, 3.9, severity="page")], [], TITLES)
    assert [hours_of(one) for one in found] == [(1, 3), (2, 4)]
    assert [one.severity for one in found] == ["ticket", "page"]


def test_alerts_of_two_histories_are_one_incident() -> None:
    (one,) = merged([told("alert", 1, 2), told("alertmanager", 1.1, 2.4)], [], TITLES)
    assert one.sources == ("alert", "alertmanager")
    assert one.title == "alertmanager title"
    assert hours_of(one) == (1, 2.4)


def test_overlapping_episodes_of_one_service_are_one_and_name_their_objectives() -> None:
    (one,) = merged([], [episode(1, 2), episode(1.5, 3, slo="b")], TITLES)
    assert one.title == "Availability and latency under 1 s: budget burnt without an alert"
    assert one.slo is None
    assert hours_of(one) == (1, 3)


def test_without_an_alert_nobody_knows_how_long_it_took_to_notice() -> None:
    (one,) = merged([told("file", 1, 2)], [], TITLES)
    assert time_to_detect(one) is None
    (noticed,) = merged([told("file", 1, 2, detected_at=START + 1.5 * HOUR)], [], TITLES)
    assert time_to_detect(noticed) == 0.5 * HOUR
    assert time_to_recover(replace(noticed, ongoing=True)) is None


def test_an_outage_that_nobody_wrote_down_is_found_in_the_slices() -> None:
    known = a_snapshot(COMMERCE[:2])
    unknown = replace(known, incidents=known.incidents[:2])
    before, after = build_report(known), build_report(unknown)
    found = {one.incident.source for one in after.incidents}
    assert found == {"incident log", "episode"}
    for old, new in zip(before.results, after.results, strict=True):
        assert math.isclose(old.unattributed or 0, new.unattributed or 0, abs_tol=0.02)


def test_the_attribution_of_every_objective_adds_up_to_exactly_all_that_was_spent() -> None:
    for result in build_report(a_snapshot()).results:
        found = result.attribution
        assert found is not None
        assert found.parts[-1].name == "unattributed"
        assert sum(one.basis_points for one in found.parts) == 10_000
        assert found.total.basis_points == 10_000
        assert math.isclose(math.fsum(one.bad for one in found.parts), found.total.bad)
        assert found.total.bad == result.budget.bad


@given(st.lists(st.floats(0, 1e12), min_size=1, max_size=40).filter(lambda parts: sum(parts) > 1))
def test_rounded_shares_always_add_up(parts: list[float]) -> None:
    rounded = basis_points(parts)
    assert sum(rounded) == 10_000
    whole = math.fsum(parts)
    assert all(
        abs(share - 10_000 * part / whole) <= 1 for share, part in zip(rounded, parts, strict=True)
    )


def test_episodes_are_of_the_period_and_not_of_its_surroundings() -> None:
    assert all(
        OCTOBER.start <= one.incident.start < OCTOBER.end
        for one in build_report(a_snapshot(COMMERCE, incidents=())).incidents
    )
