"""Work that a test hands to an executor, and a dask cluster to hand it to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from support.needed import missing

from slo_reports.demo.prometheus import free_port
from slo_reports.errors import RenderError


def add(one, other):
    return one + other


def refuse(sentence):
    raise RenderError(sentence)


def stumble():
    return {}["nothing of this name"]


def hoard(size):
    return len(bytearray(size))


_KEPT = []


def keep(size):
    """Hold so much [bytes] from now on, and tell who does."""
    _KEPT.append(b"x" * size)
    return os.getpid()


def linger(seconds):
    time.sleep(seconds)
    return seconds


def leave_trace(folder, seconds):
    """Say who began this, and be busy for a while."""
    with (Path(folder) / "begun").open("a") as file:
        file.write(f"{os.getpid()}\n")
    time.sleep(seconds)
    return os.getpid()


def die(folder, times):
    """Kill this process the first so many times, then answer."""
    marks = Path(folder)
    mark = marks / str(len(list(marks.iterdir())))
    mark.touch()
    if int(mark.name) < times:
        os.kill(os.getpid(), signal.SIGKILL)
    return "lived"


def return_a_lambda():
    return lambda: None


@dataclass
class Cluster:
    """A dask scheduler and its workers, each a process of its own.

    Attributes:
        certificates: the folder of ``ca.pem``, ``node.pem`` and ``node.key``, for ``tls://``.
    """

    address: str
    folder: Path
    certificates: Path | None = None
    scheduler: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    started: int = 0

    def start_scheduler(self) -> None:
        self.scheduler = self._start(self._words("scheduler"), "scheduler")

    def start_worker(
        self, *, within: tuple[str, ...] = (), nanny: bool = False, **environment: str
    ) -> None:
        """Start one, in a folder of its own; ``within`` are words of a program that starts it."""
        self.started += 1
        home = self.folder / f"worker-{self.started}"
        home.mkdir()
        words = [*self._words("worker"), "--local-directory", str(home)]
        words += ["--nanny"] if nanny else ["--no-nanny"]
        self.workers.append(self._start([*within, *words], home.name, home, environment))

    def kill_scheduler(self) -> None:
        assert self.scheduler is not None
        self.scheduler.kill()
        self.scheduler.wait()

    def stop(self) -> None:
        for one in [*self.workers, self.scheduler]:
            if one is not None and one.poll() is None:
                one.kill()
                one.wait()

    def _words(self, role: str) -> list[str]:
        protocol, _, place = self.address.partition("://")
        host, _, port = place.partition(":")
        program = str(Path(sys.executable).parent / "dask")
        if role == "scheduler":
            own = ["--protocol", protocol, "--host", host, "--port", port, "--no-show"]
        else:
            own = [self.address, "--nthreads", "1"]
        return [program, role, *own, "--no-dashboard", *self._pair()]

    def _pair(self) -> list[str]:
        if self.certificates is None:
            return []
        named = {"tls-ca-file": "ca.pem", "tls-cert": "node.pem", "tls-key": "node.key"}
        return [
            word
            for key, name in named.items()
            for word in (f"--{key}", f"{self.certificates}/{name}")
        ]

    def _start(self, words, name, home=None, environment=None) -> subprocess.Popen[bytes]:
        if not (Path(sys.executable).parent / "dask").exists():
            missing("no dask here: pip install 'slo-reports[dask]'")
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                words,
                stdout=log,
                stderr=log,
                cwd=home,
                env={**os.environ, **(environment or {}), "PYTHONPATH": os.pathsep.join(sys.path)},
                start_new_session=True,
            )


@contextmanager
def dask_cluster(
    folder: Path, *, workers: int = 2, certificates: Path | None = None
) -> Iterator[Cluster]:
    """A scheduler and some workers on this machine."""
    protocol = "tcp" if certificates is None else "tls"
    cluster = Cluster(f"{protocol}://127.0.0.1:{free_port()}", folder, certificates)
    try:
        cluster.start_scheduler()
        for _ in range(workers):
            cluster.start_worker()
        yield cluster
    finally:
        cluster.stop()


def wait_until(holds: Callable[[], object], seconds: float = 60) -> None:
    """Wait for something to be so."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not come to be so"
        time.sleep(0.02)
