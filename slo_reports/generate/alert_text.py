"""What an alert says in words, each number computed from the alert itself."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

_UNITS = (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))
_DIGITS = 3


def budget_used(threshold: Decimal, window: timedelta, period: timedelta) -> Fraction:
    """Share of a period's budget that a burn rate uses in a window: b × w / p [ratio].

    Args:
        threshold: burn rate b [1].
        window: w.
        period: p, what the objective is promised over.
    """
    return Fraction(threshold) * Fraction(window // _TICK, period // _TICK)


def time_until_exhaustion(threshold: Decimal, period: timedelta) -> timedelta:
    """How long a whole budget lasts at a burn rate: p / b."""
    seconds = Fraction(period // _TICK, 1_000_000) / Fraction(threshold)
    return timedelta(seconds=round(seconds))


_TICK = timedelta(microseconds=1)


def percent(ratio: Fraction) -> str:
    """A share as a percentage of at most three digits that matter, such as ``13.4 %``."""
    return f"{rounded(ratio * 100)} %"


def rounded(value: Fraction) -> str:
    """A number with at most three digits that matter, and all of its whole part."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    places = max(0, _DIGITS - 1 - exact.adjusted()) if exact else 0
    return f"{round(exact, places).normalize():f}"


def span(length: timedelta) -> str:
    """A length of time in its two largest units, such as ``2 days 2 hours``."""
    left, words = max(1, round(length.total_seconds())), list[str]()
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        if words or count:
            words += [_counted(count, unit)] if count else []
            if len(words) == 2 or (words and not count):
                break
    return " ".join(words)


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'}"


def of_time(length: timedelta) -> str:
    """A window after ``in``: ``an hour`` reads better than ``1 hour``."""
    return {timedelta(hours=1): "an hour", timedelta(days=1): "a day"}.get(length, span(length))


def literally(text: str) -> str:
    """Text that Prometheus' templates leave as it is."""
    return text.replace("{{", '{{ "{{" }}')
