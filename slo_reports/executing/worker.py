"""The inside of a worker process: limited memory, warm between tasks, gone with its parent."""

from __future__ import annotations

import multiprocessing
import pickle
import resource
import signal
from multiprocessing.connection import Connection

from slo_reports.executing.tasks import Task, outcome_of, packed
from slo_reports.garbage import collect_rarely
from slo_reports.orphans import end_with_parent


def serve(pipe: Connection, memory: int) -> None:
    """Do the tasks that come through a pipe until it is closed.

    Args:
        pipe: brings pickled tasks, takes pickled outcomes.
        memory: what this process may use [bytes].
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who started us
    end_with_parent()
    collect_rarely()
    multiprocessing.current_process().daemon = False  # it has a process of its own for PDFs
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    soft = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
    while True:
        try:
            task: Task = pickle.loads(pipe.recv_bytes())  # noqa: S301  # from our parent
        except EOFError:
            return
        pipe.send_bytes(packed(outcome_of(task), task))
