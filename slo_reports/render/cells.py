"""Values as cells of a table: whole numbers, and text that no program stumbles over."""

from __future__ import annotations

import math
from decimal import Decimal
from functools import lru_cache

from slo_reports.render.clean import LONGEST_CELL, one_line

_EXACT = 2**53


def plain_text(text: str) -> str:
    """One line of text, no longer than a cell may be; the JSON document holds it all."""
    return _line(text[: LONGEST_CELL * 4])


@lru_cache(maxsize=1024)
def _line(text: str) -> str:  # the same names stand in row after row
    return one_line(text, LONGEST_CELL)


def plain_number(value: int | float | Decimal) -> str:
    """A number in full: whole ones without a point, others as short as they stay the same."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
