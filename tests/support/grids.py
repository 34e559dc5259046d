"""Short stretches of slices, written down by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from slo_reports.compute.grid import Grid, lay
from slo_reports.model import Measurement, Slices
from slo_reports.periods import Period, between

START = datetime(2026, 9, 1, tzinfo=UTC)
DAY = between(START.date(), (START + timedelta(days=1)).date(), "UTC")
HOUR = timedelta(hours=1)


def hours(
    bad: Sequence[float],
    valid: Sequence[float] | float = 100.0,
    *,
    coverage: Sequence[float] | float = 1.0,
    step: timedelta = HOUR,
    start: datetime = START,
) -> Slices:
    """Slices with these bad events; valid and coverage may be the same for all."""
    failed = np.asarray(bad, dtype=float)
    whole = np.broadcast_to(np.asarray(valid, dtype=float), failed.shape)
    known = np.broadcast_to(np.asarray(coverage, dtype=float), failed.shape)
    return Slices(start, step, whole - failed, whole, known)


def a_grid(slices: Slices, period: Period = DAY, since: datetime | None = None) -> Grid:
    """The slices on a period's grid."""
    grid = lay(Measurement(slices, since=since), period)
    assert grid is not None
    return grid
