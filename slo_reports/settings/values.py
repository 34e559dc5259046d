"""The values that settings are made of: how each is written, checked and read."""

from __future__ import annotations

import os
import re
from datetime import date, time, timedelta
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, GetCoreSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from slo_reports.errors import ConfigurationError
from slo_reports.language import language_of

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


def no_truth_value(value: Any) -> Any:
    """The value, unless it is ``true`` or ``false``, which would otherwise count as 1 or 0."""
    if isinstance(value, bool):
        kind = "truth_value"
        raise PydanticCustomError(kind, "a truth value is no number")
    return value


Whole = Annotated[int, BeforeValidator(no_truth_value)]
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


def _language_tag(value: str) -> str:
    return language_of(value).tag


LanguageTag = Annotated[str, AfterValidator(_language_tag)]
"""A language that we have texts in, with or without a region: en, de, de-CH."""


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


def _database_url(value: str) -> str:
    if not re.match(r"postgresql://[^/]+/[^/]", value):
        msg = "a database's URL looks like postgresql://user@host:5432/database"
        raise ValueError(msg)
    if ":" in value.split("/")[2].rpartition("@")[0]:
        msg = "passwords never stand in a URL; set password: env:NAME or file:PATH"
        raise ValueError(msg)
    return value


DatabaseUrl = Annotated[
    str,
    AfterValidator(_database_url),
    WithJsonSchema({"type": "string", "pattern": "^postgresql://[^/]+/[^/]"}),
]


def _place(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not value or value != value.strip():
        msg = "this is no place; write a folder, or a URL such as s3://bucket/slo-history"
        raise ValueError(msg)
    if not re.match(r"[a-z][a-z0-9+.-]*://", value):
        return Path(value)
    if "@" in value.split("/")[2]:
        msg = "credentials never stand in a URL; the store's own environment variables hold them"
        raise ValueError(msg)
    return value


Place = Annotated[
    Path | str,
    BeforeValidator(_place),
    WithJsonSchema({"type": "string", "minLength": 1, "examples": ["s3://bucket/slo-history"]}),
]
"""A folder, or the URL of a store that fsspec knows."""


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


def _web_address_or_secret(value: str | Secret) -> str | Secret:
    return value if isinstance(value, Secret) else _web_address(value)


Endpoint = Annotated[
    str | Secret,
    BeforeValidator(_secret_or_text),
    AfterValidator(_web_address_or_secret),
    WithJsonSchema({"type": "string", "pattern": "^(https?://[^/]|env:|file:)"}),
]
"""A web address, or a secret that holds one."""


def revealed(value: str | Secret) -> str:
    """A text that may be a secret.

    Raises:
        ConfigurationError: the secret is not there.
    """
    return value.reveal() if isinstance(value, Secret) else value


def _address(value: str) -> str:
    if not re.fullmatch(r"[^\s@<>,;\"\r\n]+@[^\s@<>,;\"\r\n]+", value):
        msg = f"{value!r} is no mail address; write one such as team@example.com"
        raise ValueError(msg)
    return value


Address = Annotated[str, AfterValidator(_address)]
