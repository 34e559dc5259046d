"""The nouns of discovery: what was found, what was seen of it, and what is proposed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Literal

from slo_reports.model import Matcher, Slo, Tier
from slo_reports.periods import Period

Kind = Literal["api", "web", "batch", "streaming"]
"""The types of services, as the template library has them."""
LabelSet = Mapping[str, str]


class Measure(StrEnum):
    """What a family of metrics lets one measure."""

    EVENTS = "events"
    """A counter with a label that tells good from bad."""
    OUTCOMES = "outcomes"
    """Counters of their own for what went well and what did not."""
    LATENCY = "latency"
    """A histogram of durations."""
    FRESHNESS = "freshness"
    """The instant of the last success, as seconds since the epoch."""
    BACKLOG = "backlog"
    """A gauge of what waits."""
    PROBE = "probe"
    """A gauge that is 1 where a probe succeeded."""


@dataclass(frozen=True, order=True)
class ServiceKey:
    """Which service a series belongs to.

    Attributes:
        name: as its label says it.
        namespace: the group that it is in, empty where no label says one.
        environment: such as ``staging``, empty where there is only one.
    """

    name: str
    namespace: str = ""
    environment: str = ""

    @property
    def title(self) -> str:
        """The name for people, with what tells it from others of the same name."""
        return f"{self.name} ({self.environment})" if self.environment else self.name


@dataclass(frozen=True)
class Candidate:
    """Something that can be measured of a service.

    Attributes:
        family: the family's name in the table, for people.
        protocol: such as ``http`` or ``grpc``; one availability is proposed for each.
        rank: place of the family in the table; of several, the first is taken.
        metric: the counter or gauge, or the histogram without its suffix.
        filters: which of its series are meant.
        good: which events are good; for events only.
        spoilt: the counter of what went wrong; for outcomes only.
        milliseconds: whether a histogram's boundaries are in milliseconds rather than seconds.
        native: whether it is a native histogram.
        excluded: routes that no user asks for and that are taken out.
        callers: how many other services were seen to call it.
        series: the labels of the series that it was found by.
    """

    service: ServiceKey
    kind: Kind
    measure: Measure
    family: str
    protocol: str
    rank: int
    metric: str
    filters: tuple[Matcher, ...]
    good: tuple[Matcher, ...] = ()
    spoilt: str = ""
    milliseconds: bool = False
    native: bool = False
    excluded: tuple[str, ...] = ()
    callers: int = 0
    user_facing: bool = False
    owner: str = ""
    series: tuple[LabelSet, ...] = field(default=(), repr=False, compare=False)


@dataclass(frozen=True)
class Found:
    """A service, with all that can be measured of it.

    Attributes:
        candidates: one for each objective that may be proposed; none where nothing can be told.
        also: other metrics that tell the same and were not taken.
        remarks: what cannot be measured, and why.
    """

    key: ServiceKey
    kind: Kind
    candidates: tuple[Candidate, ...]
    also: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def owner(self) -> str:
        """The team that a label names; empty where none does."""
        return next((one.owner for one in self.candidates if one.owner), "")


@dataclass(frozen=True)
class Count:
    """Good and valid events (or slices) of a span.

    Attributes:
        coverage: the part of the span with data [ratio].
    """

    good: float
    valid: float
    coverage: float

    @property
    def sli(self) -> Fraction | None:
        """Good over valid events; None where nothing was served."""
        if self.valid <= 0:
            return None
        return Fraction(repr(self.good)) / Fraction(repr(self.valid))

    def held(self, target: Decimal) -> bool:
        """Whether a target would have been met; what served nothing has missed nothing."""
        return self.sli is None or self.sli >= Fraction(target)


@dataclass(frozen=True)
class Observation:
    """What was seen of one candidate.

    Attributes:
        weeks: the past weeks, oldest first.
        total: all of them together.
        month: the last calendar month.
        since: when its data began, where that is inside what was looked at.
        last: the newest slice with data; None where there was none.
        reason: why nothing could be measured; empty where it could.
    """

    weeks: tuple[Count, ...]
    total: Count
    month: Count
    month_period: Period
    since: datetime | None = None
    last: datetime | None = None
    reason: str = ""


class Basis(StrEnum):
    """What a proposed target rests on."""

    HELD = "held"
    """The tier's target, and it was met."""
    MISSED = "missed"
    """The tier's target, although last month or the weeks seen missed it; it says so."""
    LOWERED = "lowered"
    """Less than the tier's target: what was seen is too far from it, or there are too few events
    for it."""
    UNSEEN = "unseen"
    """The tier's target; nothing was seen that could speak for or against it."""


@dataclass(frozen=True)
class Step:
    """A target that holds from a day on."""

    target: Decimal
    start: date


@dataclass(frozen=True)
class Target:
    """A proposed target.

    Attributes:
        target: promised share of good events [ratio]; with phases, the last one's.
        phases: targets that follow each other, where it is proposed to rise.
        short: why it is what it is, in a few words.
        reasons: the same in full, each a sentence.
    """

    target: Decimal
    basis: Basis
    short: str
    reasons: tuple[str, ...]
    phases: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Objective:
    """One proposed objective of a service.

    Attributes:
        document: the definition as plain data.
        slo: the same, as it reads back.
        reasons: what was chosen and why, each a sentence.
    """

    candidate: Candidate
    document: Mapping[str, Any]
    slo: Slo
    observed: Observation
    target: Target
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Proposal:
    """The definitions that are proposed for one service.

    Attributes:
        tier_reasons: why it is this tier.
        owner: the team that a label names, or ``unknown``.
        remarks: what cannot be measured or was not taken.
        file_name: where ``write_proposals`` writes it, without a folder.
        text: the definition file.
    """

    service: str
    namespace: str
    kind: Kind
    tier: Tier
    tier_reasons: tuple[str, ...]
    owner: str
    objectives: tuple[Objective, ...]
    remarks: tuple[str, ...]
    file_name: str
    text: str


@dataclass(frozen=True)
class LeftOut:
    """A service that nothing is proposed for, and why."""

    service: str
    namespace: str
    kind: Kind
    reason: str


@dataclass(frozen=True)
class Discovery:
    """What a look at a source came to.

    Attributes:
        proposals: by name of the service.
        left_out: services that were found and get no definition.
        url: the source, without credentials.
        at: the instant up to which it was looked at.
        method: how the events were counted, one sentence.
    """

    proposals: tuple[Proposal, ...]
    left_out: tuple[LeftOut, ...]
    url: str
    at: datetime
    weeks: int
    zone: str
    method: str
