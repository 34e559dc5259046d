"""A command and all its processes, watched while they run: wall time, CPU time and memory.

Memory is that of the whole tree of processes (PSS: shared pages count once).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_MB = 1024


@dataclass(frozen=True)
class Sample:
    """The processes at one instant.

    Attributes:
        at: since the start [s].
        coordinator: memory of the process that hands out, records and files [MB].
        tree: of it and of all processes below it [MB].
        largest: of the process that holds most [MB].
        done: how much is done, as the caller counts it.
        cpu: what each process has used so far [s], by what it is and its id.
    """

    at: float
    coordinator: float
    tree: float
    largest: float
    done: int
    cpu: dict[tuple[str, int], float]


@dataclass(frozen=True)
class Run:
    """What a command came to.

    Attributes:
        wall: from its start to its end [s].
        cpu: of its processes, by what they are [s].
        source_cpu: of the metrics server [s].
        output: what it said.
    """

    wall: float
    cpu: dict[str, float]
    source_cpu: float
    exit_code: int
    samples: Sequence[Sample]
    output: str

    @property
    def own_cpu(self) -> float:
        """CPU time of all its processes [s]."""
        return sum(self.cpu.values())

    @property
    def peak(self) -> Sample:
        """When it held most."""
        return max(self.samples, key=lambda one: one.tree)


def watched(
    arguments: Sequence[str | Path],
    log: Path,
    source: int,
    *,
    every: float = 1.0,
    done: Callable[[], int] = lambda: 0,
) -> Run:
    """Run ``slo-reports`` with some arguments and look at it now and then.

    Args:
        arguments: of the command.
        log: where its output goes.
        source: process id of the metrics server.
        every: seconds between two looks.
        done: tells how much is done.
    """
    before, began = cpu_of(source), time.monotonic()
    command = [sys.executable, "-m", "slo_reports", *arguments]
    with log.open("wb") as output:
        job = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        samples = []
        while job.poll() is None:
            samples.append(_sample(job.pid, time.monotonic() - began, done()))
            time.sleep(every)
    return Run(
        wall=time.monotonic() - began,
        cpu=_cpu_seen(samples),
        source_cpu=cpu_of(source) - before,
        exit_code=job.returncode,
        samples=samples,
        output=log.read_text(encoding="utf-8"),
    )


def _sample(job: int, at: float, done: int) -> Sample:
    tree = tree_of(job)
    sizes = {pid: memory_of(pid) for pid in tree}
    spent = {(_role_of(pid, job), pid): cpu_of(pid) for pid in tree}
    return Sample(at, sizes.get(job, 0), sum(sizes.values()), max(sizes.values()), done, spent)


def _role_of(pid: int, job: int) -> str:
    """What a process of the job is: a worker's own child sets its PDFs."""
    stat = _stat_of(pid)
    if pid == job:
        return "coordinator"
    return "workers" if stat and int(stat[1]) == job else "PDFs"


def _cpu_seen(samples: Sequence[Sample]) -> dict[str, float]:
    """CPU time by role [s]: what each process had used when it was last seen.

    Processes that are killed with their parent are waited for by nobody, so the system's own sum
    lacks them.
    """
    last: dict[tuple[str, int], float] = {}
    for one in samples:
        last |= {who: spent for who, spent in one.cpu.items() if spent}
    found: dict[str, float] = {}
    for (role, _), spent in last.items():
        found[role] = found.get(role, 0.0) + spent
    return found


def tree_of(root: int) -> list[int]:
    """A process and all below it."""
    below: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal() and (stat := _stat_of(int(entry.name))):
            below.setdefault(int(stat[1]), []).append(int(entry.name))
    found = [root]
    for one in found:
        found += below.get(one, ())
    return found


def _stat_of(pid: int) -> list[str]:
    """The fields of a process from its state on; none where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def cpu_of(pid: int) -> float:
    """CPU time of one process [s]."""
    stat = _stat_of(pid)
    return (int(stat[11]) + int(stat[12])) / _TICKS if stat else 0.0


def memory_of(pid: int) -> float:
    """Proportional share of memory [MB]; 0 where it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / _MB


def most_memory() -> float:
    """The most that this process held [MB]; what ``getrusage`` tells begins with the parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / _MB


def process_serving(url: str) -> int:
    """The process of a server that we started, told by its port."""
    port = url.rpartition(":")[2]
    for pid in tree_of(os.getpid()):
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
        if f"--web.listen-address=127.0.0.1:{port}".encode() in words:
            return pid
    raise LookupError(url)
