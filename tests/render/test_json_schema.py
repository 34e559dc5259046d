"""The JSON document and the schema that is published for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from slo_reports.model import SCHEMA_VERSION, Report
from slo_reports.render.json_schema import report_schema

PUBLISHED = Path(__file__).parents[2] / "docs" / "report.schema.json"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return report_schema()


def test_the_published_schema_is_the_one_that_is_made(
    schema: dict[str, Any], pytestconfig: pytest.Config
) -> None:
    """Refresh it after a field was added: ``make golden``."""
    text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    if pytestconfig.getoption("--golden"):
        PUBLISHED.write_text(text, encoding="utf-8")
    assert PUBLISHED.read_text(encoding="utf-8") == text, "run make golden if the change is meant"


@pytest.mark.parametrize(
    "name",
    [
        "report",
        "odd_report",
        "methods_report",
        "journeys_report",
        "restated_report",
        "running_report",
        "weekly_report",
        "hostile_report",
        "crowded_report",
    ],
)
def test_every_document_keeps_to_the_schema(
    schema: dict[str, Any], request: pytest.FixtureRequest, name: str
) -> None:
    document = json.loads(request.getfixturevalue(name).to_json())
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    assert [error.message for error in validator.iter_errors(document)] == []
    assert document["schema_version"] == SCHEMA_VERSION


def test_the_schema_is_one_and_refuses_what_is_no_report(
    schema: dict[str, Any], report: Report
) -> None:
    Draft202012Validator.check_schema(schema)
    document = json.loads(report.to_json())
    document["schema_version"] = SCHEMA_VERSION + 1
    document["services"][0]["results"][0]["sli"] = "99.9"
    places = {error.json_path for error in Draft202012Validator(schema).iter_errors(document)}
    assert places == {"$.schema_version", "$.services[0].results[0].sli"}


def test_fields_say_what_they_mean(schema: dict[str, Any]) -> None:
    budget = schema["$defs"]["Budget"]["properties"]
    assert budget["minutes"]["description"] == "the same as time [min]."
    assert schema["properties"]["headline"]["description"].startswith("the whole report")
    assert schema["$defs"]["Curve"]["properties"]["times"]["description"].startswith("Seconds")
    assert all(one.get("description") or "enum" in one for one in schema["$defs"].values())
