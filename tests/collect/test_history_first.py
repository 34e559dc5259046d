"""Days from the history and from a real Prometheus make the same report as Prometheus alone."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from support.counters import Counters
from support.tsdb import prometheus_with

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.collecting import collect
from slo_reports.collect.daily import collect_days
from slo_reports.errors import SourceError
from slo_reports.history import History
from slo_reports.model import Matcher, Objective, RatioIndicator, Slo
from slo_reports.periods import between
from slo_reports.settings.schema import SourceSettings

pytestmark = [pytest.mark.e2e, pytest.mark.usefixtures("way")]

FIRST = date(2026, 10, 5)
DAYS = [FIRST + timedelta(days=n) for n in range(-1, 5)]
PERIOD = between(FIRST, FIRST + timedelta(days=4), "Europe/Berlin")
MUCH_LATER = datetime(2026, 10, 20, 6, tzinfo=UTC)
JOBS = ("steady", "born", "late", "ended", "crashing", "gappy", "weekend", "pods", "flapping")


def made(seed):
    world = Counters(PERIOD.start - timedelta(days=1), PERIOD.end + timedelta(days=1), seed)
    some = world.random.uniform
    world.service("steady")
    world.service("born", born=24 + some(1, 20))
    world.service("late", born=72 + some(1, 20))
    world.service("ended", died=60 + some(1, 20))
    world.service("crashing", crashes=25)
    gaps = [(first, first + some(0.1, 7)) for first in (some(25, 50), some(60, 80), some(90, 100))]
    world.service("gappy", gaps=gaps)
    world.service("weekend", gaps=[(30 + some(0, 10), 70 + some(0, 10))])
    world.service("pods", pods=9, crashes=2)
    world.service("flapping", flaps=(40, 80))
    return world


@pytest.fixture(scope="module", params=[1, 2])
def world(request):
    return made(request.param)


@pytest.fixture(scope="module")
def url(world, tmp_path_factory):
    with prometheus_with(world.samples, tmp_path_factory.mktemp("tsdb")) as address:
        yield address


@pytest.fixture(scope="module")
def forgetful(world, tmp_path_factory):
    """A server past whose retention the period lies."""
    late = world.until(24 * 5 + 6)
    with prometheus_with(late, tmp_path_factory.mktemp("late")) as address:
        yield address


def slo(job, code="5.."):
    own = (Matcher("job", "=", job),)
    indicator = RatioIndicator("http_requests_total", own, (Matcher("code", "!~", code),))
    objective = Objective(Decimal("0.999"), "4d", timedelta(days=4))
    return Slo(f"shop/{job}", job, "shop", job, "Availability", "Team", indicator, (objective,))


SLOS = [slo(job) for job in JOBS]


def measure(url, history=None, slos=SLOS, period=PERIOD, trend=1, **settings):
    with PrometheusClient(SourceSettings(url=url, retries=0, **settings)) as client:
        return collect(slos, period, client, trend=trend, now=MUCH_LATER, history=history)


def gather(url, history, slos=SLOS, days=DAYS, now=MUCH_LATER):
    with PrometheusClient(SourceSettings(url=url, retries=0)) as client:
        return list(collect_days(slos, days, client, history, now=now))


@pytest.fixture(scope="module")
def at_once(url, way):
    return measure(url, raw_samples=way == "samples")


@pytest.fixture(scope="module")
def filled(url, tmp_path_factory, way):
    """A history that was collected day by day, in no order."""
    history = History(str(tmp_path_factory.mktemp(f"history-{way}")))
    days = random.Random(3).sample(DAYS, len(DAYS))
    done = [gather(url, history, days=[day])[0] for day in days]
    assert {one.kept for one in done} == {len(SLOS)}
    return history


def equal(one, other):
    for slo in SLOS:
        a, b = one.measurements[slo.id], other.measurements[slo.id]
        assert (a.slices is None, a.reason, a.since) == (b.slices is None, b.reason, b.since), slo
        assert np.array_equal(a.slices.good, b.slices.good), slo.id
        assert np.array_equal(a.slices.valid, b.slices.valid), slo.id
        assert np.allclose(a.slices.coverage, b.slices.coverage), slo.id


def test_days_collected_one_by_one_are_the_period_collected_at_once(url, at_once, filled):
    equal(at_once, measure(url, filled))


def test_a_report_is_equal_when_the_source_has_forgotten_its_period(forgetful, at_once, filled):
    with pytest.raises(SourceError, match="past the source's retention"):
        measure(forgetful)
    recalled = measure(forgetful, filled)
    equal(at_once, recalled)
    history = recalled.provenance[1]
    assert history.used_for == "5 days, collected 20 Oct 2026"
    assert "alerts that fired in it may be missing" in recalled.provenance[0].warnings[0]


def test_a_server_that_holds_the_period_is_not_said_to_have_forgotten_alerts(url, filled):
    recalled = measure(url, filled)
    assert recalled.provenance[1].name == "History"
    assert not any("may be missing" in one for one in recalled.provenance[0].warnings)


def test_a_report_without_history_fills_it_with_its_whole_days(url, at_once, tmp_path):
    history = History(str(tmp_path))
    equal(at_once, measure(url, history))
    kept = [one for one in gather(url, history) if not one.kept]
    assert [one.day for one in kept] == [date(2026, 10, day) for day in (5, 6, 7)]
    assert {one.known for one in kept} == {len(SLOS)}
    equal(at_once, measure(url, history))


def test_a_dry_run_keeps_nothing(url, at_once, tmp_path):
    equal(at_once, measure(url, History(str(tmp_path)).read_only()))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["memory://{name}", "file://{path}/kept"])
def test_any_object_store_will_do(url, at_once, tmp_path, place):
    history = History(place.format(name=tmp_path.name, path=tmp_path))
    gather(url, history)
    assert all(one.kept == 0 for one in gather(url, history))
    equal(at_once, measure(url, history))


def test_half_a_history_and_half_a_source_make_one_report(url, at_once, tmp_path):
    history = History(str(tmp_path))
    gather(url, history, days=DAYS[1:6:2])
    gather(url, history, SLOS[::2], days=DAYS[2:4])
    equal(at_once, measure(url, history))


def test_the_trend_is_the_same_from_the_history(url, filled):
    period = between(FIRST + timedelta(days=2), FIRST + timedelta(days=4), "Europe/Berlin")
    alone, recalled = (measure(url, one, period=period, trend=3) for one in (None, filled))
    for slo in SLOS:
        a, b = (one.measurements[slo.id].history for one in (alone, recalled))
        assert [(t.period, t.good, t.valid) for t in a] == [(t.period, t.good, t.valid) for t in b]


def test_a_changed_query_begins_a_new_version_and_says_from_when(url, forgetful, tmp_path):
    history = History(str(tmp_path))
    gather(url, history, [slo("steady")], days=DAYS[:4])
    changed = slo("steady", "50.")
    gather(url, history, [changed], days=DAYS[4:])
    old = measure(url, slos=[slo("steady")]).measurements["shop/steady"]
    forgotten = measure(forgetful, history, [changed]).measurements["shop/steady"]
    assert np.array_equal(forgotten.slices.good, old.slices.good)
    (note,) = forgotten.notes
    assert note.startswith("until 7 October measured by an earlier definition")
    assert forgotten.notes[0].endswith("the present one has no data there")
    asked = measure(url, history, [changed]).measurements["shop/steady"]
    assert asked.notes == ()


def test_days_before_a_new_metric_are_those_of_the_earlier_definition(url, tmp_path):
    history = History(str(tmp_path))
    born = replace(slo("late"), id="shop/steady")
    gather(url, history, [slo("steady")])
    gather(url, history, [born])
    found = measure(url, history, [born]).measurements["shop/steady"]
    old = measure(url, slos=[slo("steady")]).measurements["shop/steady"]
    assert np.array_equal(found.slices.valid[:500], old.slices.valid[:500])
    assert found.notes[0].startswith("until 6 October measured by an earlier definition")


def test_what_the_source_has_nothing_of_is_not_kept(forgetful, tmp_path):
    history = History(str(tmp_path))
    (one,) = gather(forgetful, history, days=DAYS[1:2])
    assert (one.kept, one.seen, one.out_of_reach) == (0, 0, True)
    assert list(tmp_path.rglob("*.parquet")) == []


def test_a_day_is_settled_only_when_late_data_can_no_longer_come(url, tmp_path):
    history = History(str(tmp_path))
    soon = datetime(2026, 10, 6, 2, tzinfo=UTC)
    (first,) = gather(url, history, days=[FIRST], now=soon)
    (second,) = gather(url, history, days=[FIRST], now=soon + timedelta(hours=2))
    (third,) = gather(url, history, days=[FIRST], now=soon + timedelta(hours=4))
    assert [(one.kept, one.settled) for one in (first, second, third)] == [
        (len(SLOS), False),
        (len(SLOS), True),
        (0, True),
    ]
    assert [one.name[:7] for one in tmp_path.rglob("*.parquet")] == ["settled"]
    assert gather(url, history, days=[FIRST], now=soon - timedelta(hours=3)) == []
