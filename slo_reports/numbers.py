"""Numbers, spans and instants as people read them, in the language that is spoken.

Values stay exact until here and are rounded last, against ourselves: an SLI, a coverage and a
budget left are rounded down, consumption is rounded up, so no miss is ever printed as a met
target. Digits are grouped by a narrow no-break space in every language, the minus sign is U+2212;
the decimal sign and all dates are the language's own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from babel.lists import format_list

from slo_reports.language import locale, spoken, tr, trn
from slo_reports.periods import Period, PeriodKind, local_date

NARROW = "\u202f"
"""Narrow no-break space: between groups of digits, and between a number and its unit."""
MINUS = "\u2212"

Number = int | float | Decimal | Fraction
Kind = Literal["sli", "consumption", "remaining", "coverage", "target"]
Rounding = Literal["down", "nearest", "up"]

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
    text = f"{whole:,}".replace(",", NARROW)
    if decimals:
        text += f"{_decimal_sign()}{rest:0{decimals}}"
    return MINUS + text if units < 0 else text


def _decimal_sign() -> str:
    return str(locale().number_symbols["latn"]["decimal"])


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
    number = exact(count)
    if abs(number) >= 10**12:
        return tr("{number} trillion", number=decimal_text(number / 10**12, 1))
    if abs(number) >= 10**9:
        return tr("{number} billion", number=decimal_text(number / 10**9, 1))
    if abs(number) >= 10**6:
        return tr("{number} million", number=decimal_text(number / 10**6, 1))
    return events_text(count)


def size_text(size: int) -> str:
    """The size of a file [bytes], such as ``912 bytes``, ``48 kB`` or ``1.2 MB``."""
    if size < 1000:
        return tr("{size} bytes", size=size).replace(" ", NARROW)
    if size < 999_500:
        return f"{decimal_text(Fraction(size, 1000))}{NARROW}kB"
    return f"{decimal_text(Fraction(size, 10**6), 1)}{NARROW}MB"


def count_text(count: int) -> str:
    """A small count as a word (``no`` to ``twelve``), a larger one in digits."""
    words = (
        tr("no"),
        tr("one"),
        tr("two"),
        tr("three"),
        tr("four"),
        tr("five"),
        tr("six"),
        tr("seven"),
        tr("eight"),
        tr("nine"),
        tr("ten"),
        tr("eleven"),
        tr("twelve"),
    )
    return words[count] if 0 <= count < len(words) else events_text(count)


def counted(count: int, one: str, many: str) -> str:
    """A count with its noun, such as ``two incidents``.

    Args:
        count: how many.
        one: the noun for one, in English; a literal, as for ``tr``.
        many: for other numbers.
    """
    return f"{count_text(count)} {spoken().form(one, many, count)}"


def sentence(text: str) -> str:
    """The same with a capital first letter; the rest is left alone."""
    return text[:1].upper() + text[1:]


def inline(text: str) -> str:
    """The same inside a sentence: its capital goes, unless the language or an acronym keeps it."""
    if spoken().capitals or text[1:2].isupper():
        return text
    return text[:1].lower() + text[1:]


def listed(words: list[str]) -> str:
    """A list such as ``A, B and C``."""
    return format_list(words, locale=locale())


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
        told = tr(
            "{target} until {day}, then {next_target}",
            target=told,
            day=day_text(local_date(since - timedelta(microseconds=1), zone)),
            next_target=percent_text(target, kind="target"),
        )
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
    return format_skeleton("yMMMMd" if with_year else "MMMMd", day, locale=locale())


def day_text(day: date, *, with_year: bool = False) -> str:
    """A short date, such as ``19 Oct`` or ``19 Oct 2026``."""
    return format_skeleton("yMMMd" if with_year else "MMMd", day, locale=locale())


def instant_text(instant: datetime, zone: str, *, with_year: bool = False) -> str:
    """A local instant to the minute, such as ``19 Oct 14:40`` or ``19 Oct 2026 14:40``."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{day_text(local.date(), with_year=with_year)} {local:%H:%M}"


# --- periods -------------------------------------------------------------------------------------


def month_text(day: date, *, with_year: bool = False) -> str:
    """The month of a day, such as ``October`` or ``October 2026``."""
    return format_skeleton("yMMMM", day, locale=locale()) if with_year else _month(day)


def _month(day: date) -> str:
    return str(locale().months["stand-alone"]["wide"][day.month])


def short_month(day: date) -> str:
    """The month of a day as short as it gets, such as ``Oct``, without a full stop."""
    return str(locale().months["stand-alone"]["abbreviated"][day.month]).rstrip(".")[:3]


def month_beside_days(day: date) -> str:
    """The month of a day as ``day_text`` writes it, such as ``Oct``."""
    return str(locale().months["format"]["abbreviated"][day.month])


def weekdays() -> tuple[str, ...]:
    """The days of a week from Monday on, as short as ``Mon``, without full stops."""
    names = locale().days["stand-alone"]["abbreviated"]
    return tuple(str(names[day]).rstrip(".") for day in range(7))


def plain_number(value: float) -> str:
    """A number of a definition as it was written, such as ``14.4`` or ``6``."""
    return exact_text(Decimal(f"{value:g}"))


def period_title(period: Period) -> str:
    """A period's full name, such as ``October 2026`` or ``1 to 15 October 2026``."""
    whole = _whole_title(period)
    return tr("{period}, to date", period=whole) if period.as_of else whole


def _whole_title(period: Period) -> str:
    first = period.first_day
    match period.kind:
        case PeriodKind.MONTH:
            return month_text(first, with_year=True)
        case PeriodKind.WEEK:
            iso = first.isocalendar()
            return tr(
                "Week {week}, {year} ({days})", week=iso.week, year=iso.year, days=_days(period)
            )
        case PeriodKind.QUARTER:
            return tr("Q{quarter} {year}", quarter=_quarter(period), year=first.year)
        case PeriodKind.YEAR:
            return f"{first.year}"
        case PeriodKind.ROLLING:
            last = date_text(period.last_day, with_year=True)
            return tr("{days} to {last}", days=_day_count(period), last=last)
        case PeriodKind.EXPLICIT:
            return _days(period, with_year=True)


def period_name(period: Period) -> str:
    """A period's name beside others of its kind, such as ``September``, ``week 42`` or ``Q3``."""
    match period.kind:
        case PeriodKind.MONTH:
            return month_text(period.first_day)
        case PeriodKind.WEEK:
            return tr("week {week}", week=period.first_day.isocalendar().week)
        case PeriodKind.QUARTER:
            return tr("Q{quarter}", quarter=_quarter(period))
        case PeriodKind.YEAR:
            return f"{period.first_day.year}"
        case PeriodKind.ROLLING | PeriodKind.EXPLICIT:
            last = date_text(period.last_day)
            return tr("the {days} to {last}", days=_day_count(period), last=last)


def period_facts(period: Period) -> str:
    """A period's days, length and zone: ``1 to 31 October, 745 hours in Europe/Berlin``."""
    hours = exact_text(Fraction(period.length // timedelta(seconds=1), 3600))
    facts = tr("{days}, {hours} hours in {zone}", days=_days(period), hours=hours, zone=period.zone)
    if period.as_of is None:
        return facts
    instant = instant_text(period.as_of, period.zone)
    return tr("{facts}, as of {instant}", facts=facts, instant=instant)


def periods_counted(count: int, kind: PeriodKind) -> str:
    """A number of periods of a kind, such as ``two months``."""
    match kind:
        case PeriodKind.MONTH:
            return counted(count, "month", "months")
        case PeriodKind.WEEK:
            return counted(count, "week", "weeks")
        case PeriodKind.QUARTER:
            return counted(count, "quarter", "quarters")
        case PeriodKind.YEAR:
            return counted(count, "year", "years")
        case PeriodKind.ROLLING | PeriodKind.EXPLICIT:
            return counted(count, "period", "periods")


def period_noun(kind: PeriodKind) -> str:
    """What a period of a kind is called, such as ``month``."""
    match kind:
        case PeriodKind.MONTH:
            return tr("month")
        case PeriodKind.WEEK:
            return tr("week")
        case PeriodKind.QUARTER:
            return tr("quarter")
        case PeriodKind.YEAR:
            return tr("year")
        case PeriodKind.ROLLING | PeriodKind.EXPLICIT:
            return tr("period")


def periods_in_digits(count: int, kind: PeriodKind) -> str:
    """The same as ``periods_counted`` in digits, for headings: ``12 months``."""
    match kind:
        case PeriodKind.MONTH:
            return trn("{count} month", "{count} months", count, count=count)
        case PeriodKind.WEEK:
            return trn("{count} week", "{count} weeks", count, count=count)
        case PeriodKind.QUARTER:
            return trn("{count} quarter", "{count} quarters", count, count=count)
        case PeriodKind.YEAR:
            return trn("{count} year", "{count} years", count, count=count)
        case PeriodKind.ROLLING | PeriodKind.EXPLICIT:
            return trn("{count} period", "{count} periods", count, count=count)


def _days(period: Period, *, with_year: bool = False) -> str:
    first, last = period.first_day, period.last_day
    if first == last:
        return date_text(first, with_year=with_year)
    far = first.year != last.year
    return tr(
        "{first} to {last}",
        first=_first_of_two(first, last),
        last=date_text(last, with_year=with_year or far),
    )


def _first_of_two(first: date, last: date) -> str:
    """The first day of a span, without what the last day says as well."""
    if first.year != last.year:
        return date_text(first, with_year=True)
    pattern = str(locale().datetime_skeletons["MMMMd"])
    day, month, _ = pattern.partition("MMMM")
    if first.month == last.month and month and day:
        return day.strip().replace("d", str(first.day))
    return date_text(first)


def _quarter(period: Period) -> int:
    return (period.first_day.month + 2) // 3


def _day_count(period: Period) -> str:
    days = (period.last_day - period.first_day).days + 1
    return trn("{days} day", "{days} days", days, days=days)
