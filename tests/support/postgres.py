"""A real PostgreSQL server of the tests' own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from slo_reports.demo.prometheus import free_port

WHY_NOT = "no PostgreSQL server here: apt-get install postgresql"


def find_programs() -> Path | None:
    """The folder of initdb and postgres, which is on nobody's PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return found[-1] if found else None


def need_postgres() -> Path:
    """The programs; without them the test is skipped, on CI it fails."""
    programs = find_programs()
    if programs is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(WHY_NOT)
    return programs


def _user() -> dict[str, str]:
    """PostgreSQL refuses to run as root."""
    return {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}


@contextmanager
def running_postgres() -> Iterator[str]:
    """A server with nothing in it; yields the URL of its database ``postgres``.

    Its folder is none of the test runner's, into which only the runner's user may look.
    """
    programs, port = need_postgres(), free_port()
    with TemporaryDirectory(prefix="slo-reports-postgres-") as name:
        folder = Path(name)
        if user := _user():
            shutil.chown(folder, **user)
        data = folder / "data"
        init = [programs / "initdb", "-D", data, "-A", "trust", "-U", "slo", "-N"]
        subprocess.run(init, check=True, capture_output=True, cwd=folder, **user)
        options = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
        start = [programs / "postgres", "-D", data, "-p", str(port)]
        for option in options.items():
            start += ["-c", "=".join(option)]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(start, stdout=log, stderr=log, cwd=folder, **user)
        url = f"postgresql://slo@127.0.0.1:{port}/postgres"
        try:
            _wait(process, url)
            yield url
        finally:
            process.send_signal(signal.SIGINT)  # "fast": it does not wait for its clients
            process.wait(timeout=30)


def _wait(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    msg = "PostgreSQL did not start; see its log"
    raise AssertionError(msg)


def new_database(url: str) -> str:
    """An empty database on a running server; its URL."""
    name = f"t{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]  # our own name
    return url.rpartition("/")[0] + f"/{name}"
