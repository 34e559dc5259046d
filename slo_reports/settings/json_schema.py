"""JSON Schemas, with which editors complete and check files while they are written."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from slo_reports.settings.schema import Settings

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def settings_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the settings file."""
    return schema_of(Settings, "slo-reports settings")


def schema_of(model: type[BaseModel], title: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a file that a model validates."""
    schema = model.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": DIALECT, **schema, "title": title}
