"""The SQLite file underneath: how it is opened, and that its version is ours."""

from __future__ import annotations

from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, select

from slo_reports.errors import LedgerError
from slo_reports.ledger.lock import one_opens
from slo_reports.ledger.tables import SCHEMA_VERSION, metadata, schema_version

_BUSY_SECONDS = 15


def open_database(path: Path, *, busy_seconds: float = _BUSY_SECONDS) -> Engine:
    """The ledger's engine, its tables made where they are not there.

    Raises:
        LedgerError: a newer slo-reports has written it.
        SQLAlchemyError, OSError: it cannot be opened; the caller knows the words.
    """
    url = URL.create("sqlite+pysqlite", database=str(path))
    engine = create_engine(url, connect_args={"timeout": busy_seconds})
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)
    try:
        with one_opens(path.parent), writing(engine).begin() as connection:
            metadata.create_all(connection)
            _check_version(connection, path)
    except BaseException:
        engine.dispose()
        raise
    return engine


def writing(engine: Engine) -> Engine:
    """The same engine whose transactions hold the write lock from their first instant."""
    return engine.execution_options(begin_immediate=True)


def _prepare_connection(connection: SqliteConnection, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say, see _begin
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("begin_immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _check_version(connection: Connection, path: Path) -> None:
    found = connection.scalar(select(schema_version.c.version))
    if found is None:
        connection.execute(insert(schema_version).values(version=SCHEMA_VERSION))
    elif found != SCHEMA_VERSION:
        msg = (
            f"the ledger {path} has schema version {found}, this slo-reports knows "
            f"{SCHEMA_VERSION}; run the version that wrote it, or a newer one"
        )
        raise LedgerError(msg)
