"""Whose report it is: name, logo and colours, frozen with the snapshot."""

from __future__ import annotations

import base64
from dataclasses import dataclass


@dataclass(frozen=True)
class Logo:
    """A picture, checked before it got here.

    Attributes:
        media_type: ``image/svg+xml``, ``image/png`` or ``image/jpeg``.
        data: its bytes, base64.
        width: of it, in the units of its own [px].
        height: likewise [px].
    """

    media_type: str
    data: str
    width: float
    height: float

    @property
    def content(self) -> bytes:
        """The bytes themselves."""
        return base64.b64decode(self.data)

    @property
    def url(self) -> str:
        """The picture inside an address, for pages that carry all they need."""
        return f"data:{self.media_type};base64,{self.data}"


@dataclass(frozen=True)
class Brand:
    """What documents wear.

    Attributes:
        organisation: its name; empty where none is shown.
        accent: colour of links and numbers of lists, ``#rrggbb``; empty: ours.
        band: colour of the title band, ``#rrggbb``; empty: ours.
    """

    organisation: str = ""
    accent: str = ""
    band: str = ""
    logo: Logo | None = None
