"""Histograms in a real Prometheus: all buckets of a period, and thresholds between two of them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from support.tsdb import prometheus_with

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.collecting import Collected, collect
from slo_reports.compute.percentiles import percentiles
from slo_reports.model import Exclusion, LatencyIndicator, Matcher, Objective, Slo
from slo_reports.periods import between
from slo_reports.settings.schema import SourceSettings

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("way")]

DAY = datetime(2026, 10, 5, tzinfo=UTC).date()
PERIOD = between(DAY, DAY + timedelta(days=1), "UTC")
START, END = PERIOD.start.timestamp(), PERIOD.end.timestamp()
BOUNDARIES = ("0.1", "0.25", "0.5", "1", "+Inf")
CHANCES = (30, 40, 20, 8, 2)
Samples = dict[str, list[tuple[float, float]]]


def histogram(job: str, instance: str, seed: int, *, restart: float | None = None) -> Samples:
    """A histogram scraped each minute; its process may start again at an instant."""
    dice = random.Random(seed)
    names = [
        f'wait_seconds_bucket{{job="{job}",instance="{instance}",le="{le}"}}' for le in BOUNDARIES
    ]
    samples: Samples = {name: [] for name in names}
    counts = [0] * len(BOUNDARIES)
    for minute in range(-120, 24 * 60 + 10):
        time = START + 60 * minute + 7.3
        if restart is not None and restart <= time < restart + 60:
            counts = [0] * len(BOUNDARIES)
        for bucket in dice.choices(range(len(BOUNDARIES)), CHANCES, k=dice.randrange(40)):
            counts[bucket] += 1
        for name, whole in zip(names, itertools.accumulate(counts), strict=True):
            samples[name].append((time, float(whole)))
    return samples


def counted(samples: Samples, le: str, *, first: float = START, last: float = END) -> float:
    """Events that the samples of all instances allow in a span."""
    whole = 0.0
    for name, points in samples.items():
        if f'le="{le}"' in name:
            before = [value for time, value in points if time <= first][-1]
            inside = [value for time, value in points if first < time <= last]
            whole += sum(b - a if b >= a else b for a, b in itertools.pairwise([before, *inside]))
    return whole


PAGES = histogram("pages", "1", 1) | histogram("pages", "2", 2, restart=START + 30_000)
JOBS = histogram("jobs", "1", 3)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    up = {
        f'up{{job="{job}",instance="{instance}"}}': [
            (START + 60 * n + 7.3, 1.0) for n in range(-120, 24 * 60 + 10)
        ]
        for job, instance in (("pages", "1"), ("pages", "2"), ("jobs", "1"))
    }
    with prometheus_with(PAGES | JOBS | up, tmp_path_factory.mktemp("tsdb")) as address:
        yield address


def slo(job: str, threshold: str, *, interpolate: bool = False) -> Slo:
    indicator = LatencyIndicator(
        "wait_seconds", (Matcher("job", "=", job),), Decimal(threshold), interpolate
    )
    name = f"{job}-{threshold}"
    objective = Objective(Decimal("0.9"), "day", timedelta(days=1))
    return Slo(f"shop/{name}", name, "shop", job, "Latency", "Team", indicator, (objective,))


def measure(url: str, *slos: Slo, exclusions: tuple[Exclusion, ...] = ()) -> Collected:
    with PrometheusClient(SourceSettings(url=url)) as client:
        return collect(slos, PERIOD, client, trend=1, now=PERIOD.end, exclusions=exclusions)


def expected(samples: Samples) -> tuple[tuple[float | None, float], ...]:
    return tuple((None if le == "+Inf" else float(le), counted(samples, le)) for le in BOUNDARIES)


def test_all_buckets_are_equal_to_what_the_samples_hold(url: str) -> None:
    found = measure(url, slo("pages", "0.5"), slo("pages", "0.25"), slo("jobs", "0.5"))
    buckets = {name: one.buckets for name, one in found.measurements.items()}
    assert buckets["shop/pages-0.5"] == expected(PAGES)
    assert buckets["shop/pages-0.25"] == expected(PAGES)
    assert buckets["shop/jobs-0.5"] == expected(JOBS)


def test_percentiles_are_those_of_the_distribution(url: str) -> None:
    (one,) = measure(url, slo("pages", "0.5")).measurements.values()
    median, high, highest = percentiles(one.buckets)
    assert median.seconds == pytest.approx(0.1 + 0.15 * 20 / 40, rel=0.02)
    assert high.seconds == pytest.approx(0.5 + 0.5 * 5 / 8, rel=0.03)
    assert (highest.seconds, highest.over) == (1.0, True)


def test_prometheus_tells_the_same_percentiles(url: str) -> None:
    (one,) = measure(url, slo("jobs", "0.5")).measurements.values()
    with PrometheusClient(SourceSettings(url=url)) as client:
        for found in percentiles(one.buckets):
            rates = 'sum by (le) (increase(wait_seconds_bucket{job="jobs"}[1d]))'
            text = f"histogram_quantile({found.share}, {rates})"
            (series,) = client.query(text, PERIOD.end)
            assert found.seconds == pytest.approx(series.values[-1], rel=0.005)


def test_what_is_excluded_is_not_in_the_buckets(url: str) -> None:
    first, last = PERIOD.start + timedelta(hours=3), PERIOD.start + timedelta(hours=5)
    out = Exclusion(first, last, "Moved", "Ada", slos=("shop/pages-0.5",))
    found = measure(url, slo("pages", "0.5"), slo("pages", "0.25"), exclusions=(out,))
    span = {"first": first.timestamp(), "last": last.timestamp()}
    whole = {le: counted(PAGES, le) for le in BOUNDARIES}
    kept = [whole[le] - counted(PAGES, le, **span) for le in BOUNDARIES]
    assert [events for _, events in found.measurements["shop/pages-0.5"].buckets] == kept
    assert found.measurements["shop/pages-0.25"].buckets == expected(PAGES)


def test_a_threshold_between_two_boundaries_is_interpolated_where_asked(url: str) -> None:
    asked = slo("pages", "0.3", interpolate=True)
    (one,) = (measure(url, asked, slo("jobs", "0.5")).measurements["shop/pages-0.3"],)
    assert one.slices is not None
    low, high = counted(PAGES, "0.25"), counted(PAGES, "0.5")
    assert one.slices.good.sum() == pytest.approx(low + (high - low) * 0.2, abs=1e-6)
    assert one.slices.valid.sum() == counted(PAGES, "+Inf")
    assert one.interpolated == (0.25, 0.5)
    assert "interpolated between 0.25 s and 0.5 s" in one.notes[0]


def test_below_the_first_boundary_is_interpolated_from_zero(url: str) -> None:
    (one,) = measure(url, slo("pages", "0.05", interpolate=True)).measurements.values()
    assert one.slices is not None
    assert one.slices.good.sum() == pytest.approx(counted(PAGES, "0.1") / 2, abs=1e-6)
    assert one.interpolated == (0.0, 0.1)


def test_a_boundary_is_not_interpolated_though_it_may_be(url: str) -> None:
    (one,) = measure(url, slo("pages", "0.5", interpolate=True)).measurements.values()
    assert one.slices is not None
    assert one.slices.good.sum() == counted(PAGES, "0.5")
    assert one.interpolated is None
    assert one.notes == ()


@pytest.mark.parametrize(
    ("threshold", "interpolate", "words"),
    [
        pytest.param("0.3", False, "interpolate: true", id="not asked for"),
        pytest.param("5", True, "no bucket boundary", id="beyond the last boundary"),
    ],
)
def test_else_a_threshold_off_the_boundaries_is_no_measurement(
    url: str, threshold: str, interpolate: bool, words: str
) -> None:
    found = measure(url, slo("pages", threshold, interpolate=interpolate), slo("jobs", "0.5"))
    reason = found.measurements[f"shop/pages-{threshold}"].reason
    assert reason is not None
    assert words in reason
    assert "the boundaries are 0.1, 0.25, 0.5, 1, +Inf" in reason
    assert found.measurements[f"shop/pages-{threshold}"].buckets == ()
