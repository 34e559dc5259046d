"""YAML files as plain data that remember where each value was written.

Numbers arrive exactly as written (whole ones as ``int``, others as ``Decimal``). YAML 1.1's other
guesses are not made: ``16:30``, ``010`` and ``2026-10-01`` stay text; only ``yes``, ``no``, ``on``,
``off``, ``true`` and ``false`` are truth values, and a key is always its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from slo_reports.errors import Problem
from slo_reports.settings.yaml_nodes import BadYaml, Mapping, Node, Scalar, Sequence, nodes

Loc = tuple[str | int, ...]

MAX_NODES = 500_000
_STANDARD = "tag:yaml.org,2002:"
_TRUTH = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_FRACTION = re.compile(r"[-+]?[0-9]{1,30}\.[0-9]{1,30}([eE][-+]?[0-9]{1,3})?")


@dataclass(frozen=True)
class Mark:
    """Where a value stands: its key's line, its own first line and, for a scalar, its text."""

    key_line: int
    line: int
    text: str | None


@dataclass(frozen=True)
class YamlDocument:
    """One document of a file.

    Attributes:
        line: where its content begins.
        data: dicts with text keys, lists, str, int, Decimal, bool and None.
        marks: for each place in ``data`` where it was written; the root is ``()``.
    """

    path: Path
    line: int
    data: Any
    marks: dict[Loc, Mark]

    def place(self, loc: Loc) -> Loc:
        """The part of a validator's ``loc`` that is in the file, without union tags."""
        found: Loc = ()
        for part in loc:
            if (*found, part) in self.marks:
                found = (*found, part)
        return found

    def line_of(self, loc: Loc) -> int:
        """The line that a person would mend: a scalar's own, otherwise that of its key."""
        mark = self.marks[self.place(loc)]
        return mark.key_line if mark.text is None else mark.line

    def key_line_of(self, loc: Loc) -> int:
        """The line of the key itself."""
        return self.marks[self.place(loc)].key_line

    def text_of(self, loc: Loc) -> str | None:
        """A scalar as it was written; None for anything else."""
        return self.marks[self.place(loc)].text

    def problem(self, loc: Loc, message: str) -> Problem:
        """A problem with the value at ``loc``."""
        return Problem(self.path, self.line_of(loc), message)


@dataclass(frozen=True)
class YamlFile:
    """What could be read of a file, and everything that is wrong with it as YAML."""

    documents: tuple[YamlDocument, ...]
    problems: tuple[Problem, ...]


def read_yaml(path: Path) -> YamlFile:
    """Read a file's documents.

    Raises:
        OSError: the file cannot be read.
    """
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return YamlFile((), (Problem(path, line, "not UTF-8 text; save the file as UTF-8"),))
    return parse_yaml(text, path)


def parse_yaml(text: str, path: Path) -> YamlFile:
    """The documents of a text; ``path`` is what problems name."""
    documents: list[YamlDocument] = []
    problems: list[Problem] = []
    try:
        for node in nodes(text):
            reading = _Reading()
            data = reading.plain(node, (), node.line)
            documents.append(YamlDocument(path, node.line, data, reading.marks))
            problems += [Problem(path, line, message) for line, message in reading.problems]
    except BadYaml as error:
        problems.append(Problem(path, error.line, str(error)))
    return YamlFile(tuple(documents), tuple(dict.fromkeys(problems)))


@dataclass
class _Reading:
    """One document on its way from nodes to plain data."""

    marks: dict[Loc, Mark] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)
    visited: int = 0

    def _count(self, node: Node) -> None:
        self.visited += 1
        if self.visited > MAX_NODES:
            msg = f"more than {MAX_NODES:,} values; are aliases (*name) nested in each other?"
            raise BadYaml(node.line, msg)

    def plain(self, node: Node, loc: Loc, key_line: int) -> Any:
        self._count(node)
        text = node.text if isinstance(node, Scalar) else None
        self.marks[loc] = Mark(key_line, node.line, text)
        if node.tag is not None and not _known_tag(node):
            self.problems.append((node.line, f"the tag {node.tag!r} has no meaning here"))
        match node:
            case Scalar():
                return self._scalar(node)
            case Sequence():
                return [
                    self.plain(item, (*loc, index), item.line)
                    for index, item in enumerate(node.items)
                ]
            case Mapping():
                return self._mapping(node, loc)

    def _scalar(self, node: Scalar) -> Any:
        if re.search("[\x00\ud800-\udfff]", node.text):
            self.problems.append((node.line, "a NUL or half a surrogate pair is no text"))
        return _value(node.text) if node.plain else node.text

    def _mapping(self, node: Mapping, loc: Loc) -> dict[str, Any]:
        own = {}
        lines: dict[str, int] = {}
        for key, value in self._own_pairs(node):
            if key.text in lines:
                message = f"duplicate key {key.text!r}: line {lines[key.text]} has it already"
                self.problems.append((key.line, message))
                continue
            lines[key.text] = key.line
            own[key.text] = self.plain(value, (*loc, key.text), key.line)
        for key, value in self._merged_pairs(node):
            if key.text not in own:
                own[key.text] = self.plain(value, (*loc, key.text), key.line)
        return own

    def _own_pairs(self, node: Mapping) -> Iterator[tuple[Scalar, Node]]:
        for key, value in node.pairs:
            if not isinstance(key, Scalar):
                self.problems.append((key.line, "a key must be a word, not a list or mapping"))
            elif not _is_merge(key):
                yield key, value

    def _merged_pairs(self, node: Mapping) -> Iterator[tuple[Scalar, Node]]:
        for key, value in node.pairs:
            if not _is_merge(key):
                continue
            for source in value.items if isinstance(value, Sequence) else (value,):
                self._count(source)
                if isinstance(source, Mapping):
                    yield from self._own_pairs(source)
                    yield from self._merged_pairs(source)
                else:
                    self.problems.append((key.line, "<< merges mappings; this is none"))


def _is_merge(key: Node) -> bool:
    return isinstance(key, Scalar) and key.plain and key.text == "<<"


def _known_tag(node: Node) -> bool:
    names = {Scalar: ("str",), Sequence: ("seq",), Mapping: ("map",)}[type(node)]
    return node.tag == "!" or node.tag in [_STANDARD + name for name in names]


def _value(text: str) -> Any:
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text.lower() in _TRUTH and text in (text.lower(), text.upper(), text.capitalize()):
        return _TRUTH[text.lower()]
    if _WHOLE.fullmatch(text):
        return int(text)
    return Decimal(text) if _FRACTION.fullmatch(text) else text
