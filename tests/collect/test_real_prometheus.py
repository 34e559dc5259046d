"""Two hand-made days in a real Prometheus and a real VictoriaMetrics: counted to the event."""

import itertools
import math
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from support.tsdb import prometheus_with
from support.victoria import find_victoria_metrics, victoria_metrics_with

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.collecting import collect
from slo_reports.errors import SourceError
from slo_reports.model import (
    CountersIndicator,
    LatencyIndicator,
    Matcher,
    Objective,
    QueryIndicator,
    RatioIndicator,
    Slo,
)
from slo_reports.periods import between
from slo_reports.settings.schema import SourceSettings

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("way")]

DAY = datetime(2026, 10, 5, tzinfo=UTC).date()
PERIOD = between(DAY, DAY + timedelta(days=2), "UTC")
START, END = PERIOD.start.timestamp(), PERIOD.end.timestamp()
BEFORE = START - 3 * 3600
GOOD = (Matcher("code", "!~", "5.."),)


class World:
    """Counters that are scraped once a minute, and what their samples add up to."""

    def __init__(self):
        self.samples = {}
        self.random = random.Random(7)

    def counter(self, name, *, rate, begin=BEFORE, end=END + 600, phase=7.3, at=(), gaps=()):
        """A counter; ``at``: instants at which its process restarts; ``gaps``: no scrapes."""
        value, points, restarts = 0, [], sorted(at)
        for time in _minutes(begin + phase, end):
            while restarts and restarts[0] <= time:
                value = 0
                restarts.pop(0)
            value += self.random.randrange(2 * rate + 1)
            if not any(first <= time < last for first, last in gaps):
                points.append((time, value))
        self.samples[name] = points

    def up(self, job, *, begin=BEFORE, end=END + 600, gaps=(), down=()):
        """Scrapes of a target: 1, 0 while it is down, none in a gap."""
        self.samples[f'up{{job="{job}",instance="{job}:1"}}'] = [
            (time, 0 if any(first <= time < last for first, last in down) else 1)
            for time in _minutes(begin + 7.3, end)
            if not any(first <= time < last for first, last in gaps)
        ]

    def counted(self, *names):
        """Events that the samples of some counters allow inside the period."""
        return sum(_events(self.samples[name]) for name in names)


def _minutes(begin, end):
    return (begin + 60 * n for n in range(int((end - begin) // 60)))


def _events(points):
    before = [value for time, value in points if time <= START]
    inside = [value for time, value in points if START < time <= END]
    chain = [before[-1] if before else 0, *inside]
    return sum(b - a if b >= a else b for a, b in itertools.pairwise(chain))


def http(job, code, instance="1"):
    return f'http_requests_total{{job="{job}",code="{code}",instance="{instance}"}}'


def bucket(job, le, instance="1"):
    return f'latency_seconds_bucket{{job="{job}",le="{le}",instance="{instance}"}}'


def hours(*numbers):
    return [START + 3600 * number for number in numbers]


@pytest.fixture(scope="module")
def world():
    made = World()
    made.counter(http("steady", "200"), rate=60)
    made.counter(http("steady", "500"), rate=2)
    made.counter(http("born", "200"), rate=60)
    made.counter(http("born", "500"), rate=40, begin=START + 5 * 3600 + 1234, phase=0)
    restarts = hours(3.01, 3.02, 3.05, 9.5, 30.33, 30.34, 30.37)
    made.counter(http("crash-loop", "200"), rate=50, at=restarts)
    made.counter(http("crash-loop", "500"), rate=5, at=restarts)
    gap = [(START + 10 * 3600, START + 13 * 3600)]
    made.counter(http("gap", "200"), rate=60, gaps=gap)
    made.counter(http("gap", "500"), rate=3, gaps=gap)
    for pod, (first, last) in enumerate(((-3, 20), (20, 40), (40, 49))):
        for code, rate in (("200", 60), ("500", 2)):
            made.counter(
                http("pods", code, f"pod-{pod}"),
                rate=rate,
                begin=START + first * 3600,
                end=min(START + last * 3600, END + 600),
            )
    late = START + 30 * 3600
    made.counter(http("late", "200"), rate=60, begin=late)
    made.counter(http("ended", "200"), rate=60, end=START + 24 * 3600)
    for le, rate in (("0.25", 10), ("0.50", 20), ("+Inf", 30)):
        made.counter(bucket("latency", le), rate=rate)
    # a server's upgrade spells the same boundary in another way, and the counter goes on
    made.counter(bucket("upgraded", "1"), rate=40)
    made.counter(bucket("upgraded", "+Inf"), rate=50)
    points = made.samples[bucket("upgraded", "1")]
    cut = next(n for n, (time, _) in enumerate(points) if time > START + 20 * 3600)
    made.samples[bucket("upgraded", "1")] = points[:cut]
    made.samples[bucket("upgraded", "1.0")] = points[cut:]
    made.counter('valid_total{job="two"}', rate=30)
    made.counter('bad_total{job="two"}', rate=1)
    for job in ("steady", "born", "crash-loop", "pods", "latency", "upgraded", "two", "idle"):
        made.up(job)
    made.up("gap", gaps=gap)
    made.up("late", begin=late)
    made.up("ended", end=START + 24 * 3600)
    made.up("dark", down=[(BEFORE, END + 600)])
    firing = 'ALERTS{alertname="ErrorsHigh",alertstate="firing",severity="%s",service="steady"}'
    made.samples[firing % "page"] = list(_alert(2, 2.5)) + list(_alert(2.6, 3))
    made.samples[firing % "ticket"] = list(_alert(4, 9))
    made.samples[firing % "info"] = list(_alert(40, 41))
    return made


def _alert(first, last):
    return ((time, 1) for time in _minutes(START + first * 3600, START + last * 3600 + 1))


@pytest.fixture(scope="module", params=["Prometheus", "VictoriaMetrics"])
def url(request, world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tsdb")
    if request.param == "VictoriaMetrics" and find_victoria_metrics() is None:
        pytest.skip("no victoria-metrics here: scripts/get_victoria_metrics.sh fetches it")
    serving = {"Prometheus": prometheus_with, "VictoriaMetrics": victoria_metrics_with}
    with serving[request.param](world.samples, folder) as address:
        yield address


def slo(job, indicator=None):
    own = (Matcher("job", "=", job),)
    indicator = indicator or RatioIndicator("http_requests_total", own, GOOD)
    objective = Objective(Decimal("0.999"), "2d", timedelta(days=2))
    return Slo(f"shop/{job}", job, "shop", job, "Availability", "Team", indicator, (objective,))


def latency(job, threshold):
    own = (Matcher("job", "=", job),)
    return slo(job, LatencyIndicator("latency_seconds", own, Decimal(threshold)))


RATIOS = ("steady", "born", "crash-loop", "gap", "pods", "late", "ended")


@pytest.fixture(scope="module")
def collected(url, way):
    slos = [
        *(slo(job) for job in RATIOS),
        latency("latency", "0.5"),
        latency("upgraded", "1"),
        slo("idle"),
        slo("dark"),
        slo("nobody"),
        slo(
            "two",
            CountersIndicator(
                "valid_total",
                (Matcher("job", "=", "two"),),
                bad_metric="bad_total",
                bad=(Matcher("job", "=", "two"),),
            ),
        ),
    ]
    return measure(url, slos, raw_samples=way == "samples")


def measure(url, slos, period=PERIOD, trend=1, **settings):
    source = SourceSettings(url=url, **settings)
    with PrometheusClient(source) as client:
        return collect(slos, period, client, trend=trend, now=PERIOD.end)


def totals(collected, job):
    slices = collected.measurements[f"shop/{job}"].slices
    return slices.good.sum(), slices.valid.sum()


@pytest.mark.parametrize("job", RATIOS)
def test_events_are_equal_to_what_the_samples_hold(world, collected, job):
    good = [name for name in world.samples if f'job="{job}",code="200"' in name]
    bad = [name for name in world.samples if f'job="{job}",code="500"' in name]
    expected = world.counted(*good)
    assert totals(collected, job) == (expected, expected + world.counted(*bad))


@pytest.mark.parametrize("grain", ["1m", "3m", "15m"])
def test_the_grain_of_the_slices_changes_no_sum(world, url, grain):
    found = measure(url, [slo("crash-loop"), slo("born")], slice=grain)
    for job in ("crash-loop", "born"):
        expected = world.counted(http(job, "200"))
        assert totals(found, job) == (expected, expected + world.counted(http(job, "500")))


def test_latency_counts_the_bucket_by_value(world, collected):
    expected = world.counted(bucket("latency", "0.50")), world.counted(bucket("latency", "+Inf"))
    assert totals(collected, "latency") == expected


def test_a_boundary_spelt_anew_goes_on_counting(world, collected):
    before, after = (world.samples[bucket("upgraded", le)] for le in ("1", "1.0"))
    assert totals(collected, "upgraded")[0] == _events(before + after)


def test_bad_events_of_a_counter_of_their_own_are_taken_off(world, collected):
    valid = world.counted('valid_total{job="two"}')
    assert totals(collected, "two") == (valid - world.counted('bad_total{job="two"}'), valid)


def test_a_threshold_that_is_no_boundary_names_the_boundaries(url):
    found = measure(url, [latency("latency", "0.3"), slo("steady")])
    reason = found.measurements["shop/latency"].reason
    assert "0.3 s is no bucket boundary" in reason
    assert "the boundaries are 0.25, 0.50, +Inf" in reason
    assert found.measurements["shop/steady"].reason is None


def test_a_scrape_gap_lowers_coverage_and_loses_no_event(collected):
    coverage = collected.measurements["shop/gap"].slices.coverage
    assert math.isclose(coverage.mean(), 45 / 48, abs_tol=0.002)


def test_no_traffic_is_covered_and_a_target_down_is_not(collected):
    idle = collected.measurements["shop/idle"].slices
    assert (idle.valid.sum(), idle.coverage.min()) == (0, 1)
    assert "its target was scraped" in collected.measurements["shop/idle"].notes[0]
    assert "no series matched" in collected.measurements["shop/dark"].reason


def test_a_selector_that_matches_nothing_is_pointed_out(collected):
    reason = collected.measurements["shop/nobody"].reason
    assert reason.startswith("no series matched in this period; asked for: last_over_time(")
    assert 'http_requests_total{job="nobody"}' in reason


def test_a_service_that_starts_inside_is_judged_on_its_own_life(collected):
    late = collected.measurements["shop/late"]
    assert late.since == PERIOD.start + timedelta(hours=30)
    assert collected.measurements["shop/steady"].since is None


def test_a_service_that_vanishes_loses_coverage(collected):
    assert math.isclose(
        collected.measurements["shop/ended"].slices.coverage.mean(), 0.5, abs_tol=0.002
    )


def test_alerts_become_incidents_and_a_later_ticket_does_not_lengthen_the_page(collected):
    (incident,) = collected.incidents
    assert incident.service == "steady"
    assert incident.severity == "page"
    assert incident.title == "Errors high"
    assert incident.start == PERIOD.start + timedelta(hours=2, minutes=-1)
    assert incident.end == PERIOD.start + timedelta(hours=2, minutes=59)


def test_an_expression_is_asked_as_it_is_written(url):
    text = 'sum(last_over_time(http_requests_total{job="steady"}[$window]))'
    indicator = QueryIndicator(f"{text} * 0 + 9", f"{text} * 0 + 10")
    found = measure(url, [slo("steady", indicator)], slice="15m")
    slices = found.measurements["shop/steady"].slices
    assert (set(slices.good), set(slices.valid)) == ({9.0}, {10.0})
    assert "as they are written" in found.measurements["shop/steady"].notes[0]


def test_one_slos_broken_query_leaves_the_others_measured(url):
    broken = slo("broken", QueryIndicator("up", "sum(rate("))
    wide = slo("wide", QueryIndicator("up", "up"))
    found = measure(url, [broken, wide, slo("steady")])
    assert "the source refused a query" in found.measurements["shop/broken"].reason
    assert "series where one is wanted" in found.measurements["shop/wide"].reason
    assert found.measurements["shop/steady"].slices is not None


def test_earlier_periods_are_totalled_and_those_without_data_left_out(world, url):
    second = between(DAY + timedelta(days=1), DAY + timedelta(days=2), "UTC")
    (before,) = (
        measure(url, [slo("steady")], second, trend=4).measurements["shop/steady"].history[1:]
    )
    assert before.period.id == "2026-10-05..2026-10-06"
    points = world.samples[http("steady", "500")]
    cut = second.start.timestamp()
    bad = max(value for time, value in points if time <= cut)
    bad -= max(value for time, value in points if time <= START)
    assert before.valid - before.good == bad


def test_nothing_measured_at_all_is_an_error_that_says_so(url):
    with pytest.raises(SourceError, match="none of the 1 objectives could be measured"):
        measure(url, [slo("nobody")])


def test_a_period_past_the_retention_is_never_good(url):
    old = between(DAY - timedelta(days=60), DAY - timedelta(days=58), "UTC")
    with pytest.raises(SourceError, match="past the source's retention"):
        measure(url, [slo("steady")], old)


def test_an_answer_too_large_is_asked_for_in_halves(world, url):
    found = measure(url, [slo("steady")], max_response="20kB", slice="1m")
    expected = world.counted(http("steady", "200"))
    assert totals(found, "steady")[0] == expected
