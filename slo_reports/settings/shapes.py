"""Which keys are valid at a place of a file, read from the models themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo


def keys_at(model: type[BaseModel], loc: Iterable[str | int], tag: str | None = None) -> list[str]:
    """The keys that a mapping at ``loc`` may have, in the order of the model.

    Args:
        model: of the whole document.
        loc: keys and indexes from the document's root.
        tag: chooses among the models of a tagged union.
    """
    kinds: list[Any] = [model]
    for part in loc:
        kinds = [inner for kind in _unwrapped(kinds) for inner in _inside(kind, part)]
    models = [kind for kind in _unwrapped(kinds) if _is_model(kind)]
    tagged = [one for one in models if tag is not None and tag in _tags(one)]
    return list(dict.fromkeys(key for one in tagged or models for key in keys(one)))


def keys(model: type[BaseModel]) -> list[str]:
    """A model's own keys as they are written in a file."""
    return [_written(name, field) for name, field in model.model_fields.items()]


def _unwrapped(kinds: Iterable[Any]) -> Iterator[Any]:
    for kind in kinds:
        origin = get_origin(kind)
        if origin is Annotated:
            yield from _unwrapped(get_args(kind)[:1])
        elif origin in (Union, UnionType):
            yield from _unwrapped(get_args(kind))
        else:
            yield kind


def _inside(kind: Any, part: str | int) -> Iterator[Any]:
    if _is_model(kind):
        for name, field in kind.model_fields.items():
            if _written(name, field) == part:
                yield field.annotation
    elif get_origin(kind) in (list, dict):
        yield get_args(kind)[-1]


def _tags(model: type[BaseModel]) -> set[Any]:
    literals = [one.annotation for one in model.model_fields.values()]
    return {tag for one in literals if get_origin(one) is Literal for tag in get_args(one)}


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _written(name: str, field: FieldInfo) -> str:
    return field.alias or name
