"""Choosing a limit for a value that has no usual one: an age, a backlog. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

MINUTE, HOUR, DAY = 60, 3600, 86_400
AGES = (
    *(one * MINUTE for one in (5, 10, 15, 30, 45)),
    *(one * HOUR for one in (1, 2, 3, 4, 6, 8, 12, 18, 26, 36)),
    *(one * DAY for one in (2, 3, 8, 15, 32)),
)
"""Limits of an age [s]; 26 h and 8 d leave a daily and a weekly run their time."""
AMOUNTS = tuple(a * 10**b for b in range(1, 8) for a in (1, 2, 5))
"""Limits of a backlog [messages]."""
DELAYS = (10, 30, *AGES)
"""Limits of a delay [s]."""
_QUANTILE = 0.95
_ROOM = 1.2


def usual_value(values: Sequence[float]) -> float | None:
    """What a value stayed at or below in 95 % of the slices; None where there was none."""
    known = [one for one in values if np.isfinite(one)]
    return float(np.quantile(known, _QUANTILE)) if known else None


def limit_above(value: float, limits: Sequence[int]) -> Decimal:
    """The first limit with a fifth of room above a usual value, else the largest."""
    return Decimal(next((one for one in limits if one >= value * _ROOM), limits[-1]))


def age_text(seconds: Decimal) -> str:
    """An age as a definition writes it, such as ``30m`` or ``26h``."""
    whole = int(seconds)
    for unit, size in (("d", DAY), ("h", HOUR), ("m", MINUTE)):
        if whole % size == 0:
            return f"{whole // size}{unit}"
    return f"{whole}s"
