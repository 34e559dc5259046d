"""How label values are chosen: a leaf that indicators and what was written share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, order=True)
class Matcher:
    """One label filter of a selector, as PromQL understands it (regexes match whole values)."""

    label: str
    op: Literal["=", "!=", "=~", "!~"]
    value: str
