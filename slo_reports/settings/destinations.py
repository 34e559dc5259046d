"""The shape of the settings of destinations: shares, mail and the servers behind them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from slo_reports.settings.shares import ShareDestination
from slo_reports.settings.strict import Strict
from slo_reports.settings.values import Address, Duration, Secret, Whole

__all__ = ["Destination", "MailDestination", "MailServer", "ShareDestination"]


class MailServer(Strict):
    """The SMTP server that mail is handed to."""

    host: str = Field(description="Name or address of the server.")
    port: Whole = Field(587, ge=1, le=65535, description="587 for starttls, 465 for tls.")
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="`none` sends in the clear; meant for a relay on this machine."
    )
    username: str | None = Field(None, description="Login, where the server asks for one.")
    password: Secret | None = Field(None, description="env:NAME or file:PATH.")
    ca: Path | None = Field(None, description="CA bundle (PEM); default: the system's.")
    timeout: Duration = Field(timedelta(seconds=60), description="Time limit of one step.")
    helo: str | None = Field(None, description="Name given in EHLO; default: this host's.")

    @model_validator(mode="after")
    def _login_is_whole(self) -> MailServer:
        if (self.username is None) != (self.password is None):
            msg = "username and password belong together: give both or neither"
            raise ValueError(msg)
        if self.username is not None and self.security == "none":
            msg = "a password is never sent in the clear: set security to starttls or tls"
            raise ValueError(msg)
        return self


class MailDestination(Strict):
    """A mail to each recipient, with the PDF attached."""

    kind: Literal["mail"] = Field(description="Sends a mail.")
    sender: Address = Field(description="Address in From.")
    sender_name: str = Field("SLO reports", description="Name in From.")
    recipients: list[Address] = Field(min_length=1, description="Each gets a message of their own.")
    reply_to: Address | None = Field(None, description="Where answers go; default: the sender.")
    server: MailServer = Field(description="The SMTP server that takes the mail.")
    attach: list[Literal["pdf", "html", "json"]] = Field(
        ["pdf"], description="Documents attached to each mail."
    )


Destination = Annotated[MailDestination | ShareDestination, Field(discriminator="kind")]
