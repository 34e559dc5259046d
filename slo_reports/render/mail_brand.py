"""Logo and colours of a brand where no style sheet and no SVG is shown: in mail."""

from __future__ import annotations

from dataclasses import dataclass

from slo_reports.model import Brand, Document
from slo_reports.render.brand import PLAIN, accent_of, band_of, on_band, quiet_on_band
from slo_reports.render.png import png
from slo_reports.resources import Resources

_HEIGHT = 36.0
_WIDEST = 240.0
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg"}


@dataclass(frozen=True)
class MailLogo:
    """A logo that goes with a mail, shown as ``cid:NAME`` at this size [px]."""

    document: Document
    width: int
    height: int


def mail_logo(brand: Brand | None, files: Resources) -> MailLogo | None:
    """The logo as clients show it: an SVG becomes a PNG of twice the size, on the band's colour.

    Raises:
        RenderError: an SVG could not be drawn.
    """
    if brand is None or brand.logo is None:
        return None
    logo = brand.logo
    share = min(_HEIGHT / logo.height, _WIDEST / logo.width)
    kind, content = logo.media_type, logo.content
    if kind not in _ENDINGS:
        kind = "image/png"
        content = png(content.decode(), files, zoom=2 * share, background=band_of(brand))
    name = f"logo.{_ENDINGS[kind]}"
    return MailLogo(
        Document(name, kind, content), round(logo.width * share), round(logo.height * share)
    )


def mail_colours(brand: Brand | None) -> dict[str, object]:
    """What a mail's template says in its inline styles."""
    worn = brand or PLAIN
    quiet = quiet_on_band(worn)
    return {
        "link": accent_of(worn),
        "band": {
            "ground": band_of(worn),
            "title": on_band(worn),
            "over": quiet if worn.band else "#8db9e3",
            "quiet": quiet,
        },
    }
