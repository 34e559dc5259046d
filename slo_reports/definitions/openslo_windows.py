"""The durations and time windows of OpenSLO."""

from __future__ import annotations

import re
from datetime import timedelta

from slo_reports.definitions.foreign import LONGEST, Context, Place, whole_days
from slo_reports.definitions.values import WINDOWS

_DAYS = {"d": 1, "w": 7, "M": 30, "Q": 90, "Y": 365}
_UNITS = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    **{unit: timedelta(days=days) for unit, days in _DAYS.items()},
}
_CALENDAR = {"w": "week", "M": "month", "Q": "quarter", "Y": "year"}
_WORDS = {"Day": "d", "Week": "w", "Month": "M", "Quarter": "Q", "Year": "Y"}
_NO_CALENDAR = "no effect here: a report's own period and time zone say where it begins"


def duration(place: Place) -> tuple[int, str, timedelta]:
    """A duration shorthand such as ``1M``: its number, its unit and its length.

    ``m`` is a minute and ``M`` a month of 30 days; ``Q`` has 90 days and ``Y`` 365.
    """
    text = place.text().strip()
    found = re.fullmatch(r"([0-9]{1,6})([mhdwMQY])", text)
    if found is None:
        unit = _WORDS.get(text.capitalize().rstrip("s"))
        hint = f"; write 1{unit}" if unit else ", such as 1h, 28d, 4w or 1M"
        place.refuse(f"{place.name} {text[:40]!r} is no OpenSLO duration{hint}")
    length = int(found[1]) * _UNITS[found[2]]
    if not timedelta(0) < length <= LONGEST:
        place.refuse(f"{place.name} must be longer than 0 and at most 3660d")
    return int(found[1]), found[2], length


def read_window(spec: Place, context: Context) -> tuple[str, timedelta]:
    """The window of an SLO's objectives, as ours are named, and its nominal length."""
    listed = spec.get("timeWindow") or spec.get("timeWindows")
    if listed is None or listed.value == []:
        spec.remark(f"no time window is given: the objective is over {context.period.days}d")
        return whole_days(spec, context.period), context.period
    windows = listed.items() if isinstance(listed.value, list) else [listed]
    if len(windows) > 1:
        listed.refuse("exactly one time window is expected")
    (window,) = windows
    count, unit, length = _alpha(window) if listed.loc[-1] == "timeWindows" else _window(window)
    calendar, told = window.get("calendar"), window.get("isRolling")
    rolling = told is not None and told.flag()
    if calendar is not None:
        calendar.only(["startTime", "timeZone"], strict=True)
        calendar.remark(f"calendar: {_NO_CALENDAR}")
    if calendar is not None and not rolling and count == 1 and unit in _CALENDAR:
        return _CALENDAR[unit], WINDOWS[_CALENDAR[unit]]
    return whole_days(window, length), length


def _window(window: Place) -> tuple[int, str, timedelta]:
    window.only(["duration", "isRolling", "calendar"], strict=True)
    place = window.need("duration")
    count, unit, length = duration(place)
    if unit == "m" and length < timedelta(days=1):
        plural = "minute" if count == 1 else "minutes"
        place.refuse(f"{count}m is {count} {plural}; a month is written 1M")
    return count, unit, length


def _alpha(window: Place) -> tuple[int, str, timedelta]:
    """A window of v1alpha, whose unit is a word."""
    window.only(["unit", "count", "isRolling", "calendar"], strict=True)
    word, count = window.need("unit"), window.need("count")
    number = count.number()
    if word.text() == "Second":
        word.refuse("windows shorter than a day are in no report")
    unit = _WORDS[word.one_of(_WORDS)]
    if number % 1 or not 0 < number * _DAYS[unit] <= LONGEST.days:
        count.refuse("count must be a whole number above 0, and the window at most 3660 days")
    return int(number), unit, timedelta(days=int(number) * _DAYS[unit])


def slice_window_of(objective: Place) -> timedelta | None:
    """``timeSliceWindow``: a duration, or a bare number of minutes."""
    found = objective.get("timeSliceWindow")
    if found is None:
        return None
    if found.text().strip().isdigit():
        minutes = found.number()
        if not 0 < minutes <= 1440:
            found.refuse("timeSliceWindow must be from 1 minute to a day")
        return timedelta(minutes=int(minutes))
    return duration(found)[2]
