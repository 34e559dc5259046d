"""Choosing a latency threshold among the boundaries that a histogram has. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from slo_reports.discovering.nouns import Observation
from slo_reports.discovering.targets import spent
from slo_reports.numbers import latency_text, percent_text

SHARE = Decimal("0.99")
"""What a latency promises: 99 % of answers within the threshold, as the tiers say it."""
_FURTHEST = 4
_MOST = 4
_ROOM = Fraction(4, 5)


def boundaries_near(boundaries: Iterable[Decimal], usual: Decimal) -> tuple[Decimal, ...]:
    """The boundaries that a threshold may be chosen from [s], the nearest to the usual one first.

    Args:
        boundaries: those of the histogram [s].
        usual: what 99 % of the answers of such a service usually stay within [s].

    Returns:
        The one nearest to the usual threshold by ratio, and the next ones above it, up to four
        times the larger of the two.
    """
    there = sorted({one for one in boundaries if one > 0 and one.is_finite()})
    if not there:
        return ()
    nearest = min(there, key=lambda one: (abs(math.log(float(one / usual))), -one))
    above = [one for one in there if nearest < one <= _FURTHEST * max(usual, nearest)]
    return (nearest, *above[: _MOST - 1])


def choose(
    seen: Mapping[Decimal, Observation], usual: Decimal, tier: str
) -> tuple[Decimal, str] | None:
    """The threshold that is proposed [s], and why; None where nothing could be measured.

    Args:
        seen: what was observed for each boundary [s].
        usual: what 99 % of the answers of such a service usually stay within [s].
        tier: the service's tier in words.
    """
    measured = {one: found for one, found in sorted(seen.items()) if not found.reason}
    if not measured:
        return None
    nearest = next(iter(measured))
    for most in (_ROOM, Fraction(1)):
        for boundary, found in measured.items():
            if _spent(found) <= most:
                return boundary, _why(boundary, nearest, measured[nearest], usual, tier)
    return nearest, (
        f"{_near(nearest, usual, tier)}; within no boundary up to {latency_text(max(measured))} "
        f"were {percent_text(SHARE, kind='target')}"
    )


def _spent(seen: Observation) -> Fraction:
    return max(spent(seen.month, SHARE), spent(seen.total, SHARE))


def _near(boundary: Decimal, usual: Decimal, tier: str) -> str:
    if boundary == usual:
        return (
            f"{latency_text(boundary)} is what 99 % of the answers of {tier} services stay within"
        )
    return (
        f"{latency_text(boundary)} is the histogram's boundary nearest to the "
        f"{latency_text(usual)} that 99 % of the answers of {tier} services stay within"
    )


def _why(boundary: Decimal, nearest: Decimal, seen: Observation, usual: Decimal, tier: str) -> str:
    if boundary == nearest:
        return _near(boundary, usual, tier)
    shares = [one.sli for one in (seen.month, seen.total) if one.sli is not None]
    return (
        f"{_near(nearest, usual, tier)}, but only {percent_text(min(shares), SHARE)} were within "
        f"it; {latency_text(boundary)} is the first boundary within which 99 % were"
    )
