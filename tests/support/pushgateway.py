"""A real Pushgateway."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from slo_reports.demo.prometheus import free_port, stop

_WHY_NOT = "no prometheus-pushgateway here: apt-get install prometheus-pushgateway"


@contextmanager
def running_pushgateway(folder: Path) -> Iterator[str]:
    """A Pushgateway that keeps what it has in a folder; yields its URL."""
    program = shutil.which("prometheus-pushgateway")
    if program is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(_WHY_NOT)
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = [
        program,
        f"--web.listen-address=127.0.0.1:{port}",
        f"--persistence.file={folder / 'pushed'}",
    ]
    with (folder / "pushgateway.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait(process, url)
        yield url
    finally:
        stop(process)


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + 60
    with httpx.Client(trust_env=False, timeout=2) as client:
        while process.poll() is None and time.monotonic() < deadline:
            try:
                if client.get(f"{url}/-/ready").is_success:
                    return
            except httpx.TransportError:
                pass  # not listening yet
            time.sleep(0.05)
    msg = "the Pushgateway did not start; see pushgateway.log"
    raise AssertionError(msg)
