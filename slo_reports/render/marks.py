"""One small sign per outcome: a shape of its own each, so that colour is never needed."""

from __future__ import annotations

from enum import StrEnum

from slo_reports.model import BudgetStatus, Outcome, ServiceState, SloResult
from slo_reports.render.palette import AMBER, BLUE, MUTED, RED
from slo_reports.render.svg import Drawing

RISKY = 0.25
"""A met objective with less of its budget left than this is at risk [ratio]."""
_FAST = (BudgetStatus.WARNING, BudgetStatus.CRITICAL)


class Mark(StrEnum):
    """What the reader is told by shape and word."""

    MET = "met"
    AT_RISK = "at-risk"
    MISSED = "missed"
    INSUFFICIENT = "insufficient"
    NO_TRAFFIC = "no-traffic"
    NOT_MEASURED = "not-measured"


COLOURS = {
    Mark.MET: BLUE,
    Mark.AT_RISK: AMBER,
    Mark.MISSED: RED,
    Mark.INSUFFICIENT: MUTED,
    Mark.NO_TRAFFIC: MUTED,
    Mark.NOT_MEASURED: MUTED,
}

OUTCOME_MARKS = {
    Outcome.MET: Mark.MET,
    Outcome.MISSED: Mark.MISSED,
    Outcome.NO_TRAFFIC: Mark.NO_TRAFFIC,
    Outcome.INSUFFICIENT_DATA: Mark.INSUFFICIENT,
    Outcome.NOT_MEASURED: Mark.NOT_MEASURED,
}

SERVICE_MARKS = {
    ServiceState.MET: Mark.MET,
    ServiceState.AT_RISK: Mark.AT_RISK,
    ServiceState.MISSED: Mark.MISSED,
    ServiceState.NO_VERDICT: Mark.INSUFFICIENT,
}


def mark_of(result: SloResult) -> Mark:
    """The sign of an objective: its outcome, with met ones that barely were set apart."""
    mark = OUTCOME_MARKS[result.outcome]
    if mark is not Mark.MET:
        return mark
    left = result.budget.remaining
    little = left is not None and left < RISKY
    return Mark.AT_RISK if little or result.status in _FAST else Mark.MET


STOP_SIGN = "M3.7.5h4.6l3.2 3.2v4.6l-3.2 3.2H3.7L.5 8.3V3.7Z"
"""An octagon on 12 by 12."""


def status_mark(mark: Mark, size: float = 9) -> str:
    """The sign itself, as decoration: the word always stands beside it."""
    drawing = Drawing(12, 12, mark.replace("-", " "), decorative=True)
    colour = COLOURS[mark]
    match mark:
        case Mark.MET:
            drawing.circle((6, 6), 5.5, fill=colour)
            _stroke(drawing, "M3.3 6.2 5.3 8.2 8.8 4.2")
        case Mark.MISSED:
            drawing.element("path", d=STOP_SIGN, fill=colour)
            _stroke(drawing, "M4 4 8 8M8 4 4 8")
        case Mark.AT_RISK:
            drawing.element("path", d="M6 .8 11.7 11H.3Z", fill=colour)
            _stroke(drawing, "M6 4.4V7.4M6 8.9V9.4")
        case Mark.INSUFFICIENT:
            drawing.element("circle", cx=6, cy=6, r=5, fill="none", stroke=colour,
                            stroke_width=1.2, stroke_dasharray="1.8 1.34")  # fmt: skip
            _stroke(drawing, "M4 6H8", colour)
        case Mark.NO_TRAFFIC:
            drawing.element("rect", x=1, y=1, width=10, height=10, rx=2, fill="none",
                            stroke=colour, stroke_width=1.2)  # fmt: skip
            _stroke(drawing, "M3.6 6H8.4", colour)
        case Mark.NOT_MEASURED:
            drawing.element("path", d="M6 .8 11.2 6 6 11.2.8 6Z", fill="none", stroke=colour,
                            stroke_width=1.2)  # fmt: skip
            _stroke(drawing, "M4.4 4.4 7.6 7.6M7.6 4.4 4.4 7.6", colour)
    return sized(drawing, size)


def sized(drawing: Drawing, size: float) -> str:
    """The markup of a sign drawn on 12 by 12, shown in another size [px]."""
    return drawing.markup().replace('width="12" height="12"', f'width="{size:g}" height="{size:g}"')


def _stroke(drawing: Drawing, path: str, colour: str = "#fff") -> None:
    drawing.element(
        "path", d=path, fill="none", stroke=colour, stroke_width=1.5, stroke_linecap="round",
        stroke_linejoin="round",
    )  # fmt: skip
