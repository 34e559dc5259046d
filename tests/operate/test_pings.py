"""Pings against a real HTTP server."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from support.webhook_server import CLOSE, SECRET_PATH, Webhook, webhook_server

from slo_reports.operate import Operations, Trouble
from slo_reports.settings.operations import OperationsSettings, PingSettings

NOW = datetime(2026, 11, 2, 5, tzinfo=UTC)


def operations(warnings: list[str], **addresses: str) -> Operations:
    return Operations(OperationsSettings(ping=PingSettings(**addresses)), warnings.append)


def calls(webhook: Webhook) -> list[tuple[str, str]]:
    return [(one.method, one.path.removeprefix(SECRET_PATH)) for one in webhook.requests]


@pytest.fixture
def well(standing):
    from dataclasses import replace  # noqa: PLC0415  # only here

    return replace(standing, exit_code=0)


def test_a_run_that_goes_well_is_a_start_and_a_success(well, monkeypatch):
    warnings: list[str] = []
    with webhook_server() as webhook:
        monkeypatch.setenv("PING", f"{webhook.url}?create=1")
        one = operations(warnings, url="env:PING")
        one.started()
        one.finished(well, [], {}, NOW)
    assert calls(webhook) == [("GET", "/start?create=1"), ("GET", "?create=1")]
    assert warnings == []


def test_a_failure_says_what_failed(standing):
    warnings: list[str] = []
    troubles = [Trouble("a", "could not reach smtp.example.com"), Trouble("b", "ü" * 20_000)]
    with webhook_server() as webhook:
        one = operations(warnings, url=webhook.url)
        one.finished(standing, troubles, {}, NOW)
        one.finished(standing, [], {}, NOW)
        one.finished(None, [], {}, NOW)
    assert calls(webhook) == [("POST", "/fail")] * 3
    first, second, third = (post.body.decode(errors="ignore") for post in webhook.posts)
    assert first.startswith("could not reach smtp.example.com\nüü")
    assert len(webhook.posts[0].body) <= 10_000
    assert (second, third) == ("ended with exit code 6", "ended with exit code 1")
    assert warnings == []


def test_addresses_of_their_own_are_called_as_they_are(well, standing):
    warnings: list[str] = []
    with webhook_server() as webhook:
        one = operations(warnings, start=f"{webhook.url}?s=run", failure=f"{webhook.url}?s=fail")
        one.started()
        one.finished(well, [], {}, NOW)
        one.finished(standing, [], {}, NOW)
    assert calls(webhook) == [("GET", "?s=run"), ("POST", "?s=fail")]


@pytest.mark.parametrize(
    ("answer", "tries", "words"),
    [
        ((500, "busy"), 2, "127.0.0.1 answered 500 busy"),
        ((404, "no such check"), 1, "127.0.0.1 answered 404 no such check"),
        ((302, "", {"Location": "https://login.example.com"}), 1, "127.0.0.1 answered 302"),
        (CLOSE, 2, "127.0.0.1 gave no answer"),
    ],
)
def test_a_ping_that_fails_is_tried_once_more_and_then_a_warning(answer, tries, words):
    warnings: list[str] = []
    with webhook_server(Webhook(usual=answer)) as webhook:
        operations(warnings, url=webhook.url).started()
    assert len(webhook.requests) == tries
    (warning,) = warnings
    assert warning.startswith(f"the ping of a start failed: {words}")
    assert "XXXX" not in warning


def test_a_second_try_that_goes_well_is_no_warning():
    warnings: list[str] = []
    with webhook_server(Webhook(answers=[(503, "")])) as webhook:
        operations(warnings, url=webhook.url).started()
    assert (len(webhook.requests), warnings) == (2, [])


def test_nobody_there_is_a_warning_without_the_address():
    warnings: list[str] = []
    operations(warnings, url="http://127.0.0.1:1/uuid-that-is-secret").started()
    assert warnings == ["the ping of a start failed: could not reach 127.0.0.1: Connection refused"]


def test_a_secret_that_is_not_there_is_a_warning(monkeypatch):
    monkeypatch.delenv("PING", raising=False)
    warnings: list[str] = []
    operations(warnings, url="env:PING").started()
    assert "env:PING is not there" in warnings[0]


def test_with_no_settings_nobody_is_told_anything(standing):
    warnings: list[str] = []
    one = Operations(OperationsSettings(), warnings.append)
    one.started()
    assert one.finished(standing, [Trouble("a", "b")], {}, NOW) == ()
    assert (warnings, list(one.examine())) == ([], [])


def test_examining_reaches_the_host_and_calls_nothing():
    with webhook_server() as webhook:
        checks = list(operations([], url=webhook.url, start=webhook.url).examine())
    (gone,) = operations([], url="http://127.0.0.1:1/x").examine()
    assert [one.is_fine for one in checks] == [True]
    assert [(one.method, one.path) for one in webhook.requests] == [("HEAD", "/")]
    assert gone.is_fine is False
    assert gone.mend
