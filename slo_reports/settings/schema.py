"""The shape of the settings file: what each key means, and its default.

These models are the reference that docs and the editors' JSON Schema are made from. Reading a
file, with every problem at its line, is ``slo_reports.settings.loading``.
"""

from __future__ import annotations

import os
import re
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema

from slo_reports.errors import ConfigurationError

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DURATION = r"(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w))+"


def parse_duration(value: Any) -> timedelta:
    """A duration as people write it, such as ``5m``, ``1h30m`` or ``500ms``."""
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str) or not re.fullmatch(_DURATION, value):
        msg = f"{value!r} is no duration; write a number with a unit, such as 500ms, 30s, 5m or 30d"
        raise ValueError(msg)
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)", value)
    return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts))


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    WithJsonSchema({"type": "string", "pattern": f"^{_DURATION}$", "examples": ["30s", "5m"]}),
]


def _size(value: Any) -> int:
    units = {"": 1, "kB": 1000, "MB": 1000**2, "GB": 1000**3, "KiB": 1024, "MiB": 1024**2}
    found = re.fullmatch(r"(\d+)\s*(kB|MB|GB|KiB|MiB|)", str(value))
    if found is None:
        msg = f"{value!r} is no size; write a number with a unit, such as 20MB or 64MiB"
        raise ValueError(msg)
    return int(found[1]) * units[found[2]]


Size = Annotated[
    int,
    BeforeValidator(_size),
    WithJsonSchema({"type": ["string", "integer"], "examples": ["20MB"]}),
]


def _zone_name(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        msg = f"{value!r} is no IANA time zone; write one such as Europe/Berlin or UTC"
        raise ValueError(msg) from None
    return value


ZoneName = Annotated[str, AfterValidator(_zone_name)]


class Secret:
    """A reference to a secret, ``env:NAME`` or ``file:PATH``; the value is read only when used."""

    def __init__(self, reference: str) -> None:
        if not re.fullmatch(r"(env:[A-Za-z_]\w*|file:.+)", reference):
            msg = "secrets are never written here; refer to one as env:NAME or file:/path/to/file"
            raise ValueError(msg)
        self.reference = reference

    def __repr__(self) -> str:
        return f"Secret({self.reference!r})"

    def reveal(self) -> str:
        """The secret itself; a trailing line end of a file is not part of it."""
        kind, _, where = self.reference.partition(":")
        if kind == "env":
            value = os.environ.get(where)
            if value is None:
                msg = f"the secret {self.reference} is not there: environment variable not set"
                raise ConfigurationError(msg)
            return value
        try:
            return Path(where).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            msg = f"the secret {self.reference} could not be read: {why}"
            raise ConfigurationError(msg) from error

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: Any, _handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Validate from a string; the JSON Schema is that of the reference."""
        text = core_schema.str_schema(pattern=r"^(env:|file:)")
        return core_schema.json_or_python_schema(
            json_schema=text,
            python_schema=core_schema.no_info_plain_validator_function(cls._from_anything),
        )

    @classmethod
    def _from_anything(cls, value: Any) -> Secret:
        if isinstance(value, cls):
            return value
        return cls(value if isinstance(value, str) else "")


def _secret_or_text(value: Any) -> Any:
    return Secret(value) if re.match(r"(env|file):", str(value)) else value


HeaderValue = Annotated[str | Secret, BeforeValidator(_secret_or_text)]


class Strict(BaseModel):
    """Unknown keys are errors, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class BasicAuth(Strict):
    """HTTP basic authentication."""

    username: str
    password: Secret


class Tls(Strict):
    """How a server's certificate is checked, and the client certificate shown to it (mTLS)."""

    ca: Path | None = Field(None, description="CA bundle (PEM); default: the system's.")
    certificate: Path | None = Field(None, description="Client certificate (PEM).")
    key: Path | None = Field(None, description="Key of the client certificate (PEM).")

    @model_validator(mode="after")
    def _both_or_none(self) -> Tls:
        if (self.certificate is None) != (self.key is None):
            msg = "certificate and key belong together: give both or neither"
            raise ValueError(msg)
        return self


class SourceSettings(Strict):
    """Where the numbers come from: Prometheus or anything with its HTTP API."""

    url: str = Field(pattern=r"^https?://", description="Base URL, without /api/v1.")
    name: str = Field("Prometheus", description="What the report calls this source.")
    basic_auth: BasicAuth | None = None
    bearer_token: Secret | None = None
    headers: dict[str, HeaderValue] = Field(
        default_factory=dict, description="Sent with each request, such as X-Scope-OrgID."
    )
    tls: Tls = Field(default_factory=lambda: Tls())
    timeout: Duration = Field(timedelta(seconds=30), description="Time limit of one request.")
    retries: int = Field(4, ge=0, le=20, description="How often a failed request is tried again.")
    concurrency: int = Field(2, ge=1, le=64, description="Requests in flight at once.")
    max_response: Size = Field(256 * 1024**2, description="Largest answer that is read.")
    slice: Duration = Field(
        timedelta(minutes=5), description="Grain of measurement; must divide one hour."
    )
    scrape_interval: Duration | None = Field(
        None, description="Default: found out from the samples of `up`."
    )

    @model_validator(mode="after")
    def _sensible(self) -> SourceSettings:
        if self.basic_auth is not None and self.bearer_token is not None:
            msg = "basic_auth and bearer_token exclude each other: give one"
            raise ValueError(msg)
        if not self.slice or timedelta(minutes=15) % self.slice:
            msg = "slice must divide 15 minutes (1m, 3m, 5m, 15m) so that every zone's days fit"
            raise ValueError(msg)
        return self


class MailServer(Strict):
    """The SMTP server that mail is handed to."""

    host: str
    port: int = Field(587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="`none` sends in the clear; meant for a relay on this machine."
    )
    username: str | None = None
    password: Secret | None = None
    ca: Path | None = Field(None, description="CA bundle (PEM); default: the system's.")
    timeout: Duration = timedelta(seconds=60)
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


def _address(value: str) -> str:
    if not re.fullmatch(r"[^\s@<>,;\"\r\n]+@[^\s@<>,;\"\r\n]+", value):
        msg = f"{value!r} is no mail address; write one such as team@example.com"
        raise ValueError(msg)
    return value


Address = Annotated[str, AfterValidator(_address)]


class MailDestination(Strict):
    """A mail to each recipient, with the PDF attached."""

    kind: Literal["mail"]
    sender: Address
    sender_name: str = "SLO reports"
    recipients: list[Address] = Field(min_length=1)
    reply_to: Address | None = None
    server: MailServer
    attach: list[Literal["pdf", "html", "json"]] = ["pdf"]


class ShareDestination(Strict):
    """Files in a folder, by report and year; never overwritten."""

    kind: Literal["share"]
    path: Path = Field(description="An existing folder; mounted, if it is a network share.")
    link: str | None = Field(
        None, description="URL under which readers find the folder; mails then link to the files."
    )


Destination = Annotated[MailDestination | ShareDestination, Field(discriminator="kind")]


class Selection(Strict):
    """Which SLOs a report covers; every given list must hold the SLO's value."""

    services: list[str] | None = None
    owners: list[str] | None = None
    namespaces: list[str] | None = None
    slos: list[str] | None = Field(None, description="Ids, `namespace/name`.")


class Schedule(Strict):
    """When a report falls due, in its own time zone, after its period is over."""

    every: Literal["month", "week"]
    at: time = Field(time(6), description="Local time, such as 06:00.")
    day: int = Field(
        1,
        ge=1,
        le=28,
        description="Day of the month, or of the week where Monday is 1.",
    )

    @model_validator(mode="after")
    def _day_of_week(self) -> Schedule:
        if self.every == "week" and self.day > 7:
            msg = "day of a weekly schedule is 1 (Monday) to 7 (Sunday)"
            raise ValueError(msg)
        return self


class ReportSettings(Strict):
    """One report: what it covers, when it is due, where it goes."""

    name: str = Field(pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", description="In file names.")
    title: str
    author: str = "SLO reports"
    period: Literal["month", "week", "quarter", "year"] = "month"
    timezone: ZoneName | None = Field(None, description="Default: the file's timezone.")
    schedule: Schedule | None = Field(None, description="Without one, only on request.")
    start_from: date | None = Field(
        None, description="Periods that began earlier are never planned; default: no catching up."
    )
    select: Selection = Field(default_factory=lambda: Selection())
    formats: list[Literal["html", "pdf", "json"]] = Field(["html", "pdf", "json"], min_length=1)
    destinations: list[str] = Field(default_factory=list)
    trend: int = Field(12, ge=1, le=36, description="Periods of trend, the reported one included.")
    lookback: Duration | None = Field(
        None, description="Trailing look-back of the burn rate; default 3d, 1d for a week."
    )
    footer: str = ""


class Settings(Strict):
    """The whole settings file."""

    version: Literal[1]
    timezone: ZoneName = "UTC"
    state: Path = Field(Path("state"), description="Folder of the ledger and the frozen runs.")
    definitions: list[Path] = Field(
        min_length=1, description="Files or folders (searched for *.yaml and *.yml)."
    )
    templates: Path | None = Field(None, description="Folder whose templates replace ours.")
    source: SourceSettings
    destinations: dict[str, Destination] = Field(default_factory=dict)
    reports: list[ReportSettings] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_resolve(self) -> Settings:
        names = [report.name for report in self.reports]
        for name in names:
            if names.count(name) > 1:
                msg = f"two reports are named {name!r}; names must differ"
                raise ValueError(msg)
        return self
