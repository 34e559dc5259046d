"""The HTML document: one file that needs nothing else, with or without a network."""

from __future__ import annotations

import base64
from pathlib import Path

from markupsafe import Markup

from slo_reports.language import speaking
from slo_reports.model import Report
from slo_reports.render.environment import render_template
from slo_reports.render.layouts import LAYOUTS
from slo_reports.render.resources import Resources, resources

FACES = (
    ("Inter", 400, "Inter-Regular"),
    ("Inter", 500, "Inter-Medium"),
    ("Inter", 600, "Inter-SemiBold"),
    ("Inter Display", 600, "InterDisplay-SemiBold"),
)
"""Family, weight and file (without ending) of the bundled fonts."""
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
    own = LAYOUTS[report.request.kind]
    names = (*STYLES, *own.sheets, *own.screen_sheets)
    return page(report, files, embedded_styles(files, *names)).encode()


def embedded_styles(files: Resources, *names: str) -> Markup:
    """Style sheets and fonts as a page carries them inside itself."""
    styles = "\n".join([_embedded_fonts(files), *map(files.text, names)])
    return Markup(f"<style>\n{styles}</style>")  # noqa: S704 our CSS


def page(report: Report, files: Resources, styles: Markup) -> str:
    """The page with styles of one's own, as text."""
    layout = LAYOUTS[report.request.kind]
    with speaking(report.request.language):
        values = {**layout.values(report), "styles": styles}
        return render_template(files, layout.template, values)


def _embedded_fonts(files: Resources) -> str:
    return "\n".join(
        f'@font-face{{font-family:"{family}";font-weight:{weight};font-display:swap;'
        f"src:url(data:font/woff2;base64,{_base64(files.read(f'fonts/{name}.woff2'))})"
        f'format("woff2")}}'
        for family, weight, name in FACES
    )


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
