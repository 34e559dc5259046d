"""The budget bar of a table row: what is left to the right, what is overspent to the left."""

from __future__ import annotations

from slo_reports.language import tr
from slo_reports.numbers import percent_text
from slo_reports.render.marks import COLOURS, Mark
from slo_reports.render.palette import INK, MUTED, TRACK
from slo_reports.render.svg import Drawing

_OVERDRAFT = 0.2
"""Share of the bar's width that is kept for overspending."""


def budget_bar(remaining: float | None, mark: Mark, *, width: float = 96, height: float = 8) -> str:
    """A bar of the budget that is left.

    Args:
        remaining: budget left [ratio]; None where there is none to show.
        mark: whose colour it takes.
        width: of the whole picture [px].
        height: of the bar [px].
    """
    words = tr("no budget to show") if remaining is None else _words(remaining)
    drawing = Drawing(width, height + 2, words)
    zero = width * _OVERDRAFT
    room = width - zero - 1
    if remaining is None:
        y = height / 2 + 1
        drawing.line((zero, y), (width - 1, y), stroke=MUTED, width=0.8, dash="1.5 2.5")
        return drawing.markup()
    drawing.rect(zero, 1.5, room, height - 1, TRACK, radius=1.5)
    if remaining >= 0:
        drawing.rect(zero, 1.5, room * min(remaining, 1.0), height - 1, COLOURS[mark], radius=1.5)
    else:
        _overspent(drawing, min(-remaining, 1.0) * room, zero, height, mark)
    drawing.line((zero, 0), (zero, height + 2), stroke=INK, width=1.1)
    return drawing.markup()


def _overspent(drawing: Drawing, length: float, zero: float, height: float, mark: Mark) -> None:
    shown = min(length, zero - 1)
    drawing.rect(zero - shown, 1.5, shown, height - 1, COLOURS[mark], radius=1.5)
    if length > shown:
        middle = height / 2 + 1
        tear = f"M{3.5} {middle - 4} {1.5} {middle} {3.5} {middle + 4}"
        drawing.element("path", d=tear, fill="none", stroke="#fff", stroke_width=1.4)


def _words(remaining: float) -> str:
    if remaining < 0:
        over = percent_text(-remaining, kind="consumption")
        return tr("overspent by {share} of the budget", share=over)
    return tr("{share} of the budget left", share=percent_text(remaining, kind="remaining"))
