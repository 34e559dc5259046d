"""Counters that were silent before the grid: where they go on, and what the server is asked."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from support.tap import tapped
from support.tsdb import prometheus_with
from support.victoria import find_victoria_metrics, victoria_metrics_with

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.collecting import survey
from slo_reports.collect.grid import Grid
from slo_reports.model import (
    CountersIndicator,
    LatencyIndicator,
    Matcher,
    Objective,
    RatioIndicator,
    Slo,
)
from slo_reports.settings.schema import SourceSettings

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("way")]

START = datetime(2026, 10, 5, tzinfo=UTC)
GRID = Grid(START, timedelta(minutes=5), 288)
MANY = 501
"""So many at once are looked up by the family's selector, not one by one."""


def running(first, last, *, stands_at=0, per_minute=1):
    """Samples once a minute between two hours, counted from the grid's start."""
    times = range(round(first * 60), round(last * 60))
    return [
        (START.timestamp() + 60 * n + 7, stands_at + per_minute * (n - times[0])) for n in times
    ]


def around(left, back, *, stood=1000, comes_back_with=1003):
    """A counter that is silent from ``left`` hours before the grid to ``back`` hours after it."""
    before = running(-left - 1, -left, stands_at=stood - 59)
    return before + running(back, 25, stands_at=comes_back_with, per_minute=0)


def http(job, code, instance="1"):
    return f'http_requests_total{{job="{job}",code="{code}",instance="{instance}"}}'


def bucket(job, le):
    return f'latency_seconds_bucket{{job="{job}",le="{le}",instance="1"}}'


STEADY = running(-72, 25)
SAMPLES = {
    # three new errors each, of a service that is there all the time
    **{
        http(job, "200"): STEADY
        for job in ("hours", "edge", "days", "weeks", "new", "own-metric", "many")
    },
    http("hours", "500"): around(3, 2),
    http("edge", "500"): around(1.01, 20),
    http("days", "500"): around(48, 2),
    http("weeks", "500"): around(24 * 15, 2),
    http("new", "500"): running(2, 25, stands_at=3, per_minute=0),
    'errors_total{job="own-metric",instance="1"}': around(3, 2),
    **{http("many", "500", instance): around(3, 2) for instance in range(MANY)},
    # all of a service is silent
    http("back", "200"): around(3, 2),
    http("gone", "200"): running(-23, -2),
    http("long gone", "200"): running(-72, -25),
    # what a server's upgrade, while it was silent, spells in another way
    bucket("upgraded", "1"): around(5, 25),
    bucket("upgraded", "1.0"): running(2, 25, stands_at=1003, per_minute=0),
    bucket("upgraded", "+Inf"): running(-72, 25, stands_at=4000),
    'up{job="any",instance="1"}': running(-400, 25, stands_at=1, per_minute=0),
}


@pytest.fixture(scope="module", params=["Prometheus", "VictoriaMetrics"])
def url(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tsdb")
    if request.param == "VictoriaMetrics" and find_victoria_metrics() is None:
        pytest.skip("no victoria-metrics here: scripts/get_victoria_metrics.sh fetches it")
    serving = {"Prometheus": prometheus_with, "VictoriaMetrics": victoria_metrics_with}
    with serving[request.param](SAMPLES, folder) as address:
        yield address


def slo(job, indicator=None):
    own = (Matcher("job", "=", job),)
    good = (Matcher("code", "!~", "5.."),)
    indicator = indicator or RatioIndicator("http_requests_total", own, good)
    objective = Objective(Decimal("0.99"), "1d", timedelta(days=1))
    return Slo(f"shop/{job}", job, "shop", job, "Availability", "Team", indicator, (objective,))


def measured(url, *slos, by_day):
    source = SourceSettings(url=url, retries=0)
    with PrometheusClient(source) as client, ThreadPoolExecutor(2) as pool:
        return survey(client, GRID, slos, pool, lambda _slices: None, by_day=by_day)


def bad(one):
    return one.valid.sum() - one.good.sum()


@pytest.mark.parametrize(
    ("job", "by_day", "errors"),
    [
        pytest.param("hours", True, 3, id="hours, a day on its own"),
        pytest.param("hours", False, 3, id="hours, a period"),
        pytest.param("edge", True, 3, id="a little more than an hour, a day on its own"),
        pytest.param("edge", False, 3, id="a little more than an hour, a period"),
        pytest.param("days", True, 3, id="days, a day on its own"),
        pytest.param("days", False, 1003, id="days, a period: it counts from zero"),
        pytest.param("weeks", True, 1003, id="weeks: it counts from zero"),
        pytest.param("new", True, 3, id="never seen, a day on its own"),
        pytest.param("new", False, 3, id="never seen, a period"),
        pytest.param("many", False, 3 * MANY, id="more than are looked up one by one"),
        pytest.param("many", True, 3 * MANY, id="more than that, a day on its own"),
    ],
)
def test_a_counter_that_was_silent_goes_on_from_where_it_stood(url, job, by_day, errors):
    (one,) = measured(url, slo(job), by_day=by_day).values()
    assert (bad(one), one.good.sum(), one.seen_before) == (errors, 1440, True)


@pytest.mark.parametrize("by_day", [True, False])
def test_a_metric_of_its_own_for_errors_may_be_silent_while_the_other_runs(url, by_day):
    own = (Matcher("job", "=", "own-metric"),)
    counters = CountersIndicator("http_requests_total", own, bad_metric="errors_total", bad=own)
    (one,) = measured(url, slo("own-metric", counters), by_day=by_day).values()
    assert (bad(one), one.valid.sum()) == (3, 1440)


@pytest.mark.parametrize("by_day", [True, False])
def test_a_boundary_spelt_anew_after_a_silence_goes_on_counting(url, by_day):
    latency = LatencyIndicator("latency_seconds", (Matcher("job", "=", "upgraded"),), Decimal(1))
    (one,) = measured(url, slo("upgraded", latency), by_day=by_day).values()
    assert (one.good.sum(), one.valid.sum()) == (3, 1440)


@pytest.mark.parametrize("by_day", [True, False])
@pytest.mark.parametrize("others", [[], ["hours"]], ids=["alone", "beside one that is there"])
def test_an_objective_was_seen_before_if_it_had_a_sample_in_the_day_before(url, others, by_day):
    jobs = ("back", "gone", "long gone", "nobody")
    found = measured(url, *map(slo, [*jobs, *others]), by_day=by_day)
    seen = [found[f"shop/{job}"].seen_before for job in jobs]
    assert seen == [True, True, False, False]
    assert found["shop/back"].valid.sum() == 3
    assert [found[f"shop/{job}"].absent for job in jobs] == [False, False, True, True]


def asked(url, *slos, by_day):
    """The questions that a survey asks: what kind each is, and its form."""
    with tapped(urlsplit(url).port) as line:
        measured(f"http://127.0.0.1:{line.port}", *slos, by_day=by_day)
    for said in line.said:
        for request in bytes(said).decode(errors="replace").split("POST ")[1:]:
            head, _, form = request.partition("\r\n\r\n")
            yield head.split()[0].removeprefix("/api/v1/"), parse_qs(form)


@pytest.mark.parametrize("by_day", [True, False])
def test_of_new_counters_only_the_index_is_asked(url, by_day):
    asks = list(asked(url, slo("new"), by_day=by_day))
    assert [form["match[]"] for path, form in asks if path == "series"] == [
        ['http_requests_total{code="500",instance="1",job="new"}']
    ]
    texts = [form["query"][0] for path, form in asks if path == "query"]
    assert [text for text in texts if "requests" in text] == [
        'last_over_time(http_requests_total{job="new"}[1h])'
    ]


def test_a_day_is_read_only_of_objectives_without_a_sample_in_the_last_hour(url):
    asks = asked(url, slo("hours"), slo("gone"), slo("nobody"), by_day=True)
    texts = [form["query"][0] for path, form in asks if path == "query"]
    assert [text for text in texts if "[1d]" in text] == [
        'last_over_time(http_requests_total{job=~"gone|nobody"}[1d])',
        'last_over_time(http_requests_total{code="500",instance="1",job="hours"}[1d])',
    ]
