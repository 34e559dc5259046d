"""Gauges, thresholds and ratios in a real Prometheus: to the sample, slice by slice."""

import math
import operator
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from support.tsdb import prometheus_with

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.collecting import collect, slices_to_count
from slo_reports.model import (
    Exclusion,
    GaugeIndicator,
    JourneyIndicator,
    JourneyStep,
    Matcher,
    Method,
    Objective,
    QueryIndicator,
    RatioQueryIndicator,
    Slo,
    ThresholdIndicator,
)
from slo_reports.periods import between
from slo_reports.settings.schema import SourceSettings

pytestmark = pytest.mark.e2e

DAY = datetime(2026, 10, 5, tzinfo=UTC).date()
PERIOD = between(DAY, DAY + timedelta(days=1), "UTC")
START, END = PERIOD.start.timestamp(), PERIOD.end.timestamp()
BEFORE = START - 26 * 3600
STEP = 300
STEP_TOO_SHORT = timedelta(minutes=1)
COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
           "==": operator.eq, "!=": operator.ne}  # fmt: skip
dice = random.Random(11)


def times(interval, *, first=BEFORE + 7.3, last=END + 600):
    return [first + interval * n for n in range(int((last - first) // interval))]


def queue(instance):
    return f'queue{{job="shop",instance="{instance}"}}'


@pytest.fixture(scope="module")
def samples():
    gone = range(int(START + 10 * 3600), int(START + 11 * 3600))
    made = {
        queue("noisy"): [(time, dice.randrange(11)) for time in times(60)],
        queue("edges"): [(time, dice.randrange(3, 8)) for time in times(60, first=BEFORE)],
        queue("odd-interval"): [(time, dice.choice([4, 5, 5.5])) for time in times(17)],
        queue("born"): [(time, 5) for time in times(60, first=START + 5 * 3600 + 11)],
        queue("not-a-number"): [
            (time, "NaN" if dice.random() < 0.3 else dice.choice([1, 9])) for time in times(60)
        ],
        queue("never-a-number"): [(time, "NaN") for time in times(60)],
        'healthy{job="shop"}': [
            (time, 0 if 3 * 3600 < time - START < 4 * 3600 + 130 else 1) for time in times(60)
        ],
        'queue{job="gaps"}': [(time, 2) for time in times(60) if int(time) not in gone],
        'up{job="shop"}': [(time, 1) for time in times(60)],
        'up{job="gaps"}': [(time, 1) for time in times(60)],
        "last_run": [(time, time - time % 1800) for time in times(60)],
        "share": [(time, 0.99 if time < START + 3600 else 0.5) for time in times(60)],
        "percent": [(time, 99) for time in times(60)],
    }
    return {series: points for series, points in made.items() if points}


@pytest.fixture(scope="module")
def url(samples, tmp_path_factory):
    with prometheus_with(samples, tmp_path_factory.mktemp("tsdb")) as address:
        yield address


def slo(name, indicator, **more):
    objective = Objective(Decimal("0.99"), "1d", timedelta(days=1))
    made = Slo(f"shop/{name}", name, "shop", name, "T", "Team", indicator, (objective,))
    return replace(made, **more)


def gauge(op, limit, metric="queue", job="shop"):
    return GaugeIndicator(metric, (Matcher("job", "=", job),), op, Decimal(limit))


def measure(url, slos, period=PERIOD, trend=1, exclusions=(), **settings):
    source = SourceSettings(url=url, **settings)
    with PrometheusClient(source) as client:
        return collect(
            slos, period, client, trend=trend, now=PERIOD.end, exclusions=exclusions
        ).measurements


def stored(samples, prefix, op, limit, start=START, end=END):
    """Good and valid samples of each slice, (start, end], as they are stored."""
    good, valid = np.zeros((2, int((end - start) // STEP)))
    for series, points in samples.items():
        if not series.startswith(prefix):
            continue
        for time, value in points:
            index = math.ceil((round(time, 3) - start) / STEP) - 1
            if value != "NaN" and 0 <= index < len(valid):
                valid[index] += 1
                good[index] += COMPARE[op](value, limit)
    return good, valid


@pytest.mark.parametrize(
    ("op", "limit"),
    [("<=", 5), ("<", 5), (">", 4), (">=", 5.5), ("==", 5), ("!=", 5), ("<=", 1000), ("<", -1)],
)
def test_every_slice_holds_exactly_the_stored_samples(samples, url, op, limit):
    found = measure(url, [slo("queue", gauge(op, str(limit)))])["shop/queue"]
    good, valid = stored(samples, 'queue{job="shop"', op, limit)
    assert found.reason is None
    assert found.slices.valid.tolist() == valid.tolist()
    assert found.slices.good.tolist() == good.tolist()


def test_an_answer_too_large_is_counted_in_halves(samples, url):
    found = measure(url, [slo("queue", gauge("<=", "5"))], max_response="20kB")["shop/queue"]
    assert found.slices.good.tolist() == stored(samples, 'queue{job="shop"', "<=", 5)[0].tolist()


def test_a_boolean_is_bad_exactly_while_it_is_zero(url):
    found = measure(url, [slo("healthy", gauge("==", "1", "healthy"))])["shop/healthy"]
    bad = found.slices.valid - found.slices.good
    assert (bad.sum(), found.slices.valid.sum()) == (63, 1440)
    assert set(found.slices.coverage) == {1.0}
    assert "sample by sample" in found.notes[0]
    assert found.queries == ('count_over_time(healthy{job="shop"}[299999ms])',)


def test_a_gauge_that_is_gone_while_its_target_is_up_is_no_data(url):
    found = measure(url, [slo("gaps", gauge("<=", "5", job="gaps"))])["shop/gaps"]
    assert found.slices.coverage.sum() == 288 - 12
    assert found.since is None


def test_a_gauge_that_does_not_exist_is_pointed_out(url):
    slos = [slo("nobody", gauge("<=", "5", job="nobody")), slo("queue", gauge("<=", "5"))]
    reason = measure(url, slos)["shop/nobody"].reason
    assert reason.startswith("no series matched in this period; asked for: count_over_time(queue")


def test_a_threshold_is_judged_at_the_end_of_each_slice(url):
    freshness = ThresholdIndicator("time() - max(last_run)", "<=", Decimal(1200))
    found = measure(url, [slo("fresh", freshness, method=Method.TIMESLICES)])["shop/fresh"]
    # a run each half hour: at :05, :10, :15, :20 it is fresh, at :25 and at :30 not
    assert found.slices.good[:6].tolist() == [1, 1, 1, 1, 0, 0]
    assert found.slices.good.sum() == 4 * 48
    assert set(found.slices.valid) == {1.0}
    assert found.queries == ("time() - max(last_run)",)


def test_a_slice_in_which_an_expression_has_no_value_is_no_data(url):
    query = f"vector(1) and (vector(time()) > {START + 3600})"
    found = measure(url, [slo("some", ThresholdIndicator(query, "==", Decimal(1)))])["shop/some"]
    assert found.slices.coverage[:12].sum() == 0
    assert found.slices.valid.sum() == 288 - 12


def test_a_ratio_is_taken_as_it_is_and_a_bad_one_turned_round(url):
    slos = [
        slo("good", RatioQueryIndicator("share", "good")),
        slo("bad", RatioQueryIndicator("1 - share", "bad")),
    ]
    found = measure(url, slos)
    for name in ("good", "bad"):
        slices = found[f"shop/{name}"].slices
        assert slices.good[:11].tolist() == pytest.approx([0.99] * 11)
        assert slices.good[12:].tolist() == pytest.approx([0.5] * 276)


def test_what_is_no_ratio_is_refused_with_a_value_and_an_instant(url):
    slos = [
        slo("percent", RatioQueryIndicator("percent", "good")),
        slo("many", ThresholdIndicator("queue", "<=", Decimal(5))),
        slo("queue", gauge("<=", "5")),
        slo(
            "window", gauge("<=", "5"), method=Method.TIMESLICES, slice_window=timedelta(minutes=1)
        ),
    ]
    found = measure(url, slos)
    assert "288 slices do not: 99 at 2026-10-05T00:05:00Z" in found["shop/percent"].reason
    assert "series where one is wanted" in found["shop/many"].reason
    assert "1m is none of 5m" in found["shop/window"].reason
    assert found["shop/queue"].reason is None


def test_earlier_periods_are_totalled_by_the_method_and_without_exclusions(samples, url):
    yesterday = PERIOD.start - timedelta(days=1)
    lot = Exclusion(yesterday, yesterday + timedelta(hours=1), "Moved", "Ada", services=("cut",))
    timeslices = slo(
        "slices",
        gauge("<=", "5"),
        method=Method.TIMESLICES,
        slice_target=Decimal("0.6"),
        slice_window=timedelta(minutes=10),
    )
    slos = [slo("queue", gauge("<=", "5")), slo("cut", gauge("<=", "5")), timeslices]
    found = measure(url, slos, trend=2, exclusions=(lot,))
    good, valid = stored(samples, 'queue{job="shop"', "<=", 5, START - 86_400, START)
    queue, cut, slices = (found[f"shop/{one}"].history[0] for one in ("queue", "cut", "slices"))
    assert (queue.good, queue.valid) == (good.sum(), valid.sum())
    assert (cut.good, cut.valid) == (good[12:].sum(), valid[12:].sum())
    pairs = good.reshape(-1, 2).sum(axis=1), valid.reshape(-1, 2).sum(axis=1)
    assert (slices.good, slices.valid) == ((pairs[0] >= 0.6 * pairs[1]).sum(), 144)


def test_progress_ends_where_it_said_it_would(url):
    slos = [
        slo("queue", gauge("<=", "5")),
        slo("fresh", ThresholdIndicator("time() - max(last_run)", "<=", Decimal(1200))),
        slo("share", RatioQueryIndicator("share", "good")),
        slo("asked", QueryIndicator("vector(1)", "vector(1)")),
        slo("journey", JourneyIndicator((JourneyStep("shop/queue", critical=True),))),
    ]
    done = []
    with PrometheusClient(SourceSettings(url=url)) as client:
        found = collect(slos, PERIOD, client, trend=2, now=PERIOD.end, progress=done.append)
    expected = slices_to_count(slos, PERIOD, trend=2, step=timedelta(minutes=5))
    assert sum(done) == expected
    assert found.measurements["shop/journey"].slices is None
    assert found.measurements["shop/journey"].reason is None
