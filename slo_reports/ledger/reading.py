"""What the ledger is asked: nothing here changes it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import Engine, Row, Select, exists, select

from slo_reports.ledger.database import Place
from slo_reports.ledger.failures import ledger_errors
from slo_reports.ledger.freezing import ASKED
from slo_reports.ledger.records import (
    Artifact,
    Delivered,
    Delivery,
    OpenDelivery,
    Run,
    RunState,
    Try,
)
from slo_reports.ledger.tables import artifacts, attempts, deliveries, makings, runs, told
from slo_reports.ledger.vault import FolderVault, TableVault, Vault
from slo_reports.model import DeliveryState, Document, Parcel
from slo_reports.periods import Period

_UNSETTLED = frozenset(state for state in DeliveryState if not state.settled)
_OF_THE_RUN = exists().where(deliveries.c.run_id == runs.c.id)
"""Deliveries by the run that is looked at: no question reads those of all runs there ever were."""
_UNARRIVED = _OF_THE_RUN.where(
    deliveries.c.state.not_in([state for state in DeliveryState if state.arrived])
)


class Reader:
    """Runs, their frozen bytes, their deliveries and attempts, as they are on record."""

    def __init__(self, place: Place, engine: Engine) -> None:
        self._place = place
        self._engine = engine
        self._vault: Vault = FolderVault(place.state) if place.url is None else TableVault()

    # --- runs ---

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

    def planned(self) -> dict[str, list[Run]]:
        """What fell due and is not made, by report, in order of its periods' ends."""
        query = select(runs).where(runs.c.state == RunState.PLANNED)
        found: dict[str, list[Run]] = {}
        for row in self._rows(query.order_by(runs.c.end_at, runs.c.id)):
            found.setdefault(row.report, []).append(self._run(row))
        return found

    def history(self, report: str | None = None) -> tuple[Run, ...]:
        """All frozen runs, or those of one report, in the order in which they came on record."""
        made = (run for run in self.record(report) if run.state is RunState.FROZEN)
        return tuple(sorted(made, key=lambda run: run.id))

    def outstanding(self, report: str) -> tuple[Run, ...]:
        """Frozen runs of a report with deliveries that have not arrived, oldest period first."""
        query = select(runs).where(runs.c.report == report, _UNARRIVED)
        return tuple(self._run(row) for row in self._rows(query.order_by(runs.c.end_at)))

    def last_whole(self, report: str) -> Run | None:
        """The frozen run of the newest period of which everything arrived."""
        query = select(runs).where(
            runs.c.report == report,
            runs.c.state == RunState.FROZEN,
            ~_UNARRIVED,
        )
        newest = query.order_by(runs.c.end_at.desc(), runs.c.revision.desc()).limit(1)
        return next((self._run(row) for row in self._rows(newest)), None)

    def unfinished(self, report: str) -> tuple[Run, ...]:
        """Frozen runs of a report with deliveries that are not settled, oldest period first."""
        some = _OF_THE_RUN.where(deliveries.c.state.in_(_UNSETTLED))
        query = select(runs).where(runs.c.report == report, some)
        rows = self._rows(query.order_by(runs.c.end_at, runs.c.revision))
        return tuple(self._run(row) for row in rows)

    # --- frozen bytes ---

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

    def frozen_asked(self, run: Run) -> bytes | None:
        """What a run asked for; None where the version that froze it kept no such file.

        Raises:
            LedgerError: it is gone or changed.
        """
        kept = (self.content(run, one) for one in self.artifacts(run) if one.path == ASKED)
        return next(kept, None)

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

    def delivered(self, destination: str) -> tuple[tuple[Run, tuple[Delivered, ...]], ...]:
        """All that has arrived at a destination, by run, in the order in which it was planned.

        Frozen runs alone, in the order in which they came on record; asked in one query.
        """
        query = (
            select(
                runs,
                deliveries.c.recipient,
                deliveries.c.changed_at,
                artifacts.c.sha256,
                artifacts.c.size,
            )
            .join(deliveries, deliveries.c.run_id == runs.c.id)
            .join(artifacts, artifacts.c.id == deliveries.c.artifact_id)
            .where(
                runs.c.state == RunState.FROZEN,
                deliveries.c.destination == destination,
                deliveries.c.state == DeliveryState.DELIVERED,
            )
            .order_by(runs.c.id, deliveries.c.id)
        )
        return tuple(
            (
                self._run(rows[0]),
                tuple(
                    Delivered(one.recipient, one.sha256, one.size, one.changed_at) for one in rows
                ),
            )
            for _, group in groupby(self._rows(query), key=attrgetter("id"))
            if (rows := list(group))
        )

    def told(self) -> dict[str, datetime]:
        """When operators were last told of each problem."""
        return {row.key: row.last_told_at for row in self._rows(select(told))}

    # --- inside ---

    def _rows(self, query: Select[Any]) -> list[Row[Any]]:
        with ledger_errors("look", self._place), self._engine.begin() as db:
            return list(db.execute(query))

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
            headline=row.headline,
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
