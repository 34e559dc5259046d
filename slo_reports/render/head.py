"""What a page carries in its head: what it may do, how it looks, and the script of its controls."""

from __future__ import annotations

import base64
import hashlib
import json

from markupsafe import Markup

from slo_reports.errors import RenderError
from slo_reports.language import tr
from slo_reports.model import Brand
from slo_reports.render.brand import PLAIN, dark_colours, light_colours
from slo_reports.resources import Resources

FACES = (
    ("Inter", 400, "Inter-Regular"),
    ("Inter", 500, "Inter-Medium"),
    ("Inter", 600, "Inter-SemiBold"),
    ("Inter Display", 600, "InterDisplay-SemiBold"),
)
"""Family, weight and file (without ending) of the bundled fonts."""

_DARK = "screen and (prefers-color-scheme: dark)"


def head(files: Resources, *sheets: str, brand: Brand = PLAIN) -> Markup:
    """Policy, fonts, style sheets and script of a page that needs nothing else.

    The policy lets exactly this script run and nothing be fetched: whatever might get into a page
    stays without effect.

    Args:
        files: where the sheets, ``dark.css``, ``tools.css`` and ``screen.js`` are.
        sheets: the page's own style sheets.
        brand: whose colours it wears.

    Raises:
        RenderError: a file is not there, or the script cannot stand in a page.
    """
    script = _script(files)
    said = Markup.escape(json.dumps(words(), sort_keys=True, ensure_ascii=False))
    light = "\n".join([_fonts(files), *map(files.text, (*sheets, "tools.css"))])
    return Markup(  # noqa: S704 our files and checked colours
        f'<meta http-equiv="Content-Security-Policy" content="{policy(script)}">\n'
        f"<style>\n{light}{light_colours(brand)}</style>\n"
        f'<style class="dark" media="{_DARK}">\n{files.text("dark.css")}{dark_colours(brand)}'
        "</style>\n"
        f'<script data-words="{said}">{script}</script>'
    )


def words() -> dict[str, str]:
    """What the controls say; ``{…}`` is filled in by the script."""
    return {
        "any": tr("any"),
        "auto": tr("automatic"),
        "colours": tr("Colours"),
        "contents": tr("Contents"),
        "dark": tr("dark"),
        "filter": tr("Filter"),
        "gap": tr("no data"),
        "keys": tr("{name}; arrow keys tell the values"),
        "light": tr("light"),
        "nothing": tr("None of {all} matches."),
        "reset": tr("Show all"),
        "shown": tr("{shown} of {all}"),
        "tools": tr("Page"),
    }


def policy(script: str) -> str:
    """What a page with this one script may do: run it, and show what it carries inside itself."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
    )


def _script(files: Resources) -> str:
    text = files.text("screen.js").replace("\r\n", "\n")
    if "</script" in text.lower() or "<!--" in text:
        msg = f"{files.path('screen.js')} holds '</script' or '<!--', which would end it in a page"
        raise RenderError(msg)
    return text


def _fonts(files: Resources) -> str:
    return "\n".join(
        f'@font-face{{font-family:"{family}";font-weight:{weight};font-display:swap;'
        f"src:url(data:font/woff2;base64,{_base64(files.read(f'fonts/{name}.woff2'))})"
        f'format("woff2")}}'
        for family, weight, name in FACES
    )


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
