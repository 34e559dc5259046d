"""The executor that has processes beside this one, each with a pipe of its own.

Nothing is shared between them, no lock and no queue, so one that is killed takes nothing with it.
"""

from __future__ import annotations

import multiprocessing
import pickle
import resource
import time
from collections import deque
from datetime import timedelta
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from slo_reports.errors import ExecutorError
from slo_reports.executing.tasks import Done, Limits, Task
from slo_reports.executing.worker import serve

_TRIES = 2
"""A process that is killed costs its task once more; a task that kills two is given up."""
_TASKS = 200
"""After so many a process is replaced, so that no leak grows."""
_HEAVY = 512 * 1024**2
"""One that holds more than this [bytes] when it is done is replaced, too: what a very large report
leaves behind would stay for all the small ones after it."""
_SPAWN = multiprocessing.get_context("spawn")


class _Worker:
    """One process, and what it does."""

    def __init__(self, memory: int) -> None:
        self.pipe, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=serve, args=(theirs, memory), daemon=True)
        self._process.start()
        theirs.close()
        self.task: Task | None = None
        self.tries = 0
        self.began = 0.0
        self.done = 0

    def begin(self, task: Task) -> None:
        """Hand over a task.

        Raises:
            OSError: the process is gone.
        """
        self.pipe.send_bytes(pickle.dumps(task))
        self.task, self.began = task, time.monotonic()

    def outcome(self) -> Any:
        """What the task came to.

        Raises:
            EOFError, OSError: the process ended before it was done.
        """
        content = self.pipe.recv_bytes()
        self.task, self.done = None, self.done + 1
        return pickle.loads(content)  # noqa: S301  # from our own process

    @property
    def is_worn(self) -> bool:
        """Whether a fresh process would do better than this one, which is idle."""
        return self.done >= _TASKS or (self.done > 0 and _held(self._process.pid) > _HEAVY)

    def end(self) -> str:
        """Be rid of the process; how it ended, in words."""
        self.pipe.close()
        self._process.join(0.2)  # one that is just ending tells why
        code = self._process.exitcode
        self._process.kill()
        self._process.join()
        return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"


class Processes:
    """A pool of warm processes.

    Args:
        jobs: how many at most; each is started when there is a task for it.
        limits: of one task. One that breaks them ends its process and nothing else.
    """

    is_here = False
    machines = 1

    def __init__(self, jobs: int, limits: Limits) -> None:
        self.room = 2 * jobs  # nobody waits for work while a report is being delivered
        self._jobs = jobs
        self._limits = limits
        self._workers: list[_Worker] = []
        self._waiting: deque[tuple[Task, int]] = deque()
        self._failed: deque[Done] = deque()

    def submit(self, task: Task) -> None:
        """Hand a task to a process that is free, now or as soon as there is one."""
        self._waiting.append((task, 1))
        self._hand_out()

    def next_done(self, patience: timedelta) -> Done | None:
        """Wait for the processes; also ends those that run over, and replaces those that died."""
        until = time.monotonic() + patience.total_seconds()
        while True:
            if self._failed:
                return self._failed.popleft()
            busy = {one.pipe: one for one in self._workers if one.task is not None}
            left = until - time.monotonic()
            ready = wait(busy, timeout=max(0.0, min(left, self._next_deadline())))
            for pipe in ready:
                assert isinstance(pipe, Connection)  # noqa: S101  # only such were given
                done = self._take(busy[pipe])
                self._hand_out()
                if done is not None:
                    return done
            self._end_late_ones()
            self._hand_out()
            if not ready and not self._failed and left <= 0:
                return None

    def close(self) -> None:
        """Kill what is under way."""
        for one in self._workers:
            one.end()
        self._workers.clear()
        self._waiting.clear()

    def _hand_out(self) -> None:
        while self._waiting:
            worker = self._free_worker()
            if worker is None:
                return
            task, tries = self._waiting[0]
            try:
                worker.begin(task)
            except OSError:  # killed while it was idle; the task has not begun
                self._dismiss(worker)
                continue
            self._waiting.popleft()
            worker.tries = tries

    def _free_worker(self) -> _Worker | None:
        for one in list(self._workers):
            if one.task is None and one.is_worn:
                self._dismiss(one)
            elif one.task is None:
                return one
        if len(self._workers) < self._jobs:
            self._workers.append(_Worker(self._limits.memory))
            return self._workers[-1]
        return None

    def _take(self, worker: _Worker) -> Done | None:
        """What a process has to say; None where it died, and its task is tried once more."""
        task = worker.task
        assert task is not None  # noqa: S101  # only busy ones are asked
        try:
            return Done(task, worker.outcome())
        except (EOFError, OSError):
            how = self._dismiss(worker)
        if worker.tries < _TRIES:
            self._waiting.appendleft((task, worker.tries + 1))
            return None
        msg = (
            f"{task.name} ended its process {worker.tries} times ({how}); was it killed, "
            "or is executor.memory_limit more than the machine has?"
        )
        return Done(task, ExecutorError(msg))

    def _end_late_ones(self) -> None:
        for one in list(self._workers):
            if one.task is not None and self._left(one) <= 0:
                self._dismiss(one)
                seconds = self._limits.time.total_seconds()
                msg = f"{one.task.name} was not ready after {seconds:g} s (executor.time_limit)"
                self._failed.append(Done(one.task, ExecutorError(msg)))

    def _next_deadline(self) -> float:
        return min((self._left(one) for one in self._workers if one.task is not None), default=0.0)

    def _left(self, worker: _Worker) -> float:
        return worker.began + self._limits.time.total_seconds() - time.monotonic()

    def _dismiss(self, worker: _Worker) -> str:
        self._workers.remove(worker)
        return worker.end()


def _held(pid: int | None) -> int:
    """What a process holds of the memory [bytes]; 0 where that cannot be told."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()
