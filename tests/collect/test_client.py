"""The client against a real HTTP server that answers as a broken or busy source would."""

import base64
import gzip
import http.server
import json
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.shared import SharedAnswers
from slo_reports.errors import (
    BadAnswer,
    ConfigurationError,
    PartialAnswer,
    QueryRejected,
    SourceRefused,
    SourceUnavailable,
    TooMuchData,
)
from slo_reports.settings.schema import SourceSettings

AT = datetime(2026, 10, 1, tzinfo=UTC)
EMPTY = {"status": "success", "data": {"resultType": "vector", "result": []}}


class Answers:
    """A queue of (status, headers, body) answers; the last one is given for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.seen = []

    def take(self, request, body):
        self.seen.append((request.path, dict(request.headers), body))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def ok(payload=EMPTY):
    return (200, {"Content-Type": "application/json"}, json.dumps(payload).encode())


def error(status, kind, text):
    body = json.dumps({"status": "error", "errorType": kind, "error": text}).encode()
    return (status, {"Content-Type": "application/json"}, body)


@contextmanager
def serving(answers):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers.get("Content-Length", 0))
            status, headers, body = answers.take(self, self.rfile.read(length))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815  # the name that http.server calls

        def log_message(self, *_args):
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def asking(answers, slept=None, **settings):
    """Ask one query of a server that gives these answers."""
    slept = [] if slept is None else slept
    with (
        serving(answers) as url,
        PrometheusClient(SourceSettings(url=url, **settings), sleep=slept.append) as client,
    ):
        found = client.query("up", AT)
        return found, client.warnings


def test_a_query_names_its_evaluation_time():
    answers = Answers(ok())
    asking(answers)
    path, _, body = answers.seen[0]
    assert path == "/api/v1/query"
    assert body == b"query=up&time=1790812800.000&nocache=1"


def test_samples_are_kept_as_they_were_sent():
    vector = {"metric": {"__name__": "up", "job": "a"}, "value": [1790812800, "NaN"]}
    found, _ = asking(Answers(ok({"status": "success", "data": {"result": [vector]}})))
    assert found[0].labels == (("job", "a"),)
    assert found[0].values[0] != found[0].values[0]


def test_a_remark_about_the_query_is_kept_as_a_warning():
    remark = "PromQL info: metric might not be a counter"
    assert asking(Answers(ok(EMPTY | {"warnings": [remark]})))[1] == {remark}


@pytest.mark.parametrize("lack", [{"isPartial": True}, {"warnings": ["store a is away"]}])
def test_a_partial_answer_is_refused_unless_it_is_allowed(lack):
    with pytest.raises(PartialAnswer, match=r"source\.partial_answers"):
        asking(Answers(ok(EMPTY | lack)))
    _, warnings = asking(Answers(ok(EMPTY | lack)), partial_answers="allow")
    assert len(warnings) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ((401, {}, b""), SourceRefused, "check the credentials"),
        ((403, {}, b"no"), SourceRefused, "check the credentials"),
        ((200, {"Content-Type": "text/html"}, b"<html>"), BadAnswer, "with HTML"),
        ((404, {}, b"404 page not found"), BadAnswer, "base URL"),
        ((302, {"Location": "/login"}, b""), BadAnswer, "login page"),
        ((200, {}, b"{}"), BadAnswer, "Prometheus API"),
        (ok({"status": "success", "data": {"result": [{}]}}), BadAnswer, "no vector or matrix"),
        (ok({"status": "success", "data": None}), BadAnswer, "no vector or matrix"),
        (error(400, "bad_data", "parse error at 3"), QueryRejected, "parse error at 3"),
        (
            error(422, "execution", "query processing would load too many samples"),
            TooMuchData,
            "many",
        ),
        (error(400, "bad_data", "exceeded maximum resolution of 11,000"), TooMuchData, "11,000"),
        (error(503, "timeout", "query timed out"), TooMuchData, "timed out"),
        (error(422, "execution", "many-to-many matching"), QueryRejected, "many-to-many"),
    ],
)
def test_every_refusal_is_one_clear_error(answer, kind, words):
    with pytest.raises(kind, match=words):
        asking(Answers(answer), retries=0)


def test_a_busy_server_is_asked_again_and_its_wish_to_wait_is_kept():
    slept = []
    asking(Answers((429, {"Retry-After": "7"}, b""), (502, {}, b"bad gateway"), ok()), slept)
    assert slept[0] == 7.0
    assert 0.5 <= slept[1] <= 1.0


def test_a_server_that_stays_busy_is_given_up_with_a_sentence():
    with pytest.raises(SourceUnavailable, match="answered 503 3 times; giving up"):
        asking(Answers((503, {}, b"")), retries=2)


def test_nobody_there_is_one_sentence():
    settings = SourceSettings(url="http://127.0.0.1:9", retries=1)
    with (
        PrometheusClient(settings, sleep=lambda _: None) as client,
        pytest.raises(
            SourceUnavailable, match=r"127\.0\.0\.1:9 could not be reached .* tried 2 times"
        ),
    ):
        client.query("up", AT)


def test_a_server_that_never_answers_is_given_up():
    gate = threading.Event()

    class Silent(Answers):
        def take(self, request, body):
            gate.wait(5)
            return super().take(request, body)

    try:
        with pytest.raises(SourceUnavailable, match=r"no answer within 0\.1 s"):
            asking(Silent(ok()), timeout="100ms", retries=0)
    finally:
        gate.set()


def test_an_answer_over_the_cap_is_not_read_to_its_end():
    bomb = gzip.compress(b" " * 3_000_000)
    answer = (200, {"Content-Type": "application/json", "Content-Encoding": "gzip"}, bomb)
    with pytest.raises(TooMuchData, match=r"source\.max_response"):
        asking(Answers(answer), max_response="1MB")


def test_credentials_and_headers_are_sent_and_never_printed(monkeypatch):
    monkeypatch.setenv("PROM_PASSWORD", "geheim")
    answers = Answers(ok())
    asking(
        answers,
        basic_auth={"username": "me", "password": "env:PROM_PASSWORD"},
        headers={"X-Scope-OrgID": "shop", "X-Key": "env:PROM_PASSWORD"},
    )
    headers = answers.seen[0][1]
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"me:geheim").decode()
    assert headers["X-Scope-OrgID"] == "shop"
    assert headers["X-Key"] == "geheim"
    with pytest.raises(SourceRefused) as refused:
        asking(
            Answers((401, {}, b"")), basic_auth={"username": "me", "password": "env:PROM_PASSWORD"}
        )
    assert "geheim" not in str(refused.value)


def test_a_bearer_token_comes_from_a_file(tmp_path):
    token = tmp_path / "token"
    token.write_text("abc\n")
    answers = Answers(ok())
    asking(answers, bearer_token=f"file:{token}")
    assert answers.seen[0][1]["Authorization"] == "Bearer abc"


def test_a_missing_secret_or_certificate_is_a_configuration_error(tmp_path):
    with pytest.raises(ConfigurationError, match="env:NOT_SET_ANYWHERE"):
        asking(Answers(ok()), bearer_token="env:NOT_SET_ANYWHERE")
    with pytest.raises(ConfigurationError, match=r"source\.tls"):
        asking(Answers(ok()), tls={"ca": tmp_path / "missing.pem"})


def test_the_environments_proxy_is_not_used(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert asking(Answers(ok()))[0] == []


def test_a_range_query_names_its_bounds_and_step():
    answers = Answers(ok())
    with (
        serving(answers) as url,
        PrometheusClient(SourceSettings(url=url)) as client,
    ):
        client.query_range("up", AT, AT + timedelta(hours=1), timedelta(minutes=5))
    assert (
        answers.seen[0][2] == b"query=up&start=1790812800.000&end=1790816400.000&step=300&nocache=1"
    )


def shared_by_two(answers, **settings):
    """The same shared question of two clients, one after the other: what each has seen."""
    shared = SharedAnswers()
    with serving(answers) as url:
        for _ in range(2):
            source = SourceSettings(url=url, retries=0, **settings)
            with PrometheusClient(source, shared=shared) as client:
                try:
                    found = client.query("up", AT, shared=True)
                except TooMuchData as error:
                    found = str(error)
                yield found, client.queries, client.warnings


def test_a_shared_question_is_asked_once_and_counts_and_warns_each_time():
    remark = "PromQL info: metric might not be a counter"
    answers = Answers(ok(EMPTY | {"warnings": [remark]}))
    assert list(shared_by_two(answers)) == [([], 1, {remark})] * 2
    assert len(answers.seen) == 1


def test_a_shared_question_that_is_too_much_is_not_asked_again():
    answers = Answers(error(422, "execution", "query processing would load too many samples"))
    first, second = shared_by_two(answers)
    assert first == second
    assert "too many samples" in first[0]
    assert len(answers.seen) == 1


def test_a_shared_question_that_failed_is_asked_again():
    with (
        serving(Answers((503, {}, b""), ok())) as url,
        PrometheusClient(SourceSettings(url=url, retries=0)) as client,
    ):
        with pytest.raises(SourceUnavailable):
            client.query("up", AT, shared=True)
        assert client.query("up", AT, shared=True) == []


@pytest.mark.parametrize(("compress", "asked"), [(False, "identity"), (True, "gzip, deflate")])
def test_answers_are_compressed_only_where_the_line_is_said_to_be_slow(compress, asked):
    answers = Answers(ok())
    with serving(answers) as url:
        settings = SourceSettings(url=url, compress=compress)
        with PrometheusClient(settings) as client:
            client.query("up", AT)
    assert answers.seen[0][1]["Accept-Encoding"] == asked
