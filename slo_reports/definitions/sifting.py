"""Definitions out of a folder that holds other things as well, such as a whole repository.

A file that a person names must be a definition; in a folder, what is none is left aside and told.
What is meant to be a definition and is wrong stays a problem, in a folder, too.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from slo_reports.definitions.foreign import Context
from slo_reports.definitions.loading import DEFAULT_PERIOD, Found
from slo_reports.errors import Problem
from slo_reports.model import Slo
from slo_reports.numbers import counted
from slo_reports.settings.yaml_files import Loc, YamlDocument, YamlFile

_MEANT = re.compile(
    r"(?m)^\s*(?:- )?(?:apiVersion|version)\s*:\s*[\"']?"
    r"(?:slo\.dev|openslo|sloth\.slok\.dev|pyrra\.dev|sre\.google\.com|prometheus/v\d)"
)
"""How a file begins that is a definition, or would like to be one."""
_SHOWN_KINDS = 4
_NO_YAML = "no YAML"


@dataclass(frozen=True)
class Sifted:
    """What was found in files and folders.

    Attributes:
        slos: all that can be used.
        problems: what is meant to be a definition and cannot be used; its SLO is not among them.
        remarks: what has no effect here.
        aside: files that hold no definition, each with what it is.
    """

    slos: tuple[Slo, ...]
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]
    aside: tuple[tuple[Path, str], ...]


def sift(paths: Sequence[Path], period: timedelta = DEFAULT_PERIOD) -> Sifted:
    """The definitions of files and folders, of our own and of other formats.

    Args:
        paths: files, which must be definitions, and folders, where other files are left aside.
        period: what an objective is promised over where its format has no place for that.
    """
    found = _Sifter(context=Context(period, os.environ))
    for path in paths:
        found.in_folder = path.is_dir()
        for message in found.add(path):
            found.problems.append(Problem(path, 1, message))
    found.read_foreign()
    found.check_steps()
    return found.sifted()


@dataclass
class _Sifter(Found):
    in_folder: bool = False
    aside: dict[Path, str] = field(default_factory=dict)
    held: set[Path] = field(default_factory=set)

    def add_documents(self, file: YamlFile) -> None:
        """Take in a file; one of a folder that is neither YAML nor a definition is left aside."""
        path = _path_of(file)
        if self.in_folder and file.problems and not _is_meant(path):
            self.aside[path] = _NO_YAML
            return
        before = self.understood + len(self.problems)
        super().add_documents(file)
        if self.understood + len(self.problems) > before:
            self.held.add(path)

    def refuse(self, document: YamlDocument, data: Any, loc: Loc = ()) -> None:
        """Note what is meant to be a definition; anything else of a folder is left aside."""
        if self.in_folder and not _is_close(data):
            self.aside.setdefault(document.path, _kind_of(data))
        else:
            super().refuse(document, data, loc)

    def sifted(self) -> Sifted:
        """What can be used, what cannot, and what is something else."""
        self._leave_out_lame_journeys()
        problems = tuple(dict.fromkeys(sorted(self.problems)))
        self.problems = []
        loaded = self.finish()
        aside = tuple(one for one in sorted(self.aside.items()) if one[0] not in self.held)
        return Sifted(loaded.slos, problems, loaded.remarks, aside)

    def _leave_out_lame_journeys(self) -> None:
        for slo in list(self.slos.values()):
            lost = [step.slo for step in slo.steps if step.slo not in self.slos]
            if lost and slo.origin is not None:
                del self.slos[slo.id]
                text = f"{slo.id} needs {', '.join(lost)}, which cannot be used"
                self.problems.append(Problem(Path(slo.origin.path), slo.origin.line, text))


def _path_of(file: YamlFile) -> Path:
    return (*(one.path for one in file.documents), *(one.path for one in file.problems), Path())[0]


def _is_meant(path: Path) -> bool:
    try:
        return _MEANT.search(path.read_text(encoding="utf-8", errors="replace")) is not None
    except OSError:
        return False


def _is_close(data: Any) -> bool:
    """Whether a document was meant to be a definition: of a version, or a form, unknown here."""
    if not isinstance(data, dict):
        return False
    if "slo_name" in data and "feature_name" in data:
        return True
    named = (data.get("apiVersion"), data.get("version"))
    return any(_MEANT.match(f"version: {one}") for one in named if isinstance(one, str))


def _kind_of(data: Any) -> str:
    kind = data.get("kind") if isinstance(data, dict) else None
    return kind if isinstance(kind, str) and re.fullmatch(r"\w{1,40}", kind) else "other YAML"


def aside_lines(aside: Sequence[tuple[Path, str]]) -> Iterator[str]:
    """What was left aside, in one line; nothing where nothing was."""
    if not aside:
        return
    kinds = Counter(kind for _, kind in aside).most_common()
    told = [f"{number} {kind}" for kind, number in kinds[:_SHOWN_KINDS]]
    rest = sum(number for _, number in kinds[_SHOWN_KINDS:])
    told += [f"{rest} others"] if rest else []
    files = counted(len(aside), "file", "files")
    yield f"left aside, no SLO definitions: {files} ({', '.join(told)})"
