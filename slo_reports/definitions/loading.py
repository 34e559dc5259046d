"""Finding and reading definition files, alone or together with the settings that name them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from slo_reports.definitions.building import build_slo
from slo_reports.definitions.native import API_VERSION, Definition
from slo_reports.definitions.selection import complaints, unknown_words
from slo_reports.definitions.templates import expanded
from slo_reports.errors import ConfigurationError, Problem
from slo_reports.methods import slice_window_fault
from slo_reports.model import Origin, Slo
from slo_reports.settings.exclusions import CalendarSettings, ExclusionSettings
from slo_reports.settings.loading import SettingsFile, read_settings
from slo_reports.settings.problems import explain
from slo_reports.settings.recurrence import check_calendar
from slo_reports.settings.schema import Selection, Settings
from slo_reports.settings.yaml_files import YamlDocument, YamlFile, read_yaml


def load_definitions(paths: Sequence[Path]) -> tuple[Slo, ...]:
    """The SLOs of definition files and of folders (``*.yaml`` and ``*.yml``, at any depth).

    Returns:
        In the order of ``paths``; within a folder by path, within a file from top to bottom.

    Raises:
        ConfigurationError: anything is wrong; it holds every problem of every file.
    """
    found = _Found()
    for path in paths:
        for message in found.add(path):
            found.problems.append(Problem(path, 1, message))
    return found.finish()


def load_everything(settings_path: Path) -> tuple[Settings, tuple[Slo, ...]]:
    """The settings of a file and all definitions that it names.

    Raises:
        ConfigurationError: the problems of the settings and of all definitions together.
    """
    file = read_settings(settings_path)
    found = _Found(problems=list(file.problems))
    for loc, path in file.written_definitions():
        for message in found.add(path):
            if file.document is not None:
                found.problems.append(file.document.problem(loc, message))
    if file.settings is not None and not found.problems:
        found.problems += _selection_problems(file, tuple(found.slos.values()))
        found.problems += _slice_problems(found, file.settings.source.slice)
        found.problems += _exclusion_problems(file, tuple(found.slos.values()))
    slos = found.finish()
    if file.settings is None:
        raise ConfigurationError(file.problems)
    folder = settings_path.absolute().parent
    return file.settings, tuple(_seen_from(folder, slo) for slo in slos)


def _seen_from(folder: Path, slo: Slo) -> Slo:
    """The SLO with its origin as a reader of the settings would name it."""
    if slo.origin is None or not Path(slo.origin.path).is_relative_to(folder):
        return slo
    path = str(Path(slo.origin.path).relative_to(folder))
    return replace(slo, origin=replace(slo.origin, path=path))


def _selection_problems(file: SettingsFile, slos: tuple[Slo, ...]) -> Iterable[Problem]:
    if file.settings is None or file.document is None:
        return
    for index, report in enumerate(file.settings.reports):
        for loc, message in complaints(slos, report.select):
            yield file.document.problem(("reports", index, "select", *loc), message)


def _exclusion_problems(file: SettingsFile, slos: tuple[Slo, ...]) -> Iterable[Problem]:
    if file.settings is None or file.document is None:
        return
    lists: dict[str, Sequence[ExclusionSettings | CalendarSettings]] = {
        "exclusions": file.settings.exclusions,
        "exclusion_calendars": file.settings.exclusion_calendars,
    }
    for key, written in lists.items():
        for index, one in enumerate(written):
            named = Selection(services=one.services or None, slos=one.slos or None)
            for loc, message in unknown_words(slos, named):
                yield file.document.problem((key, index, *loc), message)
    for index, calendar in enumerate(file.settings.exclusion_calendars):
        try:
            check_calendar(calendar.path)
        except ConfigurationError as error:
            yield file.document.problem(("exclusion_calendars", index, "path"), str(error))


def _slice_problems(found: _Found, step: timedelta) -> Iterable[Problem]:
    for slo in found.slos.values():
        fault = slice_window_fault(slo, step)
        if fault is not None:
            yield found.documents[slo.id].problem(("spec", "slice_window"), fault)


@dataclass
class _Found:
    """What was found so far."""

    slos: dict[str, Slo] = field(default_factory=dict)
    documents: dict[str, YamlDocument] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def finish(self) -> tuple[Slo, ...]:
        if self.problems:
            raise ConfigurationError(list(dict.fromkeys(self.problems)))
        return tuple(self.slos.values())

    def add(self, path: Path) -> Iterable[str]:
        """Read a file or folder; what is wrong with the path itself is returned."""
        try:
            files = _files(path)
        except (OSError, ValueError) as error:
            yield _why(path, error)
            return
        before = len(self.slos) + len(self.problems)
        fresh = [one for one in files if os.path.realpath(one) not in self.seen]
        for one in fresh:
            self.seen.add(os.path.realpath(one))
            self._add_file(one)
        if len(fresh) == len(files) and len(self.slos) + len(self.problems) == before:
            yield f"no definition is in {path}: expected *.yaml files of {API_VERSION}"

    def _add_file(self, path: Path) -> None:
        try:
            file = read_yaml(path)
        except OSError as error:
            self.problems.append(Problem(path, 1, _why(path, error)))
            return
        self._add_documents(file)

    def _add_documents(self, file: YamlFile) -> None:
        self.problems += file.problems
        for document in file.documents:
            if document.data is not None:
                self._add_document(document)

    def _add_document(self, document: YamlDocument) -> None:
        foreign = _foreign(document)
        if foreign is not None:
            self.problems.append(foreign)
            return
        data, fault = expanded(document)
        if fault is not None:
            self.problems.append(fault)
            return
        try:
            definition = Definition.model_validate(data)
        except ValidationError as error:
            self.problems += explain(error, document, Definition)
            return
        slo = build_slo(definition, Origin(str(document.path), document.line))
        self.documents.setdefault(slo.id, document)
        first = self.slos.setdefault(slo.id, slo).origin
        if first != slo.origin and first is not None:
            text = f"a second {slo.id}: {first.path}:{first.line} defines it already"
            self.problems.append(document.problem(("metadata", "name"), text))


def _files(path: Path) -> list[Path]:
    """The file itself, or the YAML files below a folder; hidden ones are left alone."""
    if not path.is_dir():
        path.stat()
        return [path]
    found = []
    for folder, inner, names in os.walk(path, onerror=_raise):
        inner[:] = [one for one in inner if not one.startswith(".")]
        found += [
            Path(folder) / name
            for name in names
            if name.endswith((".yaml", ".yml")) and not name.startswith(".")
        ]
    return sorted(found)


def _raise(error: OSError) -> None:
    raise error


def _why(path: Path, error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{path} does not exist"
    why = error.strerror if isinstance(error, OSError) else str(error)
    return f"{path} could not be read: {why}"


def _foreign(document: YamlDocument) -> Problem | None:
    """A document that is no definition of ours, told by its version rather than by every key."""
    data: Any = document.data
    if not isinstance(data, dict):
        return document.problem((), f"a definition begins with 'apiVersion: {API_VERSION}'")
    version = data.get("apiVersion")
    if version == API_VERSION:
        return None
    if version is None:
        return _unversioned(data, document)
    near = SequenceMatcher(None, str(version), API_VERSION).ratio() > 0.8
    says = f"; did you mean {API_VERSION!r}?" if near else f"; {API_VERSION} is"
    return document.problem(("apiVersion",), f"apiVersion '{version}' is not read yet{says}")


def _unversioned(data: dict[str, Any], document: YamlDocument) -> Problem:
    if isinstance(data.get("version"), str):
        text = f"version {data['version']!r} is not read yet; apiVersion {API_VERSION} is"
        return document.problem(("version",), text)
    return document.problem((), f"apiVersion is missing; write 'apiVersion: {API_VERSION}'")
