"""Whose reports they are: name, logo and colours, as the settings say it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from slo_reports.contrast import DARK_TEXT, GROUND, READABLE, contrast, legible
from slo_reports.model import Brand
from slo_reports.settings.logos import read_logo
from slo_reports.settings.strict import Strict


def _colour(value: str) -> str:
    if not re.fullmatch("#[0-9a-fA-F]{6}", value):
        msg = f"{value!r} is no colour; write one such as '#0b5cad', in quotes"
        raise ValueError(msg)
    return value.lower()


def _accent(value: str) -> str:
    colour = _colour(value)
    if (seen := contrast(colour, GROUND)) < READABLE:
        msg = (
            f"{value} cannot be read as text on light ground: contrast {seen:.1f}, needed "
            f"{READABLE}; {legible(colour, GROUND, READABLE)} can"
        )
        raise ValueError(msg)
    return colour


def _band(value: str) -> str:
    colour = _colour(value)
    white, dark = contrast("#ffffff", colour), contrast(DARK_TEXT, colour)
    if max(white, dark) < READABLE:
        msg = (
            f"neither white nor dark text can be read on {value}: contrast {white:.1f} and "
            f"{dark:.1f}, needed {READABLE}; {_darker(colour)} is dark enough"
        )
        raise ValueError(msg)
    return colour


def _darker(colour: str) -> str:
    return legible(colour, "#ffffff", READABLE)


_HEX = {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$", "examples": ["#0b5cad"]}
Accent = Annotated[str, AfterValidator(_accent), WithJsonSchema(_HEX)]
Band = Annotated[str, AfterValidator(_band), WithJsonSchema(_HEX)]


class BrandSettings(Strict):
    """What documents and mails wear in place of our own look."""

    organisation: str = Field("", max_length=80, description="Name above each report's title.")
    logo: Path | None = Field(
        None, description="SVG, PNG or JPEG of at most 256 KiB, shown in the title band."
    )
    accent: Accent | None = Field(None, description="Colour of links, '#rrggbb'.")
    band: Band | None = Field(None, description="Colour of the title band, '#rrggbb'.")
    footer: str = Field(
        "", max_length=500, description="A line at the foot, where the report has none of its own."
    )

    def frozen(self) -> Brand | None:
        """With the logo itself, as a snapshot keeps it; None where nothing is set.

        Raises:
            ConfigurationError: the logo cannot be used.
        """
        logo = None if self.logo is None else read_logo(self.logo)
        worn = Brand(self.organisation, self.accent or "", self.band or "", logo)
        return None if worn == Brand() else worn
