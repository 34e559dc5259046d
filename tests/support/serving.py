"""What all real servers of the tests have in common: found or skipped, started, stopped."""

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from slo_reports.demo.prometheus import stop


def require(program, package):
    """The path of a program; without it the test is skipped, and on CI it fails."""
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if found is None:
        do_without(f"no {program} here: apt-get install {package}")
    return found


def do_without(why):
    """Skip a test for want of a server, except on CI, which must have them all."""
    if os.environ.get("CI"):
        pytest.fail(f"CI must have it: {why}")
    pytest.skip(why)


@contextmanager
def short_folder():
    """A temporary folder that every user may enter, with a path short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="slo-") as place:
        Path(place).chmod(0o755)
        yield Path(place)


@contextmanager
def small_disk(path, size="256k"):
    """A file system of a few kB at a path, where this user may mount one; yields whether."""
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0777", "tmpfs", str(path)]
    mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(path)], check=True)


@contextmanager
def running(command, log, is_ready, env=None):
    """A server, from when it answers until the block ends."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            list(map(str, command)),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**os.environ, **(env or {})},
        )
    try:
        _wait(process, log, is_ready)
        yield process
    finally:
        stop(process, patience=5)


def _wait(process, log, is_ready):
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if is_ready():
            return
        time.sleep(0.05)
    msg = f"the server did not start: {log.read_text(errors='replace')[-2000:]}"
    raise AssertionError(msg)
