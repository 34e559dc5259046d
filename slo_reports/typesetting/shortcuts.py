"""What WeasyPrint does anew for each element, done once: the same pages, byte for byte, for less.

- Its own style sheet gives every element six pseudo-elements for notes and markers, each with a
  style: a sixth of the time and of the memory of a page that has none of them.
- Its HTML parser looks for its compiled patterns under another key than it keeps them.
- A property that no rule gives a style takes fifty steps to its initial or inherited value.
- Each element of a structure tree writes down the references of all pages to take one of them.

None of this is a public interface of WeasyPrint: a test compares the bytes with and without.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pydyf  # type: ignore[import-untyped]  # it ships no types
import tinyhtml5.inputstream  # type: ignore[import-untyped]  # nor does it
import weasyprint
from weasyprint.css import ComputedStyle
from weasyprint.css.computed_values import PHYSICAL_FUNCTIONS
from weasyprint.css.counters import CounterStyle
from weasyprint.css.functions import check_math
from weasyprint.css.properties import INHERITED, INITIAL_NOT_COMPUTED, INITIAL_VALUES

_NOTES = re.compile(r"^::(?:footnote|note)-[a-z]+ \{[^}]*\}\n", re.MULTILINE)
_MARKERS = re.compile(r"^::marker \{", re.MULTILINE)
_USES = re.compile(r"footnote|note\(|note-|list-item|marker")
"""What a page or its style sheets say where they may want what is left out."""


class Page(weasyprint.HTML):  # type: ignore[misc]  # WeasyPrint ships no types
    """An HTML document whose elements have pseudo-elements only where something asks for them.

    Args:
        html: the page.
        styles: the text of the style sheets that it will be set with.
        options: as of ``weasyprint.HTML``.
    """

    def __init__(self, html: str, styles: str, **options: Any) -> None:
        super().__init__(string=html, **options)
        self._plain = not _USES.search(styles) and not _USES.search(html)

    def _ua_stylesheets(self, forms: bool = False) -> list[Any]:  # noqa: FBT001, FBT002 its words
        usual: list[Any] = super()._ua_stylesheets(forms)
        return [plain_sheet(), *usual[1:]] if self._plain else usual


def plain_text(text: str) -> tuple[str, int]:
    """WeasyPrint's style sheet without notes, with markers for list items only; what changed."""
    text, notes = _NOTES.subn("", text)
    text, markers = _MARKERS.subn("li::marker {", text)
    return text, notes + markers


def usual_text() -> str:
    """The style sheet that WeasyPrint gives every page."""
    path = Path(weasyprint.__file__).parent / "css" / "html5_ua.css"
    return path.read_text(encoding="utf-8")


@cache
def plain_sheet() -> Any:
    """The parsed style sheet of pages without notes."""
    text, _ = plain_text(usual_text())
    return weasyprint.CSS(string=text, counter_style=CounterStyle(), base_url=None)


class _Patterns(dict[tuple[Any, bool], re.Pattern[str]]):
    """Patterns by the characters that they find, or find the end of; compiled when first wanted."""

    def __missing__(self, key: tuple[Any, bool]) -> re.Pattern[str]:
        characters, inside = key
        listed = "".join(f"\\x{ord(one):02x}" for one in characters)
        pattern = self[key] = re.compile(f"[{'' if inside else '^'}{listed}]+")
        return pattern


_DEPENDENT = ("position", "float", "display", "page")
"""What is not simply inherited or initial; and everything about ``text-decoration``."""


def _names(name: str) -> frozenset[str]:
    """A property, and the logical ones that say the same in one direction of writing or another."""
    logical = PHYSICAL_FUNCTIONS.get(name)
    directions = ("ltr", "rtl") if logical else ()
    return frozenset({name, *(logical(block="ttb", inline=one) for one in directions)})


def _simple(name: str) -> bool:
    if name in _DEPENDENT or name.startswith("text_decoration_"):
        return False
    return name in INHERITED or (
        name not in INITIAL_NOT_COMPUTED and not check_math(INITIAL_VALUES[name])
    )


_SIMPLE = {name: _names(name) for name in INITIAL_VALUES if _simple(name)}
_usual_value = ComputedStyle.__missing__
_usual_references = pydyf.PDF.page_references


def missing_value(style: Any, name: str) -> Any:
    """The value of a property in a style that has not been asked for it before."""
    names = _SIMPLE.get(name)
    if names is None or not style.cascaded.keys().isdisjoint(names):
        return _usual_value(style, name)
    if name not in INHERITED:
        value = INITIAL_VALUES[name]
    elif style.parent_style is None or check_math(style.parent_style[name]):
        return _usual_value(style, name)
    else:
        value = style.parent_style[name]
    style[name] = value
    return value


def page_references(pdf: Any) -> tuple[bytes, ...]:
    """The references of all pages so far, written down once for as many pages as there are."""
    count = len(pdf.pages["Kids"])
    known: tuple[int, tuple[bytes, ...]] = getattr(pdf, "_known_references", (-1, ()))
    if known[0] != count:
        known = count, tuple(b"%d 0 R" % number for number in pdf.pages["Kids"][::3])
        pdf._known_references = known  # noqa: SLF001 a mark of ours on a thing of theirs
    return known[1]


def take_shortcuts() -> None:
    """Take them in this process, from now on."""
    tinyhtml5.inputstream.characters_until_regex = _Patterns()
    ComputedStyle.__missing__ = missing_value
    pydyf.PDF.page_references = property(page_references)
