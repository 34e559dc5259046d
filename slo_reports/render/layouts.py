"""Which template a kind of report is made with, the values that it is given, and its mail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slo_reports.model import Report, ReportKind
from slo_reports.render.brief import brief_letter, brief_values
from slo_reports.render.letters import Letter
from slo_reports.render.page import page_values
from slo_reports.render.planning import planning_letter, planning_values
from slo_reports.render.portfolio import portfolio_values
from slo_reports.render.retrospective import retrospective_letter, retrospective_values
from slo_reports.render.review import review_letter, review_values


@dataclass(frozen=True)
class Layout:
    """A page: its template, the variables of it, its mail, and style sheets that only it needs.

    Attributes:
        letter: what a short mail says; None: the mail is that of a service report.
        sheets: for every medium.
        screen_sheets: for browsers only; WeasyPrint does not know all of CSS.
    """

    template: str
    values: Callable[[Report], Mapping[str, Any]]
    letter: Callable[[Report], Letter] | None = None
    sheets: tuple[str, ...] = ()
    screen_sheets: tuple[str, ...] = ()


LAYOUTS = {
    ReportKind.SERVICE: Layout("report.html.j2", page_values),
    ReportKind.BRIEF: Layout("brief.html.j2", brief_values, brief_letter),
    ReportKind.PLANNING: Layout("planning.html.j2", planning_values, planning_letter),
    ReportKind.RETROSPECTIVE: Layout(
        "retrospective.html.j2", retrospective_values, retrospective_letter
    ),
    ReportKind.REVIEW: Layout("review.html.j2", review_values, review_letter),
    ReportKind.PORTFOLIO: Layout(
        "portfolio.html.j2",
        portfolio_values,
        sheets=("portfolio.css",),
        screen_sheets=("portfolio-screen.css",),
    ),
}
