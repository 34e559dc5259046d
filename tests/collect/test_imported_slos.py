"""SLOs of other tools' files, measured with a real Prometheus."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from support.tsdb import prometheus_with

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.collecting import collect
from slo_reports.collect.families import needs_of
from slo_reports.definitions.loading import load_definitions
from slo_reports.errors import SourceError
from slo_reports.periods import between
from slo_reports.settings.schema import SourceSettings

DAY = datetime(2026, 10, 5, tzinfo=UTC).date()
PERIOD = between(DAY, DAY + timedelta(days=1), "UTC")
START, END = PERIOD.start.timestamp(), PERIOD.end.timestamp()
RATES = {
    'shop_requests_total{job="shop",code="200"}': 50,
    'shop_requests_total{job="shop",code="500"}': 2,
    'shop_seconds_bucket{job="shop",le="0.50"}': 40,
    'shop_seconds_bucket{job="shop",le="1.0"}': 45,
    'shop_seconds_bucket{job="shop",le="+Inf"}': 52,
    'shop_seconds_count{job="shop"}': 52,
    'up{job="shop",instance="a"}': 0,
}
PYRRA = """\
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {{name: {name}, labels: {{team: Shop, service: shop}}}}
spec:
  target: "99"
  window: 4w
  indicator:
    latency:
      success: {{metric: 'shop_seconds_bucket{{job="shop",le="{le}"}}'}}
      total: {{metric: '{total}{{job="shop"}}'}}
"""
SLOTH = """\
version: prometheus/v1
service: shop
labels: {{owner: Shop}}
slos:
  - name: {name}
    objective: 99
    sli:
      events:
        error_query: {bad}
        total_query: {valid}
"""


def samples():
    times = [START - 7200 + 60 * n + 7.3 for n in range(60 * 27)]
    return {
        name: [(time, rate * n if rate else 1) for n, time in enumerate(times)]
        for name, rate in RATES.items()
    }


def counted(points):
    before = [value for time, value in points if time <= START][-1]
    inside = [value for time, value in points if START < time <= END]
    return sum(b - a for a, b in itertools.pairwise([before, *inside]))


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    with prometheus_with(samples(), tmp_path_factory.mktemp("tsdb")) as address:
        yield address


def measured(url, folder, text):
    file = folder / "slo.yaml"
    file.write_text(text)
    (slo,) = load_definitions([file])
    with PrometheusClient(SourceSettings(url=url)) as client:
        collected = collect([slo], PERIOD, client, trend=1, now=PERIOD.end)
    return collected.measurements[slo.id]


def sums(measurement):
    assert measurement.reason is None
    return measurement.slices.good.sum(), measurement.slices.valid.sum()


@pytest.mark.e2e
@pytest.mark.parametrize("le", ["0.5", "0.50", "5e-1"])
@pytest.mark.parametrize("total", ["shop_seconds_count", "shop_requests_total"])
def test_a_bucket_of_pyrra_is_found_by_value(url, tmp_path, le, total):
    found = measured(url, tmp_path, PYRRA.format(name="fast", le=le, total=total))
    good = counted(samples()['shop_seconds_bucket{job="shop",le="0.50"}'])
    assert sums(found) == (good, counted(samples()['shop_seconds_count{job="shop"}']))


@pytest.mark.e2e
def test_a_bucket_of_two_counters_that_is_not_there_is_named_with_those_that_are(url, tmp_path):
    text = PYRRA.format(name="fast", le="0.3", total="shop_requests_total")
    said = "0.3 s is no bucket boundary .* the boundaries are 0.50, 1.0, .Inf"
    with pytest.raises(SourceError, match=said):
        measured(url, tmp_path, text)


@pytest.mark.e2e
def test_a_bucket_metric_that_is_not_there_is_no_outage(url, tmp_path):
    text = PYRRA.format(name="fast", le="0.5", total="shop_requests_total")
    with pytest.raises(SourceError, match="no series matched nowhere_bucket"):
        measured(url, tmp_path, text.replace("shop_seconds_bucket", "nowhere_bucket"))


@pytest.mark.e2e
@pytest.mark.parametrize(
    "bad",
    [
        """sum(rate(shop_requests_total{job="shop",code=~"5.."}[{{.window}}]))""",
        """sum(rate(shop_requests_total{job="shop",code=~"5.."}[{{.window}}]) > 0) or vector(0)""",
        """sum(rate(shop_requests_total{code="500"}[{{.window}}])) + 0""",
    ],
    ids=["a counter", "an expression", "a sum"],
)
def test_errors_of_sloth_are_taken_off_all_events(url, tmp_path, bad):
    valid = 'sum(rate(shop_requests_total{job="shop"}[{{.window}}]))'
    found = measured(url, tmp_path, SLOTH.format(name="ok", bad=repr(bad), valid=repr(valid)))
    good, every = sums(found)
    assert 1 - good / every == pytest.approx(2 / 52)


@pytest.mark.e2e
def test_an_error_query_without_an_answer_is_no_error_and_no_gap(url, tmp_path):
    bad = 'sum(rate(shop_requests_total{code="504"}[{{.window}}]) > 0)'
    valid = "sum(rate(shop_requests_total[{{ .window }}]))"
    found = measured(url, tmp_path, SLOTH.format(name="ok", bad=repr(bad), valid=valid))
    good, every = sums(found)
    assert good == every > 0
    assert found.slices.coverage.min() == 1


def test_a_bucket_among_counters_is_asked_for_by_value(tmp_path):
    file = tmp_path / "slo.yaml"
    file.write_text(PYRRA.format(name="fast", le="0.5", total="shop_requests_total"))
    (slo,) = load_definitions([file])
    valid, good = needs_of(slo)
    assert valid.threshold is None
    assert (good.metric, str(good.threshold)) == ("shop_seconds_bucket", "0.5")
    for le, weights in [("0.50", (1, 0)), ("5e-01", (1, 0)), ("+Inf", (0, 0)), ("1", (0, 0))]:
        assert good.weights({"job": "shop", "le": le}) == weights
