"""Where templates run: they read what they are given, and reach nothing else.

Our own templates run here too, so that a copy of one behaves as it did.
"""

from __future__ import annotations

import re
import resource
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import is_dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any

from jinja2.environment import TemplateModule
from jinja2.exceptions import SecurityError
from jinja2.runtime import BlockReference, LoopContext, Macro, TemplateReference, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Cycler, Joiner, Namespace

LONGEST = timedelta(seconds=30)
"""Time that the user's templates may take for one page."""
MOST_MEMORY = 1024**3
"""That they may take beyond what the process has [bytes]."""
_LARGEST_POWER = 64
_LARGEST_NUMBER = 1_000_000
"""Largest number that a call or a filter is given, so that none makes a gigabyte of spaces."""

_OPEN = (
    str,
    int,
    float,
    Decimal,
    date,
    time,
    timedelta,
    Enum,
    tuple,
    list,
    Mapping,
    set,
    frozenset,
    LoopContext,
    Macro,
    Namespace,
    Cycler,
    Joiner,
    TemplateModule,
    TemplateReference,
    BlockReference,
    Undefined,
)
_HOMES = {"builtins", "datetime", "decimal", "jinja2", "markupsafe", "slo_reports", "types"}
_FORBIDDEN = frozenset({"to_json", "from_json", "content"})
"""Of our own values: what makes or holds whole documents."""


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2 that shows values and calls their harmless methods.

    An attribute can be read of our own frozen values and of plain Python values. Everything else
    (arrays, which can write files; functions, classes, modules, paths) is closed.
    """

    intercepted_binops = frozenset({"*", "**", "%"})

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may read ``obj.attr``."""
        if not super().is_safe_attribute(obj, attr, value):
            return False
        if isinstance(obj, type):
            return False
        home = type(obj).__module__.partition(".")[0]
        if home == "slo_reports" and is_dataclass(obj):
            return attr not in _FORBIDDEN
        return home in _HOMES and isinstance(obj, _OPEN)  # numpy's float is a float, too

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """``*``, ``**`` and ``%`` of values that cannot grow without bounds."""
        if operator == "**" and abs(right) > _LARGEST_POWER:
            msg = f"a power of {right} is too large; at most {_LARGEST_POWER}"
            raise SecurityError(msg)
        if operator == "*" and not (_is_number(left) and _is_number(right)):
            msg = "only numbers can be multiplied"
            raise SecurityError(msg)
        if operator == "%" and not (_is_number(left) and _is_number(right)):
            msg = "`%` is for numbers; join texts with ~"
            raise SecurityError(msg)
        return super().call_binop(context, operator, left, right)

    def call(self, context: Any, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Any call, as long as no number in it is huge."""
        _sized((*args, *kwargs.values()))
        return super().call(context, obj, *args, **kwargs)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal)


def _sized(values: tuple[Any, ...]) -> None:
    for one in values:
        if isinstance(one, int) and abs(one) > _LARGEST_NUMBER:
            msg = f"the number {one:.3g} is too large here; at most {_LARGEST_NUMBER}"
            raise SecurityError(msg)


def sized(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that refuses huge numbers, such as ``center(10 ** 9)``."""

    def checked(value: Any, *args: Any, **kwargs: Any) -> Any:
        _sized((*args, *kwargs.values()))
        return function(value, *args, **kwargs)

    return checked


def formatted(text: str, *values: object) -> str:
    """The filter ``format`` for numbers of sensible width, such as ``"%.2f" | format(score)``."""
    if "*" in text or re.search(r"\d{4}", text) or not all(map(_is_number, values)):
        msg = f"{text[:40]!r} is no format for numbers, such as '%.2f'"
        raise SecurityError(msg)
    return text % values


UNSUITED = ("lipsum", "pprint", "xmlattr", "attr")
"""Filters and globals that no page needs, and that could be made to do much or to look deep."""
SIZED = ("batch", "center", "indent", "slice", "truncate", "wordwrap")


@contextmanager
def limits(folders: tuple[Path, ...], time_limit: timedelta = LONGEST) -> Iterator[None]:
    """Bounds of time and memory for templates of the user's own.

    The time is looked at with every line of a template, in whatever thread: what goes on for ever
    is broken off with the line where it was.

    Args:
        folders: whose templates are watched.
        time_limit: for all that happens inside.

    Raises:
        SecurityError: the time is over.
        MemoryError: the memory is.
    """
    end = monotonic() + time_limit.total_seconds()
    inside = tuple(f"{folder}/" for folder in folders)

    def watch(frame: FrameType, event: str, _argument: object) -> Any:
        if event == "call":
            return watch if frame.f_code.co_filename.startswith(inside) else None
        if event == "line" and monotonic() > end:  # broken off elsewhere, no traceback has the line
            msg = f"the page is not ready after {time_limit.total_seconds():g} s; is it endless?"
            raise SecurityError(msg)
        return watch

    before = sys.gettrace()
    with _memory():
        sys.settrace(watch)
        try:
            yield
        finally:
            sys.settrace(before)


_limiting = threading.Lock()


@contextmanager
def _memory() -> Iterator[None]:
    """The process's address space, for once, no larger than it is and ``MOST_MEMORY`` more."""
    with _limiting:
        before = resource.getrlimit(resource.RLIMIT_AS)
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + MOST_MEMORY
        known = [one for one in before if one != resource.RLIM_INFINITY]
        resource.setrlimit(resource.RLIMIT_AS, (min([most, *known]), before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_AS, before)
