from __future__ import annotations

import asyncio
import lzma
from datetime import UTC, date, datetime

import httpx
import pytest

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.collecting import collect
from slo_reports.definitions.loading import load_everything
from slo_reports.demo.places import demo_config
from slo_reports.demo.prometheus import running_prometheus
from slo_reports.demo.recorded import (
    Answer,
    Question,
    RecordingTransport,
    ReplayTransport,
    question,
    read_recording,
    record,
)
from slo_reports.demo.shop import small_shop
from slo_reports.demo.storage import prepare
from slo_reports.errors import BadAnswer, SourceError
from slo_reports.periods import between

URL = "http://first.example:9090/api/v1/query"


def answering(body: object, status: int = 200) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _request: httpx.Response(status, json=body))


def test_a_question_ignores_host_order_and_the_spelling_of_instants():
    one = httpx.Request("POST", URL, data={"query": "up", "time": "1790805600"})
    other = httpx.Request(
        "POST",
        "https://second.example/api/v1/query",
        data={"time": "1790805600.000", "query": "up"},
    )
    assert question(one) == question(other)
    assert question(one) != question(httpx.Request("POST", URL, data={"query": "up"}))
    assert question(one) != question(
        httpx.Request("GET", URL, params={"query": "up", "time": "1790805600"})
    )


def test_what_was_recorded_is_answered_again_with_its_status(tmp_path):
    file = tmp_path / "recording.xz"
    body = {"status": "error", "error": "line\u2028separator and ü"}
    recorder = RecordingTransport(answering(body, 422))
    with httpx.Client(transport=recorder) as client:
        first = client.post(URL, data={"query": "1 +"})
    assert recorder.save(file) == 1
    with httpx.Client(transport=ReplayTransport(file)) as client:
        again = client.post("http://other.example/api/v1/query", data={"query": "1 +"})
    assert (again.status_code, again.json()) == (first.status_code, first.json()) == (422, body)


def test_asynchronous_clients_record_and_replay_too(tmp_path):
    file = tmp_path / "recording.xz"

    async def ask(transport: httpx.AsyncBaseTransport) -> object:
        async with httpx.AsyncClient(transport=transport) as client:
            return (await client.get(URL, params={"query": "up"})).json()

    recorder = RecordingTransport(answering({"data": [1, 2]}))
    first = asyncio.run(ask(recorder))
    recorder.save(file)
    assert asyncio.run(ask(ReplayTransport(file))) == first == {"data": [1, 2]}


def test_what_was_never_asked_is_an_error_that_names_the_query(tmp_path):
    file = tmp_path / "recording.xz"
    record(file, [])
    with (
        httpx.Client(transport=ReplayTransport(file)) as client,
        pytest.raises(SourceError, match=r"no answer to POST /api/v1/query \(query=sum\(up\)\)"),
    ):
        client.post(URL, data={"query": "sum(up)"})


def test_an_answer_that_is_no_json_is_not_recorded():
    inner = httpx.MockTransport(lambda _request: httpx.Response(200, text="<html>"))
    recorder = RecordingTransport(inner)
    with httpx.Client(transport=recorder) as client, pytest.raises(BadAnswer, match="no JSON"):
        client.get(URL)
    assert not recorder.answers


def test_the_same_answers_give_the_same_bytes_in_whatever_order_they_came(tmp_path):
    pairs = [
        (Question("POST", "/q", (("query", name),)), Answer(200, {"data": name})) for name in "abc"
    ]
    record(tmp_path / "one", pairs)
    record(tmp_path / "other", reversed(pairs))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    assert read_recording(tmp_path / "one") == dict(pairs)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["one", "other"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(None, "could not read", id="missing"),
        pytest.param(b"no xz", "is no recording", id="not compressed"),
        pytest.param(lzma.compress(b"no json"), "is no recording", id="no json"),
        pytest.param(lzma.compress(b'{"method":"GET"}'), "is no recording", id="half a line"),
        pytest.param(lzma.compress(b"{}" * 999)[:-9], "is no recording", id="broken off"),
    ],
)
def test_a_file_that_is_no_recording_is_one_clear_error(content, message, tmp_path):
    file = tmp_path / "recording.xz"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SourceError, match=message):
        ReplayTransport(file)


def test_a_recording_that_cannot_be_written_is_one_clear_error(tmp_path):
    with pytest.raises(SourceError, match="could not write the recording"):
        record(tmp_path / "nowhere" / "recording.xz", [])


@pytest.mark.e2e
def test_a_replayed_month_measures_the_same_as_the_real_server(tools, tmp_path):
    period = between(date(2026, 10, 16), date(2026, 10, 17), "Europe/Berlin")
    shop = small_shop({"recommendations"}, period)
    settings, slos = load_everything(demo_config() / "slo_reports.yaml")
    chosen = [one for one in slos if one.service == "Recommendations"]
    now = datetime(2026, 11, 1, 5, tzinfo=UTC)
    recorder = RecordingTransport(httpx.HTTPTransport())
    data = prepare(shop, tools, tmp_path)
    with running_prometheus(tools.prometheus, data.blocks) as url:
        source = settings.source.model_copy(update={"url": url})
        with PrometheusClient(source, transport=recorder) as client:
            real = collect(chosen, period, client, trend=1, now=now)
    recorder.save(tmp_path / "recording.xz")
    replay = ReplayTransport(tmp_path / "recording.xz")
    with PrometheusClient(settings.source, transport=replay) as client:
        again = collect(chosen, period, client, trend=1, now=now)
    for slo, one in real.measurements.items():
        assert one.slices.valid.sum() > 0
        assert again.measurements[slo].slices.good.tolist() == one.slices.good.tolist()
        assert again.measurements[slo].slices.valid.tolist() == one.slices.valid.tolist()
    assert again.incidents == real.incidents
