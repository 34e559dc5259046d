"""The values of a chart for a reader's pointer, as the page's script reads them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from slo_reports.model import Curve, Floats
from slo_reports.periods import Period
from slo_reports.render.axes import Frame

COLUMNS = 180
"""Instants that one chart tells at most."""


@dataclass(frozen=True)
class Series:
    """One line of a chart, and how its values are said."""

    name: str
    curve: Curve
    said: Callable[[float], str]


def plot(series: Sequence[Series], period: Period, frame: Frame, *, peaks: bool = False) -> str:
    """What ``data-plot`` of a drawing holds: instants, and at each the words of every line.

    Args:
        series: lines over the same instants.
        period: the time axis.
        frame: where it lies in the drawing.
        peaks: of each stretch the instant at which the first line is highest, instead of its last,
            where a short peak must not be missed.
    """
    if not series or not len(series[0].curve.times):
        return ""
    kept = _instants(series[0].curve, peaks=peaks)
    unit, first, steps = _steps(series[0].curve.times[kept])
    return json.dumps(
        {
            "zone": period.zone,
            "start": period.start.timestamp(),
            "end": period.end.timestamp(),
            "left": frame.left,
            "right": frame.right,
            "top": frame.top,
            "bottom": frame.bottom,
            "unit": unit,
            "first": first,
            "steps": steps,
            "series": [[one.name, [_said(one, n) for n in kept]] for one in series],
        },
        separators=(",", ":"),
        ensure_ascii=False,
    )


def _instants(curve: Curve, *, peaks: bool) -> list[int]:
    """Indices of the instants that are told."""
    edges = np.linspace(0, len(curve.times), min(COLUMNS, len(curve.times)) + 1).astype(int)
    pairs = list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
    if not peaks:
        return [end - 1 for _, end in pairs]
    return [start + _highest(curve.values[start:end]) for start, end in pairs]


def _highest(values: Floats) -> int:
    known = np.where(np.isfinite(values), values, -np.inf)
    return int(known.argmax())


def _steps(times: Floats) -> tuple[int, int, list[int]]:
    """Unit [s], the first instant [s] and the steps from each to the next [units]."""
    whole = np.rint(times).astype(np.int64)
    gaps = np.diff(whole, prepend=whole[:1])
    unit = int(np.gcd.reduce(gaps)) or 1
    return unit, int(whole[0]), (gaps // unit).tolist()


def _said(series: Series, index: int) -> str:
    value = float(series.curve.values[index]) if index < len(series.curve.values) else np.nan
    return series.said(value) if np.isfinite(value) else ""
