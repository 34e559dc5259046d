"""PromQL put together: sums, shares and what stands in for a missing answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal, InvalidOperation

from slo_reports.model import Matcher
from slo_reports.promql import duration, re2_escape, selector

WINDOW = "$window"
NOISE = 1e-9
"""What floats may add to a ratio without meaning it."""


def rate(metric: str, matchers: Iterable[Matcher], window: timedelta) -> str:
    """Events per second of a counter, all its series together."""
    return f"sum(rate({selector(metric, matchers)}[{duration(window)}]))"


def or_zero(part: str, whole: str) -> str:
    """A part of a whole; nothing of it where only the part's answer lacks."""
    return f"({part} or 0 * {whole})"


def share(part: str, whole: str) -> str:
    """A part over its whole; no answer where the whole is nothing."""
    return f"{part}\n/\n({whole} > 0)"


def within(expression: str, low: int = 0, high: int = 1) -> str:
    """A value that noise or extrapolation cannot carry out of its bounds."""
    return f"clamp({expression}, {low}, {high})"


def asked(query: str, window: timedelta) -> str:
    """A query that a person wrote, over a window, as one answer without labels."""
    text = query.strip().replace(WINDOW, duration(window))
    return f"sum(\n{text}\n)" if "\n" in text or "#" in text else f"sum({text})"


def known(expression: str) -> str:
    """An answer where it is a number; NaN is none."""
    return f"({expression} >= -Inf)"


def number(value: Decimal) -> str:
    """A number as PromQL reads it."""
    return f"{value.normalize():f}"


def by_value(metric: str, matchers: tuple[Matcher, ...]) -> tuple[Matcher, ...]:
    """Matchers of a counter, where a bucket is named by the value of its boundary."""
    if not metric.endswith("_bucket"):
        return matchers
    return tuple(_by_value(one) for one in matchers)


def _by_value(matcher: Matcher) -> Matcher:
    if matcher.label != "le" or matcher.op != "=":
        return matcher
    try:
        value = Decimal(matcher.value)
    except InvalidOperation:
        return matcher
    return bucket(value) if value.is_finite() and value > 0 else matcher


def bucket(boundary: Decimal) -> Matcher:
    """A matcher for every spelling of a boundary: ``0.5``, ``0.50``, ``5e-01``; ``1``, ``1.0``."""
    return Matcher("le", "=~", f"{_plain(boundary)}|{_scientific(boundary)}")


def _plain(boundary: Decimal) -> str:
    whole, _, part = f"{boundary.normalize():f}".partition(".")
    whole = "0*" if whole == "0" else re2_escape(whole)
    return f"{whole}[.]{part}0*" if part else f"{whole}([.]0*)?"


def _scientific(boundary: Decimal) -> str:
    _, digits, _ = boundary.normalize().as_tuple()
    first, rest = str(digits[0]), "".join(map(str, digits[1:]))
    power = boundary.adjusted()
    sign = "-" if power < 0 else "[+]?" if power else "[+-]?"
    mantissa = f"{first}[.]{rest}0*" if rest else f"{first}([.]0*)?"
    return f"{mantissa}[eE]{sign}0*{abs(power)}"
