"""A word-sized line of past periods beside the objective."""

from __future__ import annotations

from collections.abc import Sequence

from slo_reports.language import tr, trn
from slo_reports.model import Objective, Outcome, PastPeriod
from slo_reports.numbers import percent_text, period_name
from slo_reports.render.palette import BLUE, INK, MUTED, RED
from slo_reports.render.svg import Drawing, Point


def sparkline(
    history: Sequence[PastPeriod],
    objective: Objective,
    *,
    width: float = 84,
    height: float = 20,
    places: int = 12,
) -> str:
    """The SLI of the last periods with the objective as a dashed line; gaps stay gaps.

    Args:
        history: oldest first, the reported period last; the last ``places`` are drawn.
        objective: where the dashed line stands.
        width: of the picture [px].
        height: of the picture [px].
        places: how many periods the width stands for, so that all rows of a table align.
    """
    shown = history[-places:]
    drawing = Drawing(width, height, _words(shown, objective))
    known = [one.sli for one in shown if one.sli is not None]
    if not known:
        drawing.line((2, height / 2), (width - 4, height / 2), stroke=MUTED, width=0.7, dash="1 3")
        return drawing.markup()
    target = float(objective.target)
    low, high = min([*known, target]), max([*known, target])
    span = high - low or 1.0

    def y(value: float) -> float:
        return height - 3.5 - (value - low) / span * (height - 7)

    drawing.line((2, y(target)), (width - 4, y(target)), stroke=MUTED, width=0.7, dash="2 1.6")
    first = places - len(shown)
    step = (width - 8) / max(places - 1, 1)
    points = [
        None if one.sli is None else (3 + (first + n) * step, y(one.sli))
        for n, one in enumerate(shown)
    ]
    _draw_line(drawing, points)
    _draw_last(drawing, points[-1], missed=shown[-1].outcome is Outcome.MISSED)
    return drawing.markup()


def _draw_line(drawing: Drawing, points: Sequence[Point | None]) -> None:
    run: list[Point] = []
    for point in [*points, None]:
        if point is not None:
            run.append(point)
        elif run:
            drawing.polyline(run, stroke=INK, width=1.1)
            run = []


def _draw_last(drawing: Drawing, point: Point | None, *, missed: bool) -> None:
    if point is None:
        return
    x, y = point
    if missed:
        drawing.element("path", d=f"M{x:.1f} {y - 3:.1f}l3 3-3 3-3-3Z", fill=RED)
    else:
        drawing.circle(point, 2, fill=BLUE)


def _words(shown: Sequence[PastPeriod], objective: Objective) -> str:
    known = [(one.sli, one.period) for one in shown if one.sli is not None]
    if not known:
        return tr("no earlier periods known")
    missed = sum(one.outcome is Outcome.MISSED for one in shown)
    low, when = min(known, key=lambda pair: pair[0])
    text = percent_text(low, objective.target)
    return trn(
        "{count} period, {missed} missed; lowest {share} in {period}",
        "{count} periods, {missed} missed; lowest {share} in {period}",
        len(known),
        count=len(known),
        missed=missed,
        share=text,
        period=period_name(when),
    )
