"""Incident files as single entries that know their lines: YAML, JSON and CSV."""

from __future__ import annotations

import csv
import os
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slo_reports.errors import Problem
from slo_reports.incidents.written import WrittenIncident
from slo_reports.settings.problems import nearest
from slo_reports.settings.yaml_files import Loc, Mark, YamlDocument, YamlFile, read_yaml

ENDINGS = (".yaml", ".yml", ".json", ".csv")
_COLUMNS = tuple(name for name in WrittenIncident.model_fields if name != "timeline")


@dataclass(frozen=True)
class Read:
    """What could be read.

    Attributes:
        entries: one document for each incident.
    """

    entries: tuple[YamlDocument, ...]
    problems: tuple[Problem, ...]


def read_incident_files(paths: Iterable[Path]) -> Read:
    """Every incident of files and of folders, in the order of the paths and of the names."""
    entries: list[YamlDocument] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for path in paths:
        try:
            files = _files(path)
        except OSError as error:
            problems.append(Problem(path, 1, _why(path, error)))
            continue
        for one in files:
            if os.path.realpath(one) not in seen:
                seen.add(os.path.realpath(one))
                found = _read(one)
                entries += found.entries
                problems += found.problems
    return Read(tuple(entries), tuple(problems))


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        path.stat()
        return [path]
    inside = (one for one in path.rglob("*") if one.suffix in ENDINGS and one.is_file())
    return sorted(one for one in inside if not _is_hidden(one.relative_to(path)))


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _read(path: Path) -> Read:
    if path.suffix not in ENDINGS:
        text = f"an incident file ends with {', '.join(ENDINGS)}; this one does not"
        return Read((), (Problem(path, 1, text),))
    try:
        return _read_csv(path) if path.suffix == ".csv" else _entries(read_yaml(path))
    except OSError as error:
        return Read((), (Problem(path, 1, _why(path, error)),))


def _why(path: Path, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{path} does not exist"
    return f"{path} could not be read: {error.strerror}"


# --- YAML and JSON ---


def _entries(file: YamlFile) -> Read:
    entries: list[YamlDocument] = []
    problems = list(file.problems)
    for document in file.documents:
        if document.data is None:
            continue
        prefix: Loc = () if isinstance(document.data, list) else ("incidents",)
        listed = document.data if not prefix else _listed(document, problems)
        entries += _apart(document, listed, prefix)
    return Read(tuple(entries), tuple(problems))


def _listed(document: YamlDocument, problems: list[Problem]) -> list[Any]:
    """The list under ``incidents``; what else stands there is a problem."""
    data = document.data
    if not isinstance(data, dict) or not isinstance(data.get("incidents"), list):
        text = "an incident file is a list of incidents, or has one under the key 'incidents'"
        problems.append(document.problem((), text))
        return []
    for key in data:
        if key != "incidents":
            text = f"unknown key {key!r} beside 'incidents'"
            problems.append(Problem(document.path, document.key_line_of((key,)), text))
    return list(data["incidents"])


def _apart(document: YamlDocument, listed: list[Any], prefix: Loc) -> list[YamlDocument]:
    """Each item of a list as a document of its own, with its marks."""
    depth = len(prefix) + 1
    marks: dict[object, dict[Loc, Mark]] = defaultdict(dict)
    for loc, mark in document.marks.items():
        if len(loc) >= depth and loc[: depth - 1] == prefix:
            marks[loc[depth - 1]][loc[depth:]] = mark
    return [
        YamlDocument(document.path, marks[index][()].line, data, marks[index])
        for index, data in enumerate(listed)
    ]


# --- CSV ---


def _read_csv(path: Path) -> Read:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return Read((), (Problem(path, 1, "not UTF-8 text; save the file as UTF-8"),))
    header_line = text.partition("\n")[0]
    delimiter = max(",;\t", key=header_line.count)
    rows = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    header = [name.strip() for name in next(rows, [])]
    if problems := [Problem(path, 1, words) for words in _header_faults(header)]:
        return Read((), tuple(problems))
    entries: list[YamlDocument] = []
    try:
        first = rows.line_num + 1
        for row in rows:
            line, first = first, rows.line_num + 1
            if any(cell.strip() for cell in row):
                entries.append(_row(path, line, header, row))
    except csv.Error as error:
        return Read(tuple(entries), (Problem(path, rows.line_num, f"not valid CSV: {error}"),))
    surplus = [one for one in entries if "" in one.data]
    problems = [
        Problem(path, one.line, "more cells than the header has columns; quote what holds a comma")
        for one in surplus
    ]
    return Read(tuple(one for one in entries if "" not in one.data), tuple(problems))


def _header_faults(header: list[str]) -> Iterable[str]:
    if "id" not in header and not set(header) & set(_COLUMNS):
        yield f"the first line of a CSV file names its columns: {', '.join(_COLUMNS)}"
        return
    for name in header:
        if name not in _COLUMNS:
            close = nearest(name, _COLUMNS) or f"; the columns are {', '.join(_COLUMNS)}"
            yield f"unknown column {name!r}{close}"
    for name in sorted({name for name in header if header.count(name) > 1}):
        yield f"the column {name!r} is there twice"


def _row(path: Path, line: int, header: list[str], row: list[str]) -> YamlDocument:
    """One row; an empty cell is a key that was not written, ``""`` holds cells too many."""
    data: dict[str, Any] = {}
    for name, cell in zip(header, row, strict=False):
        text = cell.strip()
        if text:
            data[name] = re.split(r"\s*[;,]\s*", text) if name == "services" else text
    if any(cell.strip() for cell in row[len(header) :]):
        data[""] = row[len(header) :]
    marks: dict[Loc, Mark] = {(): Mark(line, line, None)}
    for name, value in data.items():
        marks[(name,)] = Mark(line, line, value if isinstance(value, str) else None)
        if isinstance(value, list):
            marks |= {(name, index): Mark(line, line, one) for index, one in enumerate(value)}
    return YamlDocument(path, line, data, marks)
