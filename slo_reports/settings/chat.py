"""The shape of the settings of chats: Slack, Teams, and webhooks of any other kind."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from slo_reports.settings.strict import Strict
from slo_reports.settings.values import Duration, Endpoint, HeaderValue, Secret

_OURS = {"content-type", "content-length", "host", "idempotency-key", "x-slo-reports-signature"}


def _label(value: str) -> str:
    if not value.strip() or not value.isprintable() or len(value) > 80:
        msg = "must be one line of 1 to 80 letters, such as '#slo-reports'"
        raise ValueError(msg)
    return value.strip()


Label = Annotated[str, AfterValidator(_label)]


class _Chat(Strict):
    """What all chats have in common; the web address is a secret, because it alone lets one in."""

    url: Secret = Field(description="env:NAME or file:PATH that holds the webhook's address.")
    channel: Label | None = Field(
        None, description="What the ledger calls the channel; default: the kind."
    )
    timeout: Duration = Field(timedelta(seconds=30), description="Time limit of one step.")
    ca: Path | None = Field(None, description="CA bundle (PEM); default: the system's.")
    proxy: Endpoint | None = Field(
        None, description="Proxy that is gone through, its URL or env:NAME; default: none."
    )
    when_uncertain: Literal["resend", "hold"] = Field(
        "resend",
        description="What to do when an answer was lost: post again, or hold it for a person.",
    )


class SlackDestination(_Chat):
    """Three lines and a link in a Slack channel, by an incoming webhook."""

    kind: Literal["slack"] = Field(description="Posts to an incoming webhook of Slack.")


class TeamsDestination(_Chat):
    """Three lines and a link in a Teams channel, by a webhook of its Workflows."""

    kind: Literal["teams"] = Field(description="Posts to a Workflows webhook of Teams.")


class WebhookDestination(_Chat):
    """The same as documented JSON, for anything that takes a POST."""

    kind: Literal["webhook"] = Field(description="Posts JSON to any web address.")
    headers: dict[str, HeaderValue] = Field(
        default_factory=dict, description="Sent with each post; a value may be a secret."
    )
    signing_secret: Secret | None = Field(
        None, description="env:NAME or file:PATH; signs the body in X-Slo-Reports-Signature."
    )

    @model_validator(mode="after")
    def _no_header_of_ours(self) -> WebhookDestination:
        for name in self.headers:
            if name.lower() in _OURS:
                msg = f"headers: {name} is set by slo-reports itself: remove it"
                raise ValueError(msg)
            if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
                msg = f"headers: {name!r} is no name of a header"
                raise ValueError(msg)
        return self


ChatDestination = SlackDestination | TeamsDestination | WebhookDestination
