"""How well one colour is read on another."""

from __future__ import annotations

READABLE = 4.5
"""Least contrast of text with its ground (WCAG 2.2, 1.4.3)."""
GROUND = "#f4f6f9"
"""The darkest light ground that links stand on."""
DARK_TEXT = "#14213d"
"""Of a title on a light band."""
_STEPS = 100


def channels(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of ``#rrggbb`` [0 to 255]."""
    red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
    return red, green, blue


def luminance(colour: str) -> float:
    """Relative luminance, 0 for black and 1 for white.

    Source:
        WCAG 2.2, definition of relative luminance.
    """
    shares = [one / 255 for one in channels(colour)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """From 1, the same lightness, to 21, black on white.

    Source:
        WCAG 2.2, definition of contrast ratio.
    """
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def blend(one: str, other: str, share: float) -> str:
    """A mixture that holds ``share`` of the first colour [ratio]."""
    pairs = zip(channels(one), channels(other), strict=True)
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02x}" for a, b in pairs)


def legible(colour: str, ground: str, least: float) -> str:
    """The colour, darker or lighter by as little as it takes to be read on a ground.

    Args:
        colour: the wish.
        ground: what it stands on.
        least: contrast that it must have.
    """
    end = "#000000" if luminance(ground) > 0.18 else "#ffffff"
    mixtures = (blend(end, colour, n / _STEPS) for n in range(_STEPS + 1))
    return next(one for one in mixtures if contrast(one, ground) >= least)
