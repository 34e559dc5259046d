"""A real Pushgateway."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.servers import running

from slo_reports.demo.prometheus import free_port

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
    with running(command, folder / "pushgateway.log", f"{url}/-/ready"):
        yield url
