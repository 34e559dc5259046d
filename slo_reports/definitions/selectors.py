"""The small part of PromQL that a definition may name counters with.

A counter selector is ``name{label="value",other!~"regex"}``, optionally inside ``sum(...)``.
Strings are PromQL's: double or single quotes with Go's escapes, or backticks without any.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, NoReturn

from slo_reports.definitions.regexes import check_regex
from slo_reports.model import Matcher

METRIC = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r"[a-zA-Z_][a-zA-Z0-9_]*"

_SPACE = re.compile(r"[ \t\r\n]*")
_OPERATOR = re.compile(r"=~|!~|!=|=")
OPERATORS: dict[str, Literal["=", "!=", "=~", "!~"]] = {
    "=": "=",
    "!=": "!=",
    "=~": "=~",
    "!~": "!~",
}
_SIMPLE_ESCAPES = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", '"': '"', "'": "'",
}  # fmt: skip
_CODE_ESCAPE = re.compile(r"x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}")


class NotASelector(ValueError):
    """Text that is no bare counter selector; says at which character it stops being one."""


class BadMatcher(ValueError):
    """Text that is a selector, with a matcher in it that cannot be used."""


@dataclass(frozen=True)
class Selector:
    """A metric's name and the matchers on its labels."""

    metric: str
    matchers: tuple[Matcher, ...] = ()


def parse_selector(text: str) -> Selector:
    """The counter selector that a text is.

    Raises:
        NotASelector: it is something else.
        BadMatcher: it is one, but a matcher in it names the metric or has a wrong regex.
    """
    reader = _Reader(text)
    summed = reader.match(re.compile(r"sum\s*\(")) is not None
    metric = reader.need(re.compile(METRIC), "the name of a metric")
    matchers = _matchers(reader) if reader.skip("{") else ()
    if summed and not reader.skip(")"):
        reader.fail("')'")
    if not reader.at_end():
        reader.fail("the end")
    for one in matchers:
        check_matcher(one)
    return Selector(metric, matchers)


def _matchers(reader: _Reader) -> tuple[Matcher, ...]:
    found: list[Matcher] = []
    while not reader.skip("}"):
        found.append(_matcher(reader))
        if not reader.skip(","):
            if not reader.skip("}"):
                reader.fail("',' or '}'")
            break
    return tuple(found)


def _matcher(reader: _Reader) -> Matcher:
    label = reader.need(re.compile(LABEL), "the name of a label")
    operator = reader.need(_OPERATOR, "one of = != =~ !~")
    return Matcher(label, OPERATORS[operator], reader.string())


def check_matcher(matcher: Matcher) -> None:
    """Raise BadMatcher where Prometheus would not take it, or it names the metric."""
    if matcher.label == "__name__":
        msg = "write the metric's name in front of the braces; __name__ cannot be matched"
        raise BadMatcher(msg)
    if matcher.op in ("=~", "!~"):
        try:
            check_regex(matcher.value)
        except ValueError as error:
            raise BadMatcher(str(error)) from error


class _Reader:
    """A position in a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def fail(self, wanted: str) -> NoReturn:
        where = "at its end" if self.at_end() else f"at character {self.position + 1}"
        msg = f"{wanted} expected {where}"
        raise NotASelector(msg)

    def match(self, form: re.Pattern[str]) -> str | None:
        self._skip_space()
        found = form.match(self.text, self.position)
        if found is None:
            return None
        self.position = found.end()
        return found[0]

    def need(self, form: re.Pattern[str], what: str) -> str:
        found = self.match(form)
        if found is None:
            self.fail(what)
        return found

    def skip(self, character: str) -> bool:
        return self.match(re.compile(re.escape(character))) is not None

    def at_end(self) -> bool:
        self._skip_space()
        return self.position >= len(self.text)

    def string(self) -> str:
        quote = self.match(re.compile("[\"'`]"))
        if quote is None:
            self.fail("a value in quotes")
        value = []
        while (character := self._next(quote)) != quote:
            escaped = character == "\\" and quote != "`"
            value.append(self._escape() if escaped else character)
        return "".join(value)

    def _next(self, quote: str) -> str:
        if self.position >= len(self.text):
            msg = f"a closing {quote} expected at its end"
            raise NotASelector(msg)
        character = self.text[self.position]
        self.position += 1
        return character

    def _escape(self) -> str:
        character = self.text[self.position : self.position + 1]
        if character in _SIMPLE_ESCAPES:
            self.position += 1
            return _SIMPLE_ESCAPES[character]
        found = _CODE_ESCAPE.match(self.text, self.position)
        code = -1 if found is None else _code(found[0])
        if found is None or not 0 <= code <= 0x10FFFF or 0xD800 <= code < 0xE000:
            self.fail("a known escape, such as \\\\ or \\n,")
        self.position = found.end()
        return chr(code)

    def _skip_space(self) -> None:
        found = _SPACE.match(self.text, self.position)
        self.position = found.end() if found is not None else self.position


def _code(escape: str) -> int:
    return int(escape, 8) if escape[0].isdigit() else int(escape[1:], 16)
