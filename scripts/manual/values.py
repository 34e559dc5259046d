"""What a JSON Schema says of a value, in words for a table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter

from scripts.manual.markdown import code

Schema = dict[str, Any]
Named = Callable[[Schema], "Schema | str"]
"""A link for what has a section of its own; else the schema that is meant."""

_FORMATS = {
    "path": "path",
    "date": "day",
    "date-time": "instant",
    "duration": "ISO 8601 duration",
    "uri": "URL",
    "email": "address",
}
_WORDS = {"string": "text", "boolean": "`true` or `false`", "null": "`null`", "object": "object"}
_PLURALS = {"path": "paths", "text": "texts", "number": "numbers", "whole number": "whole numbers"}
_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


def type_of(value: Schema, named: Named) -> str:
    """The type of a value: words, choices, or a link to the section of an object."""
    found = named(value)
    if isinstance(found, str):
        return found
    if "enum" in found or "const" in found:
        return " ".join(code(_plain(one)) for one in found.get("enum", [found.get("const")]))
    several = [*found.get("anyOf", ()), *found.get("oneOf", ())]
    if several:
        kinds = [type_of(one, named) for one in several if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if (inside := named_values(found)) is not None:
        return f"names, each with {type_of(inside, named)}"
    if found.get("type") == "array":
        items = found.get("items")
        if not isinstance(items, dict) or not items:
            return "list"
        one = type_of(items, named)
        return f"list of {_PLURALS.get(one, one)}"
    return _simple(found)


def named_values(found: Schema) -> Schema | None:
    """What stands under names that people choose; None where keys are given."""
    values = [found.get("additionalProperties"), *found.get("patternProperties", {}).values()]
    return next((one for one in values if isinstance(one, dict)), None)


def _simple(found: Schema) -> str:
    kind = found.get("type", "")
    if isinstance(kind, list):
        return " or ".join(_simple({**found, "type": one}) for one in kind if one != "null")
    if kind in ("integer", "number"):
        return _number(found, "whole number" if kind == "integer" else "number")
    if kind == "string":
        return _text(found)
    return _WORDS.get(kind, "any")


def _number(found: Schema, word: str) -> str:
    least, most = found.get("minimum"), found.get("maximum")
    if least is not None and most is not None:
        return f"{word}, {least} to {most}"
    return f"{word}, {least} or more" if least is not None else word


def _text(found: Schema) -> str:
    if "format" in found:
        return _FORMATS.get(found["format"], "text")
    pattern = found.get("pattern", "")
    if _is_duration(found):
        return "duration"
    if pattern.startswith("^(env:|file:)"):
        return "`env:NAME` or `file:PATH`"
    if pattern.startswith("^https?:"):
        return "URL"
    examples = " ".join(code(one) for one in found.get("examples", ()))
    return f"text such as {examples}" if examples else "text"


def _is_duration(found: Schema) -> bool:
    return "ms|s|m|h|d|w" in found.get("pattern", "")


def default_of(value: Schema) -> str:
    """What holds where a key is not given; empty where nothing does."""
    default = value.get("default")
    if default is None or isinstance(default, dict) or default in ("", []):
        return ""
    values = default if isinstance(default, list) else [default]
    return "default " + " ".join(code(_written(one, value)) for one in values)


def _written(default: Any, value: Schema) -> str:
    """A default as people write it."""
    if _is_duration(value):
        return _duration(default)
    if value.get("examples") == ["20MB"]:
        return _size(default)
    if ":[0-5][0-9]" in value.get("pattern", ""):
        return str(default)[:5]
    return _plain(default)


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _duration(iso: str) -> str:
    """As people write it: ``PT5M`` is ``5m``."""
    seconds = TypeAdapter(timedelta).validate_python(iso).total_seconds()
    for unit, length in _UNITS:
        if seconds % length == 0:
            return f"{seconds / length:g}{unit}"
    return f"{seconds * 1000:g}ms"


def _size(size: int) -> str:
    for unit, length in (("MiB", 1024**2), ("KiB", 1024), ("MB", 1000**2), ("kB", 1000)):
        if size % length == 0:
            return f"{size // length}{unit}"
    return str(size)
