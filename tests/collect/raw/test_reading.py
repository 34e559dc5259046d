"""Counting by every single sample, from servers that hand these out, and from others."""

import itertools
import struct
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import numpy as np
import pytest
from support.counters import Counters
from support.losing_proxy import losing_proxy
from support.remote_write import prometheus_that_receives, series, write
from support.tsdb import prometheus_with

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.collecting import collect
from slo_reports.collect.grid import Grid
from slo_reports.collect.raw import choosing
from slo_reports.collect.raw.events import counted_once
from slo_reports.errors import BadAnswer, SourceUnavailable
from slo_reports.model import Matcher, Objective, RatioIndicator, Slo
from slo_reports.periods import between
from slo_reports.settings.schema import SourceSettings

pytestmark = pytest.mark.e2e

START = datetime(2026, 10, 5, tzinfo=UTC)
PERIOD = between(START.date(), START.date() + timedelta(days=2), "UTC")
JOBS = ("steady", "crashing", "pods")


@pytest.fixture(scope="module")
def world():
    found = Counters(PERIOD.start - timedelta(days=1), PERIOD.end, 5)
    found.service("steady")
    found.service("crashing", crashes=25)
    found.service("pods", pods=9, crashes=2)
    return found.samples


@pytest.fixture(scope="module")
def url(world, tmp_path_factory):
    with prometheus_with(world, tmp_path_factory.mktemp("reading")) as found:
        yield found


@pytest.fixture(scope="module")
def by_questions(url):
    with Listening(url, raw_samples=False) as client:
        found = measured(client)
        assert "read" not in client.streamed
        return found


@pytest.fixture(autouse=True)
def few_are_enough(monkeypatch):
    monkeypatch.setattr(choosing, "LOADING", 0)
    monkeypatch.setattr(choosing, "ASKING", 0)


class Listening(PrometheusClient):
    """Remembers what was read."""

    def __init__(self, url, *, transport=None, **more):
        settings = SourceSettings(url=url, **more)
        super().__init__(settings, transport=transport, sleep=lambda _seconds: None)
        self.streamed = []

    def stream(self, path, body, headers):
        self.streamed.append(path)
        return super().stream(path, body, headers)


def slo(job):
    own = (Matcher("job", "=", job),)
    indicator = RatioIndicator("http_requests_total", own, (Matcher("code", "!~", "5.."),))
    objective = Objective(Decimal("0.9"), "2d", timedelta(days=2))
    return Slo(job, job, "shop", job, job, "Team", indicator, (objective,))


def measured(client, progress=lambda _slices: None, jobs=JOBS):
    slos = [slo(job) for job in jobs]
    now = PERIOD.end + timedelta(hours=1)
    found = collect(slos, PERIOD, client, trend=1, now=now, brief=True, progress=progress)
    return {
        job: (one.slices.good.tolist(), one.slices.valid.tolist(), one.slices.coverage.tolist())
        for job, one in found.measurements.items()
    }


def test_samples_tell_what_questions_tell(url, by_questions):
    told = []
    with Listening(url) as client:
        assert measured(client, told.append) == by_questions
        assert client.streamed == ["read", "read"]  # counters, and up
    assert sum(told) == 576
    assert len(told) > 3


def test_the_configuration_is_looked_at_once(url):
    class Counting(httpx.HTTPTransport):
        looked = 0

        def handle_request(self, request):
            self.looked += request.url.path.endswith("/status/config")
            return super().handle_request(request)

    counting = Counting()
    with Listening(url, transport=counting) as client:
        measured(client)
        assert client.streamed == ["read", "read"]
    assert counting.looked == 1


def test_few_samples_are_asked_for(url, by_questions, monkeypatch):
    monkeypatch.setattr(choosing, "ASKING", 1)
    with Listening(url) as client:
        assert measured(client) == by_questions
        assert not client.streamed


def test_labels_that_the_server_adds_are_taken_off_again(world, by_questions, tmp_path):
    config = "global:\n  external_labels:\n    cluster: eu-1\n    replica: a\nscrape_configs: []\n"
    with prometheus_with(world, tmp_path, config=config) as url, Listening(url) as client:
        assert measured(client) == by_questions
        assert client.streamed == ["read", "read"]


def test_added_labels_that_series_have_themselves_are_left_to_questions(
    world, by_questions, tmp_path
):
    config = "global:\n  external_labels:\n    instance: eu-1\n"
    with prometheus_with(world, tmp_path, config=config) as url, Listening(url) as client:
        assert measured(client) == by_questions
        assert not client.streamed


STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]
"""What Prometheus writes where a target is gone."""


def test_what_a_server_has_not_written_to_its_disk_yet_is_read_with_its_stale_markers(tmp_path):
    begin = START.timestamp()
    times = [begin + 15 * n for n in range(-240, 2 * 5760)]
    gone = range(3000, 3040)

    def values(per_scrape):
        stood = 0.0
        for number in range(len(times)):
            stood = 0.0 if number == gone.stop else stood + per_scrape
            yield STALE if number == gone.start else stood

    with prometheus_that_receives(tmp_path) as url:
        written = []
        for name, of in (("http_requests_total", values(3)), ("up", itertools.repeat(1.0))):
            points = [
                (time, value)
                for number, (time, value) in enumerate(zip(times, of, strict=False))
                if number not in gone[1:]
            ]
            own = {"__name__": name, "job": "steady", "instance": "1", "code": "200"}
            written.append(series(own, samples=points))
        write(url, *written)
        with Listening(url, raw_samples=False) as client:
            asked = measured(client, jobs=["steady"])
        with Listening(url) as client:
            assert measured(client, jobs=["steady"]) == asked
            assert client.streamed == ["read", "read"]
        good = asked["steady"][0]
        first = times.index(begin) + 1
        assert sum(good) == 3 * (len(times) - first - len(gone) - 1)  # it comes back at zero
        assert len(set(good)) > 2  # the gap is in it


class Breaking(httpx.HTTPTransport):
    """A line that breaks, at first, after so many bytes of samples."""

    def __init__(self, *after):
        super().__init__()
        self.after = list(after)

    def handle_request(self, request):
        answer = super().handle_request(request)
        if self.after and request.url.path.endswith("/read"):
            body = answer.read()[: self.after.pop(0)]
            return httpx.Response(200, headers=answer.headers, stream=BrokenOff(body))
        return answer


class BrokenOff(httpx.SyncByteStream):
    def __init__(self, body):
        self.body = body

    def __iter__(self):
        yield self.body
        msg = "the line broke"
        raise httpx.ReadError(msg)


@pytest.mark.parametrize("after", [[0], [1_000], [20_000, 30_000], [60_000, 500, 40_000]])
def test_a_line_that_breaks_loses_nothing_and_doubles_nothing(url, by_questions, after):
    with Listening(url, transport=Breaking(*after)) as client:
        assert measured(client) == by_questions
        assert client.streamed == ["read"] * (len(after) + 2)


def test_a_server_that_is_gone_half_way_is_an_error_that_says_so(url):
    with (
        losing_proxy(int(url.rpartition(":")[2])) as proxy,
        Listening(f"http://127.0.0.1:{proxy.port}", retries=1) as client,
    ):
        proxy.should_lose = lambda _traffic: bool(client.streamed)
        with pytest.raises(SourceUnavailable, match=r"could not be reached .*tried 2 times"):
            measured(client)
        assert client.streamed == ["read", "read"]


class Refusing(httpx.HTTPTransport):
    """A reverse proxy that does not let everything through, as many do."""

    def __init__(self, end, status):
        super().__init__()
        self.end = end
        self.status = status
        self.refused = 0

    def handle_request(self, request):
        if request.url.path.endswith(self.end):
            self.refused += 1
            return httpx.Response(self.status, text="no")
        return super().handle_request(request)


@pytest.mark.parametrize("status", [403, 404, 502])
@pytest.mark.parametrize("end", ["/read", "/status/config"])
def test_a_source_that_does_not_hand_out_samples_is_asked_instead(url, by_questions, end, status):
    proxy = Refusing(end, status)
    with Listening(url, transport=proxy, retries=0) as client:
        assert measured(client) == by_questions
        assert not client.reads_samples
    assert proxy.refused == 1
    assert client.streamed == ["read"] * (end == "/read")


def test_without_the_extra_the_source_is_asked(url, by_questions, monkeypatch):
    monkeypatch.setitem(sys.modules, "slo_reports.collect.raw.reading", None)
    with Listening(url) as client:
        assert measured(client) == by_questions
        assert not client.streamed


def test_what_was_changed_on_its_way_is_never_counted(url):
    class Noise(httpx.HTTPTransport):
        def handle_request(self, request):
            answer = super().handle_request(request)
            if not request.url.path.endswith("/read"):
                return answer
            body = bytearray(answer.read())
            body[len(body) // 2] ^= 1
            return httpx.Response(200, headers=answer.headers, content=bytes(body))

    with (
        Listening(url, transport=Noise(), retries=2) as client,
        pytest.raises(BadAnswer, match=r"changed on its way; source.raw_samples: false"),
    ):
        measured(client)
    assert client.streamed == ["read"] * 3


def test_times_that_do_not_ascend_are_put_in_order():
    grid = Grid(START, timedelta(minutes=5), 3)
    times = np.array([600, 60, 120, 120, 400]) * 1000 + round(START.timestamp() * 1000)
    values = np.array([9.0, 1, 2, 3, 5])  # of two at 120 s the later one counts
    found = counted_once((times, values), grid, 0.5)
    assert found.events.tolist() == [3 - 0.5, 6, 0]
    assert found.present.tolist() == [True, True, False]
    assert (found.first, found.first_value) == (0, 1)
