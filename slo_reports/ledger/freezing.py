"""What a run consists of on disk and in the tables, before anything of it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert

from slo_reports.errors import LedgerError
from slo_reports.ledger.tables import artifacts, deliveries, runs
from slo_reports.model import (
    DeliveryState,
    Document,
    Parcel,
    Snapshot,
    content_hash,
    is_file_name,
)

RunKey = tuple[str, str, int]


@dataclass(frozen=True)
class FrozenFile:
    """One file of a run's folder."""

    path: str
    media_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Hash of the bytes."""
        return content_hash(self.content)


def run_key(snapshot: Snapshot) -> RunKey:
    """What a run is unique by: report, period, revision."""
    return snapshot.request.name, snapshot.period.key, snapshot.revision


def frozen_files(
    snapshot: Snapshot, documents: Iterable[Document], parcels: Iterable[Parcel]
) -> tuple[FrozenFile, ...]:
    """The snapshot, the documents, and the parcels whose bytes are none of these.

    Raises:
        LedgerError: a document's name is no plain file name, or two have the same.
    """
    files = {"snapshot.json": FrozenFile("snapshot.json", "application/json", snapshot.to_json())}
    for one in documents:
        path = f"documents/{one.name}"
        if not is_file_name(one.name) or path in files:
            msg = f"{one.name!r} cannot be frozen: no plain file name, or used twice in the run"
            raise LedgerError(msg)
        files[path] = FrozenFile(path, one.media_type, one.content)
    known = {(one.sha256, one.media_type) for one in files.values()}
    for parcel in parcels:
        if (parcel.sha256, parcel.media_type) not in known:
            ending = "eml" if parcel.media_type == "message/rfc822" else "bin"
            path = f"parcels/{parcel.sha256}.{ending}"
            files[path] = FrozenFile(path, parcel.media_type, parcel.content)
            known.add((parcel.sha256, parcel.media_type))
    return tuple(files.values())


def insert_run(
    db: Connection,
    snapshot: Snapshot,
    files: Iterable[FrozenFile],
    parcels: Iterable[Parcel],
    now: datetime,
) -> Row[Any]:
    """Record a run with its artifacts and its deliveries, all pending."""
    report, period, revision = run_key(snapshot)
    run = db.execute(
        insert(runs)
        .values(
            report=report,
            period=period,
            revision=revision,
            start_at=snapshot.period.start,
            end_at=snapshot.period.end,
            snapshot_sha256=content_hash(snapshot.to_json()),
            created_at=now,
        )
        .returning(*runs.c)
    ).one()
    _insert_deliveries(db, run.id, parcels, _insert_artifacts(db, run.id, files), now)
    return run


def _insert_artifacts(
    db: Connection, run_id: int, files: Iterable[FrozenFile]
) -> Mapping[tuple[str, str], int]:
    """Record the files; the artifacts' ids by hash and media type."""
    return {
        (one.sha256, one.media_type): db.execute(
            insert(artifacts)
            .values(
                run_id=run_id,
                path=one.path,
                media_type=one.media_type,
                sha256=one.sha256,
                size=len(one.content),
            )
            .returning(artifacts.c.id)
        ).scalar_one()
        for one in files
    }


def _insert_deliveries(
    db: Connection,
    run_id: int,
    parcels: Iterable[Parcel],
    ids: Mapping[tuple[str, str], int],
    now: datetime,
) -> None:
    for parcel in parcels:
        db.execute(
            insert(deliveries).values(
                run_id=run_id,
                artifact_id=ids[parcel.sha256, parcel.media_type],
                destination=parcel.destination,
                recipient=parcel.recipient,
                message_id=parcel.message_id,
                state=DeliveryState.PENDING,
                receipt="",
                changed_at=now,
            )
        )
