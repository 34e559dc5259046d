"""What the ledger tells: runs, their deliveries, their attempts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from slo_reports.model import DeliveryState


@dataclass(frozen=True)
class Run:
    """One frozen report: unique by report, period and revision.

    Attributes:
        period: the period's key (``Period.key``).
        start: first instant of the period [UTC].
        end: first instant after it [UTC].
        folder: where its frozen bytes lie.
    """

    id: int
    report: str
    period: str
    revision: int
    start: datetime
    end: datetime
    snapshot_sha256: str
    created_at: datetime
    folder: Path

    @property
    def title(self) -> str:
        """How sentences name it, such as ``monthly 2026-10 r1``."""
        return f"{self.report} {self.period} r{self.revision}"


@dataclass(frozen=True)
class Artifact:
    """One file of a run's folder: its path below it, and the hash that it was frozen with."""

    path: str
    media_type: str
    sha256: str


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
        tries: oldest first.
    """

    destination: str
    recipient: str
    state: DeliveryState
    receipt: str
    sha256: str
    message_id: str | None
    changed_at: datetime
    tries: tuple[Try, ...]
