"""Recurring spans of time: recurrence rules (RFC 5545) and calendar files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Event
from icalendar.prop import vRecur

from slo_reports.errors import ConfigurationError

_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")


@dataclass(frozen=True)
class Rule:
    """A first span and the rule that it repeats by."""

    begin: datetime
    to: datetime
    text: str


def check_rule(text: str) -> str:
    """A recurrence rule as it is written, if it is one.

    Raises:
        ValueError: it is none, or one that repeats within a day.
    """
    bare = text.strip().removeprefix("RRULE:")
    try:
        rule = vRecur.from_ical(bare)
    except ValueError as error:
        msg = f"'{text}' is no recurrence rule; write one such as FREQ=WEEKLY;BYDAY=SU"
        raise ValueError(msg) from error
    frequency = rule.get("FREQ", [""])[0]
    if frequency not in _FREQUENCIES:
        seen = frequency or "missing"
        msg = f"FREQ of a recurrence rule must be one of {', '.join(_FREQUENCIES)}; it is {seen}"
        raise ValueError(msg)
    return bare


def occurrences(rule: Rule, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The spans of a rule that touch a span of time, by the local clock of its first one."""
    event = Event()
    event.add("uid", "rule")
    event.add("dtstart", rule.begin)
    event.add("dtend", rule.to)
    event.add("rrule", vRecur.from_ical(rule.text))
    calendar = Calendar()
    calendar.add_component(event)
    return [(begin, to) for begin, to, _ in _events(calendar, str(rule.begin.tzinfo), start, end)]


def read_calendar(
    path: Path, zone: str, start: datetime, end: datetime
) -> list[tuple[datetime, datetime, str]]:
    """The events of a calendar file that touch a span of time, as (from, to, summary).

    Args:
        path: an iCalendar file.
        zone: of times that name no zone, and of whole days.
        start: first instant of interest [UTC].
        end: first instant after it [UTC].

    Raises:
        ConfigurationError: the file cannot be read, or is no calendar.
    """
    return list(_events(_calendar(path), zone, start, end))


def check_calendar(path: Path) -> None:
    """See that a file is a calendar.

    Raises:
        ConfigurationError: the file cannot be read, or is no calendar.
    """
    _calendar(path)


def _calendar(path: Path) -> Calendar:
    try:
        return Calendar.from_ical(path.read_bytes())
    except OSError as error:
        msg = f"the calendar {path} could not be read: {error.strerror}"
        raise ConfigurationError(msg) from error
    except ValueError as error:
        msg = f"{path} is no iCalendar file: {error}"
        raise ConfigurationError(msg) from error


def _events(
    calendar: Calendar, zone: str, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, str]]:
    for one in recurring_ical_events.of(calendar).between(start, end):
        begin, to = (_instant(one[key].dt, zone) for key in ("DTSTART", "DTEND"))
        if begin < to and str(one.get("STATUS", "")).upper() != "CANCELLED":
            yield begin, to, str(one.get("SUMMARY", "")).strip() or "no reason given"


def _instant(value: date | datetime, zone: str) -> datetime:
    """A calendar's time as an instant: whole days and bare times are local."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return value if value.tzinfo is not None else value.replace(tzinfo=ZoneInfo(zone))
