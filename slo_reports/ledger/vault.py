"""Where frozen bytes are kept: a folder a run on this machine, or the database that many share."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, insert, select

from slo_reports.errors import LedgerError
from slo_reports.ledger.freezing import FrozenFile, RunKey
from slo_reports.ledger.frozen import changed, freeze_folder, read_frozen, run_folder
from slo_reports.ledger.tables import contents
from slo_reports.model import content_hash


class Vault(Protocol):
    """Keeps the files of runs, each whole or not at all."""

    def folder(self, key: RunKey) -> Path | None:
        """Where a person finds a run's files; None where they lie in no folder."""

    def keep(self, db: Connection, key: RunKey, files: Iterable[FrozenFile]) -> None:
        """Keep a run's files; what was kept of it and never recorded is replaced."""

    def read(self, db: Connection, key: RunKey, path: str, sha256: str) -> bytes:
        """The frozen bytes of one file.

        Raises:
            LedgerError: they are gone, or not what was frozen.
        """


class FolderVault:
    """``runs/`` of the state folder."""

    def __init__(self, state: Path) -> None:
        self._state = state

    def folder(self, key: RunKey) -> Path:
        """``runs/<report>/<period>/r<revision>``."""
        return run_folder(self._state, *key)

    def keep(self, db: Connection, key: RunKey, files: Iterable[FrozenFile]) -> None:  # noqa: ARG002  # the protocol's
        """Write the folder, synced and read back."""
        freeze_folder(self.folder(key), {one.path: one.content for one in files})

    def read(self, db: Connection, key: RunKey, path: str, sha256: str) -> bytes:  # noqa: ARG002  # the protocol's
        """Read a file of the folder."""
        return read_frozen(self.folder(key), path, sha256)


class TableVault:
    """The table ``contents``, by hash, in the transaction that records the run."""

    def folder(self, key: RunKey) -> None:
        """There is none."""

    def keep(self, db: Connection, key: RunKey, files: Iterable[FrozenFile]) -> None:  # noqa: ARG002  # the protocol's
        """Insert what is not there yet; the same bytes are kept once."""
        new = {one.sha256: one.content for one in files}
        known = set(db.scalars(select(contents.c.sha256).where(contents.c.sha256.in_(new))))
        for sha256, content in new.items():
            if sha256 not in known:
                db.execute(insert(contents).values(sha256=sha256, content=content))

    def read(self, db: Connection, key: RunKey, path: str, sha256: str) -> bytes:
        """Read a row."""
        content = db.scalar(select(contents.c.content).where(contents.c.sha256 == sha256))
        name = f"{path} of {key[0]} {key[1]} r{key[2]}"
        if content is None:
            msg = f"{name} is not in the ledger's database; put it back from a backup"
            raise LedgerError(msg)
        if content_hash(bytes(content)) != sha256:
            raise changed(name, bytes(content), sha256)
        return bytes(content)
