"""Tasks, and the protocol of those who do them.

A task is a function of what it is given: it records and sends nothing, so doing it once more is
harmless. What it comes to travels back to the one who handed it out.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from slo_reports.errors import ExecutorError, SloReportsError


@dataclass(frozen=True)
class Task:
    """One piece of work.

    Attributes:
        name: what its failure is told by, such as ``shop 2026-10``.
        work: a function of a module, which a worker can import.
        arguments: picklable, where it is done in another process.
    """

    name: str
    work: Callable[..., Any]
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Done:
    """What a task came to: its result, or why it has none."""

    task: Task
    outcome: Any

    @property
    def error(self) -> SloReportsError | None:
        """Why there is no result."""
        return self.outcome if isinstance(self.outcome, SloReportsError) else None


@dataclass(frozen=True)
class Limits:
    """What one task may use.

    Attributes:
        time: from its beginning to its end.
        memory: of its process [bytes].
    """

    time: timedelta
    memory: int


class Executor(Protocol):
    """Does tasks, several at once; used by one thread.

    Attributes:
        is_here: whether tasks are done in this process, so that they need not be picklable.
        room: how many tasks it can have at once; some of them may wait.
        machines: on how many machines they are done.
    """

    is_here: bool
    room: int
    machines: int

    def submit(self, task: Task) -> None:
        """Take a task on; there must be room for it."""

    def next_done(self, patience: timedelta) -> Done | None:
        """The next task that is done, whichever it is; None where none was in so long."""

    def close(self) -> None:
        """End everything, what is under way as well."""


def outcome_of(task: Task) -> Any:
    """Do a task here and now: its result, or the error that a person will read."""
    try:
        return task.work(*task.arguments)
    except SloReportsError as error:
        return error
    except MemoryError:
        return no_memory(task)
    except Exception as error:  # noqa: BLE001  # a bug in one task must not end the others
        msg = f"{task.name} failed ({type(error).__name__}: {error}); this is a bug"
        return SloReportsError(msg)


def packed(outcome: Any, task: Task) -> bytes:
    """What a task came to, to be sent."""
    try:
        content = pickle.dumps(outcome)
        if isinstance(outcome, Exception):  # what cannot be made again is found out here
            pickle.loads(content)  # noqa: S301  # our own
    except MemoryError:
        return pickle.dumps(no_memory(task))
    except (TypeError, AttributeError, pickle.PicklingError) as error:
        msg = f"{task.name}: {outcome if isinstance(outcome, Exception) else error}"
        return pickle.dumps(SloReportsError(msg))
    return content


def no_memory(task: Task) -> ExecutorError:
    """Why a task has no result that asked for too much."""
    return ExecutorError(f"{task.name} needs more memory than executor.memory_limit allows")
