"""Servers of the tests' own: started on a free port, waited for, and stopped."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

from slo_reports.demo.prometheus import stop


@contextmanager
def running(command: Sequence[str], log: Path, ready: str) -> Iterator[None]:
    """Run a server until the block ends.

    Args:
        command: what starts it.
        log: file for what it prints.
        ready: URL that it answers with success once it is ready.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    try:
        _wait(process, ready, log)
        yield
    finally:
        stop(process)


def _wait(process: subprocess.Popen[bytes], ready: str, log: Path) -> None:
    deadline = time.monotonic() + 60
    with httpx.Client(trust_env=False, timeout=2) as client:
        while process.poll() is None and time.monotonic() < deadline:
            try:
                if client.get(ready).is_success:
                    return
            except httpx.TransportError:
                pass  # not listening yet
            time.sleep(0.05)
    msg = f"a server did not start: {log.read_text(errors='replace')[-2000:]}"
    raise AssertionError(msg)
