"""What a report says beyond its verdicts: alerts, trend, plan, follow-up, and what changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from pydantic import TypeAdapter

from slo_reports.model.formats import canonical_json
from slo_reports.model.judgements import Outcome
from slo_reports.model.measurements import Exclusion, Incident
from slo_reports.periods import Period


class AlertWord(StrEnum):
    """What an alert was worth, held against the budget that was really spent."""

    MISSED = "missed"
    """An alert was due and none fired, or an objective was missed below every threshold."""
    LATE = "late"
    """It fired well after it was due."""
    USELESS = "useless"
    """It fired, and hardly any budget was spent."""
    RIGHT = "right"
    DUE = "due"
    """An alert was due; nothing is on record that tells whether one fired."""


@dataclass(frozen=True)
class AlertFinding:
    """One alert that fired, or one that was due and did not.

    Attributes:
        severity: ``page`` or ``ticket``; empty where an objective was missed although its burn
            rates never reached a threshold.
        start: when it fired, or when it was due [UTC].
        end: when it ended, or when its burn rates did [UTC].
        letter: of the incident that it belongs to; empty where there is none.
        slo: id of the objective that paid most; None where none paid.
        title: that objective's title with its service; empty where none paid.
        consumed: what it paid [ratio of its budget].
        late: how long after it was due it fired; None where it was not late.
    """

    word: AlertWord
    service: str
    severity: str
    start: datetime
    end: datetime
    letter: str
    slo: str | None
    title: str
    consumed: float
    late: timedelta | None = None


@dataclass(frozen=True)
class SilentAlert:
    """A burn-rate alert that can never fire, because it asks for more failures than events.

    Attributes:
        title: the objective's title with its service.
        needed: the share of bad events that it asks for, over 1 [ratio].
    """

    slo: str
    title: str
    severity: str
    long: timedelta
    threshold: float
    needed: float


@dataclass(frozen=True)
class AlertQuality:
    """Alerts held against the budget that was spent.

    Attributes:
        recorded: whether any alert is on record at all.
        replayed: how many objectives have burn-rate alerts that could be replayed.
        findings: in order of time.
        silent: alerts that can never fire.
    """

    recorded: bool
    replayed: int
    findings: tuple[AlertFinding, ...]
    silent: tuple[SilentAlert, ...] = ()

    def count(self, *words: AlertWord) -> int:
        """How many findings have one of the words."""
        return sum(one.word in words for one in self.findings)


class ShiftKind(StrEnum):
    """Whether a period differs from those before it by more than they do from each other."""

    UNKNOWN = "too little history"
    USUAL = "within its usual range"
    FEW_DAYS = "out of its usual range, by a few days"
    BETTER = "a real change for the better"
    WORSE = "a real change for the worse"

    @property
    def is_real(self) -> bool:
        """Whether neither the usual range nor a few days explain it."""
        return self in (ShiftKind.BETTER, ShiftKind.WORSE)


@dataclass(frozen=True)
class Shift:
    """One objective's period against its earlier ones; all consumption by the present target.

    Attributes:
        slo: id of the objective.
        periods: earlier periods that were judged.
        usual: median consumption of those [ratio]; None where they are too few.
        low: lower end of the usual range, not below 0 [ratio].
        high: upper end of it [ratio].
        noise: how far the period's own days leave its consumption open [ratio].
    """

    slo: str
    kind: ShiftKind
    periods: int
    usual: float | None = None
    low: float | None = None
    high: float | None = None
    noise: float | None = None


@dataclass(frozen=True)
class Forecast:
    """What the next period may use of one objective's budget.

    Attributes:
        slo: id of the objective.
        title: its title with its service.
        target: in force in the next period; the hardest where it changes inside it [ratio].
        periods: judged periods that it rests on.
        missed: how many of those would miss ``target``.
        expected: median consumption [ratio]; None where there is too little history, as below.
        low: a tenth of the cases lie below it [ratio].
        high: a tenth of the cases lie above it [ratio].
        chance: that the next period is missed, (missed + 1) / (periods + 2) [ratio].
        spent: if it is missed: when the budget is used up, earliest tenth, middle, latest tenth.
        at_close: consumption of a whole period at the closing burn rate [ratio]; None without one.
        close_at: when the budget would then be used up, inside the period [UTC].
    """

    slo: str
    title: str
    target: Decimal
    periods: int
    missed: int = 0
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    chance: float | None = None
    spent: tuple[datetime, datetime, datetime] | None = None
    at_close: float | None = None
    close_at: datetime | None = None


@dataclass(frozen=True)
class ComingTarget:
    """A target that rises (or falls) in the next period, and what it would have said of this one.

    Attributes:
        title: the objective's title with its service.
        remaining: budget left, had it been in force [ratio]; None where there is no budget.
    """

    slo: str
    title: str
    start: date
    before: Decimal
    target: Decimal
    outcome: Outcome
    remaining: float | None


@dataclass(frozen=True)
class Plan:
    """The next period.

    Attributes:
        forecasts: most likely to be missed first.
        maintenance: exclusions written down for it, in order of time.
        targets: those that change in it.
    """

    period: Period
    forecasts: tuple[Forecast, ...]
    maintenance: tuple[Exclusion, ...] = ()
    targets: tuple[ComingTarget, ...] = ()


@dataclass(frozen=True)
class Asked:
    """A recommendation of an earlier report.

    Attributes:
        target: of its objective at the time [ratio].
        incident: whose cause was to be removed, where it was about one.
    """

    kind: str
    action: str
    owner: str
    due: str
    service: str
    slo: str | None
    target: Decimal | None = None
    incident: Incident | None = None


@dataclass(frozen=True)
class Earlier:
    """What a report asks for: frozen with it, and with the snapshot of the one that follows it up.

    Attributes:
        asked: most urgent first.
        problem: why it could not be read; else empty.
    """

    period: Period
    revision: int
    asked: tuple[Asked, ...]
    problem: str = ""

    def to_json(self) -> bytes:
        """Canonical JSON, as it is frozen."""
        return canonical_json(_EARLIER.dump_python(self, mode="json"))

    @staticmethod
    def from_json(data: bytes) -> Earlier:
        """What ``to_json`` wrote."""
        return _EARLIER.validate_json(data)


_EARLIER: TypeAdapter[Earlier] = TypeAdapter(Earlier)


class FollowWord(StrEnum):
    """What became of a recommendation, as far as the data show."""

    OPEN = "still open"
    DONE = "done"
    MOOT = "no longer needed"
    UNKNOWN = "cannot be told"


@dataclass(frozen=True)
class Followed:
    """One recommendation of the report before, and what became of it."""

    asked: Asked
    word: FollowWord
    evidence: str


@dataclass(frozen=True)
class FollowUp:
    """All recommendations of the report before, still open ones first."""

    period: Period
    followed: tuple[Followed, ...]
    problem: str = ""


@dataclass(frozen=True)
class Moved:
    """The objective whose consumption changed most.

    Attributes:
        title: the objective's title with its service.
        points: change of the budget left; below zero it got worse [ratio].
    """

    slo: str
    title: str
    points: float
    kind: ShiftKind


@dataclass(frozen=True)
class Changes:
    """What changed since the period just before.

    Attributes:
        since: that period.
        missed: titles of objectives that are missed now and were met then.
        still: how many were missed in both.
        recovered: titles of those that were missed then and are met now.
        moved: the largest change; None where nothing can be compared.
        began: titles of objectives that were not judged then and are now.
    """

    since: Period
    missed: tuple[str, ...] = ()
    still: int = 0
    recovered: tuple[str, ...] = ()
    moved: Moved | None = None
    began: tuple[str, ...] = ()


@dataclass(frozen=True)
class Insight:
    """Everything beyond the verdicts; a part that does not apply is None.

    Attributes:
        shifts: of the objectives that can be compared, in the order of the page.
    """

    alerts: AlertQuality | None = None
    shifts: tuple[Shift, ...] = ()
    plan: Plan | None = None
    follow_up: FollowUp | None = None
    changes: Changes | None = None

    def shift(self, slo: str) -> Shift | None:
        """The trend's verdict on one objective."""
        return next((one for one in self.shifts if one.slo == slo), None)
