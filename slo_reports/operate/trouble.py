"""What went wrong, and whether the operators have been told of it already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

ONCE_IN = timedelta(days=1)
"""The same trouble is told at most once in this time."""


@dataclass(frozen=True)
class Trouble:
    """Something that failed for good, or that keeps reports from arriving.

    Attributes:
        key: the same for the same trouble, such as ``held commerce 2026-10 directors a@b.example``;
            holds no time and no wording that changes.
        what: one sentence.
        mend: what would help; may be empty.
    """

    key: str
    what: str
    mend: str = ""


def problems_to_tell(
    troubles: Iterable[Trouble], told: Mapping[str, datetime], now: datetime
) -> tuple[Trouble, ...]:
    """The troubles that nobody was told of in the last day, each once.

    Args:
        troubles: what is wrong now.
        told: when each key was last told.
        now: the present instant.
    """
    fresh: dict[str, Trouble] = {}
    for one in troubles:
        if not _was_told(one.key, told, now):
            fresh.setdefault(one.key, one)
    return tuple(fresh.values())


def outdated(told: Mapping[str, datetime], now: datetime) -> frozenset[str]:
    """The keys that no longer keep anything from being told; what was kept of them may go."""
    return frozenset(key for key in told if not _was_told(key, told, now))


def _was_told(key: str, told: Mapping[str, datetime], now: datetime) -> bool:
    """An instant that is still to come is none: a clock was wrong."""
    at = told.get(key)
    return at is not None and timedelta(0) <= now - at < ONCE_IN
