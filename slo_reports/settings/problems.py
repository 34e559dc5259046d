"""A validator's complaints as sentences for the person who wrote the file.

Each says what was seen, what is expected and, where a word was misspelt, the nearest valid one.
One mistake is one problem: a value that fits no member of a union is complained of once, and a
key that is only misspelt is not also missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from slo_reports.errors import Problem
from slo_reports.settings.shapes import keys_at
from slo_reports.settings.yaml_files import Loc, YamlDocument

_SECRET = re.compile(r"password|token|secret|headers|credential|key", re.IGNORECASE)
_BOUNDS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
_KINDS = (
    (r"string_(type|sub_type|unicode)", "text"),
    (r"int_", "a whole number"),
    (r"(float|decimal|finite|is_instance_decimal)", "a number"),
    (r"(list|tuple)_type", "a list: one `- item` a line"),
    (
        r"(dict_type|mapping_type|model_type|model_attributes_type)",
        "a mapping: one `key: value` a line",
    ),
    (r"path_type", "a path, written as text"),
    (r"bool_", "true or false"),
    (r"date", "a date, such as 2026-10-01"),
    (r"time", "a time of day, such as 06:00"),
)


def nearest(word: str, valid: Iterable[str]) -> str:
    """``; did you mean 'x'?`` for a close match, otherwise nothing."""
    close = get_close_matches(word.lower(), by_lower := {one.lower(): one for one in valid}, n=1)
    return f"; did you mean {by_lower[close[0]]!r}?" if close else ""


def one_of(words: Iterable[str]) -> str:
    """``a, b or c``."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def dotted(loc: Loc) -> str:
    """A place as people write it, such as ``spec.objectives[0].target``."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return text.removeprefix(".")


def explain(
    error: ValidationError, document: YamlDocument, model: type[BaseModel]
) -> list[Problem]:
    """Every complaint of a failed validation of a document, at its line.

    Args:
        error: what validating ``document.data`` raised.
        document: the document, for the lines and the words as written.
        model: what the document was validated against.
    """
    misspelt = set()
    found: dict[Loc, Problem] = {}
    for one in sorted(error.errors(include_url=False), key=lambda one: one["type"] == "missing"):
        place = _place(one, document)
        if one["type"] == "extra_forbidden":
            tag = str(one["loc"][-2]) if len(one["loc"]) > len(place) else None
            message, meant = _unknown_key(place, model, tag)
            misspelt.add((*place[:-1], meant))
            found[place] = Problem(document.path, document.key_line_of(place), message)
        elif one["type"] == "missing":
            missing = (*place, one["loc"][-1])
            if missing not in misspelt:
                line = document.key_line_of(place)
                found[missing] = Problem(document.path, line, _missing(missing))
        else:
            found.setdefault(place, document.problem(place, _message(one, place, document)))
    return list(found.values())


def _place(error: ErrorDetails, document: YamlDocument) -> Loc:
    if error["type"] == "union_tag_invalid":
        return document.place((*error["loc"], error["ctx"]["discriminator"].strip("'")))
    return document.place(error["loc"])


def _unknown_key(place: Loc, model: type[BaseModel], tag: str | None) -> tuple[str, str | None]:
    key, parent = str(place[-1]), place[:-1]
    valid = keys_at(model, parent, tag)
    where = f"in {dotted(parent)}" if parent else "at the top level"
    if key in keys_at(model, parent):
        here = f"the key {key!r} does not go with {tag} {where}"
        return f"{here}; the keys there are {', '.join(valid)}", None
    close = get_close_matches(key, valid, n=1)
    if close:
        return f"unknown key {key!r} {where}; did you mean {close[0]!r}?", close[0]
    return f"unknown key {key!r} {where}; the keys there are {', '.join(valid)}", None


def _missing(loc: Loc) -> str:
    where = f" in {dotted(loc[:-1])}" if len(loc) > 1 else ""
    return f"{str(loc[-1])!r} is missing{where}"


def _message(error: ErrorDetails, place: Loc, document: YamlDocument) -> str:
    kind, context = error["type"], error.get("ctx", {})
    name = dotted(place)
    if kind == "value_error":
        return _sentence(str(context["error"]), place)
    if kind == "truth_value":
        return f"{name} must be a number, not {_seen(error, place, document)}"
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        return _wrong_word(error, place, document)
    if kind == "union_tag_not_found":
        tag = context["discriminator"].strip("'")
        return f"{tag!r} is missing in {name}"
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        return f"{name} must be {words} {context[key]}, not {_seen(error, place, document)}"
    if kind in ("too_short", "string_too_short"):
        return f"{name} must not be empty"
    return _wrong_kind(error, place, document)


def _sentence(text: str, place: Loc) -> str:
    last = next((part for part in reversed(place) if isinstance(part, str)), "")
    return text if text.startswith(last) else f"{last}: {text}"


def _wrong_word(error: ErrorDetails, place: Loc, document: YamlDocument) -> str:
    context = error["ctx"]
    expected = str(context.get("expected") or context.get("expected_tags"))
    valid = re.findall(r"'([^']*)'", expected) or [expected]
    name, seen = dotted(place), _seen(error, place, document)
    if error["type"] == "union_tag_invalid":
        seen = repr(document.text_of(place)) if document.text_of(place) else "empty"
    return f"{name} must be {one_of(valid)}, not {seen}{nearest(seen.strip(chr(39)), valid)}"


def _wrong_kind(error: ErrorDetails, place: Loc, document: YamlDocument) -> str:
    name = dotted(place) or "the file"
    expected = next((words for form, words in _KINDS if re.match(form, error["type"])), None)
    seen = _seen(error, place, document)
    if expected is None:
        return f"{name} cannot be {seen}"
    hint = ""
    if expected == "text" and isinstance(error["input"], bool | int | Decimal):
        hint = "; write it in quotes" + ("" if _is_secret(place) else f": '{seen.split()[0]}'")
    return f"{name} must be {expected}, not {seen}{hint}"


def _seen(error: ErrorDetails, place: Loc, document: YamlDocument) -> str:
    value: Any = error["input"]
    text = document.text_of(place)
    if value is None:
        return "empty"
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a mapping"
    if _is_secret(place):
        return "this"
    if isinstance(value, bool):
        return f"{text} (which YAML reads as {str(value).lower()})"
    if isinstance(value, str):
        short = value if len(value) <= 60 else value[:57] + "..."
        return repr(re.sub(r"//[^/@]*@", "//***@", short))
    return str(text if text is not None else value)


def _is_secret(place: Loc) -> bool:
    return any(isinstance(part, str) and _SECRET.search(part) for part in place)
