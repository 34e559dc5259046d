"""Which slices an exclusion takes out.

A slice that an exclusion overlaps, be it by a second, is out as a whole: what happened inside a
slice cannot be told apart afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from slo_reports.model import Exclusion, Slo


def excluded_slices(
    exclusions: Iterable[Exclusion], start: datetime, step: timedelta, count: int
) -> NDArray[np.bool_]:
    """Whether each slice of a grid is out.

    Args:
        exclusions: those that concern the SLO.
        start: first instant of the first slice [UTC].
        step: length of a slice.
        count: number of slices.
    """
    out = np.zeros(count, dtype=bool)
    for one in exclusions:
        low = max((one.start - start) // step, 0)
        high = min(-((start - one.end) // step), count)
        if one.start < one.end and low < high:
            out[low:high] = True
    return out


def concerning(exclusions: Iterable[Exclusion], *slos: Slo) -> list[Exclusion]:
    """The exclusions that concern an SLO, or, of a user journey, one of its critical steps."""
    return [one for one in exclusions if any(one.concerns(slo) for slo in slos)]


def touching(
    exclusions: Iterable[Exclusion], start: datetime, end: datetime
) -> tuple[Exclusion, ...]:
    """The exclusions that overlap a span, in order of time."""
    return tuple(sorted(one for one in exclusions if one.start < end and one.end > start))
