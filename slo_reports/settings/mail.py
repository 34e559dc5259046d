"""The shape of the settings of mail: who it is from, whom it goes to, and the servers behind it."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from slo_reports.model import Format
from slo_reports.settings.strict import Strict
from slo_reports.settings.values import Address, Duration, Secret, Size, Whole

Security = Literal["starttls", "tls", "none"]


def is_local(host: str) -> bool:
    """Whether a host is this machine itself, so that nothing said to it crosses a network."""
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _unsubscribe(value: str) -> str:
    if not re.fullmatch(r"(mailto|https):[!-;=?-~]{1,400}", value):
        msg = "write mailto:… or https://…, at most 400 plain letters without spaces"
        raise ValueError(msg)
    for name in re.findall(r"\{([^}]*)\}?", value):
        if name not in ("recipient", "report"):
            msg = f"{{{name}}} stands for nothing; there are {{recipient}} and {{report}}"
            raise ValueError(msg)
    if value.startswith("https:") and "{recipient}" not in value:
        msg = (
            "mail programs post to an https address with one click, so it must say whose click it "
            "is: put {recipient} into it, or use mailto:"
        )
        raise ValueError(msg)
    return value


Unsubscribe = Annotated[
    str,
    AfterValidator(_unsubscribe),
    WithJsonSchema({"type": "string", "pattern": r"^(mailto|https):[!-;=?-~]{1,400}$"}),
]


class Account(Strict):
    """How a mail server is reached and logged in to."""

    host: str = Field(description="Name or address of the server.")
    security: Security = Field(
        "starttls", description="`none` speaks in the clear: with this machine only."
    )
    username: str | None = Field(None, description="Login, where the server asks for one.")
    password: Secret | None = Field(None, description="env:NAME or file:PATH.")
    token: Secret | None = Field(
        None,
        description="env:NAME or file:PATH of an OAuth 2 access token, instead of password; read "
        "anew for each connection.",
    )
    ca: Path | None = Field(None, description="CA bundle (PEM); default: the system's.")
    timeout: Duration = Field(timedelta(seconds=60), description="Time limit of one step.")

    @model_validator(mode="after")
    def _login_is_whole(self) -> Account:
        if self.password is not None and self.token is not None:
            msg = "password and token exclude each other: give one"
            raise ValueError(msg)
        if (self.username is None) != (self.password is None and self.token is None):
            msg = "username and password belong together, or username and token: both or neither"
            raise ValueError(msg)
        if self.username is not None and self.security == "none" and not is_local(self.host):
            msg = (
                "a password or token is never sent over a network in the clear: set security to "
                "starttls or tls"
            )
            raise ValueError(msg)
        return self


class MailServer(Account):
    """The SMTP server that mail is handed to."""

    port: Whole = Field(587, ge=1, le=65535, description="587 for starttls, 465 for tls.")
    helo: str | None = Field(None, description="Name given in EHLO; default: this host's.")
    allow_clear: bool = Field(
        default=False,
        description="Lets `security: none` send reports unencrypted over a network.",
    )

    @model_validator(mode="after")
    def _clear_only_at_home(self) -> MailServer:
        if self.allow_clear and self.security != "none":
            msg = "allow_clear goes with security: none"
            raise ValueError(msg)
        if self.security == "none" and not (self.allow_clear or is_local(self.host)):
            msg = (
                f"security: none sends reports in the clear, and {self.host} is not this machine: "
                "set security to starttls or tls, or say allow_clear: true"
            )
            raise ValueError(msg)
        return self


class Archive(Account):
    """A mailbox that gets a blind copy of each message, and is read over IMAP."""

    address: Address = Field(description="Gets the blind copies.")
    port: Whole = Field(993, ge=1, le=65535, description="993 for tls, 143 for starttls.")
    security: Security = Field(
        "tls", description="`none` speaks in the clear: with this machine only."
    )
    folder: str = Field("INBOX", min_length=1, description="Where the copies are found.")
    wait: Duration = Field(
        timedelta(minutes=10),
        description="How long after a try its copy may still be under way.",
    )

    @model_validator(mode="after")
    def _can_be_read(self) -> Archive:
        if self.username is None:
            msg = "archive needs username, and password or token: it is read over IMAP"
            raise ValueError(msg)
        return self


class MailDestination(Strict):
    """A mail to each recipient, with the PDF attached."""

    kind: Literal["mail"] = Field(description="Sends a mail.")
    sender: Address = Field(description="Address in From.")
    sender_name: str = Field("SLO reports", description="Name in From.")
    recipients: list[Address] = Field(min_length=1, description="Each gets a message of their own.")
    reply_to: Address | None = Field(None, description="Where answers go; default: the sender.")
    bounces_to: Address | None = Field(
        None, description="Where mail that could not be delivered comes back; default: the sender."
    )
    unsubscribe: Unsubscribe | None = Field(
        None,
        description="Where readers leave: mailto:… or https://…, with {recipient} and {report}.",
    )
    server: MailServer = Field(description="The SMTP server that takes the mail.")
    attach: list[Format] = Field(["pdf"], description="Documents attached to each mail.")
    max_size: Size = Field(
        10_000_000,
        ge=200_000,
        description="Largest message, encoded; attachments that do not fit become links.",
    )
    archive: Archive | None = Field(
        None, description="Goes with `when_uncertain: verify`, which looks into it."
    )
    when_uncertain: Literal["resend", "verify", "hold"] = Field(
        "resend",
        description="Where the server's answer was lost: send the identical message again, look "
        "into the archive first, or leave it to a person.",
    )

    @field_validator("when_uncertain")
    @classmethod
    def _looks_somewhere(cls, value: str, info: ValidationInfo) -> str:
        if value == "verify" and "archive" in info.data and info.data["archive"] is None:
            msg = "verify needs archive: the mailbox that gets a blind copy of each message"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _looked_into(self) -> MailDestination:
        if self.when_uncertain != "verify" and self.archive is not None:
            msg = "archive is looked into with when_uncertain: verify only; set that, too"
            raise ValueError(msg)
        return self
