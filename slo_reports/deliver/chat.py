"""Chats: three lines and a link in Slack, in Teams, or to any webhook as documented JSON."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime

from slo_reports.deliver.chat_payloads import (
    idempotency_key,
    slack_payload,
    teams_payload,
    webhook_payload,
)
from slo_reports.deliver.contract import Check, Kind, Settlement
from slo_reports.deliver.web import Answered, Door
from slo_reports.errors import ConfigurationError, DeliveryError, DeliveryUncertain
from slo_reports.model import Bundle, DeliveryState, Parcel, Summary
from slo_reports.settings.chat import ChatDestination, WebhookDestination
from slo_reports.settings.values import revealed

SIGNATURE = "X-Slo-Reports-Signature"
_JSON = {"Content-Type": "application/json"}
_SLACK_SAYS = {
    "invalid_token": "the webhook was revoked: make a new one and put it into the secret",
    "no_service": "the webhook was removed or is disabled: make a new one",
    "no_service_id": "the address is not whole: copy it again into the secret",
    "no_team": "the workspace is not there: copy the address again into the secret",
    "team_disabled": "the workspace is disabled",
    "channel_is_archived": "the channel is archived: make a webhook for another one",
    "channel_not_found": "the channel is gone: make a webhook for another one",
    "action_prohibited": "an administrator of the workspace forbids it: ask them",
    "posting_to_general_channel_denied": "nobody but administrators may post there",
    "user_not_found": "who made the webhook is gone: make a new one",
    "invalid_payload": "Slack could not read the message",
}


class Chat:
    """One post to one webhook."""

    def __init__(self, name: str, settings: ChatDestination) -> None:
        self._name = name
        self._settings = settings

    @property
    def name(self) -> str:
        """Its name in the settings."""
        return self._name

    @property
    def kind(self) -> Kind:
        """Served after mail."""
        return "chat"

    def plan(self, bundle: Bundle) -> tuple[Parcel, ...]:
        """The one post."""
        if bundle.summary is None:
            msg = f"{self._name}: the bundle of {bundle.report} {bundle.period_id} has no summary"
            raise DeliveryError(msg, retryable=False)
        key = idempotency_key(bundle, self._name)
        content = self._payload(bundle, bundle.summary, key)
        recipient = self._settings.channel or self._settings.kind
        return (Parcel(self._name, recipient, "application/json", content, key),)

    def send(self, parcel: Parcel) -> str:
        """Post it once; the receipt names the host and what it answered."""
        door = self._door()
        answer = door.ask("POST", parcel.content, self._headers(parcel))
        said = door.without(answer.said)
        if not answer.taken:
            raise self._refusal(door.host, answer, said)
        if self._settings.kind == "slack":
            _check_slack_took_it(door.host, answer, said)
        return f"posted to {door.host}: {said}"

    def settle(self, parcel: Parcel, tried_at: datetime, now: datetime) -> Settlement:  # noqa: ARG002  # the contract's
        """Post again, or leave it to a person, as ``when_uncertain`` says."""
        if self._settings.when_uncertain == "hold":
            what = "the answer was lost: look into the channel, then say whether it arrived"
            return DeliveryState.HELD, what
        return DeliveryState.PENDING, "the answer was lost: the same is posted again"

    def examine(self) -> Iterator[Check]:
        """Whether the host can be reached; nothing is posted."""
        what = f"reach the webhook of {self._name}"
        mend = "mend url, ca or proxy of it, or the way through the firewall"
        try:
            door = self._door()
            self._headers(Parcel(self._name, "", "", b""))
            door.knock()
        except DeliveryUncertain as error:
            yield Check(what, is_fine=None, seen=str(error), mend=mend)
        except DeliveryError as error:
            yield Check(what, is_fine=False, seen=str(error), mend=mend)
        else:
            yield _reached(what, door)

    def close(self) -> None:
        """Nothing is held open."""

    def _door(self) -> Door:
        one = self._settings
        return Door(one.url, timeout=one.timeout, ca=one.ca, proxy=one.proxy)

    def _payload(self, bundle: Bundle, summary: Summary, key: str) -> bytes:
        match self._settings.kind:
            case "slack":
                return slack_payload(summary)
            case "teams":
                return teams_payload(summary)
            case _:
                return webhook_payload(bundle, summary, key)

    def _headers(self, parcel: Parcel) -> dict[str, str]:
        """The headers of a post, with secrets read now.

        Raises:
            DeliveryError: one of them is not there.
        """
        settings = self._settings
        if not isinstance(settings, WebhookDestination):
            return dict(_JSON)
        try:
            headers = {name: revealed(value) for name, value in settings.headers.items()}
            key = None if settings.signing_secret is None else settings.signing_secret.reveal()
        except ConfigurationError as error:
            msg = f"nothing was sent: {error}"
            raise DeliveryError(msg, retryable=True) from error
        headers |= _JSON
        headers["Idempotency-Key"] = parcel.message_id or parcel.sha256
        if key is not None:
            headers[SIGNATURE] = signature(key, parcel.content)
        return headers

    def _refusal(self, host: str, answer: Answered, said: str) -> DeliveryError:
        msg = f"{host} refused the post: {said}"
        if answer.retryable:
            wait = f"; it asks to wait {_wait(answer.retry_after)}" if answer.retry_after else ""
            return DeliveryError(f"{msg}{wait}; it will be tried again", retryable=True)
        if 300 <= answer.status < 400:
            help_ = "redirects are not followed: put the final address into the secret"
            return DeliveryError(f"{msg}; {help_}", retryable=False)
        known = _SLACK_SAYS.get(answer.body.strip()) if self._settings.kind == "slack" else None
        help_ = known or f"check the address in {self._settings.url.reference}"
        return DeliveryError(f"{msg}; {help_}", retryable=False)


def signature(secret: str, content: bytes) -> str:
    """``sha256=`` and the HMAC of the body in hexadecimal digits, as receivers compute it."""
    return f"sha256={hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()}"


def _check_slack_took_it(host: str, answer: Answered, said: str) -> None:
    """Slack, and what speaks like it, says ``ok`` or JSON; a login page says something else."""
    body = answer.body.strip()
    if body in _SLACK_SAYS:
        msg = f"{host} refused the post: {said}; {_SLACK_SAYS[body]}"
        raise DeliveryError(msg, retryable=False)
    if body.startswith("<"):
        msg = (
            f"{host} answered {answer.status} with a web page, not as Slack does; is a proxy or a "
            "login page in between?"
        )
        raise DeliveryError(msg, retryable=True)


def _wait(retry_after: str) -> str:
    plain = retry_after.strip()[:40]
    return f"{plain} s" if plain.isdecimal() else f"until {plain}"


def _reached(what: str, door: Door) -> Check:
    if door.encrypted:
        return Check(what, is_fine=True, seen=f"{door.host}, encrypted")
    seen = f"{door.host}, in the clear: everybody on the way can read the address and use it"
    return Check(what, is_fine=None, seen=seen, mend="use an address that begins with https://")
