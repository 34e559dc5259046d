"""Chats against a real HTTP server that is as strict as Slack and Teams are."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError
from support.webhook_server import (
    CLOSE,
    HANG,
    SECRET_PATH,
    Webhook,
    silent_port,
    slack_fault,
    teams_fault,
    webhook_server,
)

from slo_reports.deliver.chat import Chat
from slo_reports.deliver.chat_payloads import slack_payload, teams_payload, webhook_payload
from slo_reports.errors import DeliveryError, DeliveryUncertain
from slo_reports.model import DeliveryState, Summary
from slo_reports.settings.chat import SlackDestination, TeamsDestination, WebhookDestination
from slo_reports.settings.values import Secret

NOW = datetime(2026, 11, 2, 5, tzinfo=UTC)
KINDS = {"slack": SlackDestination, "teams": TeamsDestination, "webhook": WebhookDestination}
FAULTS = {"slack": slack_fault, "teams": teams_fault, "webhook": lambda _body: ""}
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "webhook.schema.json").read_text())
HOSTILE = (
    "<!channel> <@U012AB3CD> <https://evil.example.com|click>",
    "@here @channel @everyone",
    "*bold* _italic_ ~gone~ `code` :fire: [click](https://evil.example.com)",
    "a & b <b>c</b> \u202egnp.exe",
    "x" * 10_000,
)


@pytest.fixture
def chat(monkeypatch):
    """Makes a chat of a kind for a server's address."""

    def make(webhook: Webhook, kind: str = "slack", **options) -> Chat:
        monkeypatch.setenv("CHAT_URL", webhook.url)
        settings = {"timeout": timedelta(seconds=5), **options}
        return Chat("room", KINDS[kind](kind=kind, url=Secret("env:CHAT_URL"), **settings))

    return make


def sent(chat: Chat, bundle) -> str:
    (parcel,) = chat.plan(bundle)
    return chat.send(parcel)


def refused(chat: Chat, bundle) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        sent(chat, bundle)
    whole = "".join(traceback.format_exception(caught.value))
    assert "XXXXsecretXXXX" not in whole
    assert "/services" not in whole
    return caught.value


@pytest.mark.parametrize("kind", KINDS)
def test_a_post_is_what_the_server_takes_and_holds_three_lines_and_the_links(kind, chat, bundle):
    with webhook_server(Webhook(check=FAULTS[kind])) as webhook:
        receipt = sent(chat(webhook, kind), bundle)
    (post,) = webhook.posts
    assert post.path == SECRET_PATH
    assert post.headers["Content-Type"] == "application/json"
    text = post.body.decode()
    for line in (bundle.summary.headline, bundle.summary.worst, bundle.summary.action):
        assert json.dumps(line)[1:-1] in text
    assert text.count("https://reports.example.com/monthly.pdf") >= 1
    assert receipt == "posted to 127.0.0.1: 200 ok"


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_filed_report_there_is_no_link(kind, chat, bundle):
    bare = replace(bundle, summary=replace(bundle.summary, links=()))
    with webhook_server(Webhook(check=FAULTS[kind])) as webhook:
        assert sent(chat(webhook, kind), bare)
    assert "https://reports" not in webhook.posts[0].body.decode()


@pytest.mark.parametrize("name", HOSTILE, ids=[one[:12] for one in HOSTILE])
@pytest.mark.parametrize("kind", ["slack", "teams"])
def test_hostile_names_are_taken_as_text(kind, name, chat, bundle):
    evil = replace(bundle.summary, headline=name, worst=name, action=name)
    with webhook_server(Webhook(check=FAULTS[kind])) as webhook:
        if len(name) < 3000:
            assert sent(chat(webhook, kind), replace(bundle, summary=evil))
    message = json.loads({"slack": slack_payload, "teams": teams_payload}[kind](evil))
    if kind == "teams":
        texts = [one["inlines"][0]["text"] for one in message["attachments"][0]["content"]["body"]]
        assert texts == [name] * 3
        return
    shown = [one["text"] for one in message["blocks"][:3]]
    assert {one["type"] for one in shown} == {"plain_text"}
    assert not any(one["emoji"] for one in shown)
    assert shown[1]["text"][:2000] == name[:2000]
    assert not re.search(r"<(?!https://reports)", message["text"])
    assert not re.search(r"@(here|channel|everyone)", message["text"])


def test_slack_links_cannot_be_broken_out_of(bundle):
    url = "https://files.example.com/a b|c>d<!channel>?x=1&y=2%20"
    made = json.loads(slack_payload(replace(bundle.summary, links=(("html", url),))))
    link = made["blocks"][-1]["text"]["text"]
    assert link == (
        "<https://files.example.com/a%20b%7Cc%3Ed%3C!channel%3E?x=1&amp;y=2%20|The whole report>"
    )
    assert made["text"].endswith(link)


def test_slack_is_told_to_add_nothing_of_its_own(bundle):
    made = json.loads(slack_payload(bundle.summary))
    assert (made["unfurl_links"], made["unfurl_media"]) == (False, False)
    assert made["blocks"][-1]["text"]["verbatim"] is True


def test_a_webhooks_body_satisfies_the_published_schema(chat, bundle):
    Draft202012Validator.check_schema(SCHEMA)
    with webhook_server() as webhook:
        sent(chat(webhook, "webhook"), bundle)
    body = webhook.posts[0].json()
    assert [one.message for one in Draft202012Validator(SCHEMA).iter_errors(body)] == []
    assert set(body) == set(SCHEMA["properties"])
    assert body["period"] == {"id": "2026-10", "title": "October 2026"}
    assert body["objectives"] == {"total": 12, "met": 9}
    assert body["links"]["html"] == "https://reports.example.com/monthly.html"


def test_the_schema_refuses_what_is_not_ours():
    body = json.loads(webhook_payload_of())
    for broken in ({**body, "id": "x"}, {**body, "version": 2}, {**body, "revision": 0}):
        assert list(Draft202012Validator(SCHEMA).iter_errors(broken))


def webhook_payload_of() -> bytes:
    from slo_reports.model import Bundle  # noqa: PLC0415  # only here

    one = Summary("T", "October 2026", "h", "w", "a", 1, 1)
    return webhook_payload(Bundle("r", "2026-10", 1, NOW, (), None, one), one, "0" * 32)


def test_a_webhook_gets_its_headers_a_signature_and_an_idempotency_key(
    chat, bundle, monkeypatch, tmp_path
):
    monkeypatch.setenv("SIGNING", "a key that both know")
    (tmp_path / "token").write_text("Bearer from a file\n")
    options = {
        "headers": {"X-Team": "shop", "Authorization": f"file:{tmp_path / 'token'}"},
        "signing_secret": Secret("env:SIGNING"),
    }
    with webhook_server() as webhook:
        one = chat(webhook, "webhook", **options)
        sent(one, bundle)
        sent(one, bundle)
        sent(one, replace(bundle, revision=2))
    first, again, restated = webhook.posts
    wanted = hmac.new(b"a key that both know", first.body, hashlib.sha256).hexdigest()
    assert first.headers["X-Slo-Reports-Signature"] == f"sha256={wanted}"
    assert first.headers["X-Team"] == "shop"
    assert first.headers["Authorization"] == "Bearer from a file"
    assert first.headers["Idempotency-Key"] == again.headers["Idempotency-Key"]
    assert first.headers["Idempotency-Key"] == first.json()["id"]
    assert restated.headers["Idempotency-Key"] != first.headers["Idempotency-Key"]
    assert first.body == again.body


@pytest.mark.parametrize(
    ("answer", "retryable", "words"),
    [
        ((429, "", {"Retry-After": "30"}), True, "429; it asks to wait 30 s; it will be tried"),
        ((500, "rollup_error"), True, "500 rollup_error; it will be tried again"),
        ((503, "<html>busy</html>"), True, "refused the post: 503; it will"),
        ((404, "no_service"), False, "the webhook was removed or is disabled"),
        ((403, "invalid_token"), False, "the webhook was revoked"),
        ((410, "channel_is_archived"), False, "the channel is archived"),
        ((400, "invalid_blocks"), False, "400 invalid_blocks; check the address in env:CHAT_URL"),
        ((302, "", {"Location": "https://login.example.com"}), False, "redirects are not followed"),
        ((200, "<html>Please log in</html>"), True, "a proxy or a login page"),
        ((200, "no_service"), False, "the webhook was removed or is disabled"),
    ],
)
def test_an_answer_says_whether_it_may_pass_later_and_what_helps(
    answer, retryable, words, chat, bundle
):
    with webhook_server(Webhook(usual=answer)) as webhook:
        error = refused(chat(webhook), bundle)
    assert error.retryable is retryable
    assert not isinstance(error, DeliveryUncertain)
    assert words in str(error)
    assert len(webhook.posts) == 1


def test_a_server_that_repeats_the_address_does_not_make_us_repeat_it(chat, bundle):
    echo = f"no workflow at {SECRET_PATH}, token XXXXsecretXXXX"
    with webhook_server(Webhook(usual=(404, echo))) as webhook:
        error = refused(chat(webhook, "teams"), bundle)
    assert "no workflow at ***, token ***" in str(error)


@pytest.mark.parametrize("answer", [HANG, CLOSE])
def test_no_answer_after_the_post_is_uncertain(answer, chat, bundle):
    with webhook_server(Webhook(usual=answer)) as webhook:
        error = refused(chat(webhook, timeout=timedelta(seconds=0.5)), bundle)
        webhook.release.set()
    assert isinstance(error, DeliveryUncertain)
    assert "may or may not have been taken" in str(error)
    assert len(webhook.posts) == 1


def test_nobody_listening_is_retryable_and_certain(chat, bundle):
    error = refused(chat(Webhook(url=f"http://127.0.0.1:1{SECRET_PATH}")), bundle)
    assert error.retryable
    assert not isinstance(error, DeliveryUncertain)
    assert str(error) == "could not reach 127.0.0.1: Connection refused"


@pytest.mark.parametrize(
    ("when", "state"), [("resend", DeliveryState.PENDING), ("hold", DeliveryState.HELD)]
)
def test_what_is_uncertain_is_settled_as_the_settings_say(when, state, chat, bundle):
    one = chat(Webhook(url="http://127.0.0.1:1/x"), when_uncertain=when)
    (parcel,) = one.plan(bundle)
    settled, why = one.settle(parcel, NOW, NOW)
    assert settled is state
    assert why


def test_a_trusted_authority_lets_one_through_and_a_strange_one_does_not(
    chat, bundle, certificates
):
    with webhook_server(tls=certificates.server) as webhook:
        assert sent(chat(webhook, ca=certificates.ca), bundle)
        error = refused(chat(webhook), bundle)
    assert error.retryable
    assert "its certificate is not trusted" in str(error)
    assert len(webhook.posts) == 1


def test_an_encrypted_post_without_an_answer_is_uncertain_too(chat, bundle, certificates):
    with webhook_server(Webhook(usual=CLOSE), tls=certificates.server) as webhook:
        error = refused(chat(webhook, ca=certificates.ca), bundle)
    assert isinstance(error, DeliveryUncertain)


def test_a_proxy_is_gone_through_and_the_environments_is_not(chat, bundle, monkeypatch):
    with webhook_server() as proxy, webhook_server() as webhook:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
        assert sent(chat(webhook), bundle)
        address = proxy.url.removesuffix(SECRET_PATH)
        assert sent(chat(webhook, proxy=address), bundle)
    assert len(webhook.posts) == 1
    assert [one.path for one in proxy.posts] == [webhook.url]


@pytest.mark.parametrize("value", [None, "hooks.slack.com/services/X", "", "ftp://x/y", "http://"])
def test_a_secret_that_holds_no_address_is_named_and_not_told(value, bundle, monkeypatch):
    if value is not None:
        monkeypatch.setenv("NO_URL", value)
    one = Chat("room", SlackDestination(kind="slack", url=Secret("env:NO_URL")))
    with pytest.raises(DeliveryError, match="env:NO_URL") as caught:
        sent(one, bundle)
    assert caught.value.retryable
    assert "services/X" not in "".join(traceback.format_exception(caught.value))


def test_the_address_is_in_no_log_receipt_parcel_or_representation(chat, bundle, caplog):
    caplog.set_level(logging.DEBUG)
    with webhook_server() as webhook:
        one = chat(webhook, channel="#slo-reports")
        (parcel,) = one.plan(bundle)
        receipt = one.send(parcel)
    assert parcel.recipient == "#slo-reports"
    told = [receipt, repr(parcel), repr(one._settings), caplog.text]
    assert not any("XXXX" in text for text in told)


def test_an_address_in_the_settings_themselves_is_refused_without_repeating_it():
    with pytest.raises(ValidationError) as caught:
        SlackDestination(kind="slack", url=f"https://hooks.slack.com{SECRET_PATH}")
    (error,) = caught.value.errors(include_input=False)
    assert "env:NAME" in error["msg"]
    assert "XXXX" not in error["msg"]


@pytest.mark.parametrize("name", ["Idempotency-Key", "content-length", "X-Slo-Reports-Signature"])
def test_headers_that_are_ours_cannot_be_set(name):
    with pytest.raises(ValidationError, match="is set by slo-reports itself"):
        WebhookDestination(kind="webhook", url="env:X", headers={name: "x"})


def test_examining_reaches_the_host_and_posts_nothing(chat, certificates):
    with webhook_server(tls=certificates.server) as webhook:
        (check,) = chat(webhook, ca=certificates.ca).examine()
        (strange,) = chat(webhook).examine()
    assert (check.is_fine, check.seen) == (True, "127.0.0.1, encrypted")
    assert strange.is_fine is False
    assert "not trusted" in strange.seen
    assert {one.path for one in webhook.requests} == {"/"}
    assert webhook.posts == []


def test_examining_says_what_asks_for_an_eye(chat):
    with webhook_server() as webhook:
        (clear,) = chat(webhook).examine()
    (gone,) = chat(Webhook(url="http://127.0.0.1:1/x")).examine()
    with silent_port() as port:
        hook = Webhook(url=f"http://127.0.0.1:{port}/x")
        (silent,) = chat(hook, timeout=timedelta(seconds=0.3)).examine()
    assert clear.is_fine is None
    assert "in the clear" in clear.seen
    assert gone.is_fine is False
    assert gone.mend
    assert silent.is_fine is None
    assert "answered nothing" in silent.seen
