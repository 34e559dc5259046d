"""A short mail: a sentence and a few points, the same as HTML and as plain text."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """One thing that a mail tells.

    Attributes:
        lead: comes first, in bold; ends with its own full stop where it is a sentence.
        text: what follows it.
        aside: who and until when, or the like; in grey.
    """

    lead: str
    text: str = ""
    aside: str = ""


@dataclass(frozen=True)
class Section:
    """A heading with its points.

    Attributes:
        nothing: what is said where there are no points; empty: the section is left out then.
        left_out: how many more points the documents hold.
    """

    title: str
    points: tuple[Point, ...]
    nothing: str = ""
    left_out: int = 0

    @property
    def is_shown(self) -> bool:
        """Whether it has anything to say."""
        return bool(self.points or self.nothing)


@dataclass(frozen=True)
class Letter:
    """What the mail of a kind says.

    Attributes:
        document: what it goes with, such as ``Weekly review``.
        verdict: how it went, for the end of the subject.
        headline: the sentence that comes first.
        sections: in their order.
        chart: id of the objective whose burn-down is shown; empty: none is.
    """

    document: str
    verdict: str
    headline: str
    sections: tuple[Section, ...]
    chart: str = ""


def section(title: str, points: list[Point], *, most: int = 5, nothing: str = "") -> Section:
    """A section of at most so many points."""
    return Section(title, tuple(points[:most]), nothing, max(0, len(points) - most))
