"""A real Prometheus over prepared blocks, for as long as a ``with`` lasts."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from slo_reports.errors import SourceError

_ATTEMPTS = 3
_READY_WITHIN = 60.0
_STOP_WITHIN = 10.0
_PORTS = range(12_000, 32_000)
_GIVEN: set[int] = set()


@contextmanager
def running_prometheus(
    binary: Path, blocks: Path, *, log: Path | None = None, config: str = "global: {}\n"
) -> Iterator[str]:
    """Serve blocks from a Prometheus on a free port of 127.0.0.1, and yield its base URL.

    It works on links to the blocks in a folder of its own, so several can serve the same ones.
    When the ``with`` is left, in whatever way, it is stopped and waited for.

    Args:
        binary: the program.
        blocks: folder of TSDB blocks; stays as it is.
        log: where its output goes; default: a file that goes with it.
        config: its configuration; default: it scrapes nothing.

    Raises:
        SourceError: it did not start; the message holds the end of its log.
    """
    with TemporaryDirectory(prefix="slo-reports-prometheus-") as place:
        folder = Path(place)
        _link_blocks(blocks, folder / "data")
        (folder / "prometheus.yml").write_text(config, encoding="utf-8")
        process, url = _start(binary, folder, folder / "log" if log is None else log)
        try:
            yield url
        finally:
            stop(process)


def _link_blocks(blocks: Path, target: Path) -> None:
    try:
        shutil.copytree(blocks, target, copy_function=_link)
    except (OSError, shutil.Error) as error:
        msg = f"could not take the blocks from {blocks}: {error}; were they prepared?"
        raise SourceError(msg) from error


def _link(source: str, target: str) -> str:
    """A hard link, or a copy where the file system has none."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _start(binary: Path, folder: Path, log: Path) -> tuple[subprocess.Popen[bytes], str]:
    """A Prometheus that is ready; another port is tried where somebody was faster."""
    said = ""
    for _ in range(_ATTEMPTS):
        port = free_port()
        process = _spawn(binary, folder, log, port)
        url = f"http://127.0.0.1:{port}"
        if _is_ready(process, url):
            return process, url
        said = log.read_text(encoding="utf-8", errors="replace")[-600:].strip()
        if "address already in use" not in said:
            break
    msg = f"{binary} did not become ready; the end of its log: {said or 'nothing'}"
    raise SourceError(msg)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listened on a moment ago; none is given twice.

    It lies below those that systems hand out for connections and to whoever asks for any: one of
    these may be taken again before the server listens on it that the port is for.
    """
    while True:
        port = secrets.choice(_PORTS)
        if port not in _GIVEN and _is_free(port):
            _GIVEN.add(port)
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _spawn(binary: Path, folder: Path, log: Path, port: int) -> subprocess.Popen[bytes]:
    command = [
        str(binary),
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        "--storage.tsdb.retention.time=100y",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            return subprocess.Popen(  # noqa: S603  # our own words only
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
    except OSError as error:
        msg = f"could not start {binary}: {error.strerror}; scripts/get_prometheus.sh fetches it"
        raise SourceError(msg) from error


def _is_ready(process: subprocess.Popen[bytes], url: str) -> bool:
    """Wait until the server answers; False, and nothing left running, where it never does."""
    ready = False
    try:
        ready = _wait_for_answer(process, f"{url}/-/ready")
    finally:
        if not ready:
            stop(process)
    return ready


def _wait_for_answer(process: subprocess.Popen[bytes], url: str) -> bool:
    deadline = time.monotonic() + _READY_WITHIN
    with httpx.Client(trust_env=False, timeout=2.0) as client:
        while process.poll() is None and time.monotonic() < deadline:
            try:
                if client.get(url).is_success:
                    return True
            except httpx.TransportError:
                pass  # not listening yet
            time.sleep(0.05)
    return False


def stop(process: subprocess.Popen[Any], *, patience: float = _STOP_WITHIN) -> None:
    """End a process and its group, politely first, and wait until it is gone.

    Args:
        process: the leader of its own process group.
        patience: how long each way is given [s].
    """
    for way in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        try:
            os.killpg(process.pid, way)
            process.wait(patience)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
