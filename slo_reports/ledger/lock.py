"""One writer at a time: a file lock that ends with its process, however that ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from slo_reports.errors import Busy
from slo_reports.ledger.failures import ledger_errors


@contextmanager
def only_writer(state: Path) -> Iterator[None]:
    """Hold ``state/lock``.

    Raises:
        Busy: another process, whose id the message names, holds it.
        LedgerError: the file cannot be made or locked.
    """
    path = state / "lock"
    with ledger_errors("take the lock", path):
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        with ledger_errors("take the lock", path):
            _lock_or_busy(file, path)
            os.ftruncate(file, 0)
            os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(file)


@contextmanager
def one_opens(state: Path) -> Iterator[None]:
    """Wait until no other process is just opening the ledger in this folder."""
    folder = os.open(state, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _lock_or_busy(file: int, path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(file, 20, 0).decode(errors="replace").strip()
        who = f"process {holder}" if holder.isdecimal() else "its process is just starting"
        msg = (
            f"another slo-reports is at work ({who} holds {path}); wait for it, what is due "
            "stays due"
        )
        raise Busy(msg) from error
