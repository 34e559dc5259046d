"""What was judged of one objective: its outcome, its budget, and where that went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from slo_reports.model.arrays import ARRAYS, Floats
from slo_reports.model.definitions import Method, Objective, Slo
from slo_reports.model.measurements import Exclusion
from slo_reports.periods import Period


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

    __pydantic_config__ = ARRAYS

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
    """One earlier period (or, last in the list, the reported one) of an SLO's trend.

    Attributes:
        target: what it was judged by [ratio]; differs between periods where targets have phases.
    """

    period: Period
    sli: float | None
    consumed: float | None
    outcome: Outcome
    target: float | None = None


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
class BeforeExclusions:
    """What the numbers would have been with nothing taken out.

    Attributes:
        sli: good over valid [ratio]; None without traffic.
        remaining: budget left [ratio]; None where there is no budget or no traffic.
        outcome: the verdict that it would have been.
    """

    sli: float | None
    remaining: float | None
    outcome: Outcome


@dataclass(frozen=True)
class AttributedPart:
    """One line of an attribution.

    Attributes:
        name: an incident's letter, ``unattributed`` or ``total``.
        bad: bad events [events].
        consumed: used share of the whole period's budget [ratio]; None where there is no budget.
        basis_points: share of what was spent [1/10 000]; the parts add up to exactly 10 000.
    """

    name: str
    bad: float
    consumed: float | None
    basis_points: int


@dataclass(frozen=True)
class Attribution:
    """Where all bad events of an SLO went; the parts add up to the total.

    Attributes:
        parts: incidents in order of time, then ``unattributed``.
    """

    parts: tuple[AttributedPart, ...]
    total: AttributedPart


@dataclass(frozen=True)
class StepResult:
    """One step of a judged user journey, with the numbers that it has on its own.

    Attributes:
        slo: id of the step's SLO.
        title: its title with its service, such as ``Checkout availability``.
        critical: whether it counts for the journey.
        target: the step's own target [ratio]; None where the report does not hold the step.
        sli: its own SLI [ratio]; None without traffic or data.
    """

    slo: str
    title: str
    critical: bool
    target: Decimal | None
    sli: float | None
    coverage: float
    outcome: Outcome


@dataclass(frozen=True)
class NextPhase:
    """What the next phase of a progressive objective would have said of the same period.

    Attributes:
        target: the next phase's target [ratio].
        start: its first local day.
        outcome: the verdict that it would have been.
        remaining: budget left, had it been in force [ratio]; None where there is no budget.
    """

    target: Decimal
    start: date
    outcome: Outcome
    remaining: float | None


@dataclass(frozen=True)
class Percentile:
    """What a share of the events stayed within.

    Attributes:
        share: of the events [ratio], such as 0.95.
        seconds: that they stayed within, interpolated inside the bucket [s].
        over: the share reaches beyond the largest boundary, and ``seconds`` is that boundary.
    """

    share: float
    seconds: float
    over: bool = False


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
        unit: what good and valid count, such as ``events`` or ``slices of 5 minutes``.
        exclusions: those that took slices out, in order of time.
        before_exclusions: the numbers with nothing taken out; None where nothing was.
        attribution: the same with the rest and the total; None where nothing was spent.
        steps: of a user journey, in its order.
        bounds: lowest and highest SLI, had the time without data been all bad or all good [ratio];
            None where nothing is missing, or nothing can be told.
        parts: where the target changed inside the period, each target with the instant from which
            it held; ``objective.target`` is then what they come to, weighed by events, rounded up.
        percentiles: of a latency, from the period's summed buckets.
        interpolated: the boundaries that good events were interpolated between [s].
        remarks: what the service's tier says about the definition.
        next_phase: what a progressive objective's next phase would have said.
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
    method: Method = Method.OCCURRENCES
    unit: str = "events"
    exclusions: tuple[Exclusion, ...] = ()
    before_exclusions: BeforeExclusions | None = None
    attribution: Attribution | None = None
    steps: tuple[StepResult, ...] = ()
    bounds: tuple[float, float] | None = None
    parts: tuple[tuple[datetime, Decimal], ...] = ()
    next_phase: NextPhase | None = None
    remarks: tuple[str, ...] = ()
    percentiles: tuple[Percentile, ...] = ()
    interpolated: tuple[float, float] | None = None

    @property
    def previous(self) -> PastPeriod | None:
        """The period just before the reported one, where it is known."""
        return self.history[-2] if len(self.history) > 1 else None
