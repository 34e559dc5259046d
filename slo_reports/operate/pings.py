"""Calling a dead man's switch when the job starts and ends.

A ping that fails changes nothing: it is tried once more, then it is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from slo_reports.deliver.contract import Check
from slo_reports.deliver.web import Door
from slo_reports.errors import DeliveryError, DeliveryUncertain
from slo_reports.settings.operations import PingSettings
from slo_reports.settings.values import Secret

_PATIENCE = timedelta(seconds=5)
_LONGEST_BODY = 10_000
_TRIES = 2


class Pinger:
    """Calls the addresses of the settings; each call gives a warning, or an empty text."""

    def __init__(self, settings: PingSettings) -> None:
        self._settings = settings

    def started(self) -> str:
        """Say that a run begins."""
        return self._call("start", self._settings.start, "start")

    def succeeded(self) -> str:
        """Say that a run ended well."""
        return self._call("success", self._settings.success, "")

    def failed(self, why: str) -> str:
        """Say that a run failed, and why."""
        return self._call("failure", self._settings.failure, "fail", why)

    def examine(self) -> Iterator[Check]:
        """Whether the hosts can be reached; nothing is called."""
        what, mend = "reach the host that is pinged", "mend operations.ping"
        seen: set[str] = set()
        for url in (getattr(self._settings, one) for one in type(self._settings).model_fields):
            if url is None:
                continue
            try:
                door = Door(url, timeout=_PATIENCE)
                if door.host in seen:
                    continue
                seen.add(door.host)
                door.knock()
            except DeliveryError as error:
                fine = None if isinstance(error, DeliveryUncertain) else False
                yield Check(what, is_fine=fine, seen=str(error), mend=mend)
            else:
                yield Check(what, is_fine=True, seen=door.host)

    def _call(self, what: str, own: str | Secret | None, below: str, body: str = "") -> str:
        address = own or self._settings.url
        if address is None:
            return ""
        warning = ""
        for _ in range(_TRIES):
            warning, again = _ping(address, "" if own else below, body)
            if not again:
                break
        return f"the ping of a {what} failed: {warning}" if warning else ""


def _ping(address: str | Secret, below: str, body: str) -> tuple[str, bool]:
    """One call: what went wrong, and whether the same may pass at once."""
    try:
        door = Door(address, timeout=_PATIENCE)
        door = door.below(below) if below else door
        content = body.encode()[:_LONGEST_BODY]
        answer = door.ask("POST", content, _TEXT) if content else door.ask("GET")
    except DeliveryError as error:
        return str(error), True
    if answer.taken:
        return "", False
    return f"{door.host} answered {door.without(answer.said)}", answer.retryable


_TEXT = {"Content-Type": "text/plain; charset=utf-8"}
