"""Signs of life of the process that stays: until when the next one is awaited, in a small file."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

WORKING = timedelta(hours=1)
"""How long work may show no progress before it counts as hanging; cron/ has the same limit."""

_FILE = "pulse"
_OFTEN_ENOUGH = timedelta(minutes=1)


class Listener(Protocol):
    """Who is told how the work goes on, as the job has it."""

    def say(self, text: str) -> None:
        """What is being done now."""

    def expect(self, units: int) -> None:
        """How many units lie ahead."""

    def advance(self, units: int) -> None:
        """So many more units have been done."""


class Pulse:
    """Writes signs of life.

    Args:
        state: the state folder.
        now: asks the clock.
        warn: told, once, when a sign could not be written; work goes on.
    """

    def __init__(
        self, state: Path, now: Callable[[], datetime], warn: Callable[[str], None]
    ) -> None:
        self._state = state
        self._now = now
        self._warn = warn
        self._last: datetime | None = None
        self._warned = False
        self._ended = False

    def await_next(self, patience: timedelta) -> None:
        """Give a sign; the next one follows within a time, or something is wrong."""
        if self._ended:
            return
        self._last = self._now()
        try:
            _write(self._state / _FILE, self._last + patience)
        except OSError as error:
            if not self._warned:
                self._warn(f"no sign of life could be written to {self._state}: {error.strerror}")
            self._warned = True

    def end(self) -> None:
        """No sign is awaited any more, also where work that is under way still ends."""
        self._ended = True
        (self._state / _FILE).unlink(missing_ok=True)

    def progress(self) -> None:
        """Work goes on; written down no more often than once a minute."""
        if self._last is None or self._now() - self._last >= _OFTEN_ENOUGH:
            self.await_next(WORKING)


class Beating:
    """A listener that hears for another one, and gives signs of life as work goes on."""

    def __init__(self, pulse: Pulse, listener: Listener) -> None:
        self._pulse, self._listener = pulse, listener

    def say(self, text: str) -> None:
        """Work has come to its next step."""
        self._pulse.progress()
        self._listener.say(text)

    def expect(self, units: int) -> None:
        """Work knows what lies ahead."""
        self._pulse.progress()
        self._listener.expect(units)

    def advance(self, units: int) -> None:
        """Work goes on."""
        self._pulse.progress()
        self._listener.advance(units)


def awaited_until(state: Path) -> datetime | None:
    """Until when the next sign of life is awaited [UTC]; None where nobody gives any."""
    try:
        return datetime.fromisoformat((state / _FILE).read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        return None


def _write(path: Path, instant: datetime) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    beside.write_text(f"{instant.astimezone(UTC).isoformat()}\n", encoding="ascii")
    beside.replace(path)
