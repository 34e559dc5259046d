"""What is measured and what is promised about it: the SLO and its parts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from slo_reports.model.alerting import USUAL_ALERTING, Alerting, BurnRateAlert
from slo_reports.model.matching import Matcher
from slo_reports.model.written import Written
from slo_reports.periods import Period, midnight


class Tier(StrEnum):
    """How much depends on a service, most critical first."""

    CRITICAL = "critical"
    ESSENTIAL = "essential"
    STANDARD = "standard"
    BEST_EFFORT = "best_effort"


@dataclass(frozen=True)
class Characteristics:
    """What hangs on a service: a tier is recommended from it.

    Attributes:
        revenue: whether money is lost while it fails.
        safety: whether people are in danger while it fails.
        user_facing: whether users meet it themselves.
        dependants: how many other services need it.
        traffic: how much of it there is, beside the other services.
    """

    revenue: bool = False
    safety: bool = False
    user_facing: bool = False
    dependants: int = 0
    traffic: Literal["low", "medium", "high"] = "low"


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
    """Events at or below a threshold, from a histogram.

    Attributes:
        histogram: metric name without ``_bucket``.
        filters: which events are valid.
        threshold: what good events stay within [s]; a bucket boundary, unless interpolated.
        interpolate: whether a threshold off the boundaries is taken between its neighbours.
        native: whether it is a native histogram, without ``_bucket`` series, which always
            interpolates.
    """

    histogram: str
    filters: tuple[Matcher, ...]
    threshold: Decimal
    interpolate: bool = False
    native: bool = False
    type: Literal["latency"] = "latency"


Comparison = Literal["<", "<=", ">", ">=", "==", "!="]


@dataclass(frozen=True)
class GaugeIndicator:
    """Samples of a gauge (or boolean), each good where it compares with a limit as promised.

    Good and valid events are samples, summed over the series of the selector.
    """

    metric: str
    filters: tuple[Matcher, ...]
    op: Comparison
    limit: Decimal
    type: Literal["gauge"] = "gauge"


@dataclass(frozen=True)
class ThresholdIndicator:
    """A PromQL expression whose value at the end of each slice is good or bad by comparison.

    For freshness, lag and throughput floors. ``$window`` becomes the slice's length. One valid
    event per slice that has a value.
    """

    query: str
    op: Comparison
    limit: Decimal
    type: Literal["threshold"] = "threshold"


@dataclass(frozen=True)
class RatioQueryIndicator:
    """A PromQL expression that is a ratio already; it has no events, so time is all it weighs by.

    Attributes:
        query: one number per slice [ratio]; ``$window`` becomes the slice's length.
        of: whether the ratio is of good or of bad events.
    """

    query: str
    of: Literal["good", "bad"]
    type: Literal["ratio_query"] = "ratio_query"


@dataclass(frozen=True)
class JourneyStep:
    """One step of a user journey: an SLO that is measured on its own.

    Attributes:
        slo: its id.
        critical: whether the journey fails where the step does; else it is shown and not counted.
    """

    slo: str
    critical: bool


@dataclass(frozen=True)
class JourneyIndicator:
    """A user journey: good where all its critical steps are.

    Attributes:
        steps: in the order in which users take them.
        combine: whether a slice's ratio is the product of its critical steps' or the worst.
    """

    steps: tuple[JourneyStep, ...]
    combine: Literal["product", "worst"] = "product"
    type: Literal["journey"] = "journey"


Indicator = (
    RatioIndicator
    | CountersIndicator
    | QueryIndicator
    | LatencyIndicator
    | GaugeIndicator
    | ThresholdIndicator
    | RatioQueryIndicator
    | JourneyIndicator
)


class Method(StrEnum):
    """How slices become the SLI of a period (docs/arithmetic.md)."""

    OCCURRENCES = "occurrences"
    TIMESLICES = "timeslices"
    RATIO_TIMESLICES = "ratio timeslices"


@dataclass(frozen=True)
class Phase:
    """A target that holds from a day on, until the next phase begins.

    Attributes:
        target: promised share of good events [ratio, 0 < target <= 1], exact as written.
        start: the first local day of the report's zone on which it holds.
    """

    target: Decimal
    start: date


@dataclass(frozen=True)
class Objective:
    """A promise: the share of good events over a window.

    Attributes:
        target: promised share of good events [ratio, 0 < target <= 1], exact as written; with
            phases, the first one's.
        window: what the promise is made over, such as ``month``, ``week`` or ``30d``.
        length: the window's nominal length, to choose among several objectives.
    """

    target: Decimal
    window: str
    length: timedelta
    phases: tuple[Phase, ...] = ()
    """Ascending by day; empty where the target never changes. The first one's target holds before
    its day, too."""

    def target_on(self, day: date) -> Decimal:
        """The target in force on a local day."""
        if not self.phases:
            return self.target
        begun = [one.target for one in self.phases if one.start <= day]
        return begun[-1] if begun else self.phases[0].target

    def parts(self, period: Period) -> tuple[tuple[datetime, Decimal], ...]:
        """The targets in force in a period, each from an instant on; more than one: it changed."""
        found = [(period.start, self.target_on(period.first_day))]
        for one in self.phases:
            inside = period.first_day < one.start <= period.last_day
            if inside and one.target != found[-1][1]:
                found.append((midnight(one.start, period.zone), one.target))
        return tuple(found)

    def next_phase(self, period: Period) -> Phase | None:
        """The first phase that begins after a period, if there is one."""
        return next((one for one in self.phases if one.start > period.last_day), None)


@dataclass(frozen=True)
class Origin:
    """Where a definition was written, and in which format."""

    path: str
    line: int
    format: str = "slo.dev/v1"


@dataclass(frozen=True)
class Slo:
    """One service level objective: what is measured, and what is promised about it.

    Attributes:
        id: ``namespace/name``, unique over all definitions.
        title: the words a page shows, such as ``Availability`` or ``Latency under 500 ms``.
        impact: what it costs the business when it fails, in one sentence.
        labels: names and values to group objectives by, each name once.
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
    method: Method = Method.OCCURRENCES
    slice_target: Decimal | None = None
    """Timeslices: the ratio from which a slice is good; None: the objective's target."""
    slice_window: timedelta | None = None
    """Timeslices and ratio timeslices: length of a slice; None: as it was measured."""
    remarks: tuple[str, ...] = ()
    """What its file says that has no effect here, each as ``file:line: remark``."""
    impact: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    characteristics: Characteristics | None = None
    """What hangs on the service, where the definition says it."""
    alerting: Annotated[Alerting, Field(exclude=True)] = USUAL_ALERTING
    """What rules are written with; no report tells it, so no snapshot holds it."""
    written: Annotated[Written | None, Field(exclude=True)] = field(default=None, compare=False)
    """What its file says for rules in its own tool's style; like its origin no part of what is
    measured or promised, and in no snapshot."""

    @property
    def steps(self) -> tuple[JourneyStep, ...]:
        """The steps of a user journey; nothing where the SLO is measured itself."""
        return self.indicator.steps if isinstance(self.indicator, JourneyIndicator) else ()

    def objective_for(self, period: Period) -> Objective:
        """The objective whose window is nearest to the period's length, the first on a tie.

        Its target is the one in force at the period's start.
        """
        nearest = min(self.objectives, key=lambda one: abs(one.length - period.length))
        if not nearest.phases:
            return nearest
        return replace(nearest, target=nearest.target_on(period.first_day))
