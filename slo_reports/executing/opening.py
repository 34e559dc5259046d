"""The executor that the settings ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from slo_reports.executing.here import Here
from slo_reports.executing.processes import Processes
from slo_reports.executing.tasks import Executor, Limits
from slo_reports.settings.executor import DaskSettings, ExecutorSettings


def cpus() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


@contextmanager
def open_executor(
    settings: ExecutorSettings, tasks: int, *, worth_it: int = 2
) -> Iterator[Executor]:
    """An executor for so many tasks; it ends with the block.

    Args:
        settings: which one, and how many at once.
        tasks: how many there will be at most.
        worth_it: from how many on it is quicker to start processes than to do them here.

    Raises:
        ConfigurationError: its package is not installed.
        ExecutorError: it cannot be reached.
    """
    executor = _opened(settings, tasks, worth_it)
    try:
        yield executor
    finally:
        executor.close()


def _opened(settings: ExecutorSettings, tasks: int, worth_it: int) -> Executor:
    limits = Limits(settings.time_limit, settings.memory_limit)
    if isinstance(settings, DaskSettings):
        from slo_reports.executing.remote import Remote  # noqa: PLC0415  # only where it is used

        return Remote(settings, limits)
    jobs = min(settings.jobs or cpus(), tasks)
    return Here() if jobs == 1 or tasks < worth_it else Processes(jobs, limits)
