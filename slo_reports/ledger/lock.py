"""One writer at a time: a lock that ends with its process, however that ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, func, select, text

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


def lock_session(session: Connection, name: int, half: object) -> None:
    """Take an advisory lock for as long as a PostgreSQL session lives.

    Raises:
        Busy: another session has it; the message names its program and machine.
    """
    with session.begin():
        if session.scalar(select(func.pg_try_advisory_lock(name, half))):
            return
        holder = session.scalar(_HOLDER, {"name": name})
    who = holder or "its process is just ending"
    msg = f"another slo-reports is at work ({who}); wait for it, what is due stays due"
    raise Busy(msg)


_HOLDER = text(
    "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) "
    "WHERE locktype = 'advisory' AND granted AND classid = :name "
    "AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "LIMIT 1"
)


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
