"""The error budget policy: what a budget status means for releases, as data.

``DEFAULT_POLICY`` is what holds where the settings name no file; config/policy.yaml says the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from slo_reports.model.judgements import BudgetStatus


class Risk(StrEnum):
    """How much a release may break, as the people who make it say."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Decision(StrEnum):
    """What a policy says to a release, mildest first."""

    APPROVE = "approve"
    REVIEW = "review"
    DEFER = "defer"
    BLOCK = "block"

    @property
    def strictness(self) -> int:
        """0 for approve to 3 for block."""
        return tuple(Decision).index(self)


@dataclass(frozen=True)
class Clause:
    """One numbered paragraph of the policy, which decisions name."""

    id: str
    title: str
    text: str = ""


@dataclass(frozen=True)
class Terms:
    """What goes with a decision, or with a budget status.

    Attributes:
        clause: id of the clause that says so; empty: none of its own.
        conditions: under which it may go out, each a sentence without full stop.
        alternatives: what may be done instead, likewise.
    """

    clause: str = ""
    conditions: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True)
class CauseClass:
    """A class of incident causes, and what it means for decisions.

    Attributes:
        words: an incident whose cause holds one of them is of this class.
        meaning: a sentence that decisions say where the class took most of what was spent.
        at_least: how much of what was spent its incidents must have taken [ratio].
        instead: decisions that the class turns into others.
    """

    words: tuple[str, ...]
    meaning: str
    at_least: float = 0.5
    instead: Mapping[Decision, Decision] = field(default_factory=dict)


@dataclass(frozen=True)
class Expiry:
    """How long decisions hold.

    Attributes:
        report: of those in a report, from the end of its data; None: until the next report's.
        decide: of those of ``slo-reports decide``, from the instant that they are made for.
    """

    report: timedelta | None = None
    decide: timedelta = timedelta(hours=24)


EFFORT_DAYS: Mapping[str, float] = {
    "hold-releases": 0.25,
    "review-releases": 0.5,
    "restore-monitoring": 1,
    "fix-incident": 3,
    "speed-up": 5,
    "write-runbook": 1,
    "loosen-target": 2,
    "tighten-target": 2,
    "widen-what-counts": 2,
}
"""The usual days of work for each kind of recommendation [d]."""
UNSTATED = "unstated"
TIER_WEIGHT: Mapping[str, float] = {
    "critical": 2,
    "essential": 1.5,
    "standard": 1,
    "best_effort": 0.5,
    UNSTATED: 1,
}
"""What a tier weighs when reliability work is ranked [1]."""


@dataclass(frozen=True)
class Ranking:
    """What ranks reliability work, and from when on some of it is asked for.

    Attributes:
        effort_days: usual days of work by kind of recommendation [d].
        tier_weight: by tier [1].
        costly_incident: an incident that took this share of a budget deserves a fix [ratio].
        long_gap: data missing for this long ask for the measurement to be restored.
        missed_often: misses in twelve periods from which a target is too tight.
        calm_periods: periods that must be known before a target is called too loose.
        barely_used: a target is too loose where no period used more of its budget [ratio].
        few_failures: a budget of fewer events makes each failure decide the period [events].
    """

    effort_days: Mapping[str, float] = field(default_factory=lambda: dict(EFFORT_DAYS))
    tier_weight: Mapping[str, float] = field(default_factory=lambda: dict(TIER_WEIGHT))
    costly_incident: float = 0.25
    long_gap: timedelta = timedelta(hours=1)
    missed_often: int = 3
    calm_periods: int = 6
    barely_used: float = 0.1
    few_failures: int = 10

    def effort(self, kind: str) -> float:
        """Days of work for a kind; ours where a policy of an earlier version lacks it [d]."""
        return self.effort_days.get(kind, EFFORT_DAYS[kind])

    def weight(self, tier: str | None) -> float:
        """What a tier weighs [1]."""
        name = UNSTATED if tier is None else tier
        return self.tier_weight.get(name, TIER_WEIGHT[name])


@dataclass(frozen=True)
class Policy:
    """An error budget policy.

    Attributes:
        matrix: the decision by budget status and release risk.
        decisions: what goes with each decision.
        statuses: what a status adds to that; its clause comes before the decision's.
        causes: classes of incident causes by name; the first one that fits counts.
        window: trailing days that ``slo-reports decide`` judges.
        teams: people in a team, by the owner's name.
        hours_per_week: of one person, for the toil budget [h].
    """

    name: str
    version: str
    matrix: Mapping[BudgetStatus, Mapping[Risk, Decision]]
    clauses: tuple[Clause, ...]
    decisions: Mapping[Decision, Terms]
    statuses: Mapping[BudgetStatus, Terms]
    causes: Mapping[str, CauseClass]
    expiry: Expiry = Expiry()
    window: timedelta = timedelta(days=30)
    teams: Mapping[str, float] = field(default_factory=dict)
    hours_per_week: float = 40
    ranking: Ranking = field(default_factory=Ranking)

    def clause(self, identity: str) -> Clause | None:
        """The clause of an id."""
        return next((one for one in self.clauses if one.id == identity), None)


def _row(low: str, medium: str, high: str) -> Mapping[Risk, Decision]:
    return dict(zip(Risk, map(Decision, (low, medium, high)), strict=True))


def _phrase(text: str) -> str:
    """A text of ours that a report says in its language; in data it is the English one."""
    return text


DEFAULT_POLICY = Policy(
    name=_phrase("Error budget policy"),
    version="1",
    matrix={
        BudgetStatus.HEALTHY: _row("approve", "approve", "review"),
        BudgetStatus.ATTENTION: _row("approve", "review", "defer"),
        BudgetStatus.WARNING: _row("review", "defer", "block"),
        BudgetStatus.CRITICAL: _row("defer", "block", "block"),
        BudgetStatus.EXHAUSTED: _row("block", "block", "block"),
        BudgetStatus.UNKNOWN: _row("review", "review", "defer"),
    },
    clauses=(
        Clause(
            "EBP-1",
            _phrase("Budget is there to be used"),
            _phrase("While budget is left, teams release."),
        ),
        Clause(
            "EBP-2",
            _phrase("Risk is reviewed"),
            _phrase(
                "A release that the budget may not bear is agreed on by the SLO owner and the "
                "product owner."
            ),
        ),
        Clause(
            "EBP-3",
            _phrase("Reliability before features"),
            _phrase("While the budget burns too fast, what makes it burn comes first."),
        ),
        Clause(
            "EBP-4",
            _phrase("Release hold"),
            _phrase(
                "Where the budget does not bear a release, it does not go out; fixes of what "
                "spends the budget, security fixes and roll-backs do."
            ),
        ),
        Clause(
            "EBP-5",
            _phrase("Unknown is not healthy"),
            _phrase("A service that cannot be judged is never approved unseen."),
        ),
    ),
    decisions={
        Decision.APPROVE: Terms(
            "EBP-1",
            (_phrase("The way back is ready, and whoever is on call knows of the release"),),
        ),
        Decision.REVIEW: Terms(
            "EBP-2",
            (
                _phrase("The SLO owner and the product owner agree to it in writing"),
                _phrase("It reaches a few users first, and is taken back at the first page"),
            ),
            (
                _phrase("Release the part of low risk alone"),
                _phrase("Ship it behind a switch that is off"),
            ),
        ),
        Decision.DEFER: Terms(
            "EBP-3",
            (
                _phrase(
                    "It waits for a better budget status, or for the SLO owner's exception in "
                    "writing"
                ),
            ),
            (
                _phrase("Release what lowers the burn rate first"),
                _phrase("Cut it down to a release of lower risk"),
            ),
        ),
        Decision.BLOCK: Terms(
            "EBP-4",
            (
                _phrase(
                    "Only roll-backs, security fixes and fixes of what spends the budget go out"
                ),
                _phrase("Each has the SLO owner's consent"),
            ),
            (
                _phrase("Release the fix alone"),
                _phrase("Use the time for the recommended reliability work"),
            ),
        ),
    },
    statuses={
        BudgetStatus.EXHAUSTED: Terms(
            "EBP-4", (_phrase("The hold ends once budget is left again"),)
        ),
        BudgetStatus.UNKNOWN: Terms(
            "EBP-5",
            (_phrase("Somebody looks at the service before and after, as its numbers cannot"),),
            (_phrase("Restore the measurement first"),),
        ),
    },
    causes={
        "own-release": CauseClass(
            ("deploy", "deployment", "release", "rollout", "migration", "feature flag"),
            _phrase(
                "Its own releases spent most of it: the next one carries the fix and a test for it."
            ),
        ),
        "dependency": CauseClass(
            ("dependency", "provider", "third party", "upstream", "vendor"),
            _phrase(
                "A dependency spent most of it; the users went without all the same, so the "
                "decision stands."
            ),
        ),
        "infrastructure": CauseClass(
            ("infrastructure", "network", "dns", "hardware", "disk", "failover", "zone"),
            _phrase(
                "Infrastructure spent most of it; a release adds risk to what is not stable, so "
                "the decision stands."
            ),
        ),
        "planned": CauseClass(
            ("planned", "maintenance"),
            _phrase(
                "Planned work spent most of it; unless it is excluded, it counts, so the decision "
                "stands."
            ),
        ),
    },
)
