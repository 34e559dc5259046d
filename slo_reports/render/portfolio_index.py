"""The index of services: alphabetical, in columns that are cut before a page is set."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from slo_reports.render.marks import Mark
from slo_reports.render.rows import ServiceRows
from slo_reports.render.svg import text_width

COLUMNS = 3
LINES = 50
"""Lines of a column on one page."""
_ROOM = 150
"""Width of a name beside its page number [px]."""
_SIZE = 11


class Indexed(Protocol):
    """What an entry is made from."""

    @property
    def id(self) -> str:
        """Where the entry leads."""

    @property
    def service(self) -> ServiceRows:
        """What it is called, and how it is."""


@dataclass(frozen=True)
class Entry:
    """One service; ``initial`` is set for the first of a letter."""

    id: str
    name: str
    mark: Mark
    word: str
    initial: str


Sheet = tuple[tuple[Entry, ...], ...]
"""The columns of one page."""


def index_sheets(rows: Iterable[Indexed]) -> list[Sheet]:
    """All services by name, parted into columns and pages of a size that certainly fits."""
    entries = list(_entries(sorted(rows, key=lambda one: _key(one.service.name))))
    if not entries:
        return []
    columns = list(_columns(entries, LINES))
    last = columns[len(columns) - 1 - (len(columns) - 1) % COLUMNS :]
    rest = [one for column in last for one in column]
    columns[len(columns) - len(last) :] = _columns(rest, _even(rest))
    return [tuple(columns[n : n + COLUMNS]) for n in range(0, len(columns), COLUMNS)]


def _key(name: str) -> tuple[str, str]:
    """Accents and capitals do not part what belongs together."""
    plain = unicodedata.normalize("NFKD", name)
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return bare.casefold(), name


def _entries(rows: Iterable[Indexed]) -> Iterator[Entry]:
    before = ""
    for one in rows:
        first = _initial(one.service.name)
        yield Entry(
            one.id,
            one.service.name,
            one.service.mark,
            one.service.word,
            first if first != before else "",
        )
        before = first


def _initial(name: str) -> str:
    first = _key(name)[0][:1].upper()
    return first if first.isalpha() else "#"


def _lines(entry: Entry) -> float:
    """How many lines an entry takes at most: words break late, so a narrow column loses room."""
    name = 1 + int(text_width(entry.name, _SIZE) * 1.15 / _ROOM)
    return name + (1.6 if entry.initial else 0)


def _even(entries: Sequence[Entry]) -> float:
    """A height at which the entries fill the columns of one page about evenly."""
    height = sum(map(_lines, entries)) / COLUMNS
    while len(list(_columns(entries, height))) > COLUMNS and height < LINES:
        height += 1
    return min(height, LINES)


def _columns(entries: Sequence[Entry], height: float) -> Iterator[tuple[Entry, ...]]:
    column: list[Entry] = []
    filled = 0.0
    for one in entries:
        if column and filled + _lines(one) > height:
            yield tuple(column)
            column, filled = [], 0.0
        column.append(one)
        filled += _lines(one)
    if column:
        yield tuple(column)
