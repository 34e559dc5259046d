"""The ledger: what was frozen, for whom, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, Row, Select, insert, select, update

from slo_reports.errors import LedgerError
from slo_reports.ledger.database import open_database, writing
from slo_reports.ledger.failures import ledger_errors
from slo_reports.ledger.freezing import RunKey, frozen_files, insert_run, run_key
from slo_reports.ledger.frozen import freeze_folder, make_folders, read_frozen, run_folder
from slo_reports.ledger.lock import only_writer
from slo_reports.ledger.records import Artifact, Delivery, Run, Try
from slo_reports.ledger.tables import artifacts, attempts, deliveries, runs
from slo_reports.model import DeliveryState, Document, Parcel, Snapshot
from slo_reports.periods import Period

_OPEN = tuple(state for state in DeliveryState if not state.settled)


class Ledger:
    """The truth about what was done, in ``ledger.db`` and ``runs/`` of one state folder."""

    def __init__(self, state: Path, engine: Engine) -> None:
        self._state = state
        self._engine = engine

    @classmethod
    def open(cls, state: Path) -> Self:
        """Open the ledger of a state folder; folder and ledger are made where there are none.

        Raises:
            LedgerError: it cannot be opened, or a newer slo-reports has written it.
        """
        path = state / "ledger.db"
        with ledger_errors("open the database", path):
            make_folders(state)
            return cls(state, open_database(path))

    @staticmethod
    def is_there(state: Path) -> bool:
        """Whether a state folder has a ledger already; nothing is made by asking."""
        return (state / "ledger.db").is_file()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def lock(self) -> AbstractContextManager[None]:
        """Be the only one at work; does not wait.

        Raises:
            Busy: another slo-reports holds the lock; the message names its process.
        """
        return only_writer(self._state)

    def find_run(self, report: str, period: Period, revision: int | None = None) -> Run | None:
        """A report's frozen run of a period: the given revision, or the latest."""
        query = select(runs).where(runs.c.report == report, runs.c.period == period.key)
        if revision is not None:
            query = query.where(runs.c.revision == revision)
        rows = self._rows(query.order_by(runs.c.revision.desc()).limit(1))
        return self._run(rows[0]) if rows else None

    def history(self, report: str | None = None) -> tuple[Run, ...]:
        """All runs, or those of one report, oldest first."""
        query = select(runs).order_by(runs.c.id)
        if report is not None:
            query = query.where(runs.c.report == report)
        return tuple(self._run(row) for row in self._rows(query))

    def freeze_run(
        self,
        snapshot: Snapshot,
        documents: Iterable[Document],
        parcels: Iterable[Parcel],
        now: datetime,
    ) -> Run:
        """Write down everything that a run will send, before the first of it is sent.

        The run is in the ledger only when all bytes are on disk. The same report, period and
        revision again gives the first run back; its frozen bytes win.

        Args:
            snapshot: names the run, and is kept with it.
            documents: kept with it, by name.
            parcels: one delivery each.
            now: the present instant.
        """
        key = run_key(snapshot)
        with ledger_errors("freeze a run", self._database), writing(self._engine).begin() as db:
            if (found := self._find(db, key)) is not None:
                return found
            planned = tuple(parcels)
            files = frozen_files(snapshot, documents, planned)
            freeze_folder(run_folder(self._state, *key), {one.path: one.content for one in files})
            return self._run(insert_run(db, snapshot, files, planned, now))

    def documents(self, run: Run) -> tuple[Document, ...]:
        """The frozen documents of a run.

        Raises:
            LedgerError: a file is gone or changed.
        """
        query = select(artifacts).where(
            artifacts.c.run_id == run.id, artifacts.c.path.startswith("documents/")
        )
        return tuple(
            Document(PurePosixPath(row.path).name, row.media_type, self._bytes(run, row))
            for row in self._rows(query.order_by(artifacts.c.id))
        )

    def frozen_snapshot(self, run: Run) -> bytes:
        """The frozen data of a run, as its numbers were made from.

        Raises:
            LedgerError: they are gone or changed.
        """
        with ledger_errors("read a frozen file", run.folder):
            return read_frozen(run.folder, "snapshot.json", run.snapshot_sha256)

    def artifacts(self, run: Run) -> tuple[Artifact, ...]:
        """Every file of a run's folder, as it was recorded."""
        query = select(artifacts).where(artifacts.c.run_id == run.id).order_by(artifacts.c.id)
        return tuple(Artifact(row.path, row.media_type, row.sha256) for row in self._rows(query))

    def deliveries(self, run: Run) -> tuple[Delivery, ...]:
        """Every delivery of a run with its tries, in the order in which they were planned."""
        tries: dict[int, list[Try]] = {}
        of_run = select(attempts).join(deliveries).where(deliveries.c.run_id == run.id)
        for row in self._rows(of_run.order_by(attempts.c.id)):
            entry = Try(row.at, DeliveryState(row.outcome), row.detail)
            tries.setdefault(row.delivery_id, []).append(entry)
        return tuple(
            _delivery(row, tuple(tries.get(row.id, ()))) for row in self._delivery_rows(run)
        )

    def open_parcels(self, run: Run, *, also_rejected: bool = False) -> tuple[Parcel, ...]:
        """What is still to be sent, as it was frozen; ``also_rejected`` when a person asks.

        Raises:
            LedgerError: a frozen file is gone or changed.
        """
        wanted = (*_OPEN, DeliveryState.REJECTED) if also_rejected else _OPEN
        return tuple(
            Parcel(
                destination=row.destination,
                recipient=row.recipient,
                media_type=row.media_type,
                content=self._bytes(run, row),
                message_id=row.message_id,
            )
            for row in self._delivery_rows(run)
            if row.state in wanted
        )

    def record_attempt(
        self, run: Run, parcel: Parcel, outcome: DeliveryState, detail: str, now: datetime
    ) -> None:
        """Append one attempt and move its delivery on; what was delivered stays delivered."""
        key = (
            (deliveries.c.run_id == run.id)
            & (deliveries.c.destination == parcel.destination)
            & (deliveries.c.recipient == parcel.recipient)
        )
        doing = f"record the delivery to {parcel.recipient}"
        with ledger_errors(doing, self._database), writing(self._engine).begin() as db:
            found = db.execute(select(deliveries.c.id).where(key)).scalar_one_or_none()
            if found is None:
                msg = (
                    f"{run.title} has no delivery to {parcel.recipient} by {parcel.destination} "
                    f"in the ledger {self._database}; only what was frozen is sent"
                )
                raise LedgerError(msg)
            db.execute(
                insert(attempts).values(delivery_id=found, at=now, outcome=outcome, detail=detail)
            )
            db.execute(
                update(deliveries)
                .where(key, deliveries.c.state != DeliveryState.DELIVERED)
                .values(state=outcome, receipt=detail, changed_at=now)
            )

    @property
    def _database(self) -> Path:
        return self._state / "ledger.db"

    def _rows(self, query: Select[Any]) -> list[Row[Any]]:
        with ledger_errors("look", self._database), self._engine.begin() as db:
            return list(db.execute(query))

    def _delivery_rows(self, run: Run) -> list[Row[Any]]:
        query = (
            select(deliveries, artifacts.c.path, artifacts.c.media_type, artifacts.c.sha256)
            .join(artifacts)
            .where(deliveries.c.run_id == run.id)
        )
        return self._rows(query.order_by(deliveries.c.id))

    def _bytes(self, run: Run, row: Row[Any]) -> bytes:
        with ledger_errors("read a frozen file", run.folder):
            return read_frozen(run.folder, row.path, row.sha256)

    def _find(self, db: Connection, key: RunKey) -> Run | None:
        report, period, revision = key
        query = select(runs).where(
            runs.c.report == report, runs.c.period == period, runs.c.revision == revision
        )
        row = db.execute(query).one_or_none()
        return None if row is None else self._run(row)

    def _run(self, row: Row[Any]) -> Run:
        return Run(
            id=row.id,
            report=row.report,
            period=row.period,
            revision=row.revision,
            start=row.start_at,
            end=row.end_at,
            snapshot_sha256=row.snapshot_sha256,
            created_at=row.created_at,
            folder=run_folder(self._state, row.report, row.period, row.revision),
        )


def _delivery(row: Row[Any], tries: tuple[Try, ...]) -> Delivery:
    return Delivery(
        destination=row.destination,
        recipient=row.recipient,
        state=DeliveryState(row.state),
        receipt=row.receipt,
        sha256=row.sha256,
        message_id=row.message_id,
        changed_at=row.changed_at,
        tries=tries,
    )
