"""The JSON Schema of the JSON document, made from the nouns that it is written from."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
from typing import Any

from pydantic import TypeAdapter

from slo_reports import model, periods
from slo_reports.model import SCHEMA_VERSION, Report

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ABOUT = (
    "A judged report. Ratios run 0 to 1, instants are in UTC, spans are ISO 8601 durations, exact "
    "decimals are strings. Fields may be added within a version; readers pass over what they do "
    "not know."
)


def report_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the JSON document, each field with what it means."""
    schema = TypeAdapter(Report).json_schema(mode="serialization")
    nouns = {one.__name__: one for one in _nouns()}
    for name, part in schema["$defs"].items():
        _describe(part, nouns.get(name))
    _describe(schema, Report)
    schema["properties"]["schema_version"] = {
        "const": SCHEMA_VERSION,
        "description": "Grows where a field goes, or means something else.",
    }
    schema["required"] = ["schema_version", *schema["required"]]
    return {"$schema": DIALECT, **schema, "title": "slo-reports report", "description": _ABOUT}


def _nouns() -> list[type]:
    found = [*vars(model).values(), periods.Period]
    return [one for one in found if inspect.isclass(one) and dataclasses.is_dataclass(one)]


def _describe(part: dict[str, Any], noun: type | None) -> None:
    if noun is None:
        return
    about, fields = _documented(noun)
    part["description"] = about
    for name, field in part.get("properties", {}).items():
        if name in fields:
            field["description"] = fields[name]
        field.pop("title", None)


def _documented(noun: type) -> tuple[str, dict[str, str]]:
    """What a class's docstring says about it and its fields, and what stands under them."""
    about, _, attributes = inspect.cleandoc(noun.__doc__ or "").partition("\nAttributes:\n")
    fields = {
        name: _line(text)
        for name, text in re.findall(r"(?m)^ {4}(\w+): ((?:.|\n {8})*)", attributes)
    }
    return _line(about), fields | _under(noun)


def _under(noun: type) -> dict[str, str]:
    body = ast.parse(inspect.cleandoc(inspect.getsource(noun))).body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101  # the source of a class
    found: dict[str, str] = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        is_text = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and is_text:
            found[field.target.id] = _line(str(below.value.value))  # type: ignore[attr-defined]
    return found


def _line(text: str) -> str:
    return " ".join(text.replace("``", "").split())
