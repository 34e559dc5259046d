"""Spans without data, as charts over time show them: a line that rests there tells nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from slo_reports.language import tr
from slo_reports.model import SloResult
from slo_reports.numbers import instant_text
from slo_reports.periods import Period
from slo_reports.render.axes import TimeAxis
from slo_reports.render.palette import MUTED, PAPER, STEEL
from slo_reports.render.svg import Drawing, text_width

_NARROWEST = 2.0
"""A span that is drawn narrower is not drawn [px]."""
_PITCH = 5.0


def unknown(drawing: Drawing, time: TimeAxis, result: SloResult) -> None:
    """What was before the first data and what is missing since."""
    if result.since is not None:
        _hatched(drawing, time, [(time.period.start, result.since)], tr("before its first data"))
    _hatched(drawing, time, result.missing, tr("no data"))


def _hatched(
    drawing: Drawing, time: TimeAxis, spans: Sequence[tuple[datetime, datetime]], words: str
) -> None:
    """Each span hatched, with its words where they have room."""
    frame = time.frame
    for start, end in spans:
        left, right = time.of(start), time.of(end)
        if right - left < _NARROWEST:
            continue
        drawing.rect(left, frame.top, right - left, frame.height, PAPER)
        _hatch(drawing, left, right, frame.top, frame.bottom)
        width = text_width(words, 8.5)
        if width + 6 < right - left:
            middle, y = (left + right) / 2, frame.bottom - 8
            drawing.rect(middle - width / 2 - 3, y - 9, width + 6, 12, PAPER)
            drawing.text(middle, y, words, fill=MUTED, anchor="middle")


def gaps_in_words(spans: Sequence[tuple[datetime, datetime]], period: Period) -> list[str]:
    """The longest ten as sentences without full stop."""
    longest = sorted(sorted(spans, key=lambda one: one[0] - one[1])[:10])
    return [
        tr(
            "No data from {start} to {end}",
            start=instant_text(start, period.zone),
            end=instant_text(end, period.zone),
        )
        for start, end in longest
    ]


def _hatch(drawing: Drawing, left: float, right: float, top: float, bottom: float) -> None:
    """Slanting lines of 45 degrees inside a rectangle."""
    high, place, parts = bottom - top, left - (bottom - top), []
    while place < right:
        first, last = max(place, left), min(place + high, right)
        if last > first:
            y0, y1 = bottom - (first - place), bottom - (last - place)
            parts.append(f"M{first:.1f} {y0:.1f}L{last:.1f} {y1:.1f}")
        place += _PITCH
    drawing.element("path", d="".join(parts), stroke=STEEL, stroke_width=0.5, fill="none")
