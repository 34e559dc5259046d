"""A source whose own memory begins inside the period: what stood there already is not counted."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from support.tsdb import prometheus_with

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.collecting import collect
from slo_reports.model import Matcher, Objective, RatioIndicator, Slo
from slo_reports.periods import between
from slo_reports.settings.schema import SourceSettings

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("way")]

PERIOD = between(date(2026, 10, 5), date(2026, 10, 7), "UTC")
HOUR = 3600
DAWN = PERIOD.start.timestamp() + 7 * HOUR + 1111
"""When the memory begins: a new server, or the edge of what it keeps."""


def counter(begin, *, stands_at, per_minute):
    """Samples once a minute of a counter that has been running since long ago."""
    end = PERIOD.end.timestamp() + HOUR
    times = [begin + 60 * n for n in range(int((end - begin) // 60))]
    return [(time, stands_at + per_minute * n) for n, time in enumerate(times)]


def series(job, code, instance="1"):
    return f'http_requests_total{{job="{job}",code="{code}",instance="{instance}"}}'


@pytest.fixture(scope="module")
def samples():
    return {
        series("old", "200"): counter(DAWN, stands_at=11_000_000, per_minute=60),
        series("old", "500"): counter(DAWN + 13, stands_at=4_000, per_minute=1),
        # scraped for the first time a scrape later, in the next slice
        series("old", "200", "2"): counter(DAWN + 59, stands_at=9_000_000, per_minute=30),
        # its first error comes three hours later, and counts
        series("old", "500", "2"): counter(DAWN + 3 * HOUR, stands_at=1, per_minute=0),
        # a service that begins five hours later counts from zero
        series("new", "200"): counter(DAWN + 5 * HOUR, stands_at=37, per_minute=10),
        'up{job="old",instance="1"}': counter(DAWN, stands_at=1, per_minute=0),
        'up{job="new",instance="1"}': counter(DAWN + 5 * HOUR, stands_at=1, per_minute=0),
    }


def rises(points, *, first):
    """What was counted up to the period's end, the first sample counting from ``first``."""
    inside = [value for time, value in points if time <= PERIOD.end.timestamp()]
    return inside[-1] - (inside[0] if first is None else first)


@pytest.fixture(scope="module")
def collected(samples, tmp_path_factory, way):
    with prometheus_with(samples, tmp_path_factory.mktemp(f"dawn-{way}")) as url:
        settings = SourceSettings(url=url)
        slos = [slo("old"), slo("new")]
        with PrometheusClient(settings) as client:
            yield collect(slos, PERIOD, client, trend=1, now=PERIOD.end + timedelta(hours=1))


def slo(job):
    own, good = (Matcher("job", "=", job),), (Matcher("code", "!~", "5.."),)
    indicator = RatioIndicator("http_requests_total", own, good)
    objective = Objective(Decimal("0.99"), "2d", timedelta(days=2))
    return Slo(f"shop/{job}", job, "shop", job, "Availability", "Team", indicator, (objective,))


def test_counters_that_begin_with_the_source_count_from_their_first_sample(samples, collected):
    slices = collected.measurements["shop/old"].slices
    good = rises(samples[series("old", "200")], first=None) + rises(
        samples[series("old", "200", "2")], first=None
    )
    bad = rises(samples[series("old", "500")], first=None) + 1
    assert (slices.good.sum(), slices.valid.sum()) == (good, good + bad)
    assert slices.valid.max() < 60 * 100


def test_what_begins_later_counts_from_zero(samples, collected):
    assert collected.measurements["shop/new"].slices.valid.sum() == rises(
        samples[series("new", "200")], first=0
    )


def test_the_time_before_lowers_the_coverage(collected):
    assert collected.measurements["shop/old"].slices.coverage.mean() < 0.9
