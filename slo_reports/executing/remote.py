"""The executor whose workers are on other machines: a dask scheduler at an address.

A worker does each task in a process beside it, as ``Processes`` does here, so limits, and what
breaks them, are the same everywhere. dask hands a dead worker's task to another one. A scheduler
that dies loses what is under way; that stays due and is planned again from the ledger.
"""

from __future__ import annotations

import logging
import multiprocessing
import pickle
import socket
import threading
import time
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from slo_reports import __version__
from slo_reports.errors import ConfigurationError, ExecutorError
from slo_reports.executing.processes import Processes
from slo_reports.executing.securing import refusal, security
from slo_reports.executing.tasks import Done, Limits, Task, packed
from slo_reports.settings.executor import DaskSettings

if TYPE_CHECKING:
    from distributed import Client, Future

_POLL = 0.02
_FOR_EVER = timedelta(days=3650)
_OWN = threading.local()


class Remote:
    """Workers of a dask cluster.

    Args:
        settings: where the scheduler is, and how it is reached.
        limits: of one task.

    Raises:
        ConfigurationError: dask is not installed, or a certificate cannot be used.
        ExecutorError: the scheduler cannot be reached, refuses us, or has no worker.
    """

    is_here = False

    def __init__(self, settings: DaskSettings, limits: Limits) -> None:
        self._address = settings.address
        self._limits = limits
        self._client = _connect(settings)
        self._running: dict[Future[Any], Task] = {}
        threads, self.machines = self._size(settings.connect_timeout)
        jobs = threads if settings.jobs is None else min(settings.jobs, threads)
        self.room = jobs if settings.jobs is not None else 2 * jobs

    def submit(self, task: Task) -> None:
        """Hand a task to the scheduler.

        Raises:
            ExecutorError: it was lost.
        """
        from distributed.client import ClosedClientError  # noqa: PLC0415  # an extra

        try:
            future = self._client.submit(
                work, __version__, pickle.dumps(task), self._limits, pure=False, key=_key(task)
            )
        except (ClosedClientError, OSError, RuntimeError) as error:
            raise self._lost() from error
        self._running[future] = task

    def next_done(self, patience: timedelta) -> Done | None:
        """Look until a task is done, and let go of it."""
        until = time.monotonic() + patience.total_seconds()
        while True:
            for future in list(self._running):
                done: bool = future.done()  # type: ignore[no-untyped-call]  # dask's are not typed
                if done or self._client.status not in {"running", "connecting"}:
                    task = self._running.pop(future)
                    return Done(task, self._outcome(future))
            if time.monotonic() >= until:
                return None
            time.sleep(_POLL)

    def close(self) -> None:
        """Cancel what is under way and leave."""
        self._running.clear()
        try:
            self._client.close(timeout=2)  # type: ignore[no-untyped-call]  # as above
        except (OSError, TimeoutError):  # it is gone already
            return

    def _outcome(self, future: Future[Any]) -> Any:
        from distributed.client import FutureCancelledError  # noqa: PLC0415  # an extra
        from distributed.scheduler import KilledWorker  # noqa: PLC0415  # an extra

        try:
            return pickle.loads(future.result(timeout=60))  # noqa: S301  # from our own workers
        except KilledWorker:
            task = "it killed several workers; was it the memory limit of their machines?"
            return ExecutorError(f"{future.key} was given up: {task}")
        except (FutureCancelledError, OSError, RuntimeError, TimeoutError):
            return self._lost()
        except Exception as error:  # noqa: BLE001  # whatever the worker's environment lacks
            msg = f"a worker of {self._address} could not do it: {type(error).__name__}: {error}"
            return ExecutorError(msg)

    def _lost(self) -> ExecutorError:
        return ExecutorError(f"the dask scheduler {self._address} was lost while it was at work")

    def _size(self, patience: timedelta) -> tuple[int, int]:
        """How many threads the workers have together, and on how many machines."""
        until = time.monotonic() + patience.total_seconds()
        while True:
            workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
            if workers:
                return sum(one["nthreads"] for one in workers), len(
                    {one["host"] for one in workers}
                )
            if time.monotonic() > until:
                self.close()
                msg = f"the dask scheduler {self._address} has no worker; start some"
                raise ExecutorError(msg)
            time.sleep(10 * _POLL)


def _key(task: Task) -> str:
    return f"{task.name} {time.monotonic_ns()}"


def _connect(settings: DaskSettings) -> Client:
    try:
        from distributed import Client  # noqa: PLC0415  # an extra, slow to import
    except ImportError as error:
        msg = "executor.kind is dask, and it is not installed: pip install 'slo-reports[dask]'"
        raise ConfigurationError(msg) from error
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is our error
    protection = None if settings.tls is None else security(settings, settings.tls)
    try:
        return Client(  # type: ignore[no-untyped-call]  # as above
            settings.address,
            timeout=settings.connect_timeout.total_seconds(),
            security=protection,
            set_as_default=False,
        )
    except (OSError, TimeoutError, ValueError) as error:
        seen = str(error) or type(error).__name__
        help_ = refusal(settings) or "is it running, and is executor.address right?"
        msg = f"the dask scheduler {settings.address} could not be reached ({seen}): {help_}"
        raise ExecutorError(msg) from error


# --- on the worker ---


def work(version: str, content: bytes, limits: Limits) -> bytes:
    """Do a task in a process beside this one; what it came to, pickled.

    Args:
        version: of the slo-reports that asks.
        content: the task, pickled.
        limits: of the task.
    """
    if version != __version__:
        host = socket.gethostname()
        msg = f"the worker on {host} has slo-reports {__version__}, not {version} as we have"
        return pickle.dumps(ExecutorError(msg))
    task: Task = pickle.loads(content)  # noqa: S301  # who reaches the scheduler may run code anyway
    pool = _pool(limits)
    pool.submit(task)
    done = pool.next_done(_FOR_EVER)
    assert done is not None  # noqa: S101  # its time limit ends it
    return packed(done.outcome, task)


def _pool(limits: Limits) -> Processes:
    """The process of this thread of the worker, warm between tasks."""
    found: tuple[Limits, Processes] | None = getattr(_OWN, "pool", None)
    if found is not None and found[0] == limits:
        return found[1]
    if found is not None:
        found[1].close()
    _let_have_children()
    _OWN.pool = (limits, Processes(1, limits))
    return _pool(limits)


@cache
def _let_have_children() -> None:
    """A worker under a nanny is a daemon, which multiprocessing forbids to have children."""
    multiprocessing.current_process().daemon = False
