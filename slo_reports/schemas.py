"""The JSON Schemas by name: of the files that people write, and of a report's JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slo_reports.definitions.json_schema import definition_schema
from slo_reports.incidents.json_schema import incidents_schema
from slo_reports.render.json_schema import report_schema
from slo_reports.settings.json_schema import settings_schema
from slo_reports.settings.policy_files import policy_schema

_SCHEMAS: dict[str, Callable[[], dict[str, Any]]] = {
    "settings": settings_schema,
    "definition": definition_schema,
    "incidents": incidents_schema,
    "policy": policy_schema,
    "report": report_schema,
}


def schema_named(name: str) -> dict[str, Any]:
    """The JSON Schema of a name that the command ``schema`` knows."""
    return _SCHEMAS[name]()
