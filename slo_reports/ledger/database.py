"""The database underneath, SQLite or PostgreSQL: how it is opened and brought up to date."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    func,
    inspect,
    make_url,
    select,
    text,
)

from slo_reports.errors import ConfigurationError, LedgerError
from slo_reports.ledger.lock import one_opens

HEAD = "0002"
"""The newest step in ``migrations/versions``."""
_BUSY_SECONDS = 15
_WRITING = 7_514_001
_MIGRATING = 7_514_002
WORKING = 7_514_003
"""Names of the advisory locks on PostgreSQL, each with the schema's hash as its second half."""


@dataclass(frozen=True)
class Place:
    """Where the ledger lies.

    Attributes:
        state: folder of the SQLite file and, with SQLite, of the frozen runs.
        url: of a PostgreSQL database that several machines share; None: SQLite.
        password: for that, where it asks for one.
    """

    state: Path
    url: str | None = None
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return str(self.state / "ledger.db") if self.url is None else self.url


def open_database(place: Place, *, busy_seconds: float = _BUSY_SECONDS) -> Engine:
    """The ledger's engine, its tables made or brought up to date.

    Raises:
        LedgerError: a newer slo-reports has written it.
        SQLAlchemyError, OSError: it cannot be opened; the caller knows the words.
    """
    engine = _engine(place, busy_seconds)
    try:
        with engine.connect() as connection, connection.begin():
            found = _version(connection)
        if found != HEAD:
            _bring_up_to_date(engine, place)
    except BaseException:
        engine.dispose()
        raise
    return engine


def has_tables(place: Place) -> bool:
    """Whether there is a ledger already; nothing is made by asking."""
    if place.url is None:
        return (place.state / "ledger.db").is_file()
    engine = _engine(place, _BUSY_SECONDS)
    try:
        return inspect(engine).has_table("runs")
    finally:
        engine.dispose()


def writing(engine: Engine) -> Engine:
    """The same engine whose transactions hold the write lock from their first instant."""
    return engine.execution_options(begin_immediate=True)


def schema_hash() -> Any:
    """The second half of an advisory lock's name: ledgers in other schemas are other ledgers."""
    return func.hashtext(func.current_schema())


def _engine(place: Place, busy_seconds: float) -> Engine:
    return _sqlite(place, busy_seconds) if place.url is None else _postgresql(place, busy_seconds)


def _sqlite(place: Place, busy_seconds: float) -> Engine:
    url = URL.create("sqlite+pysqlite", database=str(place.state / "ledger.db"))
    engine = create_engine(url, connect_args={"timeout": busy_seconds})
    event.listen(engine, "connect", lambda made, _record: _prepare_sqlite(made, place.state))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: SqliteConnection, state: Path) -> None:
    connection.isolation_level = None  # transactions begin where we say, see _begin_sqlite
    _log_ahead(connection, state)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _log_ahead(connection: SqliteConnection, state: Path) -> None:
    """Have a file that is new, or comes from a backup, write ahead; the file remembers it.

    Two that change its journal at once refuse each other, and SQLite lets neither wait.
    """
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        with one_opens(state):
            connection.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("begin_immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _postgresql(place: Place, busy_seconds: float) -> Engine:
    try:
        import psycopg  # noqa: F401, PLC0415  # an extra, needed only here
    except ImportError as error:
        msg = (
            "the ledger is a PostgreSQL database, and psycopg is not installed: "
            "pip install 'slo-reports[postgres]'"
        )
        raise ConfigurationError(msg) from error
    url = make_url(place.url or "").set(drivername="postgresql+psycopg", password=place.password)
    options = {
        "connect_timeout": int(busy_seconds),
        "application_name": f"slo-reports {socket.gethostname()}:{os.getpid()}",
        "options": f"-c lock_timeout={int(busy_seconds * 1000)}",
        "tcp_user_timeout": int(busy_seconds * 1000),
    }
    engine = create_engine(url, connect_args=options)
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("begin_immediate", False):
        connection.execute(select(func.pg_advisory_xact_lock(_WRITING, schema_hash())))


def _version(connection: Connection) -> str | None:
    """The newest migration step that a database has had; None where it has no tables."""
    known = inspect(connection)
    if known.has_table("alembic_version"):
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found
    if known.has_table("schema_version"):  # made before there were steps
        return "before"
    return None


def _bring_up_to_date(engine: Engine, place: Place) -> None:
    """Run the steps that are missing, while nobody else does."""
    from alembic import command  # noqa: PLC0415  # slow to import, seldom needed
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with _one_migrates(engine, place) as connection:
        found = _version(connection)
        config.attributes["connection"] = connection
        known = {one.revision for one in ScriptDirectory.from_config(config).walk_revisions()}
        if found not in {*known, "before", None}:
            msg = (
                f"the ledger {place} is at step {found}, this slo-reports knows {HEAD}; "
                "run the version that wrote it, or a newer one"
            )
            raise LedgerError(msg)
        if found == "before":
            connection.execute(text("DROP TABLE schema_version"))
            command.stamp(config, "0001")
        command.upgrade(config, "head")


@contextmanager
def _one_migrates(engine: Engine, place: Place) -> Iterator[Connection]:
    if place.url is None:
        with one_opens(place.state), writing(engine).begin() as connection:
            yield connection
        return
    with engine.begin() as connection:
        connection.execute(select(func.pg_advisory_xact_lock(_MIGRATING, schema_hash())))
        yield connection
