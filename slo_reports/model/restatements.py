"""Why a filed report was made again, what it said before, and what it tells of its delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from slo_reports.model.judgements import Outcome


@dataclass(frozen=True)
class ObjectiveFigures:
    """The figures that one revision of a report gave for an objective.

    Attributes:
        slo: id of the objective.
        service: the service that it is about.
        title: the objective's own title.
        target: what it was judged by [ratio].
        sli: good over valid [ratio]; None without traffic or data.
        consumed: used share of the error budget [ratio]; None where there is none.
        remaining: budget left [ratio]; None likewise.
        good: good events [in ``unit``].
        valid: valid events [in ``unit``].
        coverage: share of its life with data [ratio].
        unit: what was counted, such as ``events`` or ``slices of 5 minutes``.
    """

    slo: str
    service: str
    title: str
    target: Decimal
    sli: float | None
    outcome: Outcome
    consumed: float | None
    remaining: float | None
    good: float
    valid: float
    coverage: float
    unit: str = "events"

    @property
    def bad(self) -> float:
        """Bad events [in ``unit``]."""
        return self.valid - self.good


@dataclass(frozen=True)
class Restatement:
    """What a revision replaces, and why.

    Attributes:
        reason: one sentence, by a person.
        author: who restated it; empty where nobody is known.
        at: when it was decided [UTC].
        replaces: number of the revision that is replaced.
        replaced_at: when that was frozen [UTC].
        replaced_hash: SHA-256 of its snapshot.
        figures: what it said, for every objective that it had.
    """

    reason: str
    author: str
    at: datetime
    replaces: int
    replaced_at: datetime
    replaced_hash: str
    figures: tuple[ObjectiveFigures, ...]


@dataclass(frozen=True, order=True)
class Notice:
    """One thing that a report must tell about its own delivery.

    Attributes:
        kind: machine word, such as ``undelivered``.
        sentence: what happened, for a reader who knows nothing of it.
        since: from when on [UTC]; None where there is no such instant.
    """

    kind: str
    sentence: str
    since: datetime | None = None
