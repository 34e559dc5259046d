"""Where an error budget went: each cause takes its share away from the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from slo_reports.language import tr, trn
from slo_reports.model import JudgedIncident, SloResult
from slo_reports.numbers import NARROW, day_text, decimal_text, minutes_text, percent_text
from slo_reports.periods import Period, local_date
from slo_reports.render.axes import Frame, ValueAxis, percent_ticks
from slo_reports.render.labels import Label, Room, put
from slo_reports.render.palette import INK, MUTED, RED, SKY, STEEL, TEXT
from slo_reports.render.svg import Drawing, shorten, text_width

_NOTHING = 1e-9
"""A share that is only what rounding leaves [ratio]."""
_MOST = 5
"""Incidents with a bar of their own; the cheaper ones share one."""


@dataclass(frozen=True)
class Step:
    """One bar: from the level that was left before it to the level after it [ratio]."""

    label: str
    below: str
    before: float
    after: float
    fill: str
    letter: str = ""
    others: int = 0
    """How many incidents share it."""

    @property
    def used(self) -> float:
        """What the cause took [ratio]."""
        return self.before - self.after


def waterfall(
    result: SloResult,
    incidents: Sequence[JudgedIncident],
    period: Period,
    *,
    width: float = 324,
    height: float = 168,
) -> str:
    """The whole budget, what each incident and the background took, and what is left.

    Args:
        result: whose ``incidents`` and ``unattributed`` are drawn.
        incidents: the report's incidents, for the dates.
        period: for the zone.
        width: of the picture [px].
        height: of the picture [px].
    """
    left = result.budget.remaining
    if left is None:
        return _nothing(width)
    steps = causes(result, incidents, period)
    drawing = Drawing(width, height, _words(result, steps))
    frame = Frame(38, 8, width - 2, height - 34)
    low = min(0.0, left, *[one.after for one in steps])
    axis = ValueAxis(frame, low * 1.12 - (0.0 if low == 0 else 0.06), 1.0)
    axis.draw(drawing, percent_ticks(axis.low, 1.0, 5), size=8)
    whole = Step(tr("Budget"), _minutes(result.budget.minutes), 1.0, 0.0, SKY)
    _bars(drawing, axis, [whole, *steps, _rest(left, period)], left)
    zero = axis.y(0)
    drawing.line((frame.left, zero), (frame.right, zero), stroke=INK, width=0.9)
    return drawing.markup()


def _rest(left: float, period: Period) -> Step:
    if left < 0:
        return Step(tr("Left"), tr("overspent"), 0.0, left, RED)
    below = tr("at the end") if period.as_of is None else tr("so far")
    return Step(tr("Left"), below, left, 0.0, SKY)


def causes(result: SloResult, incidents: Sequence[JudgedIncident], period: Period) -> list[Step]:
    """Background first, then the incidents in order of time, small ones together."""
    dates = {one.letter: local_date(one.incident.start, period.zone) for one in incidents}
    dear = sorted(result.incidents, key=lambda one: -one.consumed)[:_MOST]
    named = {one.letter for one in dear if one.consumed > 0}
    level = 1.0
    steps: list[Step] = []
    if result.unattributed is not None and abs(result.unattributed) > _NOTHING:
        steps.append(Step(tr("Other"), tr("all along"), level, level - result.unattributed, STEEL))
        level -= result.unattributed
    for share in result.incidents:
        if share.letter in named:
            day = dates.get(share.letter)
            below = day_text(day) if day else ""
            steps.append(Step("", below, level, level - share.consumed, RED, share.letter))
            level -= share.consumed
    others = [one for one in result.incidents if one.letter not in named]
    if sum(one.consumed for one in others) > 0:
        used = sum(one.consumed for one in others)
        steps.append(
            Step(f"+{len(others)}", tr("more"), level, level - used, RED, others=len(others))
        )
    return steps


def _nothing(width: float) -> str:
    words = tr("Nothing is known of this budget: nothing was measured.")
    drawing = Drawing(width, 40, words)
    drawing.text(width / 2, 24, words, anchor="middle")
    return drawing.markup()


def _minutes(minutes: float) -> str:
    return minutes_text(minutes) if minutes < 600 else f"{decimal_text(minutes / 60)}{NARROW}h"


def _bars(drawing: Drawing, axis: ValueAxis, steps: Sequence[Step], left: float) -> None:
    frame = axis.frame
    pitch = frame.width / len(steps)
    wide = min(pitch * 0.68, 62.0)
    for n, step in enumerate(steps):
        middle = frame.left + (n + 0.5) * pitch
        top, bottom = axis.y(max(step.before, step.after)), axis.y(min(step.before, step.after))
        drawing.rect(
            middle - wide / 2, top, wide, max(bottom - top, 0.8), step.fill, radius=1.5,
            tip=_tip(step, n, len(steps), left),
        )  # fmt: skip
        if n < len(steps) - 1:
            level = axis.y(1.0 if n == 0 else step.after)
            drawing.line((middle + wide / 2, level), (middle + pitch - wide / 2, level),
                         stroke=MUTED, width=0.7, dash="2 2")  # fmt: skip
        last = n == len(steps) - 1
        if n:
            _amount(drawing, axis, step, middle, left if last else None)
        _name(drawing, step, middle, frame.bottom, pitch)


def _tip(step: Step, place: int, count: int, left: float) -> str:
    if place == 0:
        return tr("The whole budget: {minutes}", minutes=step.below)
    if place == count - 1:
        return tr("Left: {share}", share=percent_text(left, kind="remaining"))
    used = percent_text(step.used, kind="consumption")
    return tr("{cause}: {share} of the budget", cause=_cause(step), share=used)


def _amount(
    drawing: Drawing, axis: ValueAxis, step: Step, middle: float, left: float | None
) -> None:
    """The share beside its bar, where neither the axis nor the bar hides it."""
    if left is None:
        text = f"−{percent_text(step.used, kind='consumption')}"
    else:
        text = percent_text(left, kind="remaining")
    top, bottom = axis.y(max(step.before, step.after)), axis.y(min(step.before, step.after))
    zero = axis.y(0)
    line = [(middle + dx, y) for y in (zero, top, bottom) for dx in (-8, 0, 8)]
    room = Room(Frame(0, 0, drawing.width, axis.frame.bottom + 4), line)
    heights = [bottom + 10.5, top - 4.5, zero + 11, top - 12]
    if left is not None:
        heights = [top - 4.5, bottom + 10.5, top - 12]
    label = room.place([Label(middle, y, text, 8.2, "middle", bold=True) for y in heights])
    put(drawing, label, RED if step.fill == RED else TEXT)


def _name(drawing: Drawing, step: Step, middle: float, bottom: float, pitch: float) -> None:
    if step.letter:
        drawing.badge(middle, bottom + 12, step.letter, 6.2)
    else:
        text = shorten(step.label, 8.2, pitch, bold=True)
        drawing.text(middle, bottom + 15, text, size=8.2, fill=TEXT, anchor="middle", weight=600)
    below = step.below if text_width(step.below, 7.6) < pitch + 4 else ""
    drawing.text(middle, bottom + 27, below, size=7.6, anchor="middle")


def _words(result: SloResult, steps: Sequence[Step]) -> str:
    minutes = minutes_text(result.budget.minutes)
    parts = [
        tr(
            "What used the {minutes} of error budget of {service} {objective}",
            minutes=minutes,
            service=result.slo.service,
            objective=result.slo.title,
        )
    ]
    parts += [f"{_cause(step)}: {percent_text(step.used, kind='consumption')}" for step in steps]
    if result.budget.remaining is not None:
        left = percent_text(result.budget.remaining, kind="remaining")
        parts.append(tr("Left: {share}", share=left))
    return ". ".join(parts) + "."


def _cause(step: Step) -> str:
    if step.letter:
        return tr("Incident {letter}", letter=step.letter)
    if not step.others:
        return tr("Outside incidents")
    return trn("{count} more incident", "{count} more incidents", step.others, count=step.others)
