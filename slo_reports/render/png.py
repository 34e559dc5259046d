"""Pictures for mail, where neither SVG nor ``data:`` addresses are shown."""

from __future__ import annotations

import resvg_py

from slo_reports.errors import RenderError
from slo_reports.render.head import FACES
from slo_reports.render.palette import PAPER
from slo_reports.resources import Resources


def png(svg: str, files: Resources, *, zoom: float = 2.0, background: str = PAPER) -> bytes:
    """A drawing as PNG on a ground (a transparent one turns black in dark mail clients).

    Args:
        svg: one of our drawings.
        files: where the fonts are.
        zoom: pixels of the picture for one of the drawing, for sharp screens.
        background: colour of its ground.
    """
    fonts = [str(files.path(f"fonts/{name}.ttf")) for _, _, name in FACES]
    try:
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=svg,
                background=background,
                zoom=zoom,
                font_files=fonts,
                skip_system_fonts=True,
                font_family="Inter",
                sans_serif_family="Inter",
            )
        )
    except ValueError as error:
        msg = f"a chart could not become a PNG for the mail: {error}"
        raise RenderError(msg) from error
