"""Outlines of SVG shapes as the path operators of PDF."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_ROUND = 0.5522847498
"""Where the control points of a quarter of a circle lie, of its radius."""
_TOKEN = re.compile(r"\s*(?:([A-Za-z])|([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|,)")
_PAIRS = {"M": 1, "L": 1, "C": 3}
Point = tuple[float, float]


class Unsupported(ValueError):
    """A drawing uses something that is not drawn here."""


def decimal(value: float) -> str:
    """A number with at most three decimals, without needless zeros."""
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def path(data: str) -> bytes:
    """The ``d`` of a path: lines, curves and closings, absolute or relative."""
    return b"\n".join(_steps(data))


def rectangle_path(attributes: Mapping[str, str]) -> bytes:
    """A rectangle, with round corners where it has ``rx``; nothing where it has no surface."""
    x, y, width, height, rx = (
        float(attributes.get(name, "0")) for name in ("x", "y", "width", "height", "rx")
    )
    if width <= 0 or height <= 0:
        return b""
    if rx <= 0:
        return f"{decimal(x)} {decimal(y)} {decimal(width)} {decimal(height)} re".encode()
    radii = min(rx, width / 2), min(rx, height / 2)
    return _rounded(x, y, x + width, y + height, radii)


def circle_path(attributes: Mapping[str, str]) -> bytes:
    """A circle; nothing where it has no radius."""
    x, y, radius = (float(attributes.get(name, "0")) for name in ("cx", "cy", "r"))
    if radius <= 0:
        return b""
    return _rounded(x - radius, y - radius, x + radius, y + radius, (radius, radius))


def _rounded(left: float, top: float, right: float, bottom: float, radii: Point) -> bytes:
    across, down = radii
    near, far = across * (1 - _ROUND), down * (1 - _ROUND)
    steps = [
        (b"m", [(left + across, top)]),
        (b"l", [(right - across, top)]),
        (b"c", [(right - near, top), (right, top + far), (right, top + down)]),
        (b"l", [(right, bottom - down)]),
        (b"c", [(right, bottom - far), (right - near, bottom), (right - across, bottom)]),
        (b"l", [(left + across, bottom)]),
        (b"c", [(left + near, bottom), (left, bottom - far), (left, bottom - down)]),
        (b"l", [(left, top + down)]),
        (b"c", [(left, top + far), (left + near, top), (left + across, top)]),
    ]
    return b"\n".join([*(_step(operator, points) for operator, points in steps), b"h"])


def _step(operator: bytes, points: list[Point]) -> bytes:
    return " ".join(f"{decimal(x)} {decimal(y)}" for x, y in points).encode() + b" " + operator


def _steps(data: str) -> Iterator[bytes]:
    at = start = (0.0, 0.0)
    for letter, numbers in _commands(data):
        match letter.upper():
            case "Z":
                yield b"h"
                at = start
            case "H" | "V":
                for one in numbers:
                    at = _along(letter, one, at)
                    yield _step(b"l", [at])
            case "M" | "L" | "C" as command:
                for points in _grouped(letter, numbers, at):
                    at = points[-1]
                    if command == "M":
                        start, command = at, "L"
                        yield _step(b"m", points)
                    else:
                        yield _step(command.lower().encode(), points)
            case _:
                raise Unsupported(letter)


def _along(letter: str, length: float, at: Point) -> Point:
    x, y = at
    base = {"h": x, "v": y}.get(letter, 0.0)
    return (base + length, y) if letter in "hH" else (x, base + length)


def _grouped(letter: str, numbers: list[float], at: Point) -> Iterator[list[Point]]:
    """The points of each segment, absolute."""
    size = 2 * _PAIRS[letter.upper()]
    if len(numbers) % size:
        raise Unsupported(letter)
    for n in range(0, len(numbers), size):
        x, y = at if letter.islower() else (0.0, 0.0)
        part = numbers[n : n + size]
        points = [(x + part[k], y + part[k + 1]) for k in range(0, size, 2)]
        at = points[-1]
        yield points


def _commands(data: str) -> Iterator[tuple[str, list[float]]]:
    letter, numbers, place = "", list[float](), 0
    while place < len(data.rstrip()):
        token = _TOKEN.match(data, place)
        if token is None:
            raise Unsupported(data[place : place + 20])
        place = token.end()
        if token[1]:
            if letter:
                yield letter, numbers
            letter, numbers = token[1], []
        elif token[2]:
            numbers.append(float(token[2]))
    if letter:
        yield letter, numbers
