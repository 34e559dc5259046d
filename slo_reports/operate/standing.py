"""How the job stands: what the metrics are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from slo_reports.model import DeliveryState


@dataclass(frozen=True)
class ReportStanding:
    """How one report stands.

    Attributes:
        report: its name in the settings.
        last_success: when the newest run that arrived whole was last delivered to; None where
            none has.
        last_period_end: the end of the newest period whose run arrived whole; None likewise.
        due_runs: periods that are due and not made.
        deliveries: how many deliveries of all its runs are in each state that is not settled, or
            is held; states that are left out count as none.
    """

    report: str
    last_success: datetime | None
    last_period_end: datetime | None
    due_runs: int
    deliveries: tuple[tuple[DeliveryState, int], ...] = ()

    def count(self, state: DeliveryState) -> int:
        """How many deliveries are in a state."""
        return dict(self.deliveries).get(state, 0)

    @property
    def held(self) -> int:
        """How many deliveries wait for a person."""
        return sum(count for state, count in self.deliveries if state.held)


@dataclass(frozen=True)
class Standing:
    """How the whole job stands, after a run.

    Attributes:
        reports: one for each report of the settings that has a schedule or a run.
        started_at: when the run began.
        duration: how long it took.
        exit_code: what it ends with.
        version: of slo-reports.
    """

    reports: tuple[ReportStanding, ...]
    started_at: datetime
    duration: timedelta
    exit_code: int
    version: str

    @property
    def ended_at(self) -> datetime:
        """When the run ended."""
        return self.started_at + self.duration
