"""Labels that stay apart from each other and from the lines that they name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from slo_reports.render.axes import Frame
from slo_reports.render.svg import Anchor, Drawing, Point, text_width

SIDES: tuple[tuple[float, Anchor], ...] = ((8.0, "start"), (-8.0, "end"))
"""Right and left of a point: distance and anchor."""


@dataclass(frozen=True)
class Box:
    """The surface that a label covers [px]."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        """The surface that two labels share [px²]."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        return wide * high if wide > 0 and high > 0 else 0.0

    def holds(self, point: Point) -> bool:
        """Whether a point lies under the label."""
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom


@dataclass(frozen=True)
class Label:
    """A text at a place: ``x`` is its anchor, ``y`` its baseline."""

    x: float
    y: float
    text: str
    size: float = 8.5
    anchor: Anchor = "start"
    bold: bool = False

    @property
    def box(self) -> Box:
        """The surface that it covers, with a little air."""
        width = text_width(self.text, self.size, bold=self.bold)
        left = self.x - {"start": 0.0, "middle": width / 2, "end": width}[self.anchor]
        return Box(left - 2, self.y - self.size * 0.85, left + width + 2, self.y + self.size * 0.3)


@dataclass
class Room:
    """A frame that fills with labels.

    Attributes:
        frame: what labels should stay within.
        lines: points of the drawn lines, which labels should not cover.
        taken: what is covered already.
    """

    frame: Frame
    lines: Sequence[Point] = ()
    taken: list[Box] = field(default_factory=list)

    def place(self, candidates: Iterable[Label]) -> Label:
        """The first candidate that covers nothing, or else the one that covers least."""
        best = min(candidates, key=self.cost)
        self.taken.append(best.box)
        return best

    def cost(self, label: Label) -> float:
        """How bad a label's place is; 0 covers nothing."""
        box = label.box
        outside = (
            max(0.0, self.frame.left - box.left)
            + max(0.0, box.right - self.frame.right)
            + max(0.0, self.frame.top - box.top)
            + max(0.0, box.bottom - self.frame.bottom)
        )
        hidden = sum(box.holds(point) for point in self.lines)
        return outside * 50 + hidden * 10 + sum(box.overlap(other) * 100 for other in self.taken)


def put(drawing: Drawing, label: Label, fill: str) -> None:
    """Draw a label that was placed."""
    drawing.text(
        label.x, label.y, label.text, size=label.size, fill=fill, anchor=label.anchor,
        weight=600 if label.bold else None,
    )  # fmt: skip


def around(x: float, y: float, text: str, *, size: float = 8.5, bold: bool = False) -> list[Label]:
    """Places beside a point, best first: right below, left below, right above, left above."""
    below, above = y + size + 5, y - 6
    return [
        Label(x + dx, dy, text, size, anchor, bold)
        for far in (0.0, 11.0, 22.0, 34.0, 46.0, 58.0, 72.0, 88.0)
        for dy in (below + far, above - far)
        for dx, anchor in SIDES
    ]


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Ascending places at least ``gap`` apart, near the wanted ones and inside ``[low, high]``.

    Where they cannot all fit, they share the room evenly.
    """
    count = len(wanted)
    if count < 2:
        return [min(max(place, low), high) for place in wanted]
    if (count - 1) * gap > high - low:
        return [low + (high - low) * n / (count - 1) for n in range(count)]
    places = list(wanted)
    for n in range(count):
        floor = low + n * gap if n == 0 else max(low, places[n - 1] + gap)
        places[n] = max(places[n], floor)
    for n in reversed(range(count)):
        ceiling = high if n == count - 1 else places[n + 1] - gap
        places[n] = min(places[n], ceiling)
    return places
