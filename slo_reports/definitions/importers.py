"""Which importer reads a document that is not of our own format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from slo_reports.definitions import openslo, pyrra, slo_generator, sloth
from slo_reports.definitions.foreign import Context, Imported, Notes, Place
from slo_reports.settings.yaml_files import Loc, YamlDocument

Importer = Callable[[Sequence[Place], Context], Imported]


def _each(read: Callable[[Place, Context], Imported]) -> Importer:
    """An importer whose documents know nothing of each other."""

    def read_all(objects: Sequence[Place], context: Context) -> Imported:
        parts = [read(one, context) for one in objects]
        notes = Notes()
        for part in parts:
            notes.add(part.notes)
        return Imported(tuple(slo for part in parts for slo in part.slos), notes)

    return read_all


IMPORTERS: dict[str, Importer] = {
    "OpenSLO": openslo.read_openslo,
    "Sloth": sloth.read_sloth,
    "Pyrra": _each(pyrra.read_pyrra),
    "slo-generator": slo_generator.read_slo_generator,
}
_VERSIONS = {
    **dict.fromkeys(openslo.VERSIONS, "OpenSLO"),
    sloth.KUBERNETES: "Sloth",
    pyrra.FORMAT: "Pyrra",
    slo_generator.FORMAT: "slo-generator",
}
VERSIONS = (*_VERSIONS, sloth.PLAIN)
"""The versions of other formats that are read."""


def format_of(data: Any) -> str | None:
    """The importer for a document's data, or None."""
    if not isinstance(data, dict):
        return None
    version = data.get("apiVersion")
    if isinstance(version, str) and version in _VERSIONS:
        return _VERSIONS[version]
    if version is None and data.get("version") == sloth.PLAIN:
        return "Sloth"
    if version is None and slo_generator.is_config(data):
        return "slo-generator"
    return None


def foreign_objects(document: YamlDocument) -> Iterator[tuple[str | None, Place]]:
    """The objects of a document with their formats; nothing where none of it is foreign.

    OpenSLO allows a list of objects in one document; ``kubectl get`` writes one of kind List.
    """
    data = document.data
    if (
        isinstance(data, dict)
        and data.get("kind") == "List"
        and isinstance(data.get("items"), list)
    ):
        for index, one in enumerate(data["items"]):
            yield format_of(one), _place(document, ("items", index), one)
        return
    if isinstance(data, list) and any(format_of(one) for one in data):
        for index, one in enumerate(data):
            yield format_of(one), _place(document, (index,), one)
    elif format_of(data) is not None:
        yield format_of(data), _place(document, (), data)


def _place(document: YamlDocument, loc: Loc, value: Any) -> Place:
    return Place(document, loc, value, Notes())


def read_all(objects: Mapping[str, Sequence[Place]], context: Context) -> Iterator[Imported]:
    """What became of all objects that were found, format by format."""
    for name, some in objects.items():
        yield IMPORTERS[name](some, context)
