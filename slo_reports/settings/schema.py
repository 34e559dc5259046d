"""The shape of the settings file: what each key means, and its default.

These models are the reference that docs and the editors' JSON Schema are made from. Reading a
file, with every problem at its line, is ``slo_reports.settings.loading``.
"""

from __future__ import annotations

import os
import re
from datetime import date, time, timedelta
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

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
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from slo_reports.errors import ConfigurationError

_UNITS = {
    "ms": Decimal("0.001"),
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3600),
    "d": Decimal(86400),
    "w": Decimal(604800),
}
_DURATION = r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h|d|w))+"
_LONGEST = Decimal(3660 * 86400)


def parse_seconds(value: Any) -> Decimal:
    """A duration as people write it, such as ``5m``, ``1h30m`` or ``500ms``, exactly [s]."""
    if not isinstance(value, str) or not re.fullmatch(_DURATION, value):
        seen = f"'{value}'" if isinstance(value, str | int | Decimal) else "this"
        msg = f"{seen} is no duration; write a number with a unit, such as 500ms, 30s, 5m or 30d"
        raise ValueError(msg)
    parts = re.findall(r"([0-9.]+)(ms|s|m|h|d|w)", value)
    seconds = sum((Decimal(number) * _UNITS[unit] for number, unit in parts), Decimal(0))
    if not 0 < seconds <= _LONGEST:
        msg = f"'{value}' is no usable duration: it must be longer than 0 and at most 3660d"
        raise ValueError(msg)
    return seconds


def parse_duration(value: Any) -> timedelta:
    """A duration as people write it, such as ``5m``, ``1h30m`` or ``500ms``."""
    if isinstance(value, timedelta):
        return value
    return timedelta(microseconds=int(parse_seconds(value) * 1_000_000))


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    WithJsonSchema({"type": "string", "pattern": f"^{_DURATION}$", "examples": ["30s", "5m"]}),
]


def _no_truth_value(value: Any) -> Any:
    if isinstance(value, bool):
        kind = "truth_value"
        raise PydanticCustomError(kind, "a truth value is no number")
    return value


Whole = Annotated[int, BeforeValidator(_no_truth_value)]
"""A whole number; ``yes`` does not count as 1."""


def _size(value: Any) -> int:
    units = {"": 1, "kB": 1000, "MB": 1000**2, "GB": 1000**3, "KiB": 1024, "MiB": 1024**2}
    found = re.fullmatch(r"([0-9]{1,15}) ?(kB|MB|GB|KiB|MiB|)", str(value))
    if found is None:
        msg = "this is no size; write a whole number with a unit, such as 20MB or 64MiB"
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
        close = get_close_matches(value, available_timezones(), n=1)
        hint = f"did you mean {close[0]!r}?" if close else "write one such as Europe/Berlin or UTC"
        msg = f"{value!r} is no IANA time zone; {hint}"
        raise ValueError(msg) from None
    return value


ZoneName = Annotated[str, AfterValidator(_zone_name)]


def _web_address(value: str) -> str:
    if not re.match(r"https?://[^/]", value):
        msg = "a URL begins with http:// or https://"
        raise ValueError(msg)
    if "@" in value.split("/")[2]:
        msg = "credentials never stand in a URL; use basic_auth or bearer_token"
        raise ValueError(msg)
    return value


WebAddress = Annotated[
    str,
    AfterValidator(_web_address),
    WithJsonSchema({"type": "string", "pattern": "^https?://[^/]"}),
]


def _date(value: Any) -> date:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        msg = "this is no date; write one such as 2026-10-01"
        raise ValueError(msg)
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        msg = f"'{value}' is not in the calendar: {error}"
        raise ValueError(msg) from None


Day = Annotated[date, BeforeValidator(_date), WithJsonSchema({"type": "string", "format": "date"})]


def _clock(value: Any) -> time:
    if isinstance(value, time):
        return value
    found = re.fullmatch(
        r"([01]?[0-9]|2[0-3]):([0-5][0-9])", value if isinstance(value, str) else ""
    )
    if found is None:
        msg = "this is no time of day; write hours and minutes, such as 06:00"
        raise ValueError(msg)
    return time(int(found[1]), int(found[2]))


Clock = Annotated[
    time,
    BeforeValidator(_clock),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^([01]?[0-9]|2[0-3]):[0-5][0-9]$",
            "examples": ["06:00"],
        }
    ),
]


def _file_word(value: str) -> str:
    if not re.fullmatch(_FILE_WORD, value):
        msg = f"{value!r} must be small letters, digits and hyphens, such as shop-monthly"
        raise ValueError(msg)
    return value


_FILE_WORD = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
FileWord = Annotated[
    str,
    AfterValidator(_file_word),
    WithJsonSchema({"type": "string", "pattern": f"^{_FILE_WORD}$"}),
]


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

    username: str = Field(description="User name.")
    password: Secret = Field(description="env:NAME or file:PATH; never the password itself.")


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

    url: WebAddress = Field(description="Base URL, without /api/v1.")
    name: str = Field("Prometheus", description="What the report calls this source.")
    basic_auth: BasicAuth | None = Field(None, description="User name and password.")
    bearer_token: Secret | None = Field(
        None, description="env:NAME or file:PATH; instead of basic_auth."
    )
    headers: dict[str, HeaderValue] = Field(
        default_factory=dict, description="Sent with each request, such as X-Scope-OrgID."
    )
    tls: Tls = Field(Tls(), description="Certificates, where the system's do not do.")
    timeout: Duration = Field(timedelta(seconds=30), description="Time limit of one request.")
    retries: Whole = Field(4, ge=0, le=20, description="How often a failed request is tried again.")
    concurrency: Whole = Field(2, ge=1, le=64, description="Requests in flight at once.")
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


def _address(value: str) -> str:
    if not re.fullmatch(r"[^\s@<>,;\"\r\n]+@[^\s@<>,;\"\r\n]+", value):
        msg = f"{value!r} is no mail address; write one such as team@example.com"
        raise ValueError(msg)
    return value


Address = Annotated[str, AfterValidator(_address)]


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


class ShareDestination(Strict):
    """Files in a folder, by report and year; never overwritten."""

    kind: Literal["share"] = Field(description="Files the documents in a folder.")
    path: Path = Field(description="An existing folder; mounted, if it is a network share.")
    link: str | None = Field(
        None, description="URL under which readers find the folder; mails then link to the files."
    )


Destination = Annotated[MailDestination | ShareDestination, Field(discriminator="kind")]


class Selection(Strict):
    """Which SLOs a report covers; every given list must hold the SLO's value."""

    services: list[str] | None = Field(None, description="Only these services.")
    owners: list[str] | None = Field(None, description="Only what these teams own.")
    namespaces: list[str] | None = Field(None, description="Only these namespaces.")
    slos: list[str] | None = Field(None, description="Ids, `namespace/name`.")


class Schedule(Strict):
    """When a report falls due, in its own time zone, after its period is over."""

    every: Literal["month", "week"] = Field(description="How often.")
    at: Clock = Field(time(6), description="Local time, such as 06:00.")
    day: Whole = Field(
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

    name: FileWord = Field(description="Short name, used on the command line and in file names.")
    title: str = Field(description="What the first page and the mail's subject say.")
    author: str = Field("SLO reports", description="Who stands behind the report.")
    period: Literal["month", "week", "quarter", "year"] = Field(
        "month", description="What one report covers."
    )
    timezone: ZoneName | None = Field(None, description="Default: the file's timezone.")
    schedule: Schedule | None = Field(None, description="Without one, only on request.")
    start_from: Day | None = Field(
        None, description="Periods that began earlier are never planned; default: no catching up."
    )
    select: Selection = Field(Selection(), description="Which SLOs; default: all.")
    formats: list[Literal["html", "pdf", "json"]] = Field(
        ["html", "pdf", "json"], min_length=1, description="Documents that are made."
    )
    destinations: list[str] = Field(
        default_factory=list, description="Names from `destinations`, where the documents go."
    )
    trend: Whole = Field(
        12, ge=1, le=36, description="Periods of trend, the reported one included."
    )
    lookback: Duration | None = Field(
        None, description="Trailing look-back of the burn rate; default 3d, 1d for a week."
    )
    footer: str = Field("", description="A line at the foot of each page.")


class Settings(Strict):
    """The whole settings file."""

    version: Annotated[Literal[1], BeforeValidator(_no_truth_value)] = Field(
        description="Version of this file's form."
    )
    timezone: ZoneName = Field("UTC", description="IANA zone whose midnights cut the periods.")
    state: Path = Field(Path("state"), description="Folder of the ledger and the frozen runs.")
    definitions: list[Path] = Field(
        min_length=1, description="Files or folders (searched for *.yaml and *.yml)."
    )
    templates: Path | None = Field(None, description="Folder whose templates replace ours.")
    source: SourceSettings = Field(description="The metrics server.")
    destinations: dict[str, Destination] = Field(
        default_factory=dict, description="Where reports can go, each under a name of its own."
    )
    reports: list[ReportSettings] = Field(min_length=1, description="The reports, at least one.")
