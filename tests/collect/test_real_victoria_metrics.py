"""What VictoriaMetrics does otherwise than Prometheus, and what it must not change."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from support.victoria import find_victoria_metrics, put_samples, running_victoria_metrics

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.collecting import collect
from slo_reports.model import Matcher, Objective, RatioIndicator, Slo
from slo_reports.periods import between
from slo_reports.settings.schema import SourceSettings

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(
        find_victoria_metrics() is None,
        reason="no victoria-metrics here: scripts/get_victoria_metrics.sh fetches it",
    ),
]

START = datetime(2026, 10, 5, tzinfo=UTC)
DAY = between(START.date(), (START + timedelta(days=1)).date(), "UTC")


@pytest.fixture
def url(tmp_path):
    with running_victoria_metrics(tmp_path) as address:
        yield address


def requests(instance):
    name = f'requests_total{{job="shop",code="200",instance="{instance}"}}'
    return {name: [(START.timestamp() - 60 + 60 * n, 10 * n) for n in range(1442)]}


def valid_events(client):
    indicator = RatioIndicator(
        "requests_total", (Matcher("job", "=", "shop"),), (Matcher("code", "!~", "5.."),)
    )
    objective = Objective(Decimal("0.999"), "1d", timedelta(days=1))
    one = Slo("shop/a", "a", "shop", "shop", "Availability", "Team", indicator, (objective,))
    found = collect([one], DAY, client, trend=1, now=DAY.end)
    return found.measurements["shop/a"].slices.valid.sum()


def test_samples_that_came_in_late_are_counted_when_it_is_asked_again(url):
    with PrometheusClient(SourceSettings(url=url)) as client:
        put_samples(url, requests(1))
        assert valid_events(client) == 14_400
        put_samples(url, requests(2))
        assert valid_events(client) == 28_800


def test_a_range_begins_where_it_is_asked_to_begin(url):
    put_samples(url, requests(1))
    odd = START + timedelta(seconds=90)
    with PrometheusClient(SourceSettings(url=url)) as client:
        (series,) = client.query_range(
            "requests_total", odd, odd + timedelta(hours=3), timedelta(minutes=2)
        )
    assert series.times[0] == odd.timestamp()
    assert len(series.times) == 91


def test_it_says_no_version_and_that_is_no_error(url):
    assert httpx.get(f"{url}/api/v1/status/buildinfo", trust_env=False).json()["data"] == {}
    with PrometheusClient(SourceSettings(url=url)) as client:
        assert client.version() == "unknown version"
