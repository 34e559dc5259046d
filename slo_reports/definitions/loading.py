"""Finding and reading definition files, alone or together with the settings that name them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from slo_reports.definitions.building import build_slo
from slo_reports.definitions.foreign import Context, Place
from slo_reports.definitions.importers import VERSIONS, foreign_objects, read_all
from slo_reports.definitions.journeys import step_problems
from slo_reports.definitions.native import API_VERSION, Definition
from slo_reports.definitions.selection import Catalogue
from slo_reports.definitions.templates import expanded
from slo_reports.errors import ConfigurationError, Problem
from slo_reports.methods import slice_window_fault
from slo_reports.model import Origin, Slo
from slo_reports.settings.exclusions import CalendarSettings, ExclusionSettings
from slo_reports.settings.loading import SettingsFile, read_settings
from slo_reports.settings.policy_files import read_policy
from slo_reports.settings.problems import explain, one_of
from slo_reports.settings.recurrence import check_calendar
from slo_reports.settings.schema import Selection, Settings
from slo_reports.settings.yaml_files import Loc, YamlDocument, YamlFile, read_yaml

DEFAULT_PERIOD = timedelta(days=30)
"""What an objective is promised over where its format has no place for that."""


@dataclass(frozen=True)
class Loaded:
    """What definition files hold.

    Attributes:
        slos: in the order of the paths; within a folder by path, within a file from the top.
        remarks: what they say that has no effect here, of all files.
    """

    slos: tuple[Slo, ...]
    remarks: tuple[Problem, ...]


def load_definitions(paths: Sequence[Path]) -> tuple[Slo, ...]:
    """The SLOs of definition files and of folders (``*.yaml`` and ``*.yml``, at any depth).

    Returns:
        In the order of ``paths``; within a folder by path, within a file from top to bottom.

    Raises:
        ConfigurationError: anything is wrong; it holds every problem of every file.
    """
    return load_with_remarks(paths).slos


def load_with_remarks(
    paths: Sequence[Path],
    period: timedelta = DEFAULT_PERIOD,
    environment: Mapping[str, str] = os.environ,
    *,
    grouped: bool = False,
) -> Loaded:
    """The SLOs of definition files and folders, and what in them has no effect.

    Args:
        paths: files and folders, of our own and of other formats.
        period: what an objective is promised over where its format has no place for that.
        environment: where ``${NAME}`` of slo-generator's files is looked up.
        grouped: whether definitions are kept that make one objective for each label set: rules
            can be written of them, reports cannot.

    Raises:
        ConfigurationError: anything is wrong; it holds every problem of every file.
    """
    found = Found(context=Context(period, environment, grouped))
    for path in paths:
        for message in found.add(path):
            found.problems.append(Problem(path, 1, message))
    found.read_foreign()
    found.check_steps()
    return found.finish()


def load_everything(
    settings_path: Path, *, grouped: bool = False
) -> tuple[Settings, tuple[Slo, ...]]:
    """The settings of a file and all definitions that it names.

    Args:
        settings_path: of the settings.
        grouped: whether definitions are kept that only rules can be written of.

    Raises:
        ConfigurationError: the problems of the settings and of all definitions together.
    """
    settings, loaded = load_everything_with_remarks(settings_path, grouped=grouped)
    return settings, loaded.slos


def load_everything_with_remarks(
    settings_path: Path, *, grouped: bool = False
) -> tuple[Settings, Loaded]:
    """The settings of a file, all definitions that it names, and what in them has no effect.

    Raises:
        ConfigurationError: the problems of the settings and of all definitions together.
    """
    file = read_settings(settings_path)
    period = DEFAULT_PERIOD if file.settings is None else file.settings.default_period
    found = Found(problems=list(file.problems), context=Context(period, os.environ, grouped))
    for loc, path in file.written_definitions():
        for message in found.add(path):
            if file.document is not None:
                found.problems.append(file.document.problem(loc, message))
    found.problems += _policy_problems(file)
    found.read_foreign()
    whole = not found.problems
    found.check_steps()
    if file.settings is not None and whole:
        known = Catalogue(tuple(found.slos.values()))
        found.problems += _selection_problems(file, known)
        found.problems += _slice_problems(found, file.settings.source.slice)
        found.problems += _exclusion_problems(file, known)
    loaded = found.finish()
    if file.settings is None:
        raise ConfigurationError(file.problems)
    folder = settings_path.absolute().parent
    slos = tuple(_seen_from(folder, slo) for slo in loaded.slos)
    return file.settings, replace(loaded, slos=slos)


def _policy_problems(file: SettingsFile) -> Iterable[Problem]:
    named = file.written_policy()
    if named is None or file.document is None:
        return ()
    loc, path = named
    if not path.is_file():
        return (file.document.problem(loc, f"there is no policy file {path}"),)
    return read_policy(path)[1]


def _seen_from(folder: Path, slo: Slo) -> Slo:
    """The SLO with its origin as a reader of the settings would name it."""
    if slo.origin is None or not Path(slo.origin.path).is_relative_to(folder):
        return slo
    path = str(Path(slo.origin.path).relative_to(folder))
    return replace(slo, origin=replace(slo.origin, path=path))


def _selection_problems(file: SettingsFile, known: Catalogue) -> Iterable[Problem]:
    if file.settings is None or file.document is None:
        return
    for index, report in enumerate(file.settings.reports):
        for loc, message in known.complaints(report.select):
            yield file.document.problem(("reports", index, "select", *loc), message)


def _exclusion_problems(file: SettingsFile, known: Catalogue) -> Iterable[Problem]:
    if file.settings is None or file.document is None:
        return
    lists: dict[str, Sequence[ExclusionSettings | CalendarSettings]] = {
        "exclusions": file.settings.exclusions,
        "exclusion_calendars": file.settings.exclusion_calendars,
    }
    for key, written in lists.items():
        for index, one in enumerate(written):
            named = Selection(services=one.services or None, slos=one.slos or None)
            for loc, message in known.unknown_words(named):
                yield file.document.problem((key, index, *loc), message)
    for index, calendar in enumerate(file.settings.exclusion_calendars):
        try:
            check_calendar(calendar.path)
        except ConfigurationError as error:
            yield file.document.problem(("exclusion_calendars", index, "path"), str(error))


def _slice_problems(found: Found, step: timedelta) -> Iterable[Problem]:
    for slo in found.slos.values():
        fault = slice_window_fault(slo, step)
        if fault is None:
            continue
        document = found.documents.get(slo.id)
        if document is not None:
            yield document.problem(("spec", "slice_window"), fault)
        elif slo.origin is not None:
            yield Problem(Path(slo.origin.path), slo.origin.line, fault)


@dataclass
class Found:
    """What was found so far; a document of no format that is read is a problem.

    Attributes:
        documents: those into which a problem may point that is found when all are known.
    """

    slos: dict[str, Slo] = field(default_factory=dict)
    documents: dict[str, YamlDocument] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    context: Context = field(default_factory=lambda: Context(DEFAULT_PERIOD, os.environ))
    foreign: dict[str, list[Place]] = field(default_factory=dict)
    remarks: list[Problem] = field(default_factory=list)
    files: dict[str, int] = field(default_factory=dict)
    understood: int = 0

    def finish(self) -> Loaded:
        """What was found, in order.

        Raises:
            ConfigurationError: there are problems.
        """
        if self.problems:
            raise ConfigurationError(list(dict.fromkeys(self.problems)))
        slos = sorted(self.slos.values(), key=self._place_of)
        return Loaded(tuple(slos), tuple(dict.fromkeys(sorted(self.remarks))))

    def _place_of(self, slo: Slo) -> tuple[int, int]:
        return (0, 0) if slo.origin is None else (self.files[slo.origin.path], slo.origin.line)

    def read_foreign(self) -> None:
        """Read the objects of other formats, once all files are known that they may refer to."""
        for imported in read_all(self.foreign, self.context):
            self.problems += imported.notes.problems
            self.remarks += imported.notes.remarks
            for slo in imported.slos:
                self._keep(slo)

    def _keep(self, slo: Slo) -> None:
        first, own = self.slos.setdefault(slo.id, slo).origin, slo.origin
        if self.slos[slo.id] is not slo and first is not None and own is not None:
            text = f"a second {slo.id}: {first.path}:{first.line} defines it already"
            self.problems.append(Problem(Path(own.path), own.line, text))

    def check_steps(self) -> None:
        """Look for the steps of journeys, where all definitions could be read."""
        if not self.problems:
            self.problems += step_problems(self.slos, self.documents)

    def add(self, path: Path) -> Iterable[str]:
        """Read a file or folder; what is wrong with the path itself is returned."""
        try:
            files = yaml_files(path)
        except (OSError, ValueError) as error:
            yield _why(path, error)
            return
        before = self.understood + len(self.problems)
        fresh = [one for one in files if os.path.realpath(one) not in self.seen]
        for one in fresh:
            self.seen.add(os.path.realpath(one))
            self._add_file(one)
        if len(fresh) == len(files) and self.understood + len(self.problems) == before:
            yield f"no definition is in {path}: expected *.yaml files of {API_VERSION}"

    def _add_file(self, path: Path) -> None:
        self.files[str(path)] = len(self.files)
        try:
            file = read_yaml(path)
        except OSError as error:
            self.problems.append(Problem(path, 1, _why(path, error)))
            return
        self.add_documents(file)

    def add_documents(self, file: YamlFile) -> None:
        """Take in what a file holds, and what is wrong with it as YAML."""
        self.problems += file.problems
        for document in file.documents:
            if document.data is not None:
                self._add_document(document)

    def refuse(self, document: YamlDocument, data: Any, loc: Loc = ()) -> None:
        """Note a document, or an object in one, that is of no format that is read."""
        self.problems.append(_unknown(document, data, loc))

    def _add_document(self, document: YamlDocument) -> None:
        objects = list(foreign_objects(document))
        for name, one in objects:
            if name is None:
                self.refuse(document, one.value, one.loc)
            else:
                self.foreign.setdefault(name, []).append(one)
                self.understood += 1
        if objects:
            return
        if not _is_own(document.data):
            self.refuse(document, document.data)
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
        self.understood += 1
        slo = build_slo(definition, Origin(str(document.path), document.line))
        if slo.steps or slo.slice_window is not None:
            self.documents.setdefault(slo.id, document)
        first = self.slos.setdefault(slo.id, slo).origin
        if first != slo.origin and first is not None:
            text = f"a second {slo.id}: {first.path}:{first.line} defines it already"
            self.problems.append(document.problem(("metadata", "name"), text))


def yaml_files(path: Path) -> list[Path]:
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


def _is_own(data: Any) -> bool:
    return isinstance(data, dict) and data.get("apiVersion") == API_VERSION


def _unknown(document: YamlDocument, data: Any, loc: Loc = ()) -> Problem:
    """A document of no format that is read, told by its version rather than by every key."""
    if not isinstance(data, dict):
        return document.problem(loc, f"a definition begins with 'apiVersion: {API_VERSION}'")
    version = data.get("apiVersion")
    if version is None:
        return _unversioned(data, document, loc)
    text = f"apiVersion '{version}' is not read{_hint(str(version))}"
    return document.problem((*loc, "apiVersion"), text)


def _unversioned(data: dict[str, Any], document: YamlDocument, loc: Loc) -> Problem:
    version = data.get("version")
    if isinstance(version, str):
        text = f"version {version!r} is not read{_hint(version)}"
        return document.problem((*loc, "version"), text)
    if "slo_name" in data and "feature_name" in data:
        text = "slo-generator's v1 files are not read; its 'migrate' command makes v2 of them"
        return document.problem(loc, text)
    return document.problem(loc, f"apiVersion is missing; write 'apiVersion: {API_VERSION}'")


def _hint(version: str) -> str:
    """The nearest version that is read, or all of them."""
    known = (API_VERSION, *VERSIONS)
    near = max(known, key=lambda one: SequenceMatcher(None, version, one).ratio())
    if SequenceMatcher(None, version, near).ratio() > 0.8:
        return f"; did you mean {near!r}?"
    return f"; {one_of(known)} is"
