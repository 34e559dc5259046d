"""The frozen nouns that the rooms hand to each other.

Ratios run 0 to 1, instants are in UTC, counts are events. ``Snapshot`` is all that a report will
ever know (nothing is asked of the world after it); ``Report`` is the judged snapshot that every
document is rendered from. Words and formulas are those of docs/arithmetic.md.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import BeforeValidator, ConfigDict, PlainSerializer, TypeAdapter

from slo_reports.periods import Period


def _as_floats(value: Any) -> NDArray[np.float64]:
    array = np.asarray(value, dtype=np.float64)
    array.setflags(write=False)
    return array


def _as_plain(array: NDArray[np.float64]) -> list[float | None]:
    # JSON has no NaN: a break in a line is null, and reads back as NaN.
    if np.isfinite(array).all():
        return cast("list[float | None]", array.tolist())
    return [value if np.isfinite(value) else None for value in array.tolist()]


Floats = Annotated[
    NDArray[np.float64],
    BeforeValidator(_as_floats),
    PlainSerializer(_as_plain, return_type=list[float | None]),
]
_ARRAYS = ConfigDict(arbitrary_types_allowed=True)


# --- definitions -------------------------------------------------------------------------------


class Tier(StrEnum):
    """How much depends on a service, most critical first."""

    CRITICAL = "critical"
    ESSENTIAL = "essential"
    STANDARD = "standard"
    BEST_EFFORT = "best_effort"


@dataclass(frozen=True, order=True)
class Matcher:
    """One label filter of a selector, as PromQL understands it (regexes match whole values)."""

    label: str
    op: Literal["=", "!=", "=~", "!~"]
    value: str


@dataclass(frozen=True)
class RatioIndicator:
    """Good over valid events, counted by one counter metric.

    Attributes:
        metric: name of the counter.
        filters: which events are valid.
        good: which of the valid events are good.
    """

    metric: str
    filters: tuple[Matcher, ...]
    good: tuple[Matcher, ...]
    type: Literal["ratio"] = "ratio"


@dataclass(frozen=True)
class CountersIndicator:
    """Good over valid events, each counted by the sum of a counter selector of its own.

    Exactly one of ``good`` and ``bad`` is set.
    """

    valid_metric: str
    valid: tuple[Matcher, ...]
    good_metric: str | None = None
    good: tuple[Matcher, ...] = ()
    bad_metric: str | None = None
    bad: tuple[Matcher, ...] = ()
    type: Literal["counters"] = "counters"


@dataclass(frozen=True)
class QueryIndicator:
    """Good and valid events of one slice, each answered by a PromQL expression.

    The expressions hold ``$window``, which becomes the slice's length, and return one number of
    events. They are taken as the user wrote them: the exact counter method cannot look inside.
    """

    good: str
    valid: str
    type: Literal["query"] = "query"


@dataclass(frozen=True)
class LatencyIndicator:
    """Events at or below a threshold, from a classic histogram's cumulative buckets.

    Attributes:
        histogram: metric name without ``_bucket``.
        filters: which events are valid.
        threshold: the boundary that good events stay within [s]; must be a bucket boundary.
    """

    histogram: str
    filters: tuple[Matcher, ...]
    threshold: Decimal
    type: Literal["latency"] = "latency"


Indicator = RatioIndicator | CountersIndicator | QueryIndicator | LatencyIndicator


@dataclass(frozen=True)
class Objective:
    """A promise: the share of good events over a window.

    Attributes:
        target: promised share of good events [ratio, 0 < target <= 1], exact as written.
        window: what the promise is made over, such as ``month``, ``week`` or ``30d``.
        length: the window's nominal length, to choose among several objectives.
    """

    target: Decimal
    window: str
    length: timedelta


@dataclass(frozen=True)
class BurnRateAlert:
    """One multi-window burn-rate alert that the service's owners are paged or ticketed by."""

    severity: str
    long: timedelta
    short: timedelta
    threshold: float


@dataclass(frozen=True)
class Origin:
    """Where a definition was written."""

    path: str
    line: int


@dataclass(frozen=True)
class Slo:
    """One service level objective: what is measured, and what is promised about it.

    Attributes:
        id: ``namespace/name``, unique over all definitions.
        title: the words a page shows, such as ``Availability`` or ``Latency under 500 ms``.
    """

    id: str
    name: str
    namespace: str
    service: str
    title: str
    owner: str
    indicator: Indicator
    objectives: tuple[Objective, ...]
    tier: Tier | None = None
    description: str = ""
    burn_rates: tuple[BurnRateAlert, ...] = ()
    minimum_coverage: float = 0.95
    runbook: str | None = None
    dashboard: str | None = None
    origin: Origin | None = None

    def objective_for(self, period: Period) -> Objective:
        """The objective whose window is nearest to the period's length, the first on a tie."""
        return min(self.objectives, key=lambda one: abs(one.length - period.length))


# --- measurements ------------------------------------------------------------------------------


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

    __pydantic_config__ = _ARRAYS

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
    """

    period: Period
    good: float
    valid: float
    coverage: float
    since: datetime | None = None


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
    """

    slices: Slices | None
    since: datetime | None = None
    reason: str | None = None
    queries: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    history: tuple[Totals, ...] = ()


@dataclass(frozen=True, order=True)
class Incident:
    """A span in which something was wrong.

    Attributes:
        start: first instant at which it was noticed [UTC].
        end: first instant at which it was over, or the data's end while it goes on [UTC].
        slo: id of the SLO that the source named, if it did.
        severity: as the source says, ``page`` and ``ticket`` among them.
        source: what told of it, such as ``alert``.
        alerts: names of the alerts that were merged into it.
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


@dataclass(frozen=True)
class Subject:
    """One SLO of a snapshot with all that was measured of it."""

    slo: Slo
    measurement: Measurement


@dataclass(frozen=True)
class ReportRequest:
    """The settings of a report that matter to its content."""

    name: str
    title: str
    author: str
    language: str = "en"
    footer: str = ""
    lookback: timedelta | None = None
    """Trailing look-back of the burn rate; None: 3 days, 1 day for spans of up to 10 days."""


@dataclass(frozen=True)
class Snapshot:
    """Everything that a report will say anything about: data only, frozen, with a hash."""

    request: ReportRequest
    period: Period
    subjects: tuple[Subject, ...]
    incidents: tuple[Incident, ...]
    provenance: tuple[Provenance, ...]
    frozen_at: datetime
    revision: int = 1
    schema: int = 1

    def to_json(self) -> bytes:
        """Canonical JSON: sorted keys, no spaces, UTF-8."""
        plain = _SNAPSHOT.dump_python(self, mode="json")
        text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return text.encode()

    @staticmethod
    def from_json(data: bytes) -> Snapshot:
        """The snapshot that ``to_json`` wrote."""
        return _SNAPSHOT.validate_json(data)


def content_hash(data: bytes) -> str:
    """SHA-256 of bytes, in hexadecimal: how snapshots and artifacts are named and compared."""
    return hashlib.sha256(data).hexdigest()


# --- judgements --------------------------------------------------------------------------------


class Outcome(StrEnum):
    """The verdict on a period."""

    MET = "met"
    MISSED = "missed"
    NO_TRAFFIC = "no traffic"
    INSUFFICIENT_DATA = "insufficient data"
    NOT_MEASURED = "not measured"


class BudgetStatus(StrEnum):
    """The forward-looking state of an error budget at the as-of instant."""

    HEALTHY = "healthy"
    ATTENTION = "attention"
    WARNING = "warning"
    CRITICAL = "critical"
    EXHAUSTED = "exhausted"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Budget:
    """The error budget of one period, and what was used of it.

    Attributes:
        events: the whole period's budget [events]; an estimate while the period runs.
        minutes: the same as time [min].
        consumed: used share of the whole period's budget [ratio]; over 1 when overspent, None
            where there is no budget (target 100 %) or no traffic.
        remaining: 1 − consumed; negative when overspent.
        bad: bad events so far [events].
    """

    events: float
    minutes: float
    consumed: float | None
    remaining: float | None
    bad: float

    @property
    def consumed_minutes(self) -> float | None:
        """Used budget as time [min]."""
        return None if self.consumed is None else self.consumed * self.minutes

    @property
    def remaining_minutes(self) -> float | None:
        """Budget left as time [min]; negative when overspent."""
        return None if self.remaining is None else self.remaining * self.minutes

    @property
    def remaining_events(self) -> float:
        """Bad events that may still happen in the period; negative when overspent."""
        return self.events - self.bad


@dataclass(frozen=True)
class Exhaustion:
    """When the budget was, or at the present rate will be, used up.

    ``spent``: it was used up at ``at``. ``projected``: it will be at ``at``, inside the period.
    ``later``: not in this period; ``at`` is where the line would cross, after the end.
    ``never``: nothing burns.
    """

    kind: Literal["spent", "projected", "later", "never"]
    at: datetime | None


@dataclass(frozen=True, eq=False)
class Curve:
    """Values at instants, for a chart; NaN breaks the line."""

    __pydantic_config__ = _ARRAYS

    times: Floats
    """Seconds since the epoch, ascending."""
    values: Floats


@dataclass(frozen=True)
class Day:
    """One local day of a period; ``sli`` is None without traffic or data."""

    day: date
    sli: float | None
    good: float
    valid: float
    coverage: float


@dataclass(frozen=True)
class PastPeriod:
    """One earlier period (or, last in the list, the reported one) of an SLO's trend."""

    period: Period
    sli: float | None
    consumed: float | None
    outcome: Outcome


@dataclass(frozen=True)
class IncidentShare:
    """How much of one SLO's budget fell into one incident.

    Attributes:
        bad: bad events in the slices that the incident touches, each slice weighted by the share
            of it that the incident covers, widened by ``lead`` before an alert began [events].
        consumed: the same as a share of the whole period's budget [ratio].
    """

    letter: str
    bad: float
    consumed: float


@dataclass(frozen=True)
class SloResult:
    """One SLO, judged.

    Attributes:
        sli: good / valid, unrounded [ratio]; None without traffic or data.
        verdict_exact: the sentence of the exact comparison, such as
            ``19 998 000 of 20 000 000 good; 99.9 % asks for 19 980 000``.
        burn: burn rate over the trailing look-back [1]; None without traffic in it.
        pace: consumed / elapsed fraction [1].
        incidents: shares by incident letter, in order of time.
        unattributed: consumed share outside every incident [ratio].
    """

    slo: Slo
    objective: Objective
    outcome: Outcome
    status: BudgetStatus
    good: float
    valid: float
    sli: float | None
    coverage: float
    since: datetime | None
    reason: str | None
    budget: Budget
    burn: float | None
    lookback: timedelta
    pace: float | None
    exhaustion: Exhaustion | None
    verdict_exact: str
    remaining_curve: Curve | None
    burn_curves: tuple[tuple[timedelta, Curve], ...]
    days: tuple[Day, ...]
    history: tuple[PastPeriod, ...]
    incidents: tuple[IncidentShare, ...]
    unattributed: float | None
    missing: tuple[tuple[datetime, datetime], ...]
    notes: tuple[str, ...]
    queries: tuple[str, ...]

    @property
    def previous(self) -> PastPeriod | None:
        """The period just before the reported one, where it is known."""
        return self.history[-2] if len(self.history) > 1 else None


class ServiceState(StrEnum):
    """One word for a whole service, worst objective first."""

    MISSED = "missed"
    AT_RISK = "at risk"
    NO_VERDICT = "no verdict"
    MET = "met"


@dataclass(frozen=True)
class ServiceResult:
    """A service with its objectives, worst first, and one line about it."""

    name: str
    owner: str
    tier: Tier | None
    state: ServiceState
    remaining: float | None
    note: str
    results: tuple[SloResult, ...]


@dataclass(frozen=True)
class JudgedIncident:
    """An incident with its letter and what it cost.

    Attributes:
        costs: (SLO id, SLO title with its service, consumed share, bad events), dearest first.
    """

    letter: str
    incident: Incident
    costs: tuple[tuple[str, str, float, float], ...]

    @property
    def length(self) -> timedelta:
        """From the first notice to the end."""
        return self.incident.end - self.incident.start


@dataclass(frozen=True)
class Recommendation:
    """One thing to do, with the evidence that it rests on.

    Attributes:
        kind: machine word, such as ``hold-releases``.
        action: what to do, an imperative sentence without full stop.
        evidence: the numbers it rests on.
        owner: who should do it.
        due: until when, as words.
        score: what ranks it, higher first.
    """

    kind: str
    action: str
    evidence: str
    owner: str
    due: str
    service: str
    slo: str | None
    score: float


@dataclass(frozen=True)
class Figure:
    """One of the large numbers of the first page."""

    value: str
    unit: str
    label: str
    before: str


@dataclass(frozen=True)
class Report:
    """A judged period: what every document is made from.

    Attributes:
        headline: the whole report in one or two sentences.
        figures: four large numbers.
        services: worst first.
        incidents: in order of time, with letters.
        recommendations: most urgent first.
        coverage: mean coverage of all measured objectives [ratio], None where none was.
        snapshot_hash: SHA-256 of the snapshot that this was computed from.
    """

    request: ReportRequest
    period: Period
    revision: int
    frozen_at: datetime
    snapshot_hash: str
    headline: str
    figures: tuple[Figure, ...]
    services: tuple[ServiceResult, ...]
    incidents: tuple[JudgedIncident, ...]
    recommendations: tuple[Recommendation, ...]
    coverage: float | None
    provenance: tuple[Provenance, ...]
    notes: tuple[str, ...] = ()

    @property
    def results(self) -> tuple[SloResult, ...]:
        """Every objective, in the order of the page."""
        return tuple(one for service in self.services for one in service.results)

    def to_json(self) -> bytes:
        """The whole report as JSON with sorted keys, for machines."""
        plain = _REPORT.dump_python(self, mode="json")
        return json.dumps(plain, sort_keys=True, indent=1, ensure_ascii=False).encode()


# --- documents ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Document:
    """Bytes with the name of a file and a media type."""

    name: str
    media_type: str
    content: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """Hash of the bytes."""
        return content_hash(self.content)


@dataclass(frozen=True)
class MailBody:
    """What a message says, before it is addressed.

    Attributes:
        images: documents that the HTML shows as ``cid:NAME``.
    """

    subject: str
    text: str
    html: str
    images: tuple[Document, ...] = ()


@dataclass(frozen=True)
class Bundle:
    """All documents of one run: what the destinations are given."""

    report: str
    period_id: str
    revision: int
    date: datetime
    documents: tuple[Document, ...]
    mail: MailBody | None = None


# --- deliveries --------------------------------------------------------------------------------


class DeliveryState(StrEnum):
    """How far one delivery has come; an attempt's outcome is one of these, too."""

    PENDING = "pending"
    """Frozen, nothing tried yet."""
    SENDING = "sending"
    """Begun; found at a start, it was interrupted and may have arrived."""
    DELIVERED = "delivered"
    DEFERRED = "deferred"
    """Failed in a way that may pass: tried again."""
    UNCERTAIN = "uncertain"
    """Handed over, but the answer was lost: the identical bytes are sent again."""
    REJECTED = "rejected"
    """Refused for good: a person must look."""

    @property
    def settled(self) -> bool:
        """Whether nothing more will be tried without a person's word."""
        return self in {DeliveryState.DELIVERED, DeliveryState.REJECTED}


@dataclass(frozen=True)
class Parcel:
    """What one destination is given for one recipient, byte for byte.

    Attributes:
        destination: its name in the settings.
        recipient: a mail address, or a path below a share's folder with ``/`` between names.
        message_id: of a mail, with its angle brackets.
    """

    destination: str
    recipient: str
    media_type: str
    content: bytes = field(repr=False)
    message_id: str | None = None

    @property
    def sha256(self) -> str:
        """Hash of the bytes."""
        return content_hash(self.content)


def is_file_name(text: str) -> bool:
    """Whether a text names one file in its folder and nothing else, on any system a share has."""
    return (
        0 < len(text.encode(errors="replace")) <= 200
        and text.isprintable()
        and not set(text) & set('/\\:*?"<>|')
        and not text.startswith((".", " "))
        and not text.endswith((".", " "))
    )


_SNAPSHOT: TypeAdapter[Snapshot] = TypeAdapter(Snapshot)
_REPORT: TypeAdapter[Report] = TypeAdapter(Report)
_BUNDLE: TypeAdapter[Bundle] = TypeAdapter(Bundle)
