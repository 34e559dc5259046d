"""Which template a kind of report is made with, and the values that it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slo_reports.model import Report, ReportKind
from slo_reports.render.page import page_values
from slo_reports.render.portfolio import portfolio_values


@dataclass(frozen=True)
class Layout:
    """A page: its template, the variables of it, and the style sheets that only it needs.

    Attributes:
        sheets: for every medium.
        screen_sheets: for browsers only; WeasyPrint does not know all of CSS.
    """

    template: str
    values: Callable[[Report], Mapping[str, Any]]
    sheets: tuple[str, ...] = ()
    screen_sheets: tuple[str, ...] = ()


LAYOUTS = {
    ReportKind.SERVICE: Layout("report.html.j2", page_values),
    ReportKind.PORTFOLIO: Layout(
        "portfolio.html.j2", portfolio_values, ("portfolio.css",), ("portfolio-screen.css",)
    ),
}
