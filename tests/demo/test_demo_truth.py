from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest

from slo_reports.demo.samples import Series, counted
from slo_reports.demo.traffic import happen
from slo_reports.demo.truth import Tally, budget_remaining, truth_document


def at(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


@pytest.mark.parametrize(
    ("samples", "events"),
    [
        pytest.param([(90, 10), (150, 14), (190, 19), (210, 21)], 9, id="two differences"),
        pytest.param([(100, 10), (200, 19)], 9, id="samples on the bounds belong"),
        pytest.param(
            [(30, 7), (90, 10), (150, 14)], 4, id="the last sample before it is the start"
        ),
        pytest.param([(110, 5), (170, 8)], 8, id="born inside: from zero"),
        pytest.param([(90, 10), (150, 3), (190, 5)], 5, id="after a reset the new value counts"),
        pytest.param([(90, 10), (201, 99)], 0, id="what only a later sample tells is later"),
        pytest.param([(201, 99)], 0, id="not born yet"),
        pytest.param([(10, 4), (20, 9)], 0, id="gone before"),
        pytest.param([(90, 10), (150, 14), (151, 0), (160, 0)], 4, id="a reset to nothing"),
    ],
)
def test_events_that_samples_allow_to_count_between_100_and_200(samples, events):
    times, values = zip(*samples, strict=True)
    series = Series("m", (), np.array(times), np.array(values, dtype=float))
    assert counted(series, at(100), at(200)) == events


def by_hand(series: Series, start: float, end: float) -> int:
    """The same rule, one sample after the other."""
    last, total = 0.0, 0.0
    for time, value in zip(series.times.tolist(), series.values.tolist(), strict=True):
        if time > end:
            break
        if time > start:
            total += value - last if value >= last else value
        last = value
    return int(total)


def test_the_truth_of_a_small_shop_is_what_adding_by_hand_gives(small, small_world):
    start, end = small.month.start.timestamp(), small.month.end.timestamp()
    good, valid = dict.fromkeys(("orders", "payments", "gift-cards"), 0), {}
    for one in small_world.series:
        if one.name != "http_requests_total":
            continue
        job, events = one.label("job"), by_hand(one, start, end)
        valid[job] = valid.get(job, 0) + events
        good[job] += events if one.label("code") in ("200", "404") else 0
    found = {
        one.service: one.reported.sampled
        for one in small_world.truth
        if one.slo.endswith("availability")
    }
    assert found == {job: Tally(good[job], valid[job]) for job in good}


def test_all_that_happened_is_each_event_between_the_bounds(small, small_world):
    (payments,) = (one for one in small.services if one.name == "payments")
    (events,) = happen(small, payments)
    start, end = small.month.start.timestamp(), small.month.end.timestamp()
    slow = valid = 0
    for cell, edge in enumerate(events.edges[:-1].tolist()):
        if start <= edge < end:
            valid += int(events.by_boundary["+Inf"][cell])
            slow += int(events.by_boundary["+Inf"][cell] - events.by_boundary["1"][cell])
    latency = next(one for one in small_world.truth if one.slo == "shop/payments-latency-1s")
    assert latency.reported.happened == Tally(valid - slow, valid)


def test_samples_lose_next_to_nothing_of_what_happened(whole_world):
    for one in whole_world.truth:
        happened, sampled = one.reported.happened, one.reported.sampled
        assert sampled.valid <= happened.valid * 1.001 + 60
        assert sampled.valid >= happened.valid * 0.999 - 60


@pytest.mark.parametrize(
    ("tally", "target", "left"),
    [
        pytest.param(Tally(11_991_000, 12_000_000), "0.999", 0.25, id="the domain's worked month"),
        pytest.param(Tally(999, 1000), "0.999", 0.0, id="exactly the budget"),
        pytest.param(Tally(998, 1000), "0.999", -1.0, id="overspent is negative"),
        pytest.param(Tally(0, 0), "0.999", None, id="no traffic has none"),
    ],
)
def test_budget_remaining(tally, target, left):
    found = budget_remaining(tally, float(Decimal(target)))
    assert found == (None if left is None else pytest.approx(left, abs=1e-9))


def test_the_document_holds_the_period_and_every_objective(small, small_world):
    document = json.loads(truth_document(small, small_world.truth))
    assert document["start"] == "2026-10-12T22:00:00+00:00"
    assert [one["slo"] for one in document["objectives"]] == [one.slo for one in small_world.truth]
    reported = document["objectives"][0]["reported"]
    assert reported["sampled"]["valid"] > 0
