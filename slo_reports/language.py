"""The language that a report speaks: its words, and how it writes dates and numbers.

Messages are written in English where they are used: ``tr("{share} of the budget is left",
share=…)``. Each other language is a catalogue, ``languages/de.po``, in the form that translators'
tools read. ``speaking`` sets the language for everything that is judged and rendered inside it;
where nobody said, it is English.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.pofile import read_po

CATALOGUES = Path(__file__).resolve().parent / "languages"
ENGLISH = "en"
_REGIONS = {"en": "GB", "de": "DE"}
"""Whose dates are written where a language comes without a region."""

Messages = Mapping[str, tuple[str, ...]]
"""Translations by English message: one, or one for each plural form."""


@dataclass(frozen=True)
class Language:
    """A language with a region's way to write dates and numbers.

    Attributes:
        tag: such as ``en``, ``de`` or ``de-CH`` (BCP 47).
        locale: for dates, numbers, lists and plurals.
        messages: empty for English.
    """

    tag: str
    locale: Locale
    messages: Messages

    @property
    def capitals(self) -> bool:
        """Whether a noun keeps its capital letter inside a sentence."""
        return self.locale.language == "de"

    def text(self, message: str) -> str:
        """A message, which is in English."""
        return self.messages.get(message, (message,))[0]

    def form(self, one: str, many: str, count: float) -> str:
        """The plural form of a message that a number asks for.

        Args:
            one: in English, for one.
            many: in English, for other numbers.
            count: decides.
        """
        forms = self.messages.get(one, (one, many))
        return forms[0] if self.locale.plural_form(count) == "one" else forms[-1]


@cache
def language_of(tag: str) -> Language:
    """The language of a tag such as ``en``, ``de`` or ``de-CH``.

    Raises:
        ValueError: we have no texts in it, or there is no such region.
    """
    word = tag.replace("_", "-").split("-")[0]
    if word not in languages():
        known = ", ".join(languages())
        msg = f"there are no texts in {tag!r}; known are {known}, each also with a region (de-CH)"
        raise ValueError(msg)
    try:
        region = "" if "-" in tag.replace("_", "-") else f"_{_REGIONS.get(word, '')}".rstrip("_")
        locale = Locale.parse(f"{tag.replace('-', '_')}{region}")
    except (UnknownLocaleError, ValueError) as error:
        msg = f"{tag!r} is no language and region, such as de or de-CH"
        raise ValueError(msg) from error
    return Language(tag, locale, _messages(word))


@cache
def languages() -> tuple[str, ...]:
    """Languages that there are texts in: English, and one for each catalogue."""
    return (ENGLISH, *sorted(one.stem for one in CATALOGUES.glob("*.po")))


@cache
def _messages(word: str) -> Messages:
    if word == ENGLISH:
        return {}
    with (CATALOGUES / f"{word}.po").open("rb") as file:
        catalogue = read_po(file, locale=word)
    return {
        _all(message.id)[0]: _all(message.string)
        for message in catalogue
        if message.id and all(_all(message.string))
    }


def _all(texts: object) -> tuple[str, ...]:
    """One text, or one for each plural form."""
    return tuple(map(str, texts)) if isinstance(texts, (tuple, list)) else (str(texts or ""),)


_current: ContextVar[str] = ContextVar("language", default=ENGLISH)


@contextmanager
def speaking(tag: str) -> Iterator[Language]:
    """Everything inside is said in a language.

    Raises:
        ValueError: as ``language_of``.
    """
    language = language_of(tag)
    before = _current.set(tag)
    try:
        yield language
    finally:
        _current.reset(before)


def spoken() -> Language:
    """The language that is spoken now."""
    return language_of(_current.get())


def locale() -> Locale:
    """How dates and numbers are written now."""
    return spoken().locale


def tr(message: str, /, **values: object) -> str:
    """A message in the language that is spoken, with its ``{places}`` filled.

    Args:
        message: in English; a literal, so that it can be found by those who translate.
        values: what is put into its places.
    """
    found = spoken().text(message)
    return found.format_map(values) if values else found


def trn(one: str, many: str, count: float, /, **values: object) -> str:
    """A message that says a number, in the plural form that the number asks for.

    Args:
        one: in English, for one.
        many: in English, for other numbers.
        count: decides the form; put it into ``values`` as well where the message shows it.
        values: what is put into its places.
    """
    found = spoken().form(one, many, count)
    return found.format_map(values) if values else found
