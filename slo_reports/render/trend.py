"""The SLI of the last periods against the objective."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal

from slo_reports.language import tr
from slo_reports.model import Outcome, PastPeriod, SloResult
from slo_reports.numbers import (
    decimal_text,
    percent_number,
    percent_text,
    period_name,
    short_month,
)
from slo_reports.periods import Period, PeriodKind
from slo_reports.render.axes import Frame, ValueAxis, nice_step
from slo_reports.render.labels import Label, Room, put
from slo_reports.render.palette import BLUE, INK, PAPER, RED, SKY, TEXT
from slo_reports.render.svg import Drawing, Point, text_width
from slo_reports.statuses import outcome_word

_PLACES = 13
"""Past periods that one picture shows at most."""


def trend(result: SloResult, *, width: float = 324, height: float = 168) -> str:
    """The SLI period by period; a diamond is a miss, a gap is a period without a number.

    Args:
        result: whose ``history`` is drawn, the reported period last.
        width: of the picture [px].
        height: of the picture [px].
    """
    history = result.history[-_PLACES:]
    drawing = Drawing(width, height, _words(result, history))
    known = [one.sli for one in history if one.sli is not None]
    if not known:
        drawing.text(width / 2, height / 2, tr("No earlier periods are known."), anchor="middle")
        return drawing.markup()
    axis, ticks = _axis(known, _targets(history, result), Frame(44, 12, width - 8, height - 22))
    axis.draw(drawing, ticks, size=8)
    room = Room(Frame(axis.frame.left, 0, width, axis.frame.bottom))
    _objective(drawing, axis, result, _targets(history, result))
    points = _points(history, axis)
    _lines(drawing, points)
    _names(drawing, history, axis.frame)
    room.lines = [point for point in points if point is not None]
    for one, point in zip(history, points, strict=True):
        if point is not None:
            tip = _told(one, result.objective.target)
            _mark(drawing, point, missed=one.outcome is Outcome.MISSED, tip=tip)
    _numbers(drawing, history, points, room, result)
    return drawing.markup()


def _axis(
    known: Sequence[float], targets: Sequence[float], frame: Frame
) -> tuple[ValueAxis, list[tuple[float, str]]]:
    target = targets[-1]
    low, high = min([*known, *targets]), max([*known, *targets])
    step = nice_step((high - low) * 100 or (1 - target) * 100 or 0.1, 3)
    first = int(low * 100 / step - 0.35)
    last = -int(-(min(high * 100, 100.0) / step + 0.2))
    ticks = [n * step for n in range(first, last + 2) if n * step <= 100 + 1e-9]
    digits = max(0, -_exponent(step))
    axis = ValueAxis(frame, ticks[0] / 100, max(ticks[-1] / 100, high))
    near = (axis.high - axis.low) * 0.07
    return axis, [
        (
            tick / 100,
            "" if abs(tick / 100 - target) < near else decimal_text(round(tick, 9), digits),
        )
        for tick in ticks
    ]


def _exponent(step: float) -> int:
    text = f"{step:.9f}".rstrip("0")
    return -len(text.split(".")[1])


def _targets(history: Sequence[PastPeriod], result: SloResult) -> list[float]:
    """What each period was judged by; the last is the reported one."""
    present = float(result.objective.target)
    earlier = [present if one.target is None else one.target for one in history[:-1]]
    return [*earlier, present]


def _objective(
    drawing: Drawing, axis: ValueAxis, result: SloResult, targets: Sequence[float]
) -> None:
    """The objective as a dashed line, in steps where it has changed."""
    y = axis.y(targets[-1])
    frame = axis.frame
    pitch = frame.width / max(len(targets), 6)
    left = frame.left
    for n, (one, after) in enumerate(itertools.pairwise(targets), 1):
        if one != after:
            right = frame.left + n * pitch
            ends = (left, axis.y(one)), (right, axis.y(one))
            drawing.line(*ends, stroke=INK, width=1, dash="4 2.5")
            left = right
    drawing.line((left, y), (frame.right, y), stroke=INK, width=1, dash="4 2.5")
    text = percent_number(result.objective.target, kind="target")
    drawing.text(frame.left - 6, y + 3, text, size=8, fill=INK, anchor="end", weight=600)


def _points(history: Sequence[PastPeriod], axis: ValueAxis) -> list[Point | None]:
    pitch = axis.frame.width / max(len(history), 6)
    return [
        None if one.sli is None else (axis.frame.left + (n + 0.5) * pitch, axis.y(one.sli))
        for n, one in enumerate(history)
    ]


def _lines(drawing: Drawing, points: Sequence[Point | None]) -> None:
    run: list[Point] = []
    for point in [*points, None]:
        if point is not None:
            run.append(point)
            continue
        if len(run) > 1:
            drawing.polyline(run, stroke=SKY, width=1.3)
        run = []


def _told(one: PastPeriod, target: Decimal) -> str:
    """A period in one line."""
    sli = "" if one.sli is None else percent_text(one.sli, target)
    head = f"{period_name(one.period)}: {sli}, {outcome_word(one.outcome)}"
    if one.consumed is None:
        return head
    used = percent_text(one.consumed, kind="consumption")
    return f"{head}, {tr('{share} of the budget used', share=used)}"


def _mark(drawing: Drawing, point: Point, *, missed: bool, tip: str) -> None:
    x, y = point
    if missed:
        diamond = f"M{x:.1f} {y - 4.6:.1f}l4.6 4.6-4.6 4.6-4.6-4.6Z"
        drawing.element("path", d=diamond, fill=RED, data_tip=tip)
    else:
        drawing.circle(point, 3, fill=BLUE, tip=tip)


def _numbers(
    drawing: Drawing,
    history: Sequence[PastPeriod],
    points: Sequence[Point | None],
    room: Room,
    result: SloResult,
) -> None:
    """Values beside points: the misses and the last first, then all that find room."""
    order = sorted(
        range(len(history)),
        key=lambda n: (n != len(history) - 1, history[n].outcome is not Outcome.MISSED, n),
    )
    for n in order:
        one, point = history[n], points[n]
        if point is None or one.sli is None:
            continue
        missed = one.outcome is Outcome.MISSED
        text = percent_number(one.sli, result.objective.target)
        places = _places(point, text, bold=missed, below=missed)
        best = min(places, key=room.cost)
        important = missed or n == len(history) - 1
        if important or room.cost(best) == 0:
            label = room.place(places)
            box = label.box
            drawing.rect(box.left + 1, box.top, box.right - box.left - 2, label.size + 1, PAPER)
            put(drawing, label, RED if missed else TEXT)


def _places(point: Point, text: str, *, bold: bool, below: bool) -> list[Label]:
    x, y = point
    rows = [y + 14, y - 7.5] if below else [y - 7.5, y + 14]
    return [Label(x + dx, row, text, 7.6, "middle", bold) for row in rows for dx in (0, -8, 8)]


def _names(drawing: Drawing, history: Sequence[PastPeriod], frame: Frame) -> None:
    pitch = frame.width / max(len(history), 6)
    edge = 0.0
    for n, one in enumerate(history):
        text = short_name(one.period)
        width = text_width(text, 8)
        x = frame.left + (n + 0.5) * pitch
        if x - width / 2 >= edge:
            drawing.text(x, frame.bottom + 15, text, size=8, anchor="middle")
            edge = x + width / 2 + 4


def short_name(period: Period) -> str:
    """A period's name where there is little room, such as ``Oct``, ``W43`` or ``Q4``."""
    match period.kind:
        case PeriodKind.MONTH:
            return short_month(period.first_day)
        case PeriodKind.WEEK:
            return tr("W{week}", week=period.first_day.isocalendar().week)
        case PeriodKind.QUARTER | PeriodKind.YEAR:
            return period_name(period)
        case PeriodKind.ROLLING | PeriodKind.EXPLICIT:
            return f"{period.last_day.day}/{period.last_day.month}"


def _words(result: SloResult, history: Sequence[PastPeriod]) -> str:
    told = [
        _past(period_name(one.period), percent_number(one.sli, result.objective.target), one)
        for one in history
        if one.sli is not None
    ]
    return tr(
        "{objective} of {service} by period in percent, objective {target}: {values}.",
        objective=result.slo.title,
        service=result.slo.service,
        target=percent_text(result.objective.target, kind="target"),
        values=", ".join(told) or tr("nothing known"),
    )


def _past(name: str, share: str, one: PastPeriod) -> str:
    if one.outcome is Outcome.MISSED:
        return tr("{period} {share} (missed)", period=name, share=share)
    return f"{name} {share}"
