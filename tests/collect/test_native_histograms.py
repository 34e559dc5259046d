"""Counting native histograms: what no server is needed for."""

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest

from slo_reports.collect.families import covering_needs, needs_of
from slo_reports.collect.native_histograms import NativeCounters, differences, fineness
from slo_reports.model import LatencyIndicator, Matcher, Objective, Slo

NAN = float("nan")


@pytest.mark.parametrize(
    ("every", "good", "before", "valid_events", "good_events"),
    [
        pytest.param([10, 30], [5, 20], (4, 1), [6, 20], [4, 15], id="differences"),
        pytest.param([10, 30], [5, 20], None, [10, 20], [5, 15], id="a birth counts from zero"),
        pytest.param([10, 8], [1, 7], (10, 1), [0, 8], [0, 7], id="a reset is one for both"),
        pytest.param([NAN, 8], [NAN, 7], (4, 1), [0, 4], [0, 4], id="good is at most all"),
        pytest.param([NAN, 9], [NAN, 4], (4, 1), [0, 5], [0, 3], id="a gap"),
        pytest.param([10], [3.9], (10, 4), [0], [0], id="a few interpolated events taken back"),
        pytest.param([], [], (1, 1), [], [], id="no reading"),
    ],
)
def test_events_are_differences_of_readings(every, good, before, valid_events, good_events):
    found = differences(np.array(every, dtype=float), np.array(good, dtype=float), before)
    assert found[0].tolist() == valid_events
    assert found[1].tolist() == good_events


@pytest.mark.parametrize(
    ("step", "interval", "expected"),
    [(300, 60, 30), (300, 15, 7.5), (300, 70, 30), (60, 600, 60)],
)
def test_a_slice_is_read_more_finely_than_it_is_scraped(step, interval, expected):
    found = fineness(timedelta(seconds=step), timedelta(seconds=interval))
    assert found == timedelta(seconds=expected)


def test_a_native_latency_needs_no_buckets_and_is_covered_by_its_targets():
    job = Matcher("job", "=", "shop")
    latency = LatencyIndicator("wait_seconds", (job,), Decimal("0.50"), native=True)
    objective = Objective(Decimal("0.9"), "day", timedelta(days=1))
    slo = Slo("a/b", "b", "a", "b", "Latency", "Team", latency, (objective,))
    assert needs_of(slo) == ()
    (target,) = covering_needs(slo)
    assert (target.metric, target.matchers) == ("wait_seconds", (job,))
    assert NativeCounters.of(latency).good == (
        'histogram_fraction(-Inf, 0.50, wait_seconds{job="shop"})'
        ' * histogram_count(wait_seconds{job="shop"})'
    )
