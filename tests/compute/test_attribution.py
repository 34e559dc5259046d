from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.grids import DAY, HOUR, START, a_grid, hours
from support.snapshots import COMMERCE, a_slo

from slo_reports.compute import attribution
from slo_reports.compute.attribution import letter, lettered
from slo_reports.model import Incident

SLO = a_slo(COMMERCE[0], COMMERCE[0].promises[0])
OTHER = a_slo(COMMERCE[0], COMMERCE[0].promises[1])


def incident(start: float, end: float, **changes: object) -> Incident:
    base = Incident(
        START + start * HOUR, START + end * HOUR, f"I{start}", "Trouble", "Checkout", "page", "log"
    )
    return replace(base, **changes)


def taken(bad: list[float], *incidents: Incident) -> dict[str, float]:
    grid = a_grid(hours(bad + [0.0] * (24 - len(bad))))
    found = attribution.shares(grid, SLO, lettered(incidents, DAY), 1.0)
    return {one.letter: one.bad for one in found}


def test_letters_go_on_after_the_alphabet() -> None:
    assert [letter(i) for i in (0, 25, 26, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip


def test_incidents_are_lettered_by_time_and_only_those_of_the_period() -> None:
    found = lettered([incident(5, 6), incident(-3, 0), incident(24, 25), incident(-1, 1)], DAY)
    assert [(one.letter, one.incident.id) for one in found] == [("A", "I-1"), ("B", "I5")]


def test_an_incident_takes_the_bad_events_of_its_span() -> None:
    assert taken([1, 2, 3, 4], incident(1, 3)) == {"A": 5.0}


def test_a_slice_that_is_covered_in_part_counts_with_that_part() -> None:
    assert taken([8, 4], incident(0.75, 1.5)) == {"A": 4.0}


def test_overlaps_are_counted_once_for_the_earlier() -> None:
    assert taken([2, 2, 2, 2], incident(0, 3), incident(1, 4)) == {"A": 6.0, "B": 2.0}
    assert taken([2, 2, 2, 2], incident(0, 4), incident(1, 2)) == {"A": 8.0}


def test_an_alert_is_given_the_quarter_hour_before_it() -> None:
    assert taken([4, 4], incident(1, 2, source="alert")) == {"A": 5.0}


def test_an_incident_of_another_service_or_objective_takes_nothing() -> None:
    assert taken([5, 5], incident(0, 2, service="Search")) == {}
    assert taken([5, 5], incident(0, 2, slo=OTHER.id)) == {}
    assert taken([5, 5], incident(0, 2, slo=SLO.id, service="gateway")) == {"A": 10.0}


def test_time_in_incidents_counts_overlaps_once_and_ends_with_the_period() -> None:
    found = lettered([incident(1, 3), incident(2, 4), incident(23, 30), incident(5, 5)], DAY)
    assert attribution.total_time(found, DAY) == timedelta(hours=4)


def test_titles_keep_their_acronyms_inside_a_sentence() -> None:
    assert attribution.full_title(OTHER) == "Checkout latency under 500 ms"
    assert attribution.inline("API availability") == "API availability"


@given(
    bad=st.lists(st.integers(0, 100), min_size=24, max_size=24),
    spans=st.lists(st.tuples(st.floats(-2, 26), st.floats(0, 12)), max_size=8),
    consumed=st.floats(1e-6, 50),
)
def test_the_parts_add_up_to_the_whole(
    bad: list[int], spans: list[tuple[float, float]], consumed: float
) -> None:
    grid = a_grid(hours(bad, 1000.0))
    incidents = lettered([incident(start, start + length) for start, length in spans], DAY)
    found = attribution.shares(grid, SLO, incidents, consumed)
    rest = attribution.unattributed(consumed, found)
    assert rest is not None
    total = math.fsum([*(one.consumed for one in found), rest])
    assert total == pytest.approx(consumed, rel=1e-12)
    assert rest >= 0
    assert math.fsum(one.bad for one in found) <= np.sum(bad) * (1 + 1e-12)
