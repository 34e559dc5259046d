"""The executor that is this very process."""

from __future__ import annotations

from datetime import timedelta

from slo_reports.executing.tasks import Done, Task, outcome_of


class Here:
    """Does one task after another, each when it is asked for."""

    is_here = True
    room = 1
    machines = 1

    def __init__(self) -> None:
        self._waiting: list[Task] = []

    def submit(self, task: Task) -> None:
        """Remember it."""
        self._waiting.append(task)

    def next_done(self, patience: timedelta) -> Done | None:  # noqa: ARG002  # the protocol's
        """Do the next one."""
        if not self._waiting:
            return None
        task = self._waiting.pop(0)
        return Done(task, outcome_of(task))

    def close(self) -> None:
        """Forget what waits."""
        self._waiting.clear()
