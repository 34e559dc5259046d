"""How Prometheus and the tools around it spell numbers and durations."""

from __future__ import annotations

from datetime import timedelta

_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1))
_WHOLE = (("y", 365 * 86_400_000), ("w", 7 * 86_400_000))


def duration_name(length: timedelta) -> str:
    """A duration as Prometheus prints it: ``4w``, ``30d``, ``6h26m``.

    Years and weeks stand alone or not at all, as ``90d`` is easier to read than ``12w6d``.
    """
    rest = round(length / timedelta(milliseconds=1))
    for unit, size in _WHOLE:
        if rest and rest % size == 0:
            return f"{rest // size}{unit}"
    parts = []
    for unit, size in _UNITS:
        if rest >= size:
            parts.append(f"{rest // size}{unit}")
            rest %= size
    return "".join(parts) or "0s"


def shortest(number: float) -> str:
    """A number in the fewest digits that name it, without a needless fraction: ``6``, ``5.6``."""
    return repr(number).removesuffix(".0")
