"""The template library as a page: each ready-made objective with all that it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from textwrap import dedent

from scripts.manual.markdown import block, joined, text
from slo_reports.definitions.templates import LIBRARY, Template, library

INTRODUCTION = """\
# Ready-made objectives

What a definition can name with `template`. `$filters` becomes the definition's `filters`; whatever
else the definition says overrides what stands here ([how](../definitions.md#ready-made-template)).
`slo-reports templates` lists them."""
_KINDS = {
    "api": "Services that answer requests",
    "web": "Web pages",
    "batch": "Pipelines and jobs",
    "streaming": "Streams of messages",
}


def page() -> str:
    """Every template by type of service."""
    parts = [INTRODUCTION]
    for kind, found in groupby(library().values(), key=lambda one: one.kind):
        parts += [f"## {_KINDS[kind]}: `{kind}`", *_of_kind(found)]
    return joined(parts)


def _of_kind(templates: Iterator[Template]) -> Iterator[str]:
    for one in templates:
        yield f"### `{one.name}`"
        yield text(one.about)
        yield block(_spec(one), "yaml")


def _spec(template: Template) -> str:
    """What the template says, as its file writes it."""
    written = (LIBRARY / f"{template.kind}.yaml").read_text(encoding="utf-8")
    found = re.search(rf"(?ms)^{template.name}:\n.*?^  spec:\n(.*?)(?=^\S|\Z)", written)
    assert found is not None, template.name  # noqa: S101  # the library was read from this file
    return dedent(found[1])
