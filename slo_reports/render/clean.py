"""Foreign text made harmless: labels of metrics and titles from files are data everywhere."""

from __future__ import annotations

import re
import unicodedata

LIMIT = 200
"""Longest label that is shown [characters]."""

_LONGEST_TEXT = 20_000

_KEPT = frozenset("\u200c\u200d")
"""Joiners that scripts and emoji need."""


def clean(text: object, limit: int = LIMIT) -> str:
    """One line of at most ``limit`` characters that cannot disturb what stands around it.

    Control characters and line ends become spaces; marks that turn the direction of the text
    around (bidi overrides, embeddings and isolates) and other invisible formats go; lone
    surrogates, private and unassigned code points become the replacement character.
    """
    line = re.sub(" {2,}", " ", harmless(str(text)[: limit * 4])).strip(" ")
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def prose(text: object) -> str:
    """Sentences made harmless: of any sensible length, but no word longer than a label."""
    return " ".join(clean(word) for word in clean(text, _LONGEST_TEXT).split(" "))


def harmless(text: str) -> str:
    """The same text without what could disturb its surroundings, spaces left as they are."""
    return "".join(map(_harmless, text))


def _harmless(letter: str) -> str:
    if letter.isascii() and letter.isprintable():
        return letter
    category = unicodedata.category(letter)
    if category in {"Cc", "Zl", "Zp"}:
        return " "
    if category == "Cf":
        return letter if letter in _KEPT else ""
    return "\ufffd" if category in {"Cs", "Co", "Cn"} else letter
