"""How much of a page of print texts take, so that a one-pager stays one page.

Heights are those of ``templates/kinds.css`` for paper [mm]; widths are estimated from the
letters, upwards. What does not fit is left out and counted, never cut off unseen.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from slo_reports.render.svg import text_width

ROOM = 272.0
"""From the top of the band to the bottom margin of a page of A4 [mm], with a little air."""
_POINT = 25.4 / 72
_WASTE = 1.03
"""Lines end at a word, so a text takes so much more than its letters [ratio]."""
_WIDE = 0x2E80
"""From here on, letters are as wide as they are high."""


def lines(text: str, size: float, room: float, *, bold: bool = False) -> int:
    """How many lines a text takes at most.

    Args:
        text: in one language or several.
        size: of its letters [pt].
        room: the width of a line [mm].
        bold: whether it is set in a heavier face.
    """
    wide = sum(ord(letter) >= _WIDE for letter in text)
    points = text_width(text, size, bold=bold) + 0.4 * size * wide
    return max(1, math.ceil(points * _POINT * _WASTE / room))


@dataclass(frozen=True)
class Block:
    """Texts of one style, one below the other.

    Attributes:
        size: of the letters [pt].
        leading: height of a line over the size [1].
        room: width of a line [mm].
        around: what each text takes besides its lines [mm].
    """

    size: float
    leading: float
    room: float
    around: float
    bold: bool = False

    def height(self, texts: Iterable[str]) -> float:
        """Of all the texts [mm]."""
        line = self.size * self.leading * _POINT
        return sum(
            lines(text, self.size, self.room, bold=self.bold) * line + self.around for text in texts
        )


TITLE = Block(25, 1.1, 178, 0, bold=True)
HEADLINE = Block(14.5, 1.38, 172, 5, bold=True)
AGAIN = Block(8.4, 1.5, 170, 8)
ROW = Block(9.4, 1.35, 104, 3)
NAME = Block(10, 1.35, 31, 3, bold=True)
LINE = Block(9.4, 1.4, 55, 1.6)
PROMISE = Block(9.2, 1.43, 170, 1.8)
FOOT = Block(8, 1.5, 178, 8)
_BAND = 37.0
_TABLE = 13.0
"""Its head, and the line about services that have no row."""
_COLUMNS = 26.0
"""Air around the three columns, their headings, and the line about what is left out."""
_ASIDE = 14.0


@dataclass(frozen=True)
class Page:
    """What a one-pager says; rows and columns are as many as there could be.

    Attributes:
        title: and the period, each on lines of their own.
        again: notes about revision and delivery.
        rows: name and sentence of each service.
        columns: the lines of each column.
    """

    title: Sequence[str]
    headline: str
    again: Sequence[str]
    rows: Sequence[tuple[str, str]]
    columns: Sequence[Sequence[str]]
    promise: str
    foot: str

    def height(self, rows: int, most: int) -> float:
        """With so many rows, and so many lines in each column [mm]."""
        return (
            _BAND
            + TITLE.height(self.title)
            + HEADLINE.height([self.headline])
            + AGAIN.height(self.again)
            + _TABLE
            + sum(max(NAME.height([name]), ROW.height([text])) for name, text in self.rows[:rows])
            + _COLUMNS
            + max(LINE.height(one[:most]) for one in self.columns)
            + _ASIDE
            + PROMISE.height([self.promise])
            + FOOT.height([self.foot] if self.foot else [])
        )

    def fitting(self, choices: Sequence[tuple[int, int]]) -> tuple[int, int]:
        """The first of the choices (rows, lines in a column) that fits; the last at the least."""
        found = (one for one in choices if self.height(*one) <= ROOM)
        return next(found, choices[-1])
