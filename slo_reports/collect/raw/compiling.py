"""Functions as machine code, kept for the next process where a folder can be written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

_F = TypeVar("_F", bound=Callable[..., Any])


def compiled(function: _F) -> _F:
    """The function as machine code, made when it is called first; other threads may run beside."""
    try:
        return cast("_F", njit(nogil=True, cache=True)(function))
    except RuntimeError:  # no folder to keep it in: each process makes it anew
        return cast("_F", njit(nogil=True)(function))


def inlined(function: _F) -> _F:
    """The same for a function that compiled ones call for each sample."""
    return cast("_F", njit(inline="always")(function))
