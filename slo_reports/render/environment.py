"""Jinja2 as pages use it: strict, escaping, and clear about what is wrong where."""

from __future__ import annotations

import base64
import mimetypes
import re
import traceback
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import astuple
from datetime import timedelta
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from jinja2 import (
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.sandbox import SandboxedEscapeFormatter
from markupsafe import Markup, escape

from slo_reports import numbers
from slo_reports.errors import RenderError
from slo_reports.language import spoken
from slo_reports.render.clean import clean, harmless, prose
from slo_reports.render.marks import status_mark
from slo_reports.render.resources import Resources
from slo_reports.render.sandbox import LONGEST, SIZED, UNSUITED, Sandbox, formatted, limits, sized

_LONGEST_TEXT = 20_000
_HEAD = 60
"""Letters that the space around an item stands for, when columns are balanced."""
_WORD = 28
"""Letters after which a word may break, so that no name can widen a table."""


def environment(files: Resources) -> Sandbox:
    """Templates of ``files`` with our filters: escaped, cleaned, and strict about names.

    Compiled templates are kept while the user's folder holds the same names; Jinja2 itself sees a
    file that was changed.
    """
    own = (tuple(sorted(folder.rglob("*"))) for folder in files.folders[:-1])
    return _compiled(files, tuple(own))


@lru_cache(maxsize=8)
def _compiled(files: Resources, _names: tuple[tuple[Path, ...], ...]) -> Sandbox:
    made = Sandbox(
        loader=FileSystemLoader([str(folder) for folder in files.folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finalize,
    )
    made.globals.update(
        mark=lambda which, size=9: Markup(status_mark(which, size)),  # noqa: S704 drawn by us
        embed=lambda name: _embedded(files, name),
        tr=lambda message, /, **values: _filled(made, spoken().text(message), values),
        trn=lambda one, many, count, /, **values: _filled(
            made, spoken().form(one, many, count), values
        ),
    )
    for name in UNSUITED:
        made.filters.pop(name, None)
        made.globals.pop(name, None)
    made.filters.update({name: sized(made.filters[name]) for name in SIZED})
    made.filters.update(
        picture=Markup,
        format=formatted,
        short=clean,
        breakable=breakable,
        code=breakable_code,
        instant=numbers.instant_text,
        duration=numbers.duration_text,
        events=numbers.events_text,
        date=numbers.date_text,
        size=numbers.size_text,
        sentence=numbers.sentence,
        inline=numbers.inline,
        halves=halves,
    )
    return made


def render_template(
    files: Resources, name: str, values: Mapping[str, Any], *, time_limit: timedelta = LONGEST
) -> str:
    """One template filled with values.

    Args:
        files: where templates are; those of the user's own run within limits.
        name: of the template.
        values: its variables.
        time_limit: for templates of the user's own.

    Raises:
        RenderError: anything that is wrong in a template, with its name and line.
    """
    own = files.folders[:-1]
    try:
        with limits(own, time_limit) if own else nullcontext():
            return environment(files).get_template(name).render(values)
    except TemplateSyntaxError as error:
        msg = f"{error.filename or error.name}:{error.lineno}: {error.message}"
        raise RenderError(msg) from error
    except TemplateNotFound as error:
        places = " or ".join(map(str, files.folders))
        msg = f"the template {error.name} is not in {places}"
        raise RenderError(msg) from error
    except (
        TemplateError,
        ArithmeticError,
        AttributeError,
        LookupError,
        MemoryError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        told = str(error) or "it needs more memory than a page may use"
        msg = f"{_place(error, files, name)}: {told}"
        raise RenderError(msg) from error


def breakable(text: object, room: int = _WORD) -> Markup:
    """Sentences whose long words may break, after a separator or else after ``room`` letters."""
    return Markup(" ").join(_parted(word, room) for word in prose(text).split(" "))


def breakable_code(text: object, room: int = 60) -> Markup:
    """The same for a query, of which nothing is cut off."""
    return Markup(" ").join(_parted(word, room) for word in clean(text, _LONGEST_TEXT).split(" "))


def halves(items: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
    """Items (dataclasses) in two columns of about as many letters.

    A PDF's columns are balanced here because WeasyPrint does it by setting them again and again.
    """
    sizes = [0, *accumulate(_HEAD + _letters(astuple(one)) for one in items)]
    cut = min(range(len(sizes)), key=lambda n: abs(sizes[-1] - 2 * sizes[n]))
    return items[:cut], items[cut:]


def _letters(value: object) -> int:
    """How many letters there are in a text, or in all texts of a tuple or list."""
    if isinstance(value, tuple | list):
        return sum(map(_letters, value))
    return len(value) if isinstance(value, str) else 0


def _parted(word: str, room: int) -> Markup:
    if len(word) <= room:
        return escape(word)
    pieces = re.findall(rf"[^/_.:,=|{{(\[-]{{1,{room}}}[/_.:,=|{{(\[-]?|[/_.:,=|{{(\[-]", word)
    return Markup("<wbr>").join(pieces)


def _finalize(value: object) -> object:
    return harmless(value[:_LONGEST_TEXT]) if type(value) is str else value


def _filled(made: Sandbox, text: str, values: Mapping[str, object]) -> Markup:
    """A message of a page: what is put into its places is escaped, unless it is Markup."""
    shown = {name: _finalize(value) for name, value in values.items()}
    if not shown:
        return escape(text)
    formatter = SandboxedEscapeFormatter(made, escape=escape)  # places reach no attribute, either
    return Markup(formatter.vformat(escape(text), (), shown))  # noqa: S704 escaped by both


def _embedded(files: Resources, name: str) -> str:
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(files.read(name)).decode()}"


def _place(error: BaseException, files: Resources, name: str) -> str:
    """File and line of the innermost template frame that an error passed through."""
    folders = tuple(str(folder) for folder in files.folders)
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if frame.filename.startswith(folders)]
    return f"{inside[-1].filename}:{inside[-1].lineno}" if inside else name
