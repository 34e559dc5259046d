"""Foreign text made harmless: labels of metrics and titles from files are data everywhere."""

from __future__ import annotations

import re
import unicodedata

LIMIT = 200
"""Longest label that is shown [characters]."""

LONGEST_CELL = 4_000
"""Longest text in a cell of a table for programs [characters]; a spreadsheet's holds 32 767."""

_LONGEST_TEXT = 20_000

_KEPT = frozenset("\u200c\u200d")
"""Joiners that scripts and emoji need."""


_RIGHT_TO_LEFT = frozenset(("R", "AL", "AN"))
_ISOLATE, _END = "\u2068", "\u2069"


def clean(text: object, limit: int = LIMIT) -> str:
    """One line of at most ``limit`` characters that cannot disturb what stands around it.

    Control characters and line ends become spaces; marks that turn the direction of the text
    around (bidi overrides, embeddings and isolates) and other invisible formats go; lone
    surrogates, private and unassigned code points become the replacement character. Words that
    are read from right to left are isolated, so that nothing beside them changes its place.
    """
    line = one_line(text, limit)
    shown = isolated(line)
    return shown if len(shown) <= limit else isolated(one_line(line, limit // 2))


def prose(text: object) -> str:
    """Sentences made harmless: of any sensible length, but no word longer than a label."""
    words = one_line(text, _LONGEST_TEXT).split(" ")
    return isolated(" ".join(one_line(word, LIMIT) for word in words))


def harmless(text: str) -> str:
    """The same text without what could disturb its surroundings, spaces left as they are."""
    return text if _is_plain(text) else isolated(_cleaned(text))


def isolated(text: str) -> str:
    """Text whose right-to-left runs stand between marks that keep their neighbours in place."""
    if text.isascii():
        return text
    directions = [unicodedata.bidirectional(letter) for letter in text]
    runs: list[tuple[int, int]] = []
    is_open = False
    for place, direction in enumerate(directions):
        if direction in _RIGHT_TO_LEFT:
            first = runs.pop()[0] if is_open else place
            runs.append((first, place + 1))
            is_open = True
        elif direction == "L":
            is_open = False
    return _marked(text, runs)


def _marked(text: str, runs: list[tuple[int, int]]) -> str:
    parts, done = [], 0
    for first, end in runs:
        parts += [text[done:first], _ISOLATE, text[first:end], _END]
        done = end
    return "".join([*parts, text[done:]])


def one_line(text: object, limit: int = LIMIT) -> str:
    """As ``clean``, for places that no other text stands beside: nothing is isolated."""
    line = re.sub(" {2,}", " ", _cleaned(str(text)[: limit * 4])).strip(" ")
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _cleaned(text: str) -> str:
    return text if _is_plain(text) else "".join(map(_harmless, text))


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _harmless(letter: str) -> str:
    if letter.isascii() and letter.isprintable():
        return letter
    category = unicodedata.category(letter)
    if category in {"Cc", "Zl", "Zp"}:
        return " "
    if category == "Cf":
        return letter if letter in _KEPT else ""
    return "\ufffd" if category in {"Cs", "Co", "Cn"} else letter
