"""Spans that are taken out of good and valid events: how they are written, and when they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from slo_reports.model import Exclusion
from slo_reports.settings.recurrence import Rule, check_rule, occurrences, read_calendar
from slo_reports.settings.strict import Strict
from slo_reports.settings.values import ZoneName

_FORM = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?"


def _instant(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not re.fullmatch(_FORM, value):
        msg = (
            "this is no date and time; write local time such as 2026-10-03 02:00, or an instant "
            "such as 2026-10-03T00:00Z"
        )
        raise ValueError(msg)
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        msg = f"'{value}' is not in the calendar: {error}"
        raise ValueError(msg) from None


Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    WithJsonSchema({"type": "string", "pattern": f"^{_FORM}$", "examples": ["2026-10-03 02:00"]}),
]


def _said(value: str) -> str:
    if not value.strip():
        msg = "must not be empty: a reader will ask"
        raise ValueError(msg)
    return value.strip()


Said = Annotated[str, AfterValidator(_said)]


class _Concerning(Strict):
    """What an exclusion takes its slices from."""

    author: Said = Field(description="Who wrote it down.")
    approved_by: str = Field("", description="Who agreed; an adjustment must name someone.")
    services: list[str] = Field(
        default_factory=list, description="Only these services; with no slos either: all."
    )
    slos: list[str] = Field(default_factory=list, description="Only these SLOs, by id.")


class ExclusionSettings(_Concerning):
    """One span, or one that repeats."""

    begin: Instant = Field(alias="from", description="First instant that is out.")
    to: Instant = Field(description="First instant that is in again.")
    timezone: ZoneName | None = Field(
        None, description="Zone of local times; default: the file's timezone."
    )
    reason: Said = Field(description="Why; the report shows it.")
    kind: Literal["maintenance", "adjustment"] = Field(
        "maintenance", description="Planned work, or an adjustment of the budget after the fact."
    )
    repeat: Annotated[str, AfterValidator(check_rule)] | None = Field(
        None, description="Recurrence rule (RFC 5545), such as FREQ=WEEKLY;BYDAY=SU."
    )

    @field_validator("to")
    @classmethod
    def _later(cls, value: datetime, info: ValidationInfo) -> datetime:
        begin = info.data.get("begin")
        if begin is None:
            return value
        if (begin.tzinfo is None) != (value.tzinfo is None):
            msg = "from and to must both be local times, or both instants with a zone"
            raise ValueError(msg)
        if value <= begin:
            msg = f"must be later than from ({begin:%Y-%m-%d %H:%M})"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _approved(self) -> ExclusionSettings:
        if self.kind == "adjustment" and not self.approved_by.strip():
            msg = "an adjustment needs approved_by: who agreed that these events do not count"
            raise ValueError(msg)
        return self


class CalendarSettings(_Concerning):
    """Maintenance windows from a calendar file; each event's summary is the reason."""

    path: Path = Field(description="An iCalendar file (*.ics).")


def exclusions_between(
    spans: Sequence[ExclusionSettings],
    calendars: Sequence[CalendarSettings],
    zone: str,
    start: datetime,
    end: datetime,
) -> tuple[Exclusion, ...]:
    """The exclusions that touch a span of time, in order of time.

    Args:
        spans: as they are written in the settings.
        calendars: files of more of them.
        zone: of local times that name no zone.
        start: first instant of interest [UTC].
        end: first instant after it [UTC].

    Raises:
        ConfigurationError: a calendar cannot be read.
    """
    found = [one for span in spans for one in _written(span, zone, start, end)]
    found += [one for calendar in calendars for one in _listed(calendar, zone, start, end)]
    return tuple(sorted({one for one in found if one.start < end and one.end > start}))


def _written(
    span: ExclusionSettings, zone: str, start: datetime, end: datetime
) -> Iterator[Exclusion]:
    local = ZoneInfo(span.timezone or zone)
    begin, to = (
        one if one.tzinfo is not None else one.replace(tzinfo=local)
        for one in (span.begin, span.to)
    )
    times = [(begin, to)]
    if span.repeat is not None:
        times = occurrences(Rule(begin, to, span.repeat), start - timedelta(days=1), end)
    for low, high in times:
        yield _exclusion(span, low, high, span.reason, span.kind)


def _listed(
    calendar: CalendarSettings, zone: str, start: datetime, end: datetime
) -> Iterator[Exclusion]:
    for low, high, summary in read_calendar(calendar.path, zone, start, end):
        yield _exclusion(calendar, low, high, summary, "maintenance")


def _exclusion(
    said: _Concerning,
    begin: datetime,
    to: datetime,
    reason: str,
    kind: Literal["maintenance", "adjustment"],
) -> Exclusion:
    return Exclusion(
        start=begin.astimezone(UTC),
        end=to.astimezone(UTC),
        reason=reason,
        author=said.author,
        approved_by=said.approved_by.strip(),
        kind=kind,
        services=tuple(said.services),
        slos=tuple(said.slos),
    )
