"""The JSON Schema of incident files, for editors."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from slo_reports.incidents.written import WrittenIncident
from slo_reports.settings.json_schema import schema_of
from slo_reports.settings.strict import Strict


class _IncidentFile(Strict):
    """Incidents that people wrote down."""

    incidents: list[WrittenIncident] = Field(description="One entry for each incident.")


def incidents_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a file of incidents in YAML or JSON."""
    return schema_of(_IncidentFile, "slo-reports incidents")
