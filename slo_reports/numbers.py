"""Numbers, spans and instants as people read them, in English.

Values stay exact until here and are rounded last, against ourselves: an SLI, a coverage and a
budget left are rounded down, consumption is rounded up, so no miss is ever printed as a met
target. Digits are grouped by a narrow no-break space, the minus sign is U+2212.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal
from zoneinfo import ZoneInfo

from slo_reports.periods import Period, PeriodKind, local_date

NARROW = "\u202f"
"""Narrow no-break space: between groups of digits, and between a number and its unit."""
MINUS = "\u2212"

Number = int | float | Decimal | Fraction
Kind = Literal["sli", "consumption", "remaining", "coverage", "target"]
Rounding = Literal["down", "nearest", "up"]

_WORDS = (
    "no one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905 a list of words reads better as one sentence
)
_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905 as above
)


# --- numbers -----------------------------------------------------------------------------------


def exact(value: Number) -> Fraction:
    """A number as a fraction; a float as the shortest decimal that means it."""
    return Fraction(repr(value)) if isinstance(value, float) else Fraction(value)


def decimal_text(value: Number, decimals: int = 0, rounding: Rounding = "nearest") -> str:
    """A number with a fixed count of decimals, grouped, such as ``31 200`` or ``−17.50``."""
    scaled = exact(value) * 10**decimals
    match rounding:
        case "down":
            units = math.floor(scaled)
        case "up":
            units = math.ceil(scaled)
        case "nearest":
            units = math.floor(abs(scaled) + Fraction(1, 2)) * (-1 if scaled < 0 else 1)
    whole, rest = divmod(abs(units), 10**decimals)
    text = f"{whole:,}".replace(",", NARROW) + (f".{rest:0{decimals}}" if decimals else "")
    return MINUS + text if units < 0 else text


def events_text(count: Number, rounding: Rounding = "nearest") -> str:
    """A number of events, such as ``31 200``."""
    return decimal_text(count, 0, rounding)


def exact_text(value: Number) -> str:
    """A number with as many decimals (up to six) as it takes to tell it, rounded down."""
    number = exact(value)
    decimals = next((n for n in range(6) if (number * 10**n).denominator == 1), 6)
    return decimal_text(number, decimals, "down")


def large_text(count: Number) -> str:
    """A large number in words' reach, such as ``26.4 million``; small ones in digits."""
    for size, name in ((10**12, "trillion"), (10**9, "billion"), (10**6, "million")):
        if abs(exact(count)) >= size:
            return f"{decimal_text(exact(count) / size, 1)} {name}"
    return events_text(count)


def size_text(size: int) -> str:
    """The size of a file [bytes], such as ``912 bytes``, ``48 kB`` or ``1.2 MB``."""
    if size < 1000:
        return f"{size}{NARROW}bytes"
    if size < 999_500:
        return f"{decimal_text(Fraction(size, 1000))}{NARROW}kB"
    return f"{decimal_text(Fraction(size, 10**6), 1)}{NARROW}MB"


def count_text(count: int) -> str:
    """A small count as a word (``no`` to ``twelve``), a larger one in digits."""
    return _WORDS[count] if 0 <= count < len(_WORDS) else events_text(count)


def counted(count: int, one: str, many: str = "") -> str:
    """A count with its noun, such as ``two incidents``."""
    return f"{count_text(count)} {one if count == 1 else many or one + 's'}"


def sentence(text: str) -> str:
    """The same with a capital first letter; the rest is left alone."""
    return text[:1].upper() + text[1:]


def listed(words: list[str]) -> str:
    """An English list, such as ``A, B and C``."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


# --- percent -----------------------------------------------------------------------------------


def sli_decimals(objective: Decimal) -> int:
    """Decimals of a percentage: two digits more than the objective has nines, at least two.

    Args:
        objective: promised share of good events [ratio].

    Returns:
        3 for 99.9 %, 2 for 97 %; never fewer than it takes to print the objective itself.
    """
    gap = 1 - Fraction(objective)
    nines = 0
    while gap > 0 and gap * 10 ** (nines + 1) <= 1:
        nines += 1
    return max(2, nines, _decimals(Fraction(objective) * 100))


def percent_number(ratio: Number, objective: Decimal | None = None, kind: Kind = "sli") -> str:
    """The number before a percent sign, rounded last and against ourselves.

    Args:
        ratio: what to print [ratio].
        objective: the promise that sets the digits of an SLI [ratio].
        kind: ``sli`` and ``coverage`` round down, ``remaining`` too, to whole percents;
            ``consumption`` rounds up to whole percents; ``target`` is printed as it is.

    Returns:
        Such as ``99.882``, ``−18`` or ``100``.
    """
    match kind:
        case "sli" | "coverage":
            return _rounded_down(exact(ratio), _sli_decimals_for(objective, kind))
        case "consumption":
            return decimal_text(_without_noise(ratio) * 100, 0, "up")
        case "remaining":
            return decimal_text(_without_noise(ratio) * 100, 0, "down")
        case "target":
            percent = exact(ratio) * 100
            return decimal_text(percent, _decimals(percent), "nearest")


def percent_text(ratio: Number, objective: Decimal | None = None, kind: Kind = "sli") -> str:
    """A ratio as a percentage with its sign, such as ``99.882 %``; see ``percent_number``."""
    return f"{percent_number(ratio, objective, kind)}{NARROW}%"


def signed_points(change: Number) -> str:
    """A change in percentage points, such as ``+12`` or ``−62``, rounded down; ``0`` for none."""
    text = decimal_text(_without_noise(change) * 100, 0, "down")
    return text if text == "0" or text.startswith(MINUS) else f"+{text}"


def burn_text(rate: Number) -> str:
    """A burn rate, such as ``0.31×`` or ``14.4×``, rounded up."""
    decimals = 2 if rate < 10 else 1 if rate < 100 else 0
    return f"{decimal_text(_without_noise(rate), decimals, 'up')}×"


def _sli_decimals_for(objective: Decimal | None, kind: Kind) -> int:
    if kind == "coverage":
        return 2
    return 3 if objective is None else sli_decimals(objective)


def _rounded_down(ratio: Fraction, decimals: int) -> str:
    return "100" if ratio == 1 else decimal_text(ratio * 100, decimals, "down")


def _decimals(percent: Fraction) -> int:
    return next((n for n in range(12) if (percent * 10**n).denominator == 1), 12)


def _without_noise(value: Number) -> Fraction:
    # Sums of floats end in digits that no event stands for; they must not tip a rounding up.
    return round(exact(value), 12)


def target_words(parts: Sequence[tuple[datetime, Decimal]], zone: str) -> str:
    """The targets of a period in words: ``99 % until 14 Oct, then 99.5 %``.

    Args:
        parts: each target [ratio] with the instant from which it holds.
        zone: whose days are told.
    """
    told = percent_text(parts[0][1], kind="target")
    for since, target in parts[1:]:
        last = day_text(local_date(since - timedelta(microseconds=1), zone))
        told += f" until {last}, then {percent_text(target, kind='target')}"
    return told


# --- spans and instants --------------------------------------------------------------------------


def minutes_text(minutes: Number, rounding: Rounding = "nearest") -> str:
    """Minutes of a budget, such as ``44.7 min``; whole ones from a hundred on."""
    value = _without_noise(minutes)
    return f"{decimal_text(value, 1 if abs(value) < 100 else 0, rounding)}{NARROW}min"


def latency_text(seconds: Number) -> str:
    """A latency, such as ``84 ms``, ``2.5 ms`` or ``1.25 s``; rounded up, against ourselves."""
    value = _without_noise(seconds)
    number, unit = (value, "s") if value >= 1 else (value * 1000, "ms")
    scale = 100 if unit == "s" else 10 if number < 10 else 1
    return f"{exact_text(Fraction(math.ceil(number * scale), scale))}{NARROW}{unit}"


def duration_text(span: timedelta) -> str:
    """A span in its two largest units, such as ``2 h 19 min``, ``18 min`` or ``45 s``."""
    seconds = int(span.total_seconds())
    if seconds < 60:
        return f"{seconds}{NARROW}s"
    minutes = (seconds + 30) // 60
    if minutes < 60:
        return f"{minutes}{NARROW}min"
    if minutes < 48 * 60:
        return _two(minutes, 60, "h", "min")
    return _two((minutes + 30) // 60, 24, "d", "h")


def _two(small: int, per_large: int, large_unit: str, small_unit: str) -> str:
    large, rest = divmod(small, per_large)
    width = 2 if small_unit == "min" else 1
    tail = f" {rest:0{width}}{NARROW}{small_unit}" if rest else ""
    return f"{large}{NARROW}{large_unit}{tail}"


def date_text(day: date, *, with_year: bool = False) -> str:
    """A date, such as ``19 October`` or ``19 October 2026``."""
    text = f"{day.day} {_MONTHS[day.month - 1]}"
    return f"{text} {day.year}" if with_year else text


def day_text(day: date) -> str:
    """A short date, such as ``19 Oct``."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]}"


def instant_text(instant: datetime, zone: str, *, with_year: bool = False) -> str:
    """A local instant to the minute, such as ``19 Oct 14:40`` or ``19 Oct 2026 14:40``."""
    local = instant.astimezone(ZoneInfo(zone))
    year = f" {local.year}" if with_year else ""
    return f"{day_text(local.date())}{year} {local:%H:%M}"


# --- periods -------------------------------------------------------------------------------------


def period_title(period: Period) -> str:
    """A period's full name, such as ``October 2026`` or ``1 to 15 October 2026``."""
    return f"{_whole_title(period)}, to date" if period.as_of else _whole_title(period)


def _whole_title(period: Period) -> str:
    match period.kind:
        case PeriodKind.MONTH:
            return f"{_MONTHS[period.first_day.month - 1]} {period.first_day.year}"
        case PeriodKind.WEEK:
            iso = period.first_day.isocalendar()
            return f"Week {iso.week}, {iso.year} ({_days(period)})"
        case PeriodKind.QUARTER:
            return f"Q{_quarter(period)} {period.first_day.year}"
        case PeriodKind.YEAR:
            return f"{period.first_day.year}"
        case PeriodKind.ROLLING:
            return f"{_day_count(period)} to {date_text(period.last_day, with_year=True)}"
        case PeriodKind.EXPLICIT:
            return _days(period, with_year=True)


def period_name(period: Period) -> str:
    """A period's name beside others of its kind, such as ``September``, ``week 42`` or ``Q3``."""
    match period.kind:
        case PeriodKind.MONTH:
            return _MONTHS[period.first_day.month - 1]
        case PeriodKind.WEEK:
            return f"week {period.first_day.isocalendar().week}"
        case PeriodKind.QUARTER:
            return f"Q{_quarter(period)}"
        case PeriodKind.YEAR:
            return f"{period.first_day.year}"
        case PeriodKind.ROLLING | PeriodKind.EXPLICIT:
            return f"the {_day_count(period)} to {date_text(period.last_day)}"


def period_facts(period: Period) -> str:
    """A period's days, length and zone: ``1 to 31 October, 745 hours in Europe/Berlin``."""
    hours = Fraction(period.length // timedelta(seconds=1), 3600)
    facts = f"{_days(period)}, {exact_text(hours)} hours in {period.zone}"
    if period.as_of is None:
        return facts
    return f"{facts}, as of {instant_text(period.as_of, period.zone)}"


def _days(period: Period, *, with_year: bool = False) -> str:
    first, last = period.first_day, period.last_day
    if first == last:
        return date_text(first, with_year=with_year)
    if first.year != last.year:
        return f"{date_text(first, with_year=True)} to {date_text(last, with_year=True)}"
    start = str(first.day) if first.month == last.month else date_text(first)
    return f"{start} to {date_text(last, with_year=with_year)}"


def _quarter(period: Period) -> int:
    return (period.first_day.month + 2) // 3


def _day_count(period: Period) -> str:
    days = (period.last_day - period.first_day).days + 1
    return "1 day" if days == 1 else f"{days} days"
