"""What the importers of other tools' formats share: reading values with their lines at hand.

A *problem* is what cannot be measured as meant; its SLO is refused. A *remark* is a field that has
no effect here; its SLO is kept and the remark is shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn, TypeVar

from slo_reports.errors import Problem
from slo_reports.model import Slo
from slo_reports.settings.problems import dotted, nearest, one_of
from slo_reports.settings.yaml_files import Loc, YamlDocument

T = TypeVar("T")


class Refused(Exception):
    """A problem was noted, and there is no value to go on with; internal."""


@dataclass
class Notes:
    """What is said about one object of a file."""

    problems: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)

    def add(self, other: Notes) -> None:
        """Take over what was said elsewhere."""
        self.problems += other.problems
        self.remarks += other.remarks

    def attempt(self, read: Callable[[], T]) -> T | None:
        """What ``read`` returns, or None where it was refused (the notes say why)."""
        try:
            return read()
        except Refused:
            return None


@dataclass(frozen=True)
class Context:
    """What the files cannot say themselves.

    Attributes:
        period: what an objective is promised over where its format has no place for that.
        environment: where ``${NAME}`` is looked up.
        grouped: whether one definition for each of many label sets is kept: rules can be written
            of it, reports cannot.
    """

    period: timedelta
    environment: Mapping[str, str]
    grouped: bool = False


@dataclass(frozen=True)
class Imported:
    """What became of the objects of one format."""

    slos: tuple[Slo, ...]
    notes: Notes


@dataclass(frozen=True)
class Place:
    """A value in a file, and where what is said about it goes."""

    document: YamlDocument
    loc: Loc
    value: Any
    notes: Notes

    @property
    def line(self) -> int:
        """The line on which the value begins."""
        return self.document.marks[self.document.place(self.loc)].line

    @property
    def name(self) -> str:
        """The value's place as people write it, such as ``spec.objectives[0].target``."""
        return dotted(self.loc) or "the document"

    def noting(self, notes: Notes) -> Place:
        """The same place, with what is said about it going elsewhere."""
        return Place(self.document, self.loc, self.value, notes)

    # --- saying ---

    def problem(self, message: str) -> None:
        """Note why this cannot be used."""
        self.notes.problems.append(self.document.problem(self.loc, message))

    def refuse(self, message: str) -> NoReturn:
        """Note why this cannot be used, and go on without it.

        Raises:
            Refused: always.
        """
        self.problem(message)
        raise Refused(message)

    def remark(self, message: str) -> None:
        """Note what has no effect here."""
        line = self.document.key_line_of(self.loc)
        self.notes.remarks.append(Problem(self.document.path, line, message))

    # --- reading ---

    def get(self, key: str) -> Place | None:
        """The value of a key of this mapping, or None where it is missing or empty."""
        found = self.mapping().get(key)
        if found is None:
            return None
        return Place(self.document, (*self.loc, key), found, self.notes)

    def need(self, key: str) -> Place:
        """The value of a key that must be there."""
        found = self.get(key)
        if found is None:
            where = f" in {dotted(self.loc)}" if self.loc else ""
            self.refuse(f"{key!r} is missing{where}")
        return found

    def mapping(self) -> dict[str, Any]:
        """The value, which must be a mapping."""
        if not isinstance(self.value, dict):
            self.refuse(f"{self.name} must be a mapping: one `key: value` a line")
        return self.value

    def children(self) -> Iterator[Place]:
        """The values of a mapping, also the empty ones."""
        for key, value in self.mapping().items():
            yield Place(self.document, (*self.loc, key), value, self.notes)

    def items(self) -> list[Place]:
        """The items of a list."""
        if not isinstance(self.value, list):
            self.refuse(f"{self.name} must be a list: one `- item` a line")
        return [
            Place(self.document, (*self.loc, index), one, self.notes)
            for index, one in enumerate(self.value)
        ]

    def text(self) -> str:
        """A scalar as it was written, whatever YAML takes it for."""
        if self.value is None or isinstance(self.value, dict | list):
            self.refuse(f"{self.name} must be text")
        if isinstance(self.value, str):
            return self.value
        return self.document.text_of(self.loc) or str(self.value)

    def line_text(self) -> str:
        """Text on one line; runs of white space and control characters become one space."""
        text = re.sub(r"[\s\x00-\x1f\x7f\u2028\u2029]+", " ", self.text()).strip()
        if not text:
            self.refuse(f"{self.name} must not be empty")
        return text

    def number(self) -> Decimal:
        """A finite number, written with or without quotes, exactly."""
        text = self.text().strip()
        try:
            number = Decimal(text) if len(text) <= 40 else None
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite() or abs(number.adjusted()) > 30:
            self.refuse(f"{self.name} must be a number, not {_short(text)}")
        return number

    def flag(self) -> bool:
        """A truth value."""
        if not isinstance(self.value, bool):
            self.refuse(f"{self.name} must be true or false")
        return self.value

    def one_of(self, words: Iterable[str]) -> str:
        """One of some words, exactly as written."""
        text, known = self.text(), list(words)
        if text not in known:
            hint = nearest(text, known)
            self.refuse(f"{self.name} must be {one_of(known)}, not {_short(text)}{hint}")
        return text

    # --- what is left over ---

    def only(self, known: Iterable[str], *, strict: bool = False) -> None:
        """Say every key that the format does not know: a problem where it refuses them itself."""
        words = sorted(known)
        for one in self.children():
            key = str(one.loc[-1])
            if key in words:
                continue
            where = f" in {dotted(self.loc)}" if self.loc else ""
            hint = nearest(key, words)
            text = f"unknown key {key!r}{where}{hint}"
            line = self.document.key_line_of(one.loc)
            if strict:
                text += "" if hint else f"; the keys there are {', '.join(words)}"
                self.notes.problems.append(Problem(self.document.path, line, text))
            else:
                text += "" if hint else "; it has no effect"
                self.notes.remarks.append(Problem(self.document.path, line, text))

    def ignore(self, *keys: str, why: str = "no effect here") -> None:
        """Remark on each of the keys that is there and not empty."""
        for key in keys:
            found = self.get(key)
            if found is not None and found.value not in ({}, [], ""):
                found.remark(f"{found.name}: {why}")


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")


def slug(text: str) -> str:
    """A name as our own format has them: small letters, digits and hyphens, at most 63."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower())[:63].strip("-")


def percent_target(place: Place) -> Decimal:
    """A target written in percent, as a ratio; what reads as a ratio is refused."""
    return _checked(place, place.number().scaleb(-2))


def ratio_target(place: Place) -> Decimal:
    """A target written as a ratio from 0 to 1."""
    number = place.number()
    if number > 1:
        percent = f"; {number:f} reads as percent" if number <= 100 else ""
        place.refuse(f"{place.name} is a ratio from 0 to 1, not {number:f}{percent}")
    return _checked(place, number)


def _checked(place: Place, number: Decimal) -> Decimal:
    percent = number.scaleb(2)
    if 0 < percent <= 1:
        hint = f"; write {percent.scaleb(2):f}" if percent > Decimal("0.5") else ""
        place.refuse(f"{place.name} promises {percent:f} %, which reads as a ratio{hint}")
    if not 0 < percent <= 100 or len(number.as_tuple().digits) > 15:
        place.refuse(f"{place.name} must be more than 0 and at most 100 %")
    return number


LONGEST = timedelta(days=3660)
"""The longest window of an objective."""


def whole_days(place: Place, length: timedelta) -> str:
    """A window of whole days, as an objective names it."""
    if length < timedelta(days=1):
        place.refuse(f"{place.name} is shorter than a day: no report covers that")
    if length % timedelta(days=1) or length > LONGEST:
        place.refuse(f"{place.name} must be whole days, 3660 at most")
    return f"{length.days}d"


_UNITS = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(days=7),
    "y": timedelta(days=365),
}


def prometheus_duration(place: Place) -> timedelta:
    """A duration as Prometheus writes it, such as ``4w`` or ``1h30m``."""
    text = place.text().strip()
    if not re.fullmatch(r"([0-9]{1,9}(ms|[smhdwy]))+", text):
        message = f"{place.name} {_short(text)} is no duration; write one such as 5m, 30d or 4w"
        place.refuse(message)
    parts = re.findall(r"([0-9]+)(ms|[smhdwy])", text)
    try:
        length = sum((int(number) * _UNITS[unit] for number, unit in parts), timedelta(0))
    except OverflowError:
        length = timedelta(0)
    if not timedelta(0) < length <= LONGEST:
        place.refuse(f"{place.name} must be longer than 0 and at most 3660d")
    return length
