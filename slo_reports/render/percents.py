"""How many digits a ratio needs in a spreadsheet, which rounds by itself."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

from slo_reports.numbers import exact, sli_decimals

_MOST = 12
_PLAIN = "0.00%"


def percent_format(value: Any, target: Decimal | None = None) -> str:
    """A number format for a ratio.

    Args:
        value: the ratio; a target itself is shown in full.
        target: what it is judged by; a miss then never reads as met, nor a met one as missed.
    """
    if isinstance(value, Decimal):
        return _form(max(2, -int((value * 100).normalize().as_tuple().exponent)))
    if target is None:
        return _PLAIN
    decimals = sli_decimals(target)
    while decimals < _MOST and _changes_side(value, target, decimals):
        decimals += 1
    return _form(decimals)


def _changes_side(value: float, target: Decimal, decimals: int) -> bool:
    scale = 100 * 10**decimals
    shown = Fraction(math.floor(exact(value) * scale + Fraction(1, 2)), scale)
    return (shown >= Fraction(target)) != (exact(value) >= Fraction(target))


def _form(decimals: int) -> str:
    return f"0.{'0' * decimals}%"
