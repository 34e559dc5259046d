"""What a shell completes: names out of the settings and definitions that are at hand.

Files are read as plain YAML: no import of pandas, and nothing is ever said about what is wrong
in them; then nothing is completed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import typer

from slo_reports.cli.app import now, settings_file
from slo_reports.errors import SloReportsError

Found = dict[str, str]
"""What can be put in, and what is said beside it."""
KINDS = {
    "service": "everything",
    "portfolio": "50 to 500 services by team",
    "review": "a weekly meeting",
    "brief": "one page in plain words",
    "planning": "a quarter's targets and work",
    "retrospective": "one incident",
}
"""The kinds of reports, so that nothing heavy need be imported to name them."""
_MOST_FILES = 2000
_OWN = "slo.dev/v1"


def _completes(find: Callable[[typer.Context], Found]) -> Callable[..., list[tuple[str, str]]]:
    def complete(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
        try:
            found = find(ctx)
        except (SloReportsError, OSError):
            return []
        fitting = {word: about for word, about in found.items() if word.startswith(incomplete)}
        return [(_typed(word), about) for word, about in fitting.items()]

    return complete


def _typed(word: str) -> str:
    """A word as it must stand on the command line; bash takes over what it is given."""
    into_bash = os.environ.get("_SLO_REPORTS_COMPLETE", "").endswith("_bash")
    return re.sub(r"([^\w@%+=:,./-])", r"\\\1", word) if into_bash else word


def _settings(ctx: typer.Context) -> tuple[dict[str, Any], Path]:
    """The settings as plain data, and their folder; no data where they cannot be read."""
    path = settings_file(ctx.params.get("config"))
    data = next(_documents(path), None)
    return (data if isinstance(data, dict) else {}), path.parent


def _documents(path: Path) -> Iterator[Any]:
    from slo_reports.settings.yaml_files import read_yaml

    return (document.data for document in read_yaml(path).documents)


def _mappings(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _reports(ctx: typer.Context) -> Found:
    settings, _ = _settings(ctx)
    named = _mappings(settings.get("reports"))
    return {_text(one.get("name")): _text(one.get("title")) for one in named if one.get("name")}


def _destinations(ctx: typer.Context) -> Found:
    settings, _ = _settings(ctx)
    named = settings.get("destinations")
    if not isinstance(named, dict):
        return {}
    return {name: _text(one.get("kind")) for name, one in named.items() if isinstance(one, dict)}


def _recipients(ctx: typer.Context) -> Found:
    settings, _ = _settings(ctx)
    named = settings.get("destinations")
    if not isinstance(named, dict):
        return {}
    return {
        _text(address): name
        for name, one in named.items()
        if isinstance(one, dict) and isinstance(one.get("recipients"), list)
        for address in one["recipients"]
    }


def _definitions(ctx: typer.Context) -> Iterator[dict[str, Any]]:
    """Every document of our own format that the settings name; others are converted."""
    settings, folder = _settings(ctx)
    paths = settings.get("definitions")
    for path in _files(folder / _text(one) for one in paths if _text(one)) if paths else ():
        try:
            documents = list(_documents(path))
        except OSError:
            continue
        own = [one for one in documents if isinstance(one, dict) and one.get("apiVersion") == _OWN]
        yield from own
        if len(own) < len(documents):
            yield from _converted(path)


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    found = (file for path in paths for file in ([path] if path.is_file() else _inside(path)))
    for number, file in enumerate(found):
        if number == _MOST_FILES:
            return
        yield file


def _inside(folder: Path) -> Iterator[Path]:
    return (one for one in sorted(folder.rglob("*.y*ml")) if one.suffix in {".yaml", ".yml"})


def _converted(path: Path) -> Iterator[dict[str, Any]]:
    """What other tools' definitions become; that takes longer, as numpy is needed."""
    from slo_reports.definitions.loading import load_definitions

    for slo in load_definitions([path]):
        if slo.origin is not None and slo.origin.format != _OWN:
            metadata = {"name": slo.name, "namespace": slo.namespace}
            spec = {"service": slo.service, "owner": slo.owner, "title": slo.title}
            yield {"metadata": metadata, "spec": spec}


def _parts(ctx: typer.Context) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for one in _definitions(ctx):
        metadata, spec = one.get("metadata"), one.get("spec")
        if isinstance(metadata, dict) and isinstance(spec, dict):
            yield metadata, spec


def _slos(ctx: typer.Context) -> Found:
    return {
        f"{metadata.get('namespace') or 'default'}/{metadata.get('name')}": _text(
            spec.get("title")
        ) or _text(spec.get("service"))
        for metadata, spec in _parts(ctx)
    }  # fmt: skip


def _services(ctx: typer.Context) -> Found:
    found = {_text(spec.get("service")): _text(spec.get("owner")) for _, spec in _parts(ctx)}
    return {name: about for name, about in found.items() if name}


def _owners(ctx: typer.Context) -> Found:
    return {owner: "" for _, spec in _parts(ctx) if (owner := _text(spec.get("owner")))}


def _namespaces(ctx: typer.Context) -> Found:
    return {_text(metadata.get("namespace")) or "default": "" for metadata, _ in _parts(ctx)}


def _periods(_ctx: typer.Context) -> Found:
    """The usual words, and the last months by name."""
    year, month = now().year, now().month
    months = {}
    for _ in range(12):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        months[f"{year}-{month:02}"] = ""
    usual = {"last": "the last one that is over", "current": "to date", "28d": "the last 28 days"}
    return usual | months


def _kinds(_ctx: typer.Context) -> Found:
    return dict(KINDS)


def _formats(_ctx: typer.Context) -> Found:
    from slo_reports.cli.adhoc import FORMATS

    return dict.fromkeys(FORMATS.replace(" or ", ", ").split(", "), "")


def _schemas(_ctx: typer.Context) -> Found:
    from slo_reports.cli.checks import SCHEMAS

    return dict(SCHEMAS)


reports = _completes(_reports)
destinations = _completes(_destinations)
recipients = _completes(_recipients)
slos = _completes(_slos)
services = _completes(_services)
owners = _completes(_owners)
namespaces = _completes(_namespaces)
periods = _completes(_periods)
kinds = _completes(_kinds)
formats = _completes(_formats)
schemas = _completes(_schemas)
