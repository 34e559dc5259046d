"""What goes wrong underneath the ledger, as one sentence each."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from slo_reports.errors import LedgerError

_DATABASE = (
    ("database is locked", "another program holds it locked; wait for it or end it"),
    ("lock timeout", "another program holds it locked; wait for it or end it"),
    ("readonly database", "it is not writable: give the user that runs slo-reports the right"),
    ("permission denied", "give the user that slo-reports logs in as the right to it"),
    ("unable to open database", "it cannot be opened: check the folder and who may write there"),
    ("disk is full", "the disk is full: make room and run again, nothing is lost"),
    ("no space left", "the disk is full: make room and run again, nothing is lost"),
    ("not a database", "it is damaged or no ledger at all: put a backup in its place"),
    ("malformed", "it is damaged: put a backup in its place"),
    ("disk i/o error", "the disk failed: check it, and that the folder is not a network share"),
    ("password authentication failed", "the server refused the password: check ledger.password"),
    ("no password supplied", "the server asks for a password: set ledger.password"),
    ("does not exist", "the server has no such database, user or table: check ledger.url"),
    ("connection refused", "the server does not answer: is it running, and the port right?"),
    ("failed to resolve", "the server's name is not known: check ledger.url"),
    ("timeout expired", "the server does not answer: check ledger.url and the network"),
    ("connection to server", "the server cannot be reached: check ledger.url and the network"),
    ("the connection is closed", "the connection broke: run again, what is due stays due"),
    ("terminating connection", "the server ended the connection: run again, what is due stays due"),
)
_FILES = {
    errno.ENOSPC: "the disk is full: make room and run again, nothing is lost",
    errno.EDQUOT: "the quota is full: make room and run again, nothing is lost",
    errno.EACCES: "give the user that runs slo-reports the right to write there",
    errno.EPERM: "give the user that runs slo-reports the right to write there",
    errno.EROFS: "the file system is mounted read-only",
}


@contextmanager
def ledger_errors(doing: str, place: object) -> Iterator[None]:
    """Turn what SQLAlchemy and the file system raise into ``LedgerError``.

    Args:
        doing: what could not be done, such as ``record a run``.
        place: the database or the folder that it was done to, as sentences name it.
    """
    try:
        yield
    except SQLAlchemyError as error:
        msg = f"could not {doing} in the ledger {place}: {_database_reason(error)}"
        raise LedgerError(msg) from error
    except OSError as error:
        help_ = _FILES.get(error.errno or 0, "check the state folder")
        where = error.filename or place
        msg = f"could not {doing} in the ledger: {where}: {error.strerror}; {help_}"
        raise LedgerError(msg) from error


def _database_reason(error: SQLAlchemyError) -> str:
    seen = str(getattr(error, "orig", None) or error).partition("\n")[0]
    for sign, sentence in _DATABASE:
        if sign in seen.lower():
            return sentence
    return seen
