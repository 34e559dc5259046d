"""The references of files and documents, from the JSON Schemas that editors and programs use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scripts.manual.markdown import cell, github_anchor, joined, table, text
from scripts.manual.values import Schema, default_of, named_values, type_of
from slo_reports.definitions.json_schema import definition_schema
from slo_reports.render.json_schema import report_schema
from slo_reports.settings.json_schema import settings_schema
from slo_reports.settings.policy_files import policy_schema

DOCS = Path(__file__).resolve().parents[2] / "docs"
SETTINGS = """\
# Settings

Made from the schema that checks the file; `slo-reports schema settings` prints it for editors. The
whole file, with comments: [config/slo_reports.yaml](../../config/slo_reports.yaml).

Durations are a number with a unit (`500ms`, `30s`, `5m`, `6h`, `3d`, `4w`). Relative paths begin at
the folder of the settings file. Secrets are named (`env:NAME`, `file:PATH`) and never written."""
DEFINITION = """\
# Definition keys

Made from the schema that checks the file; `slo-reports schema definition` prints it for editors.
[Write a definition](../definitions.md) explains them with examples, and
[config/definitions/](../../config/definitions/checkout.yaml) has whole files. Percent is what
people write: `99.9`, never `0.999`."""
POLICY = """\
# Policy keys

Made from the schema that checks the file; `slo-reports schema policy` prints it for editors.
[Write a policy](../decisions-policy.md#write-a-policy) explains them; ours, whole:
[config/policy.yaml](../../config/policy.yaml)."""
REPORT = """\
# The report as JSON

What `formats: [json]` files. Made from the schema, which `slo-reports schema report` prints; also
as a file: [report.schema.json](../report.schema.json).
[How it may change](../formats.md#json-json)."""
OTHERS = {
    "decision": "What `slo-reports decide --json` prints ([how](../decisions-policy.md)).",
    "webhook": "What a webhook is sent ([how](../chat.md#any-other-webhook)).",
}


def settings_page() -> str:
    """Every key of the settings file."""
    return joined((SETTINGS, *_Reference(settings_schema()).tables("##")))


def definition_page() -> str:
    """Every key of a definition."""
    return joined((DEFINITION, *_Reference(definition_schema()).tables("##")))


def policy_page() -> str:
    """Every key of an error budget policy."""
    return joined((POLICY, *_Reference(policy_schema()).tables("##")))


def report_page() -> str:
    """Every field of a report's JSON document."""
    return joined((REPORT, *_Reference(report_schema(), read=True, by_name=True).tables("##")))


def other_page() -> str:
    """What ``decide --json`` prints and a webhook is sent."""
    parts = ["# Other JSON documents"]
    for name, about in OTHERS.items():
        schema = json.loads((DOCS / f"{name}.schema.json").read_text(encoding="utf-8"))
        link = f"The schema: [{name}.schema.json](../{name}.schema.json)."
        parts += [f"## {name.capitalize()}", f"{about} {link}"]
        parts += _Reference(schema, read=True, prefix=name).tables("###")
    return joined(parts)


class _Reference:
    """The tables of one schema: a section for each object in it, linked to where it is used.

    Args:
        read: the document is read, not written: what may be missing is said, not what is required.
        by_name: headings are names of objects and not where their keys stand.
        prefix: sets the headings of one schema apart from another's on the same page.
    """

    def __init__(
        self, schema: Schema, *, read: bool = False, by_name: bool = False, prefix: str = ""
    ) -> None:
        self._schema, self._read, self._by_name = schema, read, by_name
        self._titles: dict[int, str] = {}
        self._order: list[Schema] = []
        self._find(schema, prefix)

    def tables(self, level: str) -> Iterator[str]:
        """A heading, what it is about and a table of keys, for each object."""
        for part in self._order:
            title = self._titles[id(part)]
            if part is not self._schema:
                yield f"{level} `{title}`"
            yield text(part.get("description", ""))
            yield table(("key", "what it says"), self._rows(part))

    def _find(self, part: Schema, title: str) -> None:
        """Notes an object and those in it, each where it is met first."""
        if id(part) in self._titles:
            return
        self._titles[id(part)] = title
        self._order.append(part)
        for key, value in _keys(part).items():
            for inner, path in self._inside(value, f"{title}.{key}".lstrip(".")):
                self._find(inner, inner["title"] if self._by_name else path)

    def _inside(self, value: Schema, path: str) -> Iterator[tuple[Schema, str]]:
        if "$ref" in value:
            value = self._target(value)
        if _keys(value):
            yield value, path
        kinds = {ref: kind for kind, ref in _mapping(value).items()}
        for one in (*value.get("anyOf", ()), *value.get("oneOf", ())):
            kind = kinds.get(one.get("$ref", ""))
            name = value.get("discriminator", {}).get("propertyName")
            yield from self._inside(one, f"{path} ({name}: {kind})" if kind else path)
        if isinstance(value.get("items"), dict):
            yield from self._inside(value["items"], f"{path}[]")
        if (named := named_values(value)) is not None:
            yield from self._inside(named, f"{path}.NAME")

    def _target(self, value: Schema) -> Schema:
        found: Schema = self._schema["$defs"][value["$ref"].rpartition("/")[2]]
        return found

    def _rows(self, part: Schema) -> Iterator[tuple[str, str]]:
        for key, value in _keys(part).items():
            whole = {**self._target(value), **value} if "$ref" in value else value
            about = text(value.get("description") or whole.get("description", ""))
            default = default_of(whole)
            facts = (
                _needed(part, key),
                type_of(value, self._named),
                default and f"default {default}",
            )
            yield f"`{key}`", cell(about, *facts)

    def _named(self, value: Schema) -> Schema | str:
        """What a value's type is: a link to an object's section, or the schema that is meant."""
        target = self._target(value) if "$ref" in value else value
        title = self._titles.get(id(target))
        if title is None:
            return target
        return f"[`{title}`](#{github_anchor(title)})"


def _keys(part: Schema) -> dict[str, Schema]:
    """The keys of an object; with those that hold only where another key is not given."""
    otherwise = part.get("else", {}).get("properties", {})
    return {**part.get("properties", {}), **otherwise}


def _needed(part: Schema, key: str) -> str:
    if key in part.get("required", ()):
        return "**required**"
    if key in part.get("else", {}).get("required", ()):
        return "**required** without " + " ".join(f"`{one}`" for one in part["if"]["required"])
    return ""


def _mapping(value: Schema) -> dict[str, str]:
    found: Any = value.get("discriminator", {}).get("mapping", {})
    return dict(found)
