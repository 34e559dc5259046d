"""Labels that a selector's matchers take, for the series that unit tests feed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from slo_reports.model import Matcher
from slo_reports.promql import matches

Labels = Mapping[str, str]
_USUAL = ("", "other", "200", "500", "0", "a", "1.5", "/")
_CLASSES = {"d": "0", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a", "b": "", "z": "", "A": ""}
_CHARACTERS = "0aA1b-_/.:, 259xyzXYZ"


def labels_for(wanted: Sequence[Matcher], against: Sequence[Matcher] = ()) -> Labels | None:
    """Labels that all wanted matchers take and, where there are some, not all of ``against``.

    Returns:
        None where none were found, which does not say that there are none.
    """
    if not against:
        return _solved(wanted, [])
    tries = (_solved(wanted, [one]) for one in against)
    return next((one for one in tries if one is not None), None)


def _solved(wanted: Sequence[Matcher], refused: Sequence[Matcher]) -> Labels | None:
    found = {}
    for label in dict.fromkeys(one.label for one in (*wanted, *refused)):
        mine = [one for one in wanted if one.label == label]
        not_mine = [one for one in refused if one.label == label]
        value = _value(mine, not_mine)
        if value is None:
            return None
        found[label] = value
    return {label: value for label, value in found.items() if value}


def _value(wanted: Sequence[Matcher], refused: Sequence[Matcher]) -> str | None:
    """A value that each wanted matcher takes and each refused one does not."""
    for value in _candidates((*wanted, *refused)):
        if _takes(wanted, value) and not any(_takes([one], value) for one in refused):
            return value
    return None


def _takes(matchers: Sequence[Matcher], value: str) -> bool:
    try:
        return all(matches([one])({one.label: value}) for one in matchers)
    except re.error:  # a regex that only RE2 knows
        return False


def _candidates(matchers: Iterable[Matcher]) -> Iterator[str]:
    for one in matchers:
        if one.op in ("=", "!="):
            yield one.value
        else:
            yield from examples(one.value)
    yield from _USUAL[1:]
    yield _USUAL[0]


def examples(pattern: str) -> tuple[str, ...]:
    """A text for each alternative of a regular expression; nothing for what is not understood."""
    reader = _Reader(pattern)
    try:
        found = reader.alternatives()
    except (_NotUnderstood, IndexError):
        return ()
    return tuple(found) if reader.at_end else ()


class _NotUnderstood(Exception):
    """A form of regular expression that no example is made of; internal."""


class _Reader:
    """Reads a regular expression once and writes what it would match."""

    def __init__(self, pattern: str) -> None:
        self._pattern, self._at = pattern, 0

    @property
    def at_end(self) -> bool:
        """Whether everything was read."""
        return self._at >= len(self._pattern)

    def alternatives(self) -> list[str]:
        """One text for each alternative, up to the bracket that closes them."""
        found = [self._sequence()]
        while self._take("|"):
            found.append(self._sequence())
        return found

    def _sequence(self) -> str:
        parts = []
        while not self.at_end and self._pattern[self._at] not in "|)":
            atom = self._atom()
            parts.append(atom * self._times())
        return "".join(parts)

    def _atom(self) -> str:
        character = self._next()
        if character == "(":
            return self._group()
        if character == "[":
            return self._set()
        if character == "\\":
            escaped = self._next()
            if escaped in "pPxQECB":
                raise _NotUnderstood
            return _CLASSES.get(escaped, escaped)
        return {".": "0", "^": "", "$": ""}.get(character, character)

    def _group(self) -> str:
        if self._take("?") and not self._take(":"):
            raise _NotUnderstood
        inside = self.alternatives()
        if not self._take(")"):
            raise _NotUnderstood
        return inside[0]

    def _set(self) -> str:
        begin = self._at
        self._at += 2 if self._pattern[begin] == "^" else 1
        while self._pattern[self._at] != "]":
            self._at += 2 if self._pattern[self._at] == "\\" else 1
        self._at += 1
        inside = self._pattern[begin : self._at]
        if "[" in inside:
            raise _NotUnderstood
        try:
            return next(one for one in _CHARACTERS + inside if re.fullmatch(f"[{inside}", one))
        except (StopIteration, re.error):
            raise _NotUnderstood from None

    def _times(self) -> int:
        times = 1
        if self._take("*") or self._take("?"):
            times = 0
        elif not self._take("+") and (
            counted := re.match(r"\{(\d+)(,\d*)?\}", self._pattern[self._at :])
        ):
            self._at += counted.end()
            times = int(counted[1])
        self._take("?")
        return times

    def _take(self, character: str) -> bool:
        there = self._pattern[self._at : self._at + 1] == character
        self._at += there
        return there

    def _next(self) -> str:
        self._at += 1
        return self._pattern[self._at - 1]
