"""The HTML document: one file that needs nothing else, with or without a network."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from slo_reports.language import speaking
from slo_reports.model import Report
from slo_reports.render.brand import PLAIN
from slo_reports.render.environment import render_template
from slo_reports.render.head import head
from slo_reports.render.layouts import LAYOUTS
from slo_reports.resources import Resources, resources

STYLES = ("report.css", "screen.css", "print.css", "kinds.css", "kinds-screen.css")


def render_html(report: Report, *, templates: Path | None = None) -> bytes:
    """The report as one self-contained HTML file.

    Args:
        report: what to say.
        templates: the user's folder, whose files replace ours of the same name.

    Raises:
        RenderError: a template or a file that it needs is wrong, with its place.
    """
    files = resources(templates)
    brand, own = report.request.brand or PLAIN, LAYOUTS[report.request.kind]
    with speaking(report.request.language):
        styles = head(files, *STYLES, *own.sheets, *own.screen_sheets, brand=brand)
        return page(report, files, styles).encode()


def page(report: Report, files: Resources, styles: Markup) -> str:
    """The page with a head of one's own, as text.

    Args:
        report: what to say.
        files: where templates are.
        styles: what stands in its head: styles, and on screens the script.
    """
    layout = LAYOUTS[report.request.kind]
    brand = report.request.brand or PLAIN
    with speaking(report.request.language):
        values = {**layout.values(report), "styles": styles, "brand": brand}
        return render_template(files, layout.template, values)
