"""What the error budget policy says about a report: release decisions and toil budgets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from slo_reports.model.judgements import BudgetStatus
from slo_reports.model.policies import Clause, Decision, Risk


@dataclass(frozen=True)
class SpentBy:
    """The class of causes that took most of what was spent of a budget.

    Attributes:
        name: of the class in the policy.
        share: of all that was spent [ratio].
        incidents: their letters, in order of time.
    """

    name: str
    share: float
    incidents: tuple[str, ...]


@dataclass(frozen=True)
class ObjectiveDecisions:
    """What one objective alone would decide.

    Attributes:
        slo: its id.
        rationale: the numbers, in sentences.
        spent_by: None where no class took enough of it, or nothing was spent.
        decisions: by risk: low, medium, high.
    """

    slo: str
    title: str
    status: BudgetStatus
    rationale: tuple[str, ...]
    spent_by: SpentBy | None
    decisions: tuple[Decision, ...]

    def decision(self, risk: Risk) -> Decision:
        """For releases of a risk."""
        return self.decisions[tuple(Risk).index(risk)]


@dataclass(frozen=True)
class ReleaseDecision:
    """The decision about releases of one risk.

    Attributes:
        slo: id of the objective that decides: the one that says the strictest.
        status: of that objective.
        by_matrix: what the matrix alone says; differs where a class of causes changes it.
        clause: what the policy rests it on; None where it names none.
    """

    risk: Risk
    decision: Decision
    slo: str
    status: BudgetStatus
    by_matrix: Decision
    conditions: tuple[str, ...]
    alternatives: tuple[str, ...]
    clause: Clause | None


@dataclass(frozen=True)
class ServiceDecisions:
    """What may be released of a service.

    Attributes:
        status: the worst of its objectives'.
        rationale: the numbers, in sentences.
        valid_until: first instant at which it holds no longer [UTC].
        decisions: by risk: low, medium, high.
        objectives: what each would decide alone, the one with the worst status first.
    """

    service: str
    owner: str
    status: BudgetStatus
    rationale: tuple[str, ...]
    valid_until: datetime
    decisions: tuple[ReleaseDecision, ...]
    objectives: tuple[ObjectiveDecisions, ...]

    def decision(self, risk: Risk) -> ReleaseDecision:
        """For releases of a risk."""
        return self.decisions[tuple(Risk).index(risk)]


@dataclass(frozen=True)
class ToilBudget:
    """How much of a team's time may go into toil; automation gets the rest.

    Attributes:
        slo: id of the objective that performs worst; None where none was judged.
        title: its title with its service.
        performance: SLI over target of that objective [ratio].
        share: of the team's time [ratio]; None where nothing was judged.
        size: people in the team; None where the policy does not say.
        toil_hours: a week [h]; None without a size or a share.
        automation_hours: what is left of the week [h].
        unjudged: how many of the team's objectives could not be judged for lack of data.
    """

    team: str
    slo: str | None
    title: str
    performance: float | None
    share: float | None
    size: float | None
    toil_hours: float | None
    automation_hours: float | None
    unjudged: int = 0
