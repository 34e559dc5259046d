"""YAML text as a tree of nodes that know their lines.

The tree is built from the parser's events instead of ``yaml.compose``, because libyaml's composer
ends the whole process on deeply nested text. Nothing is interpreted yet: a scalar is its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

MAX_DEPTH = 60
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Scalar:
    """One value as it was written; ``plain`` means without quotes and not as a block."""

    line: int
    text: str
    plain: bool
    tag: str | None


@dataclass(frozen=True)
class Sequence:
    """A list."""

    line: int
    items: tuple[Node, ...]
    tag: str | None


@dataclass(frozen=True)
class Mapping:
    """Keys with their values, in the order of the file, duplicates included."""

    line: int
    pairs: tuple[tuple[Node, Node], ...]
    tag: str | None


Node = Scalar | Sequence | Mapping


class BadYaml(Exception):
    """Text that is not YAML, or more deeply nested than any file of ours; internal."""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        super().__init__(message)


def nodes(text: str, loader: Any = _LOADER) -> Iterator[Node]:
    """The root of each document of a text.

    Args:
        text: what a file holds.
        loader: whose parser reads it; libyaml's where PyYAML has it.

    Raises:
        BadYaml: the text is no YAML from some line on; documents before it were yielded.
    """
    events = _Events(text, loader)
    while events.next(yaml.StreamEndEvent) is None:
        if events.next(yaml.DocumentStartEvent) is not None:
            events.anchors.clear()
            yield _node(events, 0)
        else:
            events.take()


class _Events:
    """The parser's events, one ahead, with its errors turned into ours."""

    def __init__(self, text: str, loader: Any) -> None:
        self.anchors: dict[str, Node] = {}
        self._text = text
        self._events = yaml.parse(text, Loader=loader)
        self._peeked: yaml.Event | None = None

    def take(self) -> yaml.Event:
        event, self._peeked = self._peek(), None
        return event

    def next(self, kind: type[yaml.Event]) -> yaml.Event | None:
        return self.take() if isinstance(self._peek(), kind) else None

    def _peek(self) -> yaml.Event:
        if self._peeked is None:
            try:
                self._peeked = next(self._events)
            except yaml.reader.ReaderError as error:
                raise _unreadable(error, self._text) from error
            except yaml.MarkedYAMLError as error:
                raise _syntax_error(error) from error
        return self._peeked


def _node(events: _Events, depth: int) -> Node:
    event = events.take()
    line = _line(event.start_mark)
    if depth > MAX_DEPTH:
        msg = f"more than {MAX_DEPTH} levels of nesting; is this the right file?"
        raise BadYaml(line, msg)
    if isinstance(event, yaml.AliasEvent):
        return _alias(events, event, line)
    node: Node
    match event:
        case yaml.ScalarEvent():
            node = Scalar(line, event.value, event.tag is None and event.implicit[0], event.tag)
        case yaml.SequenceStartEvent():
            node = Sequence(line, tuple(_items(events, depth)), event.tag)
        case yaml.MappingStartEvent():
            node = Mapping(line, tuple(_pairs(events, depth)), event.tag)
        case _:
            raise BadYaml(line, "not valid YAML: something ends here that never began")
    if event.anchor is not None:
        events.anchors[event.anchor] = node
    return node


def _line(mark: Any) -> int:
    return 1 if mark is None else int(mark.line) + 1


def _alias(events: _Events, event: yaml.AliasEvent, line: int) -> Node:
    if event.anchor not in events.anchors:
        msg = f"*{event.anchor} refers to nothing: no &{event.anchor} is complete before it"
        raise BadYaml(line, msg)
    return events.anchors[event.anchor]


def _items(events: _Events, depth: int) -> Iterator[Node]:
    while events.next(yaml.SequenceEndEvent) is None:
        yield _node(events, depth + 1)


def _pairs(events: _Events, depth: int) -> Iterator[tuple[Node, Node]]:
    while events.next(yaml.MappingEndEvent) is None:
        yield _node(events, depth + 1), _node(events, depth + 1)


_EXPLAINED = (
    (r"mapping values are not allowed", "a colon inside a value: write the value in quotes"),
    (
        r"'?\\t'? that cannot start|cannot start any token",
        "a tab, @, ` or % where none may stand: indent with spaces, write such values in quotes",
    ),
    (r"did not find expected key|expected <block end>", "the indentation does not fit the lines"),
    (r"could not find expected ':'", "a key without a colon after it"),
    (r"unexpected end of stream", "a quote or bracket is opened and never closed"),
    (
        r"expected (the )?node content",
        "a bracket is opened and never closed, or a value is missing",
    ),
    (r"expected ',' or '[\]}]'", "a bracket is opened and never closed, or a comma is missing"),
    (r"expected '-' indicator", "list items and keys are mixed at one indentation"),
)


def _syntax_error(error: yaml.MarkedYAMLError) -> BadYaml:
    said = error.problem or "it cannot be read"
    plain = next((words for pattern, words in _EXPLAINED if re.search(pattern, said)), said)
    marks = [error.problem_mark, error.context_mark]
    if "opened" in plain:
        marks.reverse()
    mark = next((one for one in marks if one is not None), None)
    return BadYaml(_line(mark), f"not valid YAML: {plain}")


def _unreadable(error: yaml.reader.ReaderError, text: str) -> BadYaml:
    character = error.character if isinstance(error.character, int) else ord(error.character[:1])
    line = text[: max(text.find(chr(character)), 0)].count("\n") + 1
    return BadYaml(line, f"the character U+{character:04X} is not allowed in YAML; remove it")
