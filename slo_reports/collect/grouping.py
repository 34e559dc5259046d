"""Many things by and by, so many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

_T = TypeVar("_T")


def groups_of(items: Sequence[_T], size: int) -> list[Sequence[_T]]:
    """Neighbours together, so many in each group but the last."""
    return [items[first : first + size] for first in range(0, len(items), size)]
