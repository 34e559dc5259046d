"""The ledger: what fell due, what was frozen, for whom, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Connection, Engine, Row, Select, insert, select, update

from slo_reports.errors import LedgerError
from slo_reports.ledger.database import (
    WORKING,
    Place,
    has_tables,
    open_database,
    schema_hash,
    writing,
)
from slo_reports.ledger.failures import ledger_errors
from slo_reports.ledger.freezing import (
    find_row,
    frozen_files,
    plan_row,
    record_frozen,
    run_key,
)
from slo_reports.ledger.frozen import make_folders
from slo_reports.ledger.lock import lock_session, only_writer
from slo_reports.ledger.records import (
    Artifact,
    Delivery,
    Freezing,
    OpenDelivery,
    Owed,
    Run,
    RunState,
    Try,
)
from slo_reports.ledger.tables import artifacts, attempts, deliveries, makings, runs, told
from slo_reports.ledger.vault import FolderVault, TableVault, Vault
from slo_reports.model import DeliveryState, Document, Parcel
from slo_reports.periods import Period

_UNSETTLED = frozenset(state for state in DeliveryState if not state.settled)


class Ledger:
    """The truth about what was done, in one database."""

    def __init__(self, place: Place, engine: Engine) -> None:
        self._place = place
        self._engine = engine
        self._vault: Vault = FolderVault(place.state) if place.url is None else TableVault()
        self._held: Connection | None = None

    @classmethod
    def open(cls, state: Path, url: str | None = None, password: str | None = None) -> Self:
        """Open the ledger of a state folder, or of a PostgreSQL database; made where it is new.

        Raises:
            LedgerError: it cannot be opened, or a newer slo-reports has written it.
        """
        place = Place(state, url, password)
        with ledger_errors("open the database", place):
            make_folders(state)
            return cls(place, open_database(place))

    @staticmethod
    def is_there(state: Path, url: str | None = None, password: str | None = None) -> bool:
        """Whether there is a ledger already; nothing is made by asking."""
        place = Place(state, url, password)
        with ledger_errors("look", place):
            return has_tables(place)

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

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Be the only one at work; does not wait.

        On PostgreSQL the lock lives in one session, and everything is written through that: once
        the session is lost, and another machine may have the lock, nothing can be recorded and so
        nothing is sent.

        Raises:
            Busy: another slo-reports holds the lock; the message names its process.
        """
        if self._place.url is None:
            with only_writer(self._place.state):
                yield
            return
        with ledger_errors("take the lock", self._place):
            session = self._engine.connect()
        try:
            with ledger_errors("take the lock", self._place):
                lock_session(session, WORKING, schema_hash())
            self._held = session.execution_options(begin_immediate=True)
            yield
        finally:
            self._held = None
            session.invalidate()  # closed, not pooled: the lock ends with its session
            session.close()

    # --- runs ---

    def plan_runs(self, owed: Iterable[Owed], now: datetime) -> tuple[Run, ...]:
        """Put on record what fell due, with its bounds; what is there stays as it was.

        Returns:
            Those that were not there before.
        """
        with self._writing("record what fell due") as db:
            planned = [plan_row(db, one, now) for one in owed]
        return tuple(self._run(row) for row in planned if row is not None)

    def skip_run(self, run: Run, reason: str) -> None:
        """Never make a planned run, for a reason."""
        with self._writing("skip a run") as db:
            db.execute(
                update(runs)
                .where(runs.c.id == run.id, runs.c.state == RunState.PLANNED)
                .values(state=RunState.SKIPPED, reason=reason)
            )

    def record_failure(self, run: Run, detail: str, now: datetime) -> None:
        """Append why a planned run could not be made this time."""
        with self._writing("record a failure") as db:
            db.execute(insert(makings).values(run_id=run.id, at=now, detail=detail))

    def failures(self, run: Run) -> tuple[Try, ...]:
        """Why a run could not be made, each time, oldest first."""
        query = select(makings).where(makings.c.run_id == run.id).order_by(makings.c.id)
        return tuple(Try(row.at, DeliveryState.DEFERRED, row.detail) for row in self._rows(query))

    def find_run(self, report: str, period: Period, revision: int | None = None) -> Run | None:
        """A report's frozen run of a period: the given revision, or the latest."""
        query = select(runs).where(
            runs.c.report == report, runs.c.period == period.key, runs.c.state == RunState.FROZEN
        )
        if revision is not None:
            query = query.where(runs.c.revision == revision)
        rows = self._rows(query.order_by(runs.c.revision.desc()).limit(1))
        return self._run(rows[0]) if rows else None

    def record(self, report: str | None = None) -> tuple[Run, ...]:
        """Everything that fell due or was made, in order of its periods' ends."""
        query = select(runs).order_by(runs.c.end_at, runs.c.id)
        if report is not None:
            query = query.where(runs.c.report == report)
        return tuple(self._run(row) for row in self._rows(query))

    def history(self, report: str | None = None) -> tuple[Run, ...]:
        """All frozen runs, or those of one report, in the order in which they came on record."""
        made = (run for run in self.record(report) if run.state is RunState.FROZEN)
        return tuple(sorted(made, key=lambda run: run.id))

    def unfinished(self, report: str) -> tuple[Run, ...]:
        """Frozen runs of a report with deliveries that are not settled, oldest period first."""
        some = select(deliveries.c.run_id).where(deliveries.c.state.in_(_UNSETTLED))
        query = select(runs).where(runs.c.report == report, runs.c.id.in_(some))
        rows = self._rows(query.order_by(runs.c.end_at, runs.c.revision))
        return tuple(self._run(row) for row in rows)

    # --- frozen bytes ---

    def freeze_run(self, freezing: Freezing, now: datetime) -> Run:
        """Write down everything that one run will send; see ``freeze_runs``."""
        (run,) = self.freeze_runs([freezing], now)
        return run

    def freeze_runs(self, freezings: Iterable[Freezing], now: datetime) -> tuple[Run, ...]:
        """Write down everything that some runs will send, before the first of it is sent.

        All of them are recorded or none is, and only when all bytes are kept. A run that is
        frozen already comes back as it was; its bytes win.
        """
        with self._writing("freeze a run") as db:
            return tuple(self._freeze(db, one, now) for one in freezings)

    def documents(self, run: Run) -> tuple[Document, ...]:
        """The frozen documents of a run.

        Raises:
            LedgerError: a file is gone or changed.
        """
        return tuple(
            Document(PurePosixPath(one.path).name, one.media_type, self.content(run, one))
            for one in self.artifacts(run)
            if one.path.startswith("documents/")
        )

    def frozen_snapshot(self, run: Run) -> bytes:
        """The frozen data of a run, as its numbers were made from.

        Raises:
            LedgerError: they are gone or changed.
        """
        return self._content(run, "snapshot.json", run.snapshot_sha256)

    def artifacts(self, run: Run) -> tuple[Artifact, ...]:
        """Every file of a run, as it was recorded."""
        query = select(artifacts).where(artifacts.c.run_id == run.id).order_by(artifacts.c.id)
        return tuple(
            Artifact(row.path, row.media_type, row.sha256, row.size) for row in self._rows(query)
        )

    def content(self, run: Run, artifact: Artifact) -> bytes:
        """The bytes of a run's file.

        Raises:
            LedgerError: they are gone or changed.
        """
        return self._content(run, artifact.path, artifact.sha256)

    # --- deliveries ---

    def deliveries(self, run: Run) -> tuple[Delivery, ...]:
        """Every delivery of a run with its tries, in the order in which they were planned."""
        tries = self._tries(run)
        return tuple(_delivery(row, tries.get(row.id, ())) for row in self._delivery_rows(run))

    def open_deliveries(
        self, run: Run, states: Collection[DeliveryState] = _UNSETTLED
    ) -> tuple[OpenDelivery, ...]:
        """What is still to be sent, as it was frozen: the deliveries in some states.

        Raises:
            LedgerError: a frozen file is gone or changed.
        """
        tries = self._tries(run)
        return tuple(
            OpenDelivery(
                Parcel(
                    destination=row.destination,
                    recipient=row.recipient,
                    media_type=row.media_type,
                    content=self._content(run, row.path, row.sha256),
                    message_id=row.message_id,
                ),
                _delivery(row, tries.get(row.id, ())),
            )
            for row in self._delivery_rows(run)
            if row.state in states
        )

    def record_attempt(
        self,
        run: Run,
        parcel: Parcel,
        outcome: DeliveryState,
        detail: str,
        now: datetime,
        *,
        next_try_at: datetime | None = None,
    ) -> None:
        """Append one attempt and move its delivery on; what was delivered stays delivered."""
        self._move(run, parcel.destination, parcel.recipient, outcome, detail, now, next_try_at)

    def decide(
        self, run: Run, delivery: Delivery, state: DeliveryState, detail: str, now: datetime
    ) -> None:
        """Record a person's word about a delivery, which moves on also what was delivered."""
        self._move(run, delivery.destination, delivery.recipient, state, detail, now, decided=True)

    # --- failures that operators were told of ---

    def told(self) -> dict[str, datetime]:
        """When operators were last told of each problem."""
        return {row.key: row.last_told_at for row in self._rows(select(told))}

    def mark_told(self, keys: Iterable[str], now: datetime) -> None:
        """Record that operators were told of some problems."""
        with self._writing("record what was told") as db:
            for key in keys:
                seen = db.execute(update(told).where(told.c.key == key).values(last_told_at=now))
                if not seen.rowcount:
                    db.execute(insert(told).values(key=key, first_told_at=now, last_told_at=now))

    # --- inside ---

    @contextmanager
    def _writing(self, doing: str) -> Iterator[Connection]:
        with ledger_errors(doing, self._place):
            if self._held is None:
                with writing(self._engine).begin() as db:
                    yield db
                return
            if self._held.invalidated:
                msg = (
                    f"could not {doing} in the ledger {self._place}: the connection that held "
                    "the lock is lost, and another may be at work; what is due stays due"
                )
                raise LedgerError(msg)
            with self._held.begin():
                yield self._held

    def _rows(self, query: Select[Any]) -> list[Row[Any]]:
        with ledger_errors("look", self._place), self._engine.begin() as db:
            return list(db.execute(query))

    def _freeze(self, db: Connection, one: Freezing, now: datetime) -> Run:
        found = find_row(db, key := run_key(one.snapshot))
        if found is not None and found.state == RunState.FROZEN:
            return self._run(found)
        files = frozen_files(one.snapshot, one.documents, one.parcels)
        self._vault.keep(db, key, files)
        return self._run(record_frozen(db, one, files, now))

    def _content(self, run: Run, path: str, sha256: str) -> bytes:
        key = run.report, run.period, run.revision
        where = run.folder or self._place
        with ledger_errors("read a frozen file", where), self._engine.begin() as db:
            return self._vault.read(db, key, path, sha256)

    def _delivery_rows(self, run: Run) -> list[Row[Any]]:
        query = (
            select(deliveries, artifacts.c.path, artifacts.c.media_type, artifacts.c.sha256)
            .join(artifacts)
            .where(deliveries.c.run_id == run.id)
        )
        return self._rows(query.order_by(deliveries.c.id))

    def _tries(self, run: Run) -> dict[int, tuple[Try, ...]]:
        """The attempts of a run's deliveries, by the delivery's id, oldest first."""
        of_run = select(attempts).join(deliveries).where(deliveries.c.run_id == run.id)
        found: dict[int, tuple[Try, ...]] = {}
        for row in self._rows(of_run.order_by(attempts.c.id)):
            entry = Try(row.at, DeliveryState(row.outcome), row.detail)
            found[row.delivery_id] = (*found.get(row.delivery_id, ()), entry)
        return found

    def _move(
        self,
        run: Run,
        destination: str,
        recipient: str,
        state: DeliveryState,
        detail: str,
        now: datetime,
        next_try_at: datetime | None = None,
        *,
        decided: bool = False,
    ) -> None:
        key = (
            (deliveries.c.run_id == run.id)
            & (deliveries.c.destination == destination)
            & (deliveries.c.recipient == recipient)
        )
        with self._writing(f"record the delivery to {recipient}") as db:
            found = db.execute(select(deliveries.c.id).where(key)).scalar_one_or_none()
            if found is None:
                msg = (
                    f"{run.title} has no delivery to {recipient} by {destination} in the ledger "
                    f"{self._place}; only what was frozen is sent"
                )
                raise LedgerError(msg)
            db.execute(
                insert(attempts).values(delivery_id=found, at=now, outcome=state, detail=detail)
            )
            movable = key if decided else key & (deliveries.c.state != DeliveryState.DELIVERED)
            db.execute(
                update(deliveries)
                .where(movable)
                .values(state=state, receipt=detail, changed_at=now, next_try_at=next_try_at)
            )

    def _run(self, row: Row[Any]) -> Run:
        key = row.report, row.period, row.revision
        state = RunState(row.state)
        return Run(
            id=row.id,
            report=row.report,
            period=row.period,
            revision=row.revision,
            start=row.start_at,
            end=row.end_at,
            snapshot_sha256=row.snapshot_sha256,
            created_at=row.created_at,
            folder=self._vault.folder(key) if state is RunState.FROZEN else None,
            state=state,
            reason=row.reason,
            zone=row.zone,
            due_at=row.due_at,
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
        next_try_at=row.next_try_at,
        tries=tries,
    )
