"""Native histograms in a real Prometheus: counted to the event, births and restarts and all."""

import itertools
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from support import remote_write

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.collecting import collect
from slo_reports.collect.native_histograms import NOTE
from slo_reports.model import LatencyIndicator, Matcher, Objective, Slo
from slo_reports.periods import between
from slo_reports.settings.schema import SourceSettings

pytestmark = pytest.mark.e2e

DAY = datetime(2026, 10, 5, tzinfo=UTC).date()
PERIOD = between(DAY, DAY + timedelta(days=1), "UTC")
START = PERIOD.start.timestamp()
MINUTES = 150
ZERO = "zero"
BUCKETS = (ZERO, -3, -1, 0, 2)  # of schema 0: up to 0.125, 0.5, 1 and 4 s


def grown(first, last, *, seed, restarts=(), most=4):
    """Cumulative buckets by minute of the period, counted from zero again at each restart."""
    dice = random.Random(seed)
    found, have = {}, dict.fromkeys(BUCKETS, 0)
    for minute in range(first, last):
        if minute in restarts:
            have = dict.fromkeys(BUCKETS, 0)
        have = {one: count + dice.randrange(most + 1) for one, count in have.items()}
        found[minute] = have
    return found


RESTARTED = grown(-40, MINUTES, seed=1, restarts=(17, 71))
HIDDEN = {  # a restart inside a slice, at whose end there is more than there was before
    minute: dict.fromkeys(BUCKETS, 2 if minute < 42 else 2 * (minute - 42) + 1)
    for minute in range(-40, MINUTES)
}
WORLD = {
    ("steady", "1"): grown(-40, MINUTES, seed=2),
    ("steady", "2"): grown(-40, MINUTES, seed=3),
    ("restarted", "1"): RESTARTED,
    ("hidden", "1"): HIDDEN,
    ("born", "1"): grown(33, MINUTES, seed=4),
    ("ended", "1"): grown(-40, 58, seed=5),
    ("idle", "1"): {minute: {} for minute in range(-40, MINUTES)},
    ("first-events", "1"): {minute: {} for minute in range(-40, 60)}
    | grown(60, MINUTES, seed=6),
}  # fmt: skip


def truth(job, shares):
    """Good and valid events of the period; ``shares``: what part of each bucket is good."""
    good = valid = 0.0
    for (name, _), found in WORLD.items():
        if name != job:
            continue
        before = [{}, *(one for minute, one in sorted(found.items()) if minute < 0)][-1]
        inside = [one for minute, one in sorted(found.items()) if minute >= 0]
        for old, new in itertools.pairwise([before, *inside]):
            base = old if sum(new.values()) >= sum(old.values()) else {}
            events = {one: count - base.get(one, 0) for one, count in new.items()}
            valid += sum(events.values())
            good += sum(count * shares[one] for one, count in events.items())
    return good, valid


WITHIN_HALF = {ZERO: 1, -3: 1, -1: 1, 0: 0, 2: 0}


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    with remote_write.prometheus_that_receives(tmp_path_factory.mktemp("native")) as address:
        for first in range(-40, MINUTES, 20):
            window = range(first, min(first + 20, MINUTES))
            remote_write.write(address, *(one for key in WORLD for one in written(key, window)))
        yield address


def written(key, window):
    labels = {"job": key[0], "instance": key[1]}
    there = [minute for minute in window if minute in WORLD[key]]
    if there:
        histograms = [encoded(at(minute), WORLD[key][minute]) for minute in there]
        yield remote_write.series({"__name__": "wait_seconds", **labels}, histograms=histograms)
        ups = [(at(minute), 1.0) for minute in there]
        yield remote_write.series({"__name__": "up", **labels}, samples=ups)


def at(minute):
    return START + 60 * minute + 7.3


def encoded(time, have):
    buckets = {one: count for one, count in have.items() if one != ZERO}
    return remote_write.histogram(time, buckets, zero=have.get(ZERO, 0))


def slo(job, threshold="0.5"):
    filters = (Matcher("job", "=", job),)
    indicator = LatencyIndicator("wait_seconds", filters, Decimal(threshold), native=True)
    objective = Objective(Decimal("0.9"), "day", timedelta(days=1))
    return Slo(f"shop/{job}", job, "shop", job, "Latency", "Team", indicator, (objective,))


def measure(url, *slos):
    with PrometheusClient(SourceSettings(url=url)) as client:
        return collect(slos, PERIOD, client, trend=1, now=PERIOD.end).measurements


JOBS = sorted({job for job, _ in WORLD})


@pytest.fixture(scope="module")
def measured(url):
    return measure(url, *map(slo, [*JOBS, "nobody"]))


@pytest.mark.parametrize("job", JOBS)
def test_events_are_equal_to_what_the_histograms_hold(measured, job):
    slices = measured[f"shop/{job}"].slices
    assert (slices.good.sum(), slices.valid.sum()) == truth(job, WITHIN_HALF)


def test_each_slice_holds_its_own_events(measured):
    slices = measured["shop/hidden"].slices
    per_slice = slices.valid[: MINUTES // 5]
    assert per_slice[:8].sum() == 0
    assert per_slice[8] == 5 * 5  # minutes 40 to 44: what the process that restarted at 42 tells
    assert (per_slice[9:] == 5 * 2 * 5).all()


def test_a_threshold_inside_a_bucket_is_interpolated_by_the_source(url):
    (one,) = measure(url, slo("steady", "0.75")).values()
    good, valid = truth("steady", WITHIN_HALF | {0: 0.5})
    assert one.slices.good.sum() == pytest.approx(good)
    assert one.slices.valid.sum() == valid
    assert one.notes == (NOTE,)


def test_beyond_the_last_bucket_all_events_are_good(url):
    (one,) = measure(url, slo("restarted", "60")).values()
    assert one.slices.good.sum() == one.slices.valid.sum() == truth("restarted", WITHIN_HALF)[1]


def test_coverage_is_told_by_the_scrapes(measured):
    coverage = measured["shop/steady"].slices.coverage
    assert coverage[: MINUTES // 5] == pytest.approx(1)
    assert coverage[MINUTES // 5 + 2 :].sum() == 0


def test_percentiles_are_left_out(measured):
    assert measured["shop/steady"].buckets == ()


def test_a_histogram_that_is_not_there_has_its_reason(measured):
    missing = measured["shop/nobody"]
    assert missing.slices is None
    assert missing.reason.startswith("no series matched in this period")
    assert 'histogram_count(wait_seconds{job="nobody"})' in missing.reason
