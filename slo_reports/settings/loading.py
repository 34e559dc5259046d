"""Reading the settings file, with every problem of it named at its line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from slo_reports.errors import ConfigurationError, Problem
from slo_reports.settings.destinations import MailDestination
from slo_reports.settings.logos import read_logo
from slo_reports.settings.problems import explain, nearest, one_of
from slo_reports.settings.schema import Secret, Settings
from slo_reports.settings.yaml_files import Loc, YamlDocument, YamlFile, read_yaml


@dataclass(frozen=True)
class SettingsFile:
    """What could be made of a settings file.

    Attributes:
        settings: None where there are problems.
        document: what was written, with lines; None where that is unreadable.
    """

    path: Path
    settings: Settings | None
    document: YamlDocument | None
    problems: tuple[Problem, ...]

    def written_policy(self) -> tuple[Loc, Path] | None:
        """Where the file names a policy and what path is meant, likewise."""
        named = _get(self.document, "policy")
        return (("policy",), self.path.parent / named) if isinstance(named, str) else None

    def written_definitions(self) -> tuple[tuple[Loc, Path], ...]:
        """Where the file lists definitions and what path is meant, also where all else is wrong."""
        listed = _get(self.document, "definitions")
        if not isinstance(listed, list):
            return ()
        return tuple(
            (("definitions", index), self.path.parent / one)
            for index, one in enumerate(listed)
            if isinstance(one, str)
        )


def load_settings(path: Path) -> Settings:
    """The settings of a file; relative paths in it start at the file's folder.

    Raises:
        ConfigurationError: the file cannot be used; it holds every problem of it.
    """
    read = read_settings(path)
    if read.settings is None:
        raise ConfigurationError(read.problems)
    return read.settings


def read_settings(path: Path) -> SettingsFile:
    """The settings of a file or its problems, for a caller that has more files to look at.

    Raises:
        ConfigurationError: the file cannot be read at all.
    """
    file = _read(path)
    if not file.documents:
        return SettingsFile(path, None, None, file.problems or (_empty(path),))
    document = file.documents[0]
    problems = [*file.problems, *_surplus(file), *_cross_checks(document)]
    problems += _unusable_logo(document, path.parent)
    settings = None
    try:
        settings = Settings.model_validate(document.data)
        problems += _missing_attachments(settings, document)
    except ValidationError as error:
        problems += explain(error, document, Settings)
    if settings is None or problems:
        return SettingsFile(path, None, document, tuple(sorted(set(problems))))
    return SettingsFile(path, _anchored(settings, path.parent), document, ())


def _read(path: Path) -> YamlFile:
    try:
        return read_yaml(path)
    except FileNotFoundError as error:
        msg = f"there is no settings file {path}; name the file that you mean"
        raise ConfigurationError(msg) from error
    except IsADirectoryError as error:
        msg = f"{path} is a folder; name the settings file in it"
        raise ConfigurationError(msg) from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        msg = f"the settings file {path} could not be read: {why}"
        raise ConfigurationError(msg) from error


def _empty(path: Path) -> Problem:
    return Problem(path, 1, "the file is empty; settings begin with 'version: 1'")


def _surplus(file: YamlFile) -> list[Problem]:
    message = "settings are one document: remove the `---` above, or the rest of the file"
    return [Problem(one.path, one.line, message) for one in file.documents[1:]]


def _cross_checks(document: YamlDocument) -> list[Problem]:
    """What holds between places of the file, told also where other things are wrong."""
    reports = _get(document, "reports")
    if not isinstance(reports, list):
        return []
    return [*_same_names(reports, document), *_unknown_destinations(reports, document)]


def _same_names(reports: list[Any], document: YamlDocument) -> Iterable[Problem]:
    first: dict[str, int] = {}
    for index, report in enumerate(reports):
        name = report.get("name") if isinstance(report, dict) else None
        if not isinstance(name, str):
            continue
        loc = ("reports", index, "name")
        if name in first:
            text = f"two reports are named {name!r}: line {first[name]} has the name already"
            yield document.problem(loc, text)
        first.setdefault(name, document.line_of(loc))


def _unknown_destinations(reports: list[Any], document: YamlDocument) -> Iterable[Problem]:
    known = _get(document, "destinations") or {}
    for index, report in enumerate(reports):
        wanted = report.get("destinations") if isinstance(report, dict) else None
        if not isinstance(wanted, list) or not isinstance(known, dict):
            continue
        for place, name in enumerate(wanted):
            if isinstance(name, str) and name not in known:
                loc = ("reports", index, "destinations", place)
                yield document.problem(loc, _no_destination(name, list(known)))


def _no_destination(name: str, known: list[str]) -> str:
    hint = nearest(name, known)
    if not hint:
        hint = f"; there is {one_of(known)}" if known else "; none is defined in `destinations`"
    return f"no destination is named {name!r}{hint}"


def _missing_attachments(settings: Settings, document: YamlDocument) -> Iterable[Problem]:
    """Mails that attach what their report does not make."""
    for index, report in enumerate(settings.reports):
        for place, name in enumerate(report.destinations):
            destination = settings.destinations.get(name)
            if not isinstance(destination, MailDestination):
                continue
            missing = [one for one in destination.attach if one not in report.formats]
            if missing:
                loc = ("reports", index, "destinations", place)
                text = f"{name!r} attaches {one_of(missing)}, which this report does not make"
                yield document.problem(loc, f"{text}; add it to the report's formats")


def _unusable_logo(document: YamlDocument, folder: Path) -> Iterable[Problem]:
    brand = _get(document, "brand")
    logo = brand.get("logo") if isinstance(brand, dict) else None
    if not isinstance(logo, str):
        return
    try:
        read_logo(folder / logo)
    except ConfigurationError as error:
        yield document.problem(("brand", "logo"), str(error))


def _get(document: YamlDocument | None, key: str) -> Any:
    data = None if document is None else document.data
    return data.get(key) if isinstance(data, dict) else None


def _anchored(model: Any, folder: Path) -> Any:
    """The same value with every relative path in it beginning at ``folder``."""
    match model:
        case BaseModel():
            fields = {name: getattr(model, name) for name in type(model).model_fields}
            return model.model_copy(
                update={name: _anchored(value, folder) for name, value in fields.items()}
            )
        case Secret() if model.reference.startswith("file:"):
            return Secret(f"file:{folder / model.reference.removeprefix('file:')}")
        case Path():
            return folder / model
        case list():
            return [_anchored(one, folder) for one in model]
        case dict():
            return {key: _anchored(one, folder) for key, one in model.items()}
        case _:
            return model
