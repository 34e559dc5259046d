"""What is measured and what is promised about it: the SLO and its parts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from slo_reports.periods import Period


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


Indicator = (
    RatioIndicator
    | CountersIndicator
    | QueryIndicator
    | LatencyIndicator
    | GaugeIndicator
    | ThresholdIndicator
    | RatioQueryIndicator
)


class Method(StrEnum):
    """How slices become the SLI of a period (docs/arithmetic.md)."""

    OCCURRENCES = "occurrences"
    TIMESLICES = "timeslices"
    RATIO_TIMESLICES = "ratio timeslices"


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
    method: Method = Method.OCCURRENCES
    slice_target: Decimal | None = None
    """Timeslices: the ratio from which a slice is good; None: the objective's target."""
    slice_window: timedelta | None = None
    """Timeslices and ratio timeslices: length of a slice; None: as it was measured."""

    def objective_for(self, period: Period) -> Objective:
        """The objective whose window is nearest to the period's length, the first on a tie."""
        return min(self.objectives, key=lambda one: abs(one.length - period.length))
