"""Ending on a signal without breaking off a delivery between its bytes and its record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stop:
    """Whether the process has been asked to end; ``on_signal`` is its signal handler.

    What is being measured or rendered is dropped at once: nothing of it is on record, and the
    next start does it anew. A delivery that has begun is finished and recorded first.
    """

    def __init__(self, *, at_once: bool = True) -> None:
        self._at_once = at_once
        self._holding = False
        self._number: int | None = None

    @property
    def requested(self) -> bool:
        """Whether a signal came."""
        return self._number is not None

    def on_signal(self, number: int, _frame: FrameType | None) -> None:
        """Ask to end, and end here and now where nothing is held back."""
        self._number = number
        if self._at_once and not self._holding:
            self.leave()

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Finish what the block does before ending."""
        self._holding = True
        try:
            yield
        finally:
            self._holding = False
        if self._at_once and self.requested:
            self.leave()

    def leave(self) -> None:
        """End the process as a signal does, closing everything on the way."""
        raise SystemExit(128 + (self._number or 0))


NEVER = Stop()
"""For those who end by themselves."""
