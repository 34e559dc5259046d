"""How fast the error budget was being used, on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from slo_reports.language import tr
from slo_reports.model import BurnRateAlert, Curve, JudgedIncident, SloResult
from slo_reports.numbers import NARROW, burn_text, decimal_text, duration_text, plain_number
from slo_reports.periods import Period
from slo_reports.render.axes import Frame, TimeAxis
from slo_reports.render.curves import stretches
from slo_reports.render.gaps import unknown
from slo_reports.render.labels import spread
from slo_reports.render.palette import BAND, BLUE, INK, MUTED, RED, RULE, SKY
from slo_reports.render.plot import Series, plot
from slo_reports.render.svg import Drawing, text_width
from slo_reports.statuses import urgency_word

_LABELS = 96.0
"""Room for the thresholds' names at the right [px]."""
_STYLES = ((SKY, 0.8), (BLUE, 1.5))


@dataclass(frozen=True)
class _Decades:
    """A logarithmic scale of whole decades along a frame's height."""

    frame: Frame
    low: int
    high: float

    def y(self, rate: float) -> float:
        power = math.log10(max(rate, 10.0**self.low))
        share = (power - self.low) / (self.high - self.low)
        return self.frame.bottom - min(share, 1.0) * self.frame.height


def burn_rate_chart(
    result: SloResult,
    period: Period,
    incidents: Sequence[JudgedIncident] = (),
    *,
    width: float = 673,
    height: float = 150,
) -> str:
    """Burn rates over a short and a long window, with the alert thresholds labelled.

    Args:
        result: whose ``burn_curves`` are drawn, the first thin, the second thick.
        period: the time axis.
        incidents: those to mark, each by a band.
        width: of the picture [px].
        height: of the picture [px].
    """
    alerts = _thresholds(result.slo.burn_rates)
    frame = Frame(40, 22, width - _LABELS, height - 22)
    lines = [
        Series(tr("over {window}", window=_window(window)), curve, burn_text)
        for window, curve in result.burn_curves[:2]
    ]
    told = plot(lines, period, frame, peaks=True)
    drawing = Drawing(width, height, _words(result, alerts), plot=told)
    curves = [curve for _, curve in result.burn_curves[:2]]
    if not any(np.isfinite(curve.values).any() for curve in curves):
        return _nothing(width)
    scale = _Decades(frame, *_decades(curves, alerts))
    time = TimeAxis(frame, period)
    for one in incidents:
        start, end = time.of(one.incident.start), time.of(one.incident.end)
        wide = max(end - start, 2.5)
        drawing.rect((start + end - wide) / 2, frame.top, wide, frame.height, BAND)
    unknown(drawing, time, result)
    for power in range(scale.low, math.floor(scale.high) + 1):
        y = scale.y(10.0**power)
        drawing.line((frame.left, y), (frame.right, y), stroke=RULE)
        drawing.text(frame.left - 6, y + 3, _decade_text(power), anchor="end")
    for curve, (colour, thick) in zip(curves, _STYLES, strict=False):
        for line in stretches(curve, time.x, scale.y):
            drawing.polyline(line, stroke=colour, width=thick)
    _draw_thresholds(drawing, scale, alerts)
    _legend(drawing, frame, [window for window, _ in result.burn_curves[:2]])
    time.draw(drawing)
    return drawing.markup()


def _nothing(width: float) -> str:
    words = tr("No burn rate: nothing was measured.")
    drawing = Drawing(width, 40, words)
    drawing.text(width / 2, 24, words, anchor="middle", fill=MUTED)
    return drawing.markup()


def _decades(curves: Sequence[Curve], alerts: Sequence[BurnRateAlert]) -> tuple[int, float]:
    values = np.concatenate([curve.values for curve in curves]) if curves else np.empty(0)
    burning = values[np.isfinite(values) & (values > 0)]
    highest = max([1.0, *[one.threshold for one in alerts], *burning.tolist()])
    common = float(np.quantile(burning, 0.1)) if len(burning) else 0.1
    low = min(max(math.floor(math.log10(common)), -2), -1)
    return low, max(math.log10(highest) + 0.05, 1.3)


def _decade_text(power: int) -> str:
    return f"{10**power}×" if power >= 0 else f"{decimal_text(10.0**power, -power)}×"


def _thresholds(alerts: Sequence[BurnRateAlert]) -> list[BurnRateAlert]:
    """Those that can be told apart, highest first, at most four."""
    distinct = {(one.threshold, one.long): one for one in alerts if one.threshold > 0}
    return sorted(distinct.values(), key=lambda one: -one.threshold)[:4]


def _draw_thresholds(drawing: Drawing, scale: _Decades, alerts: Sequence[BurnRateAlert]) -> None:
    rows = [(one.threshold, _threshold_text(one), one.severity) for one in alerts]
    if all(threshold != 1 for threshold, _, _ in rows):
        rows.append((1.0, tr("1× even pace"), ""))
    rows.sort(key=lambda row: -row[0])
    heights = [scale.y(threshold) for threshold, _, _ in rows]
    frame = scale.frame
    places = spread(heights, 11.5, frame.top - 4, frame.bottom)
    for (threshold, text, severity), y, place in zip(rows, heights, places, strict=True):
        page = severity == "page"
        colour = RED if page else INK
        dash = "" if page and threshold > 10 else "5 2" if page else "1.5 2"
        drawing.line((frame.left, y), (frame.right, y), stroke=colour, width=0.9, dash=dash)
        joint = frame.right + 8
        drawing.line((frame.right, y), (joint, place), stroke=colour, width=0.5)
        drawing.text(joint + 3, place + 3, text, fill=colour)


def _threshold_text(alert: BurnRateAlert) -> str:
    rate = f"{plain_number(alert.threshold)}×"
    return f"{rate} {urgency_word(alert.severity)[:10]}, {_window(alert.long)}"


def _window(window: timedelta) -> str:
    return duration_text(window).replace(f"24{NARROW}h", f"1{NARROW}d")


def _legend(drawing: Drawing, frame: Frame, windows: Sequence[timedelta]) -> None:
    x = frame.left + 6
    for window, (colour, thick) in zip(windows, _STYLES, strict=False):
        text = tr("over {window}", window=_window(window))
        drawing.line((x, 9), (x + 18, 9), stroke=colour, width=thick + 0.3)
        drawing.text(x + 22, 12, text, fill=MUTED)
        x += 22 + text_width(text, 8.5) + 18


def _words(result: SloResult, alerts: Sequence[BurnRateAlert]) -> str:
    parts = [
        tr(
            "Burn rate of {service} {objective} on a logarithmic scale",
            service=result.slo.service,
            objective=result.slo.title,
        )
    ]
    for window, curve in result.burn_curves[:2]:
        known = curve.values[np.isfinite(curve.values)]
        if len(known):
            parts.append(
                tr(
                    "Over {window} it reached {rate}",
                    window=_window(window),
                    rate=burn_text(float(known.max())),
                )
            )
    if alerts:
        told = "; ".join(map(_threshold_text, alerts))
        parts.append(tr("Alert thresholds: {thresholds}", thresholds=told))
    if result.burn is not None:
        rate = burn_text(result.burn)
        parts.append(
            tr("At the end: {rate} over {window}", rate=rate, window=_window(result.lookback))
        )
    return ". ".join(parts) + "."
