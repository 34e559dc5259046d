"""Compliance periods: half-open spans of instants cut from a named zone's calendar.

A period's boundaries are local midnights turned into UTC instants, so a month's length follows
daylight saving. A midnight that a clock change skips is the instant of the change; one that
happens twice is the first of the two. Neighbouring periods therefore always touch.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slo_reports.errors import ExitCode, SloReportsError


class PeriodKind(StrEnum):
    """The shapes that a compliance period can have."""

    MONTH = "month"
    WEEK = "week"
    QUARTER = "quarter"
    YEAR = "year"
    ROLLING = "rolling"
    EXPLICIT = "explicit"


class BadPeriod(SloReportsError, ValueError):
    """A text that names no period."""

    exit_code = ExitCode.USAGE


@dataclass(frozen=True)
class Period:
    """A half-open span [start, end) of instants that a report judges.

    Attributes:
        id: what people type and files are named by, such as ``2026-10`` or ``2026-W43``.
        start: first instant [UTC].
        end: first instant that no longer belongs [UTC].
        zone: IANA name of the calendar that the boundaries were cut from.
        as_of: where the data end when the period is judged before its own end [UTC].
    """

    id: str
    kind: PeriodKind
    start: datetime
    end: datetime
    zone: str
    as_of: datetime | None = None

    @property
    def key(self) -> str:
        """What a run of it is filed under: the id, and up to when for a period judged to date."""
        if self.as_of is None:
            return self.id
        return f"{self.id}-to-{self.as_of.astimezone(UTC):%Y-%m-%dT%H%M%SZ}"

    @property
    def length(self) -> timedelta:
        """From start to end, whatever has elapsed."""
        return self.end - self.start

    @property
    def minutes(self) -> float:
        """The period's length L in the budget formulas [min]."""
        return self.length / timedelta(minutes=1)

    @property
    def data_end(self) -> datetime:
        """The instant up to which data are judged: the end, or the as-of instant before it."""
        return self.end if self.as_of is None else self.as_of

    @property
    def elapsed(self) -> float:
        """Elapsed fraction f of the budget formulas, 1 when the period is over [ratio]."""
        return (self.data_end - self.start) / self.length

    @property
    def first_day(self) -> date:
        """The local date on which the period begins."""
        return local_date(self.start, self.zone)

    @property
    def last_day(self) -> date:
        """The local date on which the period's last instant falls."""
        return local_date(self.end - timedelta(microseconds=1), self.zone)


def local_date(instant: datetime, zone: str) -> date:
    """The calendar date that an instant falls on in a zone."""
    return instant.astimezone(ZoneInfo(zone)).date()


def midnight(day: date, zone: str) -> datetime:
    """The first instant of a local day, in UTC."""
    return datetime.combine(day, time(), tzinfo=_zone(zone)).astimezone(UTC)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        msg = f"{name!r} is no IANA time zone; write one such as Europe/Berlin or UTC"
        raise BadPeriod(msg) from error


def between(first: date, until: date, zone: str) -> Period:
    """The explicit period from one local midnight to another, ``[first, until)``."""
    if until <= first:
        msg = f"{first}..{until} is empty: the second date must be later than the first"
        raise BadPeriod(msg)
    return _cut(f"{first}..{until}", PeriodKind.EXPLICIT, first, until, zone)


def month(year: int, number: int, zone: str) -> Period:
    """A calendar month."""
    first = date(year, number, 1)
    return _cut(f"{year:04}-{number:02}", PeriodKind.MONTH, first, _add_months(first, 1), zone)


def week(year: int, number: int, zone: str) -> Period:
    """An ISO week, from Monday 00:00 to the next."""
    first = date.fromisocalendar(year, number, 1)
    identity = f"{year:04}-W{number:02}"
    return _cut(identity, PeriodKind.WEEK, first, first + timedelta(days=7), zone)


def quarter(year: int, number: int, zone: str) -> Period:
    """A calendar quarter."""
    first = date(year, 3 * number - 2, 1)
    return _cut(f"{year:04}-Q{number}", PeriodKind.QUARTER, first, _add_months(first, 3), zone)


def year(number: int, zone: str) -> Period:
    """A calendar year."""
    return _cut(f"{number:04}", PeriodKind.YEAR, date(number, 1, 1), date(number + 1, 1, 1), zone)


def rolling(days: int, until: date, zone: str) -> Period:
    """The ``days`` local days that end at the midnight that begins ``until``."""
    if days < 1:
        msg = f"a rolling period of {days} days is empty"
        raise BadPeriod(msg)
    first = until - timedelta(days=days)
    return _cut(f"{days}d-{until}", PeriodKind.ROLLING, first, until, zone)


def to_date(period: Period, now: datetime) -> Period:
    """The same period judged as of ``now``; unchanged where it is over already."""
    if now >= period.end:
        return period
    if now <= period.start:
        msg = f"{period.id} has not begun: it starts at {period.start.isoformat()}"
        raise BadPeriod(msg)
    return replace(period, as_of=now)


def containing(kind: PeriodKind, day: date, zone: str) -> Period:
    """The calendar period of a kind that a local day belongs to."""
    match kind:
        case PeriodKind.MONTH:
            return month(day.year, day.month, zone)
        case PeriodKind.WEEK:
            iso = day.isocalendar()
            return week(iso.year, iso.week, zone)
        case PeriodKind.QUARTER:
            return quarter(day.year, (day.month + 2) // 3, zone)
        case PeriodKind.YEAR:
            return year(day.year, zone)
        case PeriodKind.ROLLING | PeriodKind.EXPLICIT:
            msg = f"a {kind} period is not part of a calendar"
            raise BadPeriod(msg)


def period_named(identity: str, zone: str) -> Period | None:
    """The whole period that an id names; None where it names none, or one judged to date."""
    try:
        return _parse_form(identity, zone, datetime.max.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None


def last_complete(kind: PeriodKind, now: datetime, zone: str) -> Period:
    """The newest calendar period of a kind that is over at ``now``."""
    return previous(containing(kind, local_date(now, zone), zone))


def previous(period: Period) -> Period:
    """The period of the same kind, or of the same number of days, that ends where this begins."""
    if period.kind in (PeriodKind.ROLLING, PeriodKind.EXPLICIT):
        days = (period.last_day - period.first_day).days + 1
        if period.kind is PeriodKind.ROLLING:
            return rolling(days, period.first_day, period.zone)
        return between(period.first_day - timedelta(days=days), period.first_day, period.zone)
    return containing(period.kind, period.first_day - timedelta(days=1), period.zone)


def following(period: Period) -> Period:
    """The period of the same kind, or of the same number of days, that begins where this ends."""
    day = local_date(period.end, period.zone)  # not the last day's next: a zone may skip that
    if period.kind in (PeriodKind.ROLLING, PeriodKind.EXPLICIT):
        days = (period.last_day - period.first_day).days + 1
        if period.kind is PeriodKind.ROLLING:
            return rolling(days, day + timedelta(days=days), period.zone)
        return between(day, day + timedelta(days=days), period.zone)
    return containing(period.kind, day, period.zone)


_FORMS = (
    "2026-10, 2026-W43, 2026-Q4, 2026, 28d, 28d-2026-11-01 (rolling, ending at that midnight), "
    "2026-10-01..2026-10-15, 'last' or 'current'"
)


def parse_period(text: str, *, kind: PeriodKind, zone: str, now: datetime) -> Period:
    """The period that a person names.

    Args:
        text: one of the forms in the error message below.
        kind: what ``last`` and ``current`` refer to.
        zone: IANA zone of the calendar.
        now: the present instant; a period that is not over is judged to date.

    Returns:
        The period, with ``as_of`` set where ``now`` lies inside it.

    Raises:
        BadPeriod: the text names no period, or one that has not begun.
    """
    text = text.strip()
    if text == "last":
        return last_complete(kind, now, zone)
    if text == "current":
        return to_date(containing(kind, local_date(now, zone), zone), now)
    try:
        period = _parse_form(text, zone, now)
    except BadPeriod:
        raise
    except (ValueError, OverflowError) as error:
        msg = f"{text!r} is no period: {error}; write one of {_FORMS}"
        raise BadPeriod(msg) from error
    if period is None:
        msg = f"{text!r} is no period; write one of {_FORMS}"
        raise BadPeriod(msg)
    return to_date(period, now)


def _parse_form(text: str, zone: str, now: datetime) -> Period | None:
    if found := re.fullmatch(r"(\d{4})-(\d{2})", text):
        return month(int(found[1]), int(found[2]), zone)
    if found := re.fullmatch(r"(\d{4})-W(\d{2})", text):
        return week(int(found[1]), int(found[2]), zone)
    if found := re.fullmatch(r"(\d{4})-Q([1-4])", text):
        return quarter(int(found[1]), int(found[2]), zone)
    if found := re.fullmatch(r"\d{4}", text):
        return year(int(text), zone)
    if found := re.fullmatch(r"(\d{1,4})d(?:-(\d{4}-\d{2}-\d{2}))?", text):
        until = date.fromisoformat(found[2]) if found[2] else local_date(now, zone)
        return rolling(int(found[1]), until, zone)
    if found := re.fullmatch(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})", text):
        return between(date.fromisoformat(found[1]), date.fromisoformat(found[2]), zone)
    return None


def _cut(identity: str, kind: PeriodKind, first: date, until: date, zone: str) -> Period:
    return Period(identity, kind, midnight(first, zone), midnight(until, zone), zone)


def _add_months(first: date, count: int) -> date:
    months = first.year * 12 + first.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)
