"""The error budget that was left at each moment of a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np

from slo_reports.language import tr
from slo_reports.model import Curve, JudgedIncident, SloResult
from slo_reports.numbers import duration_text, instant_text, percent_text, period_name
from slo_reports.periods import Period
from slo_reports.render.axes import Frame, TimeAxis, ValueAxis, percent_ticks
from slo_reports.render.clean import clean
from slo_reports.render.curves import stretches
from slo_reports.render.gaps import gaps_in_words, unknown
from slo_reports.render.labels import SIDES, Box, Label, Room, around, put, spread
from slo_reports.render.palette import BAND, BLUE, BLUSH, INK, MUTED, RED, WASH
from slo_reports.render.plot import Series, plot
from slo_reports.render.svg import Drawing, Point

_DEEPEST = -3.0
"""Where the scale ends; what lies below is drawn at the edge and said in words [ratio]."""
_BADGE_GAP = 15.5
_FARTHEST = 30.0
"""How far a letter may stand from its band; the cheaper of a crowd go without [px]."""


@dataclass(frozen=True)
class _Scene:
    drawing: Drawing
    time: TimeAxis
    value: ValueAxis
    room: Room
    brief: bool


def burn_down(
    result: SloResult,
    incidents: Sequence[JudgedIncident],
    period: Period,
    *,
    width: float = 673,
    height: float = 190,
    brief: bool = False,
) -> str:
    """Budget left over time, with the incidents that used it, even pace and the close.

    Args:
        result: whose ``remaining_curve`` is drawn.
        incidents: those to mark, in order of time.
        period: the whole time axis; after ``as_of`` it stays blank.
        width: of the picture [px].
        height: of the picture [px].
        brief: a small picture, which leaves labels out that words beside it say.
    """
    curve = result.remaining_curve
    if curve is None or not np.isfinite(curve.values).any():
        return _nothing(width)
    frame = Frame(40, 24, width - 12, height - 22)
    told = plot([Series(tr("budget left"), curve, _left)], period, frame)
    drawing = Drawing(width, height, burn_down_words(result, incidents, period), plot=told)
    value = ValueAxis(frame, _low(curve), max(1.0, float(np.nanmax(curve.values))))
    time = TimeAxis(frame, period)
    lines = stretches(curve, time.x, value.y)
    zero = (frame.left, value.y(0)), (frame.right, value.y(0))
    drawn = [point for line in (*lines, zero) for point in _dense(line)]
    scene = _Scene(drawing, time, value, Room(frame, drawn), brief)
    _ground(scene, lines, incidents, result)
    _even_pace(scene, result, period)
    for line in lines:
        drawing.polyline(line, stroke=BLUE, width=1.6)
    _as_of(scene, period)
    _spent(scene, result, period)
    _close(scene, curve, lines, period)
    return drawing.markup()


def _left(share: float) -> str:
    return percent_text(share, kind="remaining")


def _low(curve: Curve) -> float:
    low = max(float(np.nanmin(curve.values)), _DEEPEST)
    if low >= 0:
        return 0.0
    step = 0.25 if low > -0.7 else 0.5 if low > -1.6 else 1.0
    return float(np.floor(low / step - 0.15) * step)


def _ground(
    scene: _Scene,
    lines: Sequence[Sequence[Point]],
    incidents: Sequence[JudgedIncident],
    result: SloResult,
) -> None:
    drawing, frame, value = scene.drawing, scene.value.frame, scene.value
    zero = value.y(0)
    if value.low < 0:
        drawing.rect(frame.left, zero, frame.width, frame.bottom - zero, BLUSH)
    for line in lines:
        drawing.area([(x, min(y, zero)) for x, y in line], zero, WASH)
    unknown(drawing, scene.time, result)
    _incidents(scene, incidents, result)
    value.draw(drawing, percent_ticks(value.low, value.high, 5))
    drawing.line((frame.left, zero), (frame.right, zero), stroke=INK, width=0.9)
    scene.time.draw(drawing)


def _incidents(scene: _Scene, incidents: Sequence[JudgedIncident], result: SloResult) -> None:
    """A band for each incident; letters for the dearest that find room near their own band."""
    drawing, frame = scene.drawing, scene.value.frame
    for one in incidents:
        start, end = scene.time.of(one.incident.start), scene.time.of(one.incident.end)
        wide = max(end - start, 2.5)
        drawing.rect((start + end - wide) / 2, frame.top, wide, frame.height, BAND)
    for judged, middle, place in _lettered(scene, incidents, result):
        if abs(place - middle) > 1:
            drawing.line((place, 19), (middle, frame.top), stroke=MUTED, width=0.7)
        used = next((o.consumed for o in result.incidents if o.letter == judged.letter), 0.0)
        drawing.badge(place, 12, judged.letter, tip=incident_tip(judged, used, scene.time.period))


def _lettered(
    scene: _Scene, incidents: Sequence[JudgedIncident], result: SloResult
) -> list[tuple[JudgedIncident, float, float]]:
    """Incidents with the middles of their bands and the places of their letters."""
    frame = scene.value.frame
    costs = {one.letter: one.consumed for one in result.incidents}
    dear = sorted(incidents, key=lambda one: -costs.get(one.letter, 0.0))
    for count in range(len(dear), 0, -1):
        shown = sorted(dear[:count], key=lambda one: one.incident.start)
        middles = [
            (scene.time.of(one.incident.start) + scene.time.of(one.incident.end)) / 2
            for one in shown
        ]
        places = spread(middles, _BADGE_GAP, frame.left + 7, frame.right - 7)
        if max(abs(a - b) for a, b in zip(middles, places, strict=True)) <= _FARTHEST:
            return list(zip(shown, middles, places, strict=True))
    return []


def _even_pace(scene: _Scene, result: SloResult, period: Period) -> None:
    start = scene.time.of(result.since or period.start)
    first, last = (start, scene.value.y(1)), (scene.value.frame.right, scene.value.y(0))
    scene.drawing.line(first, last, stroke=MUTED, width=0.8, dash="3 2.5")
    if scene.brief:
        return
    scene.room.lines = [*scene.room.lines, *_dense([first, last])]
    slope = (last[1] - first[1]) / max(last[0] - first[0], 1)

    def beside(share: float, above: float) -> Label:
        x = first[0] + (last[0] - first[0]) * share
        return Label(x, first[1] + slope * (x - first[0]) + above, tr("even pace"), 8.5, "start")

    shares = (0.72, 0.55, 0.4, 0.25, 0.8, 0.15)
    put(
        scene.drawing,
        scene.room.place([beside(s, a) for a in (-7.0, 13.0) for s in shares]),
        MUTED,
    )


def _as_of(scene: _Scene, period: Period) -> None:
    if period.as_of is None:
        return
    x, frame = scene.time.of(period.as_of), scene.value.frame
    scene.drawing.line((x, frame.top), (x, frame.bottom), stroke=INK, width=0.8, dash="2 2")
    text = tr("as of {instant}", instant=instant_text(period.as_of, period.zone))
    places = [
        Label(x + dx, y, text, 8.5, anchor)
        for y in (frame.top + 11, frame.bottom - 6, frame.top + 24)
        for dx, anchor in SIDES
    ]
    put(scene.drawing, scene.room.place(places), INK)


def _spent(scene: _Scene, result: SloResult, period: Period) -> None:
    spent = _spent_at(result)
    if spent is None:
        return
    x, y = scene.time.of(spent), scene.value.y(0)
    scene.drawing.circle((x, y), 3.6, fill="#fff", stroke=RED, width=1.8)
    scene.room.taken.append(Box(x - 5, y - 5, x + 5, y + 5))
    text = tr("Spent on {instant}", instant=instant_text(spent, period.zone))
    put(scene.drawing, scene.room.place(around(x, y + 3, text, bold=True)), RED)


def _close(scene: _Scene, curve: Curve, lines: Sequence[Sequence[Point]], period: Period) -> None:
    last = float(curve.values[np.isfinite(curve.values)][-1])
    x, y = lines[-1][-1]
    over = last < 0
    scene.drawing.circle((x, y), 2.4, fill=RED if over else BLUE)
    if scene.brief:
        return
    share = percent_text(last, kind="remaining")
    text = tr("{share} left", share=share)
    if period.as_of is None:
        text = tr("{share} at close", share=share)
    if last < scene.value.low:
        text = tr("{share}, below this scale", share=text)
    put(scene.drawing, scene.room.place(around(x, y, text, bold=True)), RED if over else BLUE)


def incident_tip(judged: JudgedIncident, consumed: float, period: Period) -> str:
    """An incident in one line: letter, title, beginning, length and what it took."""
    one = judged.incident
    return (
        f"{judged.letter}: {clean(one.title, 120)}, {instant_text(one.start, period.zone)}, "
        f"{duration_text(judged.length)}, {percent_text(consumed, kind='consumption')}"
    )


def _spent_at(result: SloResult) -> datetime | None:
    end = result.exhaustion
    return end.at if end is not None and end.kind == "spent" else None


def _dense(line: Sequence[Point]) -> list[Point]:
    """Points every few pixels of a line, so that labels see the long straight parts too."""
    points: list[Point] = []
    for (x0, y0), (x1, y1) in pairwise(line):
        count = max(1, int(max(abs(x1 - x0), abs(y1 - y0)) // 5))
        points += [(x0 + (x1 - x0) * n / count, y0 + (y1 - y0) * n / count) for n in range(count)]
    return [*points, *line[-1:]]


def burn_down_words(result: SloResult, incidents: Sequence[JudgedIncident], period: Period) -> str:
    """The same picture in words, numbers included."""
    parts = [
        tr(
            "Error budget left of {service} {objective} over time",
            service=result.slo.service,
            objective=result.slo.title,
        ),
        *_left_in_words(result, period),
    ]
    spent = _spent_at(result)
    if spent is not None:
        parts.append(tr("It was used up on {instant}", instant=instant_text(spent, period.zone)))
    shares = {one.letter: one.consumed for one in result.incidents}
    parts += [
        tr(
            "Incident {letter} on {instant} used {share}",
            letter=one.letter,
            instant=instant_text(one.incident.start, period.zone),
            share=percent_text(shares.get(one.letter, 0.0), kind="consumption"),
        )
        for one in incidents[:20]
    ]
    parts += gaps_in_words(result.missing, period)
    parts.append(
        tr("Even pace would reach zero at the end of {period}", period=period_name(period))
    )
    return f"{'. '.join(parts)}."


def _left_in_words(result: SloResult, period: Period) -> list[str]:
    if result.budget.remaining is None:
        return []
    share = percent_text(result.budget.remaining, kind="remaining")
    if period.as_of is None:
        return [tr("{share} of the budget was left at the end", share=share)]
    return [tr("{share} of the budget was left at the as-of instant", share=share)]


def _nothing(width: float) -> str:
    words = tr("No budget curve: nothing was measured.")
    drawing = Drawing(width, 40, words)
    drawing.text(width / 2, 24, words, anchor="middle", fill=MUTED)
    return drawing.markup()
