"""The doctor at real metrics servers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from support.alertmanager import WHY_NOT, find_alertmanager, running_alertmanager
from support.days import kept_day, stamp
from support.tsdb import prometheus_with
from support.victoria import find_victoria_metrics, put_samples, running_victoria_metrics
from support.webhook_server import Webhook, webhook_server

from slo_reports.doctoring.retention import stated_retention

pytestmark = pytest.mark.e2e

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
PLACE = "Prometheus "


def samples(*, until, days, jobs=("checkout", "search")):
    times = [until.timestamp() - 300 * n for n in range(days * 288, -1, -1)]
    return {
        f'{metric}{{job="{job}"}}': [(at, 1) for at in times]
        for metric in ("up", "http_requests_total")
        for job in jobs
    }


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    """Ten days of two jobs, up to ``NOW``."""
    folder = tmp_path_factory.mktemp("prometheus")
    with prometheus_with(samples(until=NOW, days=10), folder) as url:
        yield url


def test_a_good_server_is_fine_but_for_what_it_cannot_know(world, look, prometheus):
    found = look(world(prometheus, now=NOW), PLACE)
    assert found["answers"].seen.startswith("Prometheus 2.")
    assert found["a range of one day"].seen.startswith("289 points in ")
    assert found["targets"].seen == "two jobs scraped"
    assert found["series"].seen == "all 2 that definitions ask for"
    assert {what for what, one in found.items() if one.is_fine} == {
        "answers",
        "a range of one day",
        "targets",
        "series",
    }


@pytest.mark.parametrize(
    ("ahead", "fine", "words"),
    [
        (timedelta(seconds=5), True, "as ours"),
        (timedelta(minutes=2), None, "s behind ours"),
        (timedelta(minutes=-2), None, "s ahead of ours"),
        (timedelta(minutes=10), False, "s behind ours"),
    ],
)
def test_clocks_that_differ_are_told(world, look, prometheus, ahead, fine, words):
    check = look(world(prometheus, now=datetime.now(UTC) + ahead), PLACE)["clock"]
    assert check.is_fine is fine
    assert words in check.seen


def test_series_and_jobs_that_are_missing_are_named_with_their_objective(world, look, prometheus):
    here = world(prometheus, now=NOW, services=("checkout", "nobody"))
    found = look(here, PLACE)
    assert found["targets"].is_fine is None
    assert found["targets"].seen == "`up` knows no job nobody"
    absent = found["series of shop/nobody-availability"]
    assert absent.is_fine is False
    assert absent.seen == 'nothing matches http_requests_total{job="nobody"}'
    assert absent.mend == "mend metric or filters of the definition"
    assert not any("checkout" in what for what in found)


def test_series_that_were_there_an_hour_ago_ask_for_an_eye(world, look, prometheus):
    later = NOW + timedelta(hours=3)
    found = look(world(prometheus, now=later), PLACE)
    check = found["series of shop/checkout-availability"]
    assert check.is_fine is None
    assert "none now, but some in the last day" in check.seen


def test_queries_of_ones_own_are_asked_as_they_are(world, look, prometheus, tmp_path):
    here = world(prometheus, now=NOW, services=("checkout",))
    path = tmp_path / "definitions" / "own.yaml"
    path.write_text("""\
apiVersion: slo.dev/v1
kind: ServiceLevelObjective
metadata: {name: own, namespace: shop}
spec:
  service: own
  owner: Team own
  indicator:
    type: threshold
    query: sum(increase(nothing_total{a="b"}[$window]))
    good: ">= 1"
  objectives: [{window: 30d, target: 99.9}]
""")
    again = world(prometheus, now=NOW, services=("checkout",))
    assert "series" in look(here, PLACE)
    check = look(again, PLACE)["series of shop/own"]
    assert check.is_fine is False
    assert 'increase(nothing_total{a="b"}[5m])' in check.seen


def test_a_short_memory_is_told_with_what_the_history_holds(world, look, prometheus):
    here = world(prometheus, ("    trend: 1", "    trend: 2"), now=NOW)
    found = look(here, PLACE)
    assert found["retention"].is_fine is None
    assert found["retention"].seen == (
        "it says 100y, reaches back 10 days, the history holds 0; reports look back 80 days"
    )
    assert found["retention"].mend.startswith("70 days are nowhere and stay gaps in the trend")
    assert found["days collected"].is_fine is None
    assert found["days collected"].mend.startswith("slo-reports collect --days 9 keeps")


def test_what_the_history_holds_is_not_missed(world, look, prometheus):
    here = world(prometheus, ("    trend: 1", "    trend: 2"), now=NOW)
    first = date(2026, 7, 31)
    for n in range(82):
        made = stamp(day=first + timedelta(days=n))
        here.history.keep(made, [kept_day(stamp=made)])
    found = look(here, PLACE)
    assert found["retention"].is_fine is True
    assert "the history holds 82" in found["retention"].seen
    assert found["days collected"].is_fine is True


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("15d", 15),
        ("1y", 365),
        ("1y2w", 379),
        ("15d or 10GiB", 15),
        ("36h", 1.5),
        ("10GiB", None),
        ("", None),
    ],
)
def test_what_a_server_says_of_its_memory_is_understood(text, days):
    assert stated_retention(text) == (None if days is None else timedelta(days=days))


def test_a_server_that_is_down_is_one_line(world, look):
    found = look(world("http://127.0.0.1:9"), PLACE)
    assert list(found) == ["answers"]
    assert found["answers"].is_fine is False
    assert "could not be reached" in found["answers"].seen


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((401, "who are you"), "check the credentials of the source"),
        ((200, "<html>Log in</html>"), "not behind a login page?"),
        ((503, "busy"), "answered 503"),
    ],
)
def test_a_server_that_will_not_have_us_says_what_to_mend(world, look, answer, words):
    with webhook_server(Webhook(usual=answer)) as server:
        found = look(world(f"http://127.0.0.1:{server.port}"), PLACE)
    assert list(found) == ["answers"]
    assert words in found["answers"].seen
    assert found["answers"].mend.startswith("mend source.")


def test_victoria_metrics_is_known_and_its_clock_is_judged_fairly(world, look, tmp_path):
    if find_victoria_metrics() is None:
        pytest.skip("no VictoriaMetrics here: scripts/get_victoria_metrics.sh")
    now = datetime.now(UTC)
    with running_victoria_metrics(tmp_path) as url:
        put_samples(url, samples(until=now, days=1))
        found = look(world(url), PLACE)
    assert found["answers"].seen.startswith("VictoriaMetrics")
    assert found["clock"].is_fine is True
    assert found["series"].is_fine is True
    assert found["targets"].is_fine is True


def test_an_alertmanager_is_asked_where_there_is_one(world, look, tmp_path):
    if find_alertmanager() is None:
        pytest.skip(WHY_NOT)
    with running_alertmanager(tmp_path) as url:
        there = ("destinations:\n", f'alertmanager: {{url: "{url}"}}\ndestinations:\n')
        found = look(world("http://127.0.0.1:9", there), "Alertmanager")
    gone = look(world("http://127.0.0.1:9", there), "Alertmanager")
    assert found["answers"].is_fine is True
    assert found["answers"].seen.startswith("Alertmanager 0.")
    assert gone["answers"].is_fine is False
    assert "is alertmanager.url right?" in gone["answers"].seen
