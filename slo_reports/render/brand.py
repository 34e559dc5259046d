"""An organisation's colours and logo as pages and mails wear them."""

from __future__ import annotations

from slo_reports.contrast import DARK_TEXT, READABLE, blend, contrast, legible
from slo_reports.model import Brand
from slo_reports.render.palette import BLUE, INK

PLAIN = Brand()
"""Nobody's: our own colours and no logo."""
_DARK_GROUND = "#18233a"


def accent_of(brand: Brand) -> str:
    """Colour of links on light ground."""
    return brand.accent or BLUE


def band_of(brand: Brand) -> str:
    """Colour of the title band."""
    return brand.band or INK


def on_band(brand: Brand) -> str:
    """Colour of the title: white, or ink on a light band."""
    return max("#ffffff", DARK_TEXT, key=lambda one: contrast(one, band_of(brand)))


def quiet_on_band(brand: Brand) -> str:
    """Colour of the small print of the band."""
    if not brand.band:
        return "#c9d6e8"
    title, band = on_band(brand), band_of(brand)
    softer = blend(title, band, 0.8)
    return softer if contrast(softer, band) >= READABLE else title


def light_colours(brand: Brand) -> str:
    """CSS that puts the brand's colours in place of ours."""
    accent = f":root {{ --link: {brand.accent} }}\n" if brand.accent else ""
    return accent + _band(brand)


def dark_colours(brand: Brand) -> str:
    """The same for dark ground: the accent as much lighter as it must be to be read."""
    if not brand.accent:
        return _band(brand)
    return f":root {{ --link: {legible(brand.accent, _DARK_GROUND, READABLE)} }}\n{_band(brand)}"


def _band(brand: Brand) -> str:
    if not brand.band:
        return ""
    title, quiet = on_band(brand), quiet_on_band(brand)
    return (
        f":root {{ --band: {brand.band} }}\n.band, .band h1 {{ color: {title} }}\n"
        f".band .over, .band .facts {{ color: {quiet} }}\n"
    )
