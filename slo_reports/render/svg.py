"""A small vector drawing: what the charts have in common.

Coordinates are CSS pixels. Every text and attribute is escaped here, and no number that is not
finite can get in: one NaN in a path silently corrupts a PDF.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from typing import Literal

from slo_reports.render.clean import clean, prose
from slo_reports.render.palette import INK, MUTED, RULE

Anchor = Literal["start", "middle", "end"]
Point = tuple[float, float]

FONT = "Inter, sans-serif"
_WIDTHS = """
28 29 47 63 64 98 64 30 36 36 50 66 29 46 29 36 63 41 61 62 65 59 62 57 62 62 29 30 66
66 66 51 97 69 65 73 72 60 59 75 74 27 57 67 57 90 75 76 64 76 64 64 65 74 69 99 68 68
63 36 36 36 47 46 32 56 61 57 61 58 37 61 59 24 24 55 24 88 59 60 61 61 38 53 33 59 56
82 55 56 55 43 33 43 66
"""
_REGULAR = dict(zip(map(chr, range(32, 127)), map(int, _WIDTHS.split()), strict=True))
"""Advance widths of Inter Regular [1/100 em]."""


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a label will be, to keep labels apart [px]."""
    units = sum(_REGULAR.get(letter, 66) for letter in text)
    return units / 100 * size * (1.04 if bold else 1.0)


def shorten(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """The text, cut with an ellipsis so that it fits ``room`` [px]."""
    if text_width(text, size, bold=bold) <= room:
        return text
    while text and text_width(text + "…", size, bold=bold) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def number(value: float) -> str:
    """A coordinate with one decimal, without needless zeros."""
    if not math.isfinite(value):
        msg = f"a drawing was given the coordinate {value}"
        raise ValueError(msg)
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def path_data(points: Iterable[Point]) -> str:
    """The ``d`` of an open line through points."""
    pairs = [f"{number(x)} {number(y)}" for x, y in points]
    return f"M{'L'.join(pairs)}" if pairs else ""


class Drawing:
    """A picture under construction; ``markup`` ends it.

    Args:
        width: width of the coordinate system [px].
        height: height of it [px].
        words: the text alternative: what the picture says, numbers included.
        decorative: whether it only repeats the words beside it, so that screen readers skip it.
        plot: what ``slo_reports.render.plot`` tells the page's script of its lines.
    """

    def __init__(
        self,
        width: float,
        height: float,
        words: str,
        *,
        decorative: bool = False,
        plot: str = "",
    ) -> None:
        self.width = width
        self.height = height
        self._words = words
        self._role = 'aria-hidden="true" focusable="false"' if decorative else 'role="img"'
        self._plot = f' data-plot="{escape(plot)}"' if plot else ""
        self._parts: list[str] = []

    def element(self, name: str, content: str | None = None, **attributes: object) -> None:
        """Any element; underscores in names become hyphens, None is left out."""
        pairs = "".join(
            f' {key.strip("_").replace("_", "-")}="{_attribute(value)}"'
            for key, value in attributes.items()
            if value is not None
        )
        end = "/>" if content is None else f">{escape(clean(content))}</{name}>"
        self._parts.append(f"<{name}{pairs}{end}")

    def text(
        self,
        x: float,
        y: float,
        content: str,
        *,
        size: float = 8.5,
        fill: str = MUTED,
        anchor: Anchor = "start",
        weight: int | None = None,
    ) -> None:
        """A label on one line; ``y`` is its baseline."""
        self.element(
            "text", content, x=x, y=y, font_family=FONT, font_size=size, fill=fill,
            text_anchor=None if anchor == "start" else anchor, font_weight=weight,
        )  # fmt: skip

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str,
        *,
        radius: float = 0,
        tip: str = "",
    ) -> None:
        """A filled rectangle; a page's script shows ``tip`` at the pointer."""
        self.element(
            "rect", x=x, y=y, width=width, height=height, rx=radius or None, fill=fill,
            data_tip=_tip(tip),
        )  # fmt: skip

    def line(
        self, start: Point, end: Point, *, stroke: str = RULE, width: float = 0.6, dash: str = ""
    ) -> None:
        """A straight line."""
        self.polyline([start, end], stroke=stroke, width=width, dash=dash)

    def polyline(
        self, points: Sequence[Point], *, stroke: str, width: float, dash: str = ""
    ) -> None:
        """A line through points; a lone point becomes a dot of the line's width."""
        if len(points) == 1:
            self.circle(points[0], max(width * 0.8, 0.9), fill=stroke)
        elif points:
            self.element(
                "path", d=path_data(points), fill="none", stroke=stroke, stroke_width=width,
                stroke_linejoin="round", stroke_dasharray=dash or None,
            )  # fmt: skip

    def area(self, points: Sequence[Point], base: float, fill: str) -> None:
        """The surface between a line and the horizontal at ``base``."""
        if len(points) > 1:
            closed = [(points[0][0], base), *points, (points[-1][0], base)]
            self.element("path", d=path_data(closed) + "Z", fill=fill)

    def circle(
        self,
        centre: Point,
        radius: float,
        *,
        fill: str,
        stroke: str | None = None,
        width: float | None = None,
        tip: str = "",
    ) -> None:
        """A disc, ringed where ``stroke`` is given; ``tip`` as for a rectangle."""
        self.element(
            "circle", cx=centre[0], cy=centre[1], r=radius, fill=fill, stroke=stroke,
            stroke_width=width, data_tip=_tip(tip),
        )  # fmt: skip

    def badge(self, x: float, y: float, letter: str, radius: float = 7.2, *, tip: str = "") -> None:
        """An incident's letter in a disc; ``tip`` as for a rectangle."""
        self.circle((x, y), radius, fill=INK, tip=tip)
        size = 8.5 if len(letter) == 1 else 7
        self.text(x, y + 3, letter, size=size, fill="#fff", anchor="middle", weight=600)

    def markup(self) -> str:
        """The picture as an inline SVG element."""
        size = f"{number(self.width)} {number(self.height)}"
        title = f"<title>{escape(prose(self._words))}</title>"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" '
            f'width="{number(self.width)}" height="{number(self.height)}" {self._role}{self._plot}>'
            f"{title}{''.join(self._parts)}</svg>"
        )


def _tip(text: str) -> str | None:
    return clean(text, 400) if text else None


def _attribute(value: object) -> str:
    if isinstance(value, int | float):
        return number(float(value))
    return escape(str(value))
