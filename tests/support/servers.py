"""Servers of the tests' own: started on a free port, waited for, and stopped."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx

from slo_reports.demo.prometheus import stop


@contextmanager
def running(
    command: Sequence[str | Path], log: Path, ready: str | Callable[[], bool]
) -> Iterator[None]:
    """Run a server until the block ends.

    Args:
        command: what starts it.
        log: file for what it prints.
        ready: URL that it answers with success once it is ready, or a look at whether it is.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(map(str, command)), stdout=output, stderr=output, start_new_session=True
        )
    try:
        _wait(process, partial(_answers, ready) if isinstance(ready, str) else ready, log)
        yield
    finally:
        stop(process)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, timeout=2).is_success
    except httpx.TransportError:
        return False  # not listening yet


def _wait(process: subprocess.Popen[bytes], is_ready: Callable[[], bool], log: Path) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if is_ready():
            return
        time.sleep(0.05)
    msg = f"a server did not start: {log.read_text(errors='replace')[-2000:]}"
    raise AssertionError(msg)
