"""The shape of a policy file: what each key means, and its default.

Reading one, with every problem at its line, is ``slo_reports.settings.policy_files``.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, create_model

from slo_reports.model import DEFAULT_POLICY, BudgetStatus, Decision, Terms
from slo_reports.model.policies import EFFORT_DAYS, TIER_WEIGHT
from slo_reports.settings.exclusions import Said
from slo_reports.settings.strict import Strict
from slo_reports.settings.values import Duration, Whole, no_truth_value

Number = Annotated[Decimal, BeforeValidator(no_truth_value)]
Percent = Annotated[Number, Field(ge=0, le=100)]
Positive = Annotated[Number, Field(gt=0, le=10_000)]


def _whole_days(value: timedelta) -> timedelta:
    if value < timedelta(days=1) or value % timedelta(days=1):
        msg = "must be whole days, such as 30d or 4w"
        raise ValueError(msg)
    return value


class RowFile(Strict):
    """The decisions at one budget status, by release risk."""

    low: Decision = Field(description="For releases of low risk.")
    medium: Decision = Field(description="For releases of medium risk.")
    high: Decision = Field(description="For releases of high risk.")


class MatrixFile(Strict):
    """The decision by budget status and release risk: all of them."""

    healthy: RowFile = Field(description="Budget is left, and burns no faster than planned.")
    attention: RowFile = Field(description="It burns faster than planned.")
    warning: RowFile = Field(description="More than 1.5 times as fast as planned.")
    critical: RowFile = Field(description="More than twice as fast as planned.")
    exhausted: RowFile = Field(description="No budget is left.")
    unknown: RowFile = Field(description="It cannot be judged; never approve.")


class TermsFile(Strict):
    """What goes with a decision, or with a budget status."""

    clause: str = Field("", description="Id of the clause that says so.")
    conditions: list[Said] = Field(
        default_factory=list, description="Under which it may go out, a sentence each."
    )
    alternatives: list[Said] = Field(
        default_factory=list, description="What may be done instead, a sentence each."
    )


class ClauseFile(Strict):
    """One numbered paragraph of the policy."""

    id: Said = Field(description="How decisions name it, such as EBP-4.")
    title: Said = Field(description="What stands beside the id.")
    text: str = Field("", description="The clause itself.")


class CauseFile(Strict):
    """A class of incident causes, and what it means for decisions."""

    words: list[Said] = Field(
        default_factory=list,
        description="An incident whose cause holds one of them is of this class; so is one whose "
        "cause begins with the class's name and a colon.",
    )
    meaning: Said = Field(description="What decisions say where the class took most of it.")
    at_least: Percent = Field(
        Decimal(50), description="How much of what was spent its incidents must have taken [%]."
    )
    instead: dict[Decision, Decision] = Field(
        default_factory=dict, description="Decisions that the class turns into others."
    )


class ExpiryFile(Strict):
    """How long decisions hold."""

    report: Literal["next-report"] | Duration = Field(
        "next-report",
        description="Of those in a report: until the next report's period is over, or so long "
        "after the end of its data.",
    )
    decide: Duration = Field(
        DEFAULT_POLICY.expiry.decide, description="Of those of `slo-reports decide`."
    )


class TeamFile(Strict):
    """What the toil budget must know of a team."""

    size: Positive = Field(description="People in it; 4.5 is four and one of half time.")


def _of_kinds(name: str, numbers: Any, about: str, doc: str) -> type[Strict]:
    """A model with one number for each key, ours where it is not written."""
    fields: dict[str, Any] = {
        key.replace("-", "_"): (
            Positive,
            Field(Decimal(str(value)), alias=key, description=about.format(key)),
        )
        for key, value in numbers.items()
    }
    made: type[Strict] = create_model(name, __base__=Strict, __doc__=doc, **fields)
    return made


EffortFile = _of_kinds(
    "EffortFile", EFFORT_DAYS, "Usual work for {} [days].", "Days of work by kind of action."
)
WeightFile = _of_kinds(
    "WeightFile", TIER_WEIGHT, "What {} weighs.", "Weights by tier; unstated: of no tier."
)
_OURS = DEFAULT_POLICY.ranking


class RankingFile(Strict):
    """What ranks reliability work, and from when on some of it is asked for."""

    effort_days: EffortFile = Field(  # type: ignore[valid-type]
        default_factory=EffortFile, description="Usual days of work by kind of action."
    )
    tier_weight: WeightFile = Field(  # type: ignore[valid-type]
        default_factory=WeightFile, description="What tiers weigh."
    )
    costly_incident: Percent = Field(
        Decimal(25), description="An incident that took so much of a budget deserves a fix [%]."
    )
    long_gap: Duration = Field(
        _OURS.long_gap, description="A gap in the data that asks for work on the measurement."
    )
    missed_often: Whole = Field(
        _OURS.missed_often, ge=1, le=12, description="Misses in twelve periods: target too tight."
    )
    calm_periods: Whole = Field(
        _OURS.calm_periods, ge=1, le=12, description="Periods known before it is too loose."
    )
    barely_used: Percent = Field(
        Decimal(10), description="Too loose: no period used more of its budget [%]."
    )
    few_failures: Whole = Field(
        _OURS.few_failures, ge=0, description="A budget of fewer events asks for more of them."
    )


def _terms(terms: Terms) -> TermsFile:
    return TermsFile(
        clause=terms.clause,
        conditions=list(terms.conditions),
        alternatives=list(terms.alternatives),
    )


def _decided(decision: Decision) -> TermsFile:
    return _terms(DEFAULT_POLICY.decisions[decision])


class DecisionsFile(Strict):
    """What goes with each decision."""

    approve: TermsFile = Field(_decided(Decision.APPROVE), description="It may go out.")
    review: TermsFile = Field(_decided(Decision.REVIEW), description="People must agree.")
    defer: TermsFile = Field(_decided(Decision.DEFER), description="Not now.")
    block: TermsFile = Field(_decided(Decision.BLOCK), description="It does not go out.")


def _standing(status: BudgetStatus) -> TermsFile:
    return _terms(DEFAULT_POLICY.statuses.get(status, Terms()))


class StatusesFile(Strict):
    """What a status adds to every decision but approve; its clause comes first."""

    healthy: TermsFile = Field(_standing(BudgetStatus.HEALTHY), description="Added when healthy.")
    attention: TermsFile = Field(
        _standing(BudgetStatus.ATTENTION), description="Added at attention."
    )
    warning: TermsFile = Field(_standing(BudgetStatus.WARNING), description="Added at warning.")
    critical: TermsFile = Field(_standing(BudgetStatus.CRITICAL), description="Added at critical.")
    exhausted: TermsFile = Field(
        _standing(BudgetStatus.EXHAUSTED), description="Added when exhausted."
    )
    unknown: TermsFile = Field(_standing(BudgetStatus.UNKNOWN), description="Added when unknown.")


class PolicyFile(Strict):
    """A whole policy file; what it leaves out is as in ours."""

    name: Said = Field(description="What reports call the policy.")
    version: Said = Field(description="Its version, in quotes; reports name it.")
    matrix: MatrixFile | None = Field(
        None, description="The decision by budget status and release risk."
    )
    clauses: list[ClauseFile] | None = Field(
        None, min_length=1, description="Numbered paragraphs; decisions then name them, too."
    )
    decisions: DecisionsFile | None = Field(None, description="What goes with each decision.")
    statuses: StatusesFile = Field(
        default_factory=StatusesFile, description="What a status adds to that."
    )
    causes: dict[str, CauseFile] | None = Field(
        None, description="Classes of incident causes by name; the first that fits counts."
    )
    expiry: ExpiryFile = Field(default_factory=ExpiryFile, description="How long decisions hold.")
    window: Annotated[Duration, AfterValidator(_whole_days)] = Field(
        DEFAULT_POLICY.window, description="Trailing days that `slo-reports decide` judges."
    )
    teams: dict[str, TeamFile] = Field(
        default_factory=dict, description="Sizes of teams by the owner's name, for the toil budget."
    )
    hours_per_week: Annotated[Number, Field(gt=0, le=168)] = Field(
        Decimal(40), description="Working hours of one person, for the toil budget."
    )
    recommendations: RankingFile = Field(
        default_factory=RankingFile, description="What ranks the recommended actions."
    )
