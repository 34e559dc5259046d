"""What a run consists of, in files and in rows, before anything of it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from slo_reports.errors import LedgerError
from slo_reports.ledger.records import Freezing, Owed, RunState
from slo_reports.ledger.tables import artifacts, attempts, deliveries, runs
from slo_reports.model import (
    DeliveryState,
    Snapshot,
    content_hash,
    is_file_name,
)

RunKey = tuple[str, str, int]
_MAIL = "message/rfc822"
_SNAPSHOT = "snapshot.json"
ASKED = "asked.json"
"""What the report asks for; runs that an older version froze have none."""


@dataclass(frozen=True)
class FrozenFile:
    """One file of a run's folder."""

    path: str
    media_type: str
    content: bytes

    @cached_property
    def sha256(self) -> str:
        """Hash of the bytes."""
        return content_hash(self.content)


def run_key(snapshot: Snapshot) -> RunKey:
    """What a run is unique by: report, period, revision."""
    return snapshot.request.name, snapshot.period.key, snapshot.revision


def frozen_files(freezing: Freezing) -> tuple[FrozenFile, ...]:
    """The snapshot, what it asks for, the documents, and the parcels that are none of these.

    Raises:
        LedgerError: a document's name is no plain file name, or two have the same.
    """
    files = {_SNAPSHOT: FrozenFile(_SNAPSHOT, "application/json", freezing.snapshot.to_json())}
    if freezing.asked is not None:
        files[ASKED] = FrozenFile(ASKED, "application/json", freezing.asked.to_json())
    for one in freezing.documents:
        path = f"documents/{one.name}"
        if not is_file_name(one.name) or path in files:
            msg = f"{one.name!r} cannot be frozen: no plain file name, or used twice in the run"
            raise LedgerError(msg)
        files[path] = FrozenFile(path, one.media_type, one.content)
    known = {(one.sha256, one.media_type) for one in files.values()}
    for parcel in freezing.parcels:
        if (parcel.sha256, parcel.media_type) not in known:
            ending = "eml" if parcel.media_type == _MAIL else "bin"
            path = f"parcels/{parcel.sha256}.{ending}"
            files[path] = FrozenFile(path, parcel.media_type, parcel.content)
            known.add((parcel.sha256, parcel.media_type))
    return tuple(files.values())


def find_row(db: Connection, key: RunKey) -> Row[Any] | None:
    """The row of a run, whatever its state."""
    report, period, revision = key
    return db.execute(
        select(runs).where(
            runs.c.report == report, runs.c.period == period, runs.c.revision == revision
        )
    ).one_or_none()


def plan_row(db: Connection, owed: Owed, now: datetime) -> Row[Any] | None:
    """Record what fell due; None where it is on record already.

    A run that a person asked for before it fell due has fallen due now.
    """
    found = find_row(db, (owed.report, owed.period.key, 1))
    if found is not None:
        untimed = (runs.c.id == found.id) & runs.c.due_at.is_(None)
        db.execute(update(runs).where(untimed).values(due_at=owed.due_at))
        return None
    new = insert(runs).values(
        report=owed.report,
        period=owed.period.key,
        revision=1,
        start_at=owed.period.start,
        end_at=owed.period.end,
        zone=owed.period.zone,
        due_at=owed.due_at,
        headline="",
        snapshot_sha256="",
        created_at=now,
        state=RunState.SKIPPED if owed.skipped else RunState.PLANNED,
        reason=owed.skipped,
    )
    return db.execute(new.returning(*runs.c)).one()


def record_frozen(
    db: Connection, freezing: Freezing, files: Iterable[FrozenFile], now: datetime
) -> Row[Any]:
    """Record a run as frozen, with its artifacts and its deliveries."""
    kept = tuple(files)
    run = _frozen_row(db, freezing, kept, now)
    ids = _insert_artifacts(db, run.id, kept)
    for parcel in freezing.parcels:
        folded = "" if parcel.message_id is None else freezing.folded_into
        db.execute(
            insert(deliveries).values(
                run_id=run.id,
                artifact_id=ids[parcel.sha256, parcel.media_type],
                destination=parcel.destination,
                recipient=parcel.recipient,
                message_id=parcel.message_id,
                state=DeliveryState.FOLDED if folded else DeliveryState.PENDING,
                receipt=f"told with {folded}" if folded else "",
                changed_at=now,
            )
        )
    _replace_unsent(db, run, now)
    return run


def _replace_unsent(db: Connection, run: Row[Any], now: datetime) -> None:
    """Send no message of an earlier revision any more that did not arrive before this one was made.

    Files are filed all the same: each revision stands beside the others.
    """
    earlier = select(runs.c.id).where(
        runs.c.report == run.report,
        runs.c.period == run.period,
        runs.c.revision < run.revision,
    )
    unsent = (
        deliveries.c.run_id.in_(earlier)
        & deliveries.c.message_id.is_not(None)
        & deliveries.c.state.in_([state for state in DeliveryState if not state.arrived])
    )
    detail = f"not sent any more: revision {run.revision} is"
    for delivery in db.scalars(select(deliveries.c.id).where(unsent)).all():
        outcome = DeliveryState.FOLDED
        entry = {"delivery_id": delivery, "at": now, "outcome": outcome, "detail": detail}
        db.execute(insert(attempts).values(entry))
        moved = {"state": outcome, "receipt": detail, "changed_at": now}
        db.execute(update(deliveries).where(deliveries.c.id == delivery).values(moved))


def _frozen_row(
    db: Connection, freezing: Freezing, files: Iterable[FrozenFile], now: datetime
) -> Row[Any]:
    snapshot = freezing.snapshot
    key = report, period, revision = run_key(snapshot)
    frozen = {
        "start_at": snapshot.period.start,
        "end_at": snapshot.period.end,
        "zone": snapshot.period.zone,
        "snapshot_sha256": next(one.sha256 for one in files if one.path == _SNAPSHOT),
        "created_at": now,
        "state": RunState.FROZEN,
        "reason": "",
        "headline": freezing.headline,
    }
    planned = find_row(db, key)
    if planned is not None:
        changed = update(runs).where(runs.c.id == planned.id).values(frozen)
        return db.execute(changed.returning(*runs.c)).one()
    new = insert(runs).values(report=report, period=period, revision=revision, **frozen)
    return db.execute(new.returning(*runs.c)).one()


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
