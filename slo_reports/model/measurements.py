"""What was measured: slices, totals, incidents, exclusions, and which source said so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from slo_reports.model.arrays import ARRAYS, Floats
from slo_reports.model.definitions import Slo
from slo_reports.periods import Period


@dataclass(frozen=True, eq=False)
class Slices:
    """Events of one SLO at a fixed grain, oldest first, all arrays of one length.

    Attributes:
        start: first instant of the first slice [UTC].
        step: length of one slice.
        good: good events per slice [events]; 0 where there are no data.
        valid: valid events per slice [events]; 0 where there are no data.
        coverage: share of each slice that the source had data for [ratio].
    """

    __pydantic_config__ = ARRAYS

    start: datetime
    step: timedelta
    good: Floats
    valid: Floats
    coverage: Floats

    def __len__(self) -> int:
        return len(self.valid)

    @property
    def end(self) -> datetime:
        """The first instant after the last slice."""
        return self.start + len(self) * self.step


@dataclass(frozen=True)
class Totals:
    """A whole period's events of one SLO, for comparison and trend.

    Attributes:
        coverage: share of the SLO's own life inside the period with data [ratio].
        since: when the SLO's data began, where that is inside the period.
        valid_parts: valid events of each part, where the target changed inside the period.
    """

    period: Period
    good: float
    valid: float
    coverage: float
    since: datetime | None = None
    valid_parts: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Measurement:
    """What was measured of one SLO.

    Attributes:
        slices: the period's slices, or None where the SLO could not be measured.
        since: when the service's data began, where that is inside the period (it is judged on its
            own life); None where it was there from the start.
        reason: why it could not be measured, as one sentence.
        queries: the PromQL that was asked, for the reader who wants to check.
        notes: what a reader must know about the numbers.
        history: earlier periods of the same kind, oldest first, without the reported one.
        buckets: of a latency, the period's events at or below each boundary [s]; the last entry,
            with None, holds all events.
        interpolated: the boundaries that good events were interpolated between [s].
    """

    slices: Slices | None
    since: datetime | None = None
    reason: str | None = None
    queries: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    history: tuple[Totals, ...] = ()
    buckets: tuple[tuple[float | None, float], ...] = ()
    interpolated: tuple[float, float] | None = None


@dataclass(frozen=True, order=True)
class Incident:
    """A span in which something was wrong.

    Attributes:
        start: first instant at which it was noticed [UTC].
        end: first instant at which it was over, or the data's end while it goes on [UTC].
        slo: id of the SLO that the source named, if it did.
        severity: as the source says, ``page`` and ``ticket`` among them.
        source: what told of it: ``alert``, ``alertmanager``, ``episode`` (found in the slices), or
            ``file`` and other words for what a person wrote down.
        alerts: names of the alerts that were merged into it.
        services: all services that it touched, where there are several.
        cause: why it happened, in a person's words.
        follow_up: what is done about it, in a person's words.
        url: where more is written (http or https).
        sources: everything that told of it, ``source`` first; empty before merging.
        detected_at: when the first alert fired, or when a person says that it was noticed [UTC].
        began_at: from when bad events burnt the budget, as the slices show it [UTC].
        ended_at: until when they did [UTC].
        timeline: what happened when [UTC], in a person's words, in order of time; not in the JSON
            where nobody wrote one.
    """

    start: datetime
    end: datetime
    id: str
    title: str
    service: str
    severity: str
    source: str
    slo: str | None = None
    ongoing: bool = False
    alerts: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    cause: str = ""
    follow_up: str = ""
    url: str = ""
    sources: tuple[str, ...] = ()
    detected_at: datetime | None = None
    began_at: datetime | None = None
    ended_at: datetime | None = None
    timeline: tuple[tuple[datetime, str], ...] = ()


@dataclass(frozen=True, order=True)
class Exclusion:
    """A span that is taken out of good and valid events, with who says so and why.

    Attributes:
        start: first instant that is out [UTC].
        end: first instant that is in again [UTC].
        author: who wrote it down.
        approved_by: who agreed to it; an adjustment always names someone.
        kind: planned maintenance, or an adjustment of the budget after the fact.
        services: the services it is for; with no ``slos`` either, it is for all.
        slos: ids of the SLOs it is for.
    """

    start: datetime
    end: datetime
    reason: str
    author: str
    approved_by: str = ""
    kind: Literal["maintenance", "adjustment"] = "maintenance"
    services: tuple[str, ...] = ()
    slos: tuple[str, ...] = ()

    def concerns(self, slo: Slo) -> bool:
        """Whether it takes anything out of an SLO."""
        everything = not self.services and not self.slos
        return everything or slo.service in self.services or slo.id in self.slos


@dataclass(frozen=True)
class Provenance:
    """One source that was asked, and what it said of itself."""

    name: str
    used_for: str
    url: str
    version: str
    asked_at: datetime
    series: int
    queries: int
    warnings: tuple[str, ...] = ()
