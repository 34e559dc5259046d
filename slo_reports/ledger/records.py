"""What the ledger tells: runs, their deliveries, their attempts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from slo_reports.model import DeliveryState, Document, Earlier, Parcel, Snapshot
from slo_reports.periods import Period, period_named


class RunState(StrEnum):
    """How far the making of one report has come."""

    PLANNED = "planned"
    """It fell due and is not made yet."""
    FROZEN = "frozen"
    """Made: everything that it sends is kept."""
    SKIPPED = "skipped"
    """Never made, for the reason on record: the settings or a person left it out."""
    IMPOSSIBLE = "impossible"
    """Tried for days, and nothing of it can be measured any more; the reason is on record."""


@dataclass(frozen=True)
class Owed:
    """A period that fell due, as the planner finds it.

    Attributes:
        due_at: the instant at which it did [UTC].
        skipped: why it is not made, where the settings leave it out; else empty.
    """

    report: str
    period: Period
    due_at: datetime
    skipped: str = ""


@dataclass(frozen=True)
class Run:
    """One report of one period: unique by report, period and revision.

    Attributes:
        period: the period's key (``Period.key``).
        start: first instant of the period [UTC], written once.
        end: first instant after it [UTC], written once.
        zone: that the bounds were cut from; empty where it is not on record.
        due_at: when it fell due [UTC]; None where a person asked for it.
        reason: why it was skipped or is impossible; else empty.
        created_at: when it was frozen, or planned as long as it is not [UTC].
        snapshot_sha256: empty until it is frozen.
        folder: where its frozen bytes lie; None where the database holds them.
        headline: what it says in a sentence or two; empty where that is not on record.
    """

    id: int
    report: str
    period: str
    revision: int
    start: datetime
    end: datetime
    snapshot_sha256: str
    created_at: datetime
    folder: Path | None
    state: RunState = RunState.FROZEN
    reason: str = ""
    zone: str = ""
    due_at: datetime | None = None
    headline: str = ""

    @property
    def title(self) -> str:
        """How sentences name it, such as ``monthly 2026-10 r1``."""
        return f"{self.report} {self.period} r{self.revision}"

    @property
    def whole_period(self) -> Period | None:
        """Its period with the bounds that were written down; None where it was judged to date."""
        found = period_named(self.period, self.zone or "UTC")
        return None if found is None else replace(found, start=self.start, end=self.end)


@dataclass(frozen=True)
class Freezing:
    """What is written down of a run before the first of it is sent.

    Attributes:
        documents: kept with it, by name.
        parcels: one delivery each.
        folded_into: title of the run whose mail tells of this one; its own messages are then kept
            and not sent. Empty: they are sent.
        headline: what the report says in a sentence or two.
        asked: what it asks for, for the report that will follow it up.
    """

    snapshot: Snapshot
    documents: tuple[Document, ...]
    parcels: tuple[Parcel, ...]
    folded_into: str = ""
    headline: str = ""
    asked: Earlier | None = None


@dataclass(frozen=True)
class Artifact:
    """One file of a run's folder: its path below it, and the hash that it was frozen with."""

    path: str
    media_type: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Try:
    """One entry of a delivery's append-only record."""

    at: datetime
    outcome: DeliveryState
    detail: str


@dataclass(frozen=True)
class Delivery:
    """One key (run, destination, recipient), how far it has come and how it got there.

    Attributes:
        receipt: of the last try: what the destination answered, or the reason it failed.
        sha256: hash of the bytes that are sent.
        next_try_at: not before this instant is it tried again; None: at once.
        tries: oldest first.
    """

    destination: str
    recipient: str
    state: DeliveryState
    receipt: str
    sha256: str
    message_id: str | None
    changed_at: datetime
    next_try_at: datetime | None
    tries: tuple[Try, ...]


@dataclass(frozen=True)
class Delivered:
    """What has arrived at a destination: the bytes with a hash and a size [bytes], and when."""

    recipient: str
    sha256: str
    size: int
    at: datetime


@dataclass(frozen=True)
class OpenDelivery:
    """A delivery that is still to be made, with the frozen bytes of it."""

    parcel: Parcel
    delivery: Delivery
