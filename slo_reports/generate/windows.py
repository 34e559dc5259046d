"""The trailing windows that an SLO is recorded over."""

from __future__ import annotations

from datetime import timedelta

from slo_reports.model import Slo

BASE = timedelta(minutes=5)
"""The window that everything longer is made of."""
DAY = timedelta(days=1)
"""From here on a window is made of the 5-minute records instead of the counters."""
USUAL = (
    BASE,
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=6),
    DAY,
    timedelta(days=3),
)


def windows_of(slo: Slo) -> tuple[timedelta, ...]:
    """Every window of an SLO, ascending: the usual ones, its objectives' and its alerts'."""
    own = {one.length for one in slo.objectives}
    named = {span for one in slo.burn_rates for span in (one.long, one.short)}
    return tuple(sorted({*USUAL, *own, *named}))
