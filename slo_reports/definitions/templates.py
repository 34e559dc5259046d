"""The template library: ready-made objectives that a definition names in one line.

A definition with ``template`` takes the template's title, indicator and objectives, says which
series are meant by ``filters``, and overrides whatever else it writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from slo_reports.definitions.values import matcher
from slo_reports.errors import Problem
from slo_reports.promql import filter_text
from slo_reports.settings.problems import nearest, one_of
from slo_reports.settings.yaml_files import YamlDocument, read_yaml

LIBRARY = Path(__file__).parent / "library"
_PLACE = "$filters"


@dataclass(frozen=True)
class Template:
    """One ready-made objective.

    Attributes:
        kind: the type of service that it is for: api, web, batch or streaming.
        about: what it measures, one sentence.
        spec: what a definition that names it need not write.
    """

    name: str
    kind: str
    about: str
    spec: Mapping[str, Any]


@cache
def library() -> Mapping[str, Template]:
    """All templates by name, by type of service and as their files list them."""
    found: dict[str, Template] = {}
    for path in (LIBRARY / f"{kind}.yaml" for kind in ("api", "web", "batch", "streaming")):
        (document,) = read_yaml(path).documents
        for name, one in document.data.items():
            found[name] = Template(name, path.stem, one["about"], one["spec"])
    return found


def expanded(document: YamlDocument) -> tuple[Any, Problem | None]:
    """A definition's data with its template filled in, or what is wrong with naming it.

    Without a template the data are what was written.
    """
    spec = document.data.get("spec")
    if not isinstance(spec, dict) or "template" not in spec:
        return document.data, None
    name = spec["template"]
    template = library().get(name) if isinstance(name, str) else None
    if template is None:
        return None, document.problem(("spec", "template"), _no_template(name))
    whole = _over(template.spec, spec)
    filters = spec.get("filters")
    if isinstance(whole["indicator"], dict):
        whole["indicator"] = _filtered(
            whole["indicator"], filters if isinstance(filters, dict) else {}
        )
    return {**document.data, "spec": whole}, None


def _no_template(name: Any) -> str:
    if not isinstance(name, str):
        return "template must be the name of one, such as api-availability"
    hint = nearest(name, library()) or f"; there is {one_of(library())}"
    return f"no template is named {name!r}{hint}"


def _over(base: Mapping[str, Any], written: Mapping[str, Any]) -> dict[str, Any]:
    """What is written over what the template says; an indicator of another type replaces it."""
    merged = {**base, **written}
    ours, theirs = base["indicator"], written.get("indicator")
    if isinstance(theirs, dict) and theirs.get("type", ours["type"]) == ours["type"]:
        merged["indicator"] = {**ours, **theirs}
    return merged


def _filtered(indicator: Mapping[str, Any], filters: Mapping[str, Any]) -> dict[str, Any]:
    """The indicator of the series that are meant."""
    texts = {label: text for label, text in filters.items() if isinstance(text, str)}
    inside = ", ".join(filter_text(matcher(label, text)) for label, text in texts.items())
    filled = {
        key: value.replace(_PLACE, inside) if isinstance(value, str) else value
        for key, value in indicator.items()
    }
    if texts and ("metric" in filled or "histogram" in filled):
        own = filled.get("filters")
        filled["filters"] = {**(own if isinstance(own, dict) else {}), **texts}
    return filled
