"""Restarts that no difference shows: a young counter has passed its old value within the slice."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from support.tsdb import prometheus_with

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.collecting import collect
from slo_reports.model import LatencyIndicator, Matcher, Objective, RatioIndicator, Slo
from slo_reports.periods import between
from slo_reports.settings.schema import SourceSettings

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("way")]

START = datetime(2026, 10, 5, tzinfo=UTC)
PERIOD = between(START.date(), START.date() + timedelta(days=1), "UTC")
HOUR, SCRAPE = 3600, 15
RESTARTS = (
    3 * HOUR - 40,
    3 * HOUR + 100,  # inside a slice, while the process is minutes old
    3 * HOUR + 160,  # and again in the same slice
    5 * HOUR - 130,
    5 * HOUR,  # between the last sample of an hour and the first of the next
    5 * HOUR + 70,
)
CODES = {"200": 9, "500": 1}  # events per scrape
SHARES = {"0.1": 3, "0.5": 4, "+Inf": 5}  # events per scrape


def counter(per_scrape):
    """One process after the other, each counting from zero, from an hour before the period on."""
    points, value = [], 0
    for offset in range(-HOUR, 25 * HOUR, SCRAPE):
        if any(offset - SCRAPE < restart <= offset for restart in RESTARTS):
            value = 0
        value += per_scrape * (1 + (offset // SCRAPE) % 3)
        points.append((START.timestamp() + offset, value))
    return points


def events(points, length):
    """What each slice counted, by every single sample."""
    found = np.zeros(24 * HOUR // length)
    for (_, before), (time, value) in itertools.pairwise(points):
        index = int(np.ceil((time - START.timestamp()) / length)) - 1
        if 0 <= index < len(found):
            found[index] += value - before if value >= before else value
    return found


def labels(le=None, code=None):
    own = {"job": "api", "instance": "1", "le": le, "code": code}
    return ",".join(f'{name}="{value}"' for name, value in own.items() if value)


@pytest.fixture(scope="module")
def samples():
    found = {f"http_seconds_bucket{{{labels(le=le)}}}": counter(n) for le, n in SHARES.items()}
    found |= {f"http_total{{{labels(code=code)}}}": counter(n) for code, n in CODES.items()}
    return found | {
        f"up{{{labels()}}}": [(START.timestamp() + t, 1) for t in range(-HOUR, 25 * HOUR, SCRAPE)]
    }


@pytest.fixture(scope="module")
def url(samples, tmp_path_factory):
    with prometheus_with(samples, tmp_path_factory.mktemp("restarts")) as found:
        yield found


def slos():
    own = (Matcher("job", "=", "api"),)
    for name, indicator in (
        ("available", RatioIndicator("http_total", own, (Matcher("code", "=", "200"),))),
        ("fast", LatencyIndicator("http_seconds", own, Decimal("0.1"))),
        ("usable", LatencyIndicator("http_seconds", own, Decimal("0.5"))),
    ):
        objective = Objective(Decimal("0.5"), "1d", timedelta(days=1))
        yield Slo(name, name, "shop", "api", name, "Team", indicator, (objective,))


@pytest.mark.parametrize("minutes", [1, 5, 15])
def test_every_slice_is_equal_to_what_the_samples_hold(url, samples, minutes):
    source = SourceSettings(url=url, slice=timedelta(minutes=minutes))
    with PrometheusClient(source) as client:
        now = PERIOD.end + timedelta(hours=1)
        found = collect(list(slos()), PERIOD, client, trend=1, now=now).measurements

    def truth(metric, **own):
        return events(samples[f"{metric}{{{labels(**own)}}}"], minutes * 60)

    ok, failed = (truth("http_total", code=code) for code in CODES)
    fast, usable, every = (truth("http_seconds_bucket", le=le) for le in SHARES)
    for name, good, valid in (
        ("available", ok, ok + failed),
        ("fast", fast, every),
        ("usable", usable, every),
    ):
        assert found[name].slices.good.tolist() == good.tolist(), name
        assert found[name].slices.valid.tolist() == valid.tolist(), name


def test_the_restarts_are_hidden_where_only_the_ends_of_slices_are_compared(samples):
    points = samples[f"http_seconds_bucket{{{labels(le='+Inf')}}}"]
    at_ends = [value for time, value in points if (time - START.timestamp()) % 300 == 0]
    inside = itertools.pairwise(at_ends[12 : 12 + 289])
    seen = sum(b - a if b >= a else b for a, b in inside)
    assert seen < events(points, 300).sum()


def test_restarts_are_asked_for_by_the_hour_and_of_one_bucket(url, way):
    asked = []

    class Listening(PrometheusClient):
        def query_range(self, expression, *args, **more):
            asked.append((expression, args[2]))
            return super().query_range(expression, *args, **more)

    with Listening(SourceSettings(url=url)) as client:
        collect(list(slos()), PERIOD, client, trend=1, now=PERIOD.end, brief=True)
    if way == "samples":
        assert not any(text.startswith(("resets(", "last_over_time(")) for text, _ in asked)
        return
    resets = [(text, step) for text, step in asked if text.startswith("resets(")]
    assert {step for _, step in resets} == {timedelta(hours=1)}
    assert {'le="+Inf"' in text for text, _ in resets if "bucket" in text} == {True}
