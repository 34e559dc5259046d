"""The ledger: what fell due, what was frozen, for whom, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, insert, select, update

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
from slo_reports.ledger.reading import Reader
from slo_reports.ledger.records import (
    Delivery,
    Freezing,
    Owed,
    Run,
    RunState,
)
from slo_reports.ledger.tables import attempts, deliveries, makings, runs, told
from slo_reports.model import DeliveryState, Parcel


class Ledger(Reader):
    """The truth about what was done, in one database."""

    def __init__(self, place: Place, engine: Engine) -> None:
        super().__init__(place, engine)
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

    def skip_run(self, run: Run, reason: str, state: RunState = RunState.SKIPPED) -> None:
        """Never make a run that is not made, for a reason."""
        with self._writing("skip a run") as db:
            db.execute(
                update(runs)
                .where(runs.c.id == run.id, runs.c.state != RunState.FROZEN)
                .values(state=state, reason=reason)
            )

    def record_failure(self, run: Run, detail: str, now: datetime) -> None:
        """Append why a planned run could not be made this time."""
        with self._writing("record a failure") as db:
            db.execute(insert(makings).values(run_id=run.id, at=now, detail=detail))

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

    # --- deliveries ---

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

    def _freeze(self, db: Connection, one: Freezing, now: datetime) -> Run:
        found = find_row(db, key := run_key(one.snapshot))
        if found is not None and found.state == RunState.FROZEN:
            return self._run(found)
        files = frozen_files(one)
        self._vault.keep(db, key, files)
        return self._run(record_frozen(db, one, files, now))

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
