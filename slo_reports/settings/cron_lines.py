"""Cron lines as crontab(5) means them, for a library that numbers weekdays differently."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FORM = "write five fields: minute, hour, day of month, month, day of week, as in '0 6 * * mon'"


def cron_trigger(line: str, zone: tzinfo) -> BaseTrigger:
    """The fire times of a cron line.

    Weekdays count from Sunday (0 or 7), and where both days are restricted either one suffices,
    as crontab(5) has it.

    Raises:
        ValueError: the line is none.
    """
    fields = line.split()
    if len(fields) != 5:
        msg = f"{line!r} is no cron line; {_FORM}"
        raise ValueError(msg)
    minute, hour, day, month, weekday = fields
    common = {"minute": minute, "hour": hour, "month": month, "timezone": zone}
    weekdays = ",".join(_weekdays(weekday))
    try:
        if not day.startswith("*") and not weekday.startswith("*"):
            return OrTrigger(
                [CronTrigger(day=day, **common), CronTrigger(day_of_week=weekdays, **common)]
            )
        return CronTrigger(day=day, day_of_week=weekdays, **common)
    except ValueError as error:
        msg = f"{line!r} is no cron line: {error}; {_FORM}"
        raise ValueError(msg) from error


def check_cron_line(line: str) -> None:
    """Refuse what is no cron line, or one that never fires.

    Raises:
        ValueError: it is none.
    """
    if cron_trigger(line, UTC).get_next_fire_time(None, datetime(2024, 1, 1, tzinfo=UTC)) is None:
        msg = f"{line!r} names a day that never comes"
        raise ValueError(msg)


def _weekdays(field: str) -> list[str]:
    """The names of the days that a field stands for; all of them for ``*``."""
    days = {number for part in field.lower().split(",") for number in _part(part, field)}
    return [_DAYS[number] for number in sorted(days)]


def _part(part: str, field: str) -> range | set[int]:
    found = re.fullmatch(r"(\*|([a-z]{3}|[0-7])(?:-([a-z]{3}|[0-7]))?)(?:/([1-7]))?", part)
    if found is None:
        msg = f"{field!r} is no day of the week; write names such as mon-fri, or 0 (Sunday) to 7"
        raise ValueError(msg)
    step = int(found[4] or 1)
    if found[1] == "*":
        return range(0, 7, step)
    first = _number(found[2], field)
    last = _number(found[3], field) if found[3] else (6 if found[4] else first)
    if found[3] in {"7", "sun"}:
        last = 7
    if last < first:
        msg = f"{part!r} in {field!r} runs backwards; write it as two, such as fri-sat,sun-mon"
        raise ValueError(msg)
    return {number % 7 for number in range(first, last + 1, step)}


def _number(text: str, field: str) -> int:
    if text.isdecimal():
        return int(text)
    if text not in _DAYS:
        msg = f"{text!r} in {field!r} is no day of the week; write one of {', '.join(_DAYS)}"
        raise ValueError(msg)
    return _DAYS.index(text)
