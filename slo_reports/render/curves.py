"""Curves made ready for drawing: broken at gaps, and no more points than a line can show."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from slo_reports.model import Curve
from slo_reports.render.svg import Point

BUCKETS = 170
"""Columns of a thinned line; each keeps its first, lowest, highest and last point."""

_LONGEST_SKIP = 8


def stretches(
    curve: Curve, x: Callable[[float], float], y: Callable[[float], float]
) -> list[list[Point]]:
    """The unbroken parts of a curve as points of a drawing; NaN breaks it."""
    return [
        _straightened([(x(curve.times[n]), y(curve.values[n])) for n in kept])
        for kept in _kept_indices(curve)
    ]


def _kept_indices(curve: Curve) -> Iterator[list[int]]:
    there = np.isfinite(curve.values)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], there, [False])).astype(np.int8)))
    size = max(1, math.ceil(len(curve.values) / BUCKETS))
    for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        kept: list[int] = []
        for start in range(first, end, size):
            stop = min(start + size, end)
            part = curve.values[start:stop]
            low, high = start + int(part.argmin()), start + int(part.argmax())
            kept += sorted({start, low, high, stop - 1})
        yield kept


def _straightened(points: list[Point]) -> list[Point]:
    """The same line without points that lie on it anyway."""
    if len(points) < 3:
        return points
    kept, skipped = [points[0]], 0
    for here, after in pairwise(points[1:]):
        if skipped >= _LONGEST_SKIP or _distance(kept[-1], here, after) > 0.12:
            kept.append(here)
            skipped = 0
        else:
            skipped += 1
    return [*kept, points[-1]]


def _distance(before: Point, here: Point, after: Point) -> float:
    wide, high = after[0] - before[0], after[1] - before[1]
    length = math.hypot(wide, high)
    if not length:
        return math.hypot(here[0] - before[0], here[1] - before[1])
    return abs(wide * (before[1] - here[1]) - high * (before[0] - here[0])) / length
