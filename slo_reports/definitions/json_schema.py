"""The JSON Schema of a definition, for editors."""

from __future__ import annotations

from typing import Any

from slo_reports.definitions.native import Definition
from slo_reports.settings.json_schema import schema_of


def definition_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of one document of a definition file."""
    return schema_of(Definition, "slo-reports definition")
