"""Days of slices for the history, written down by hand."""

from datetime import UTC, date, datetime, timedelta

import numpy as np

from slo_reports.history import DaySlices, DaySums, SloDay, Stamp

DAY = date(2026, 10, 5)
STEP = timedelta(minutes=5)


def stamp(**changed):
    usual = {
        "day": DAY,
        "step": STEP,
        "settled": True,
        "collected_at": datetime(2026, 10, 6, 3, 30, tzinfo=UTC),
        "source": "Prometheus",
        "url": "http://localhost:9090",
        "version": "2.42.0",
        "seen": 1.0,
    }
    return Stamp(**usual | changed)


def kept_day(slo="shop/a", fingerprint="a" * 16, values=(0, 1, 2), covered=(1,), notes=(), **more):
    """A day whose valid events repeat ``values``, nine in ten of them good."""
    valid = np.resize(np.asarray(values, dtype=float), 288)
    slices = DaySlices(np.floor(valid * 0.9), valid, np.resize(np.asarray(covered, float), 288))
    return SloDay(
        slo=slo,
        fingerprint=fingerprint,
        sums=DaySums.of(slices),
        slices=slices,
        series=2,
        seen_before=True,
        notes=tuple(notes),
        queries=("up",),
        stamp=more.get("stamp", stamp()),
    )
