"""Release decisions: what the policy says to a service whose budgets stand as they do.

Each objective is decided alone: the matrix gives a decision by budget status and risk, and a class
of causes that took most of what was spent may change it. Of a service's objectives the strictest
decides, risk by risk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from slo_reports import numbers
from slo_reports.compute.attribution import full_title
from slo_reports.compute.services import no_verdict_reason
from slo_reports.model import (
    BudgetStatus,
    CauseClass,
    Decision,
    JudgedIncident,
    ObjectiveDecisions,
    Outcome,
    Policy,
    ReleaseDecision,
    Risk,
    ServiceDecisions,
    ServiceResult,
    SloResult,
    SpentBy,
)
from slo_reports.periods import Period, following

WORST_FIRST = (
    BudgetStatus.EXHAUSTED,
    BudgetStatus.CRITICAL,
    BudgetStatus.WARNING,
    BudgetStatus.UNKNOWN,
    BudgetStatus.ATTENTION,
    BudgetStatus.HEALTHY,
)
"""Unknown is worse than attention: it may be anything."""


def release_decisions(
    services: Sequence[ServiceResult],
    incidents: Sequence[JudgedIncident],
    policy: Policy,
    valid_until: datetime,
) -> tuple[ServiceDecisions, ...]:
    """The decisions about each service, in the order of the services.

    Args:
        services: judged, with at least one objective each.
        incidents: of the same report; only what people wrote of their causes counts.
        policy: what it follows from.
        valid_until: see ``valid_until``.
    """
    causes = {one.letter: _class_of(one.incident.cause, policy.causes) for one in incidents}
    return tuple(_service(one, causes, policy, valid_until) for one in services)


def valid_until(period: Period, policy: Policy) -> datetime:
    """Until when the decisions of a report hold, as its policy wants it [UTC].

    The next report is that of the period after it; while a period runs, that of the period.
    """
    if policy.expiry.report is not None:
        return period.data_end + policy.expiry.report
    return following(period).end if period.as_of is None else period.end


def decided_until(as_of: datetime, policy: Policy) -> datetime:
    """Until when a decision holds that a pipeline asked for at an instant [UTC]."""
    return as_of + policy.expiry.decide


def _service(
    service: ServiceResult,
    causes: Mapping[str, str],
    policy: Policy,
    until: datetime,
) -> ServiceDecisions:
    ordered = sorted(service.results, key=_need)
    alone = tuple(_objective(one, causes, policy) for one in ordered)
    return ServiceDecisions(
        service=service.name,
        owner=service.owner,
        status=alone[0].status,
        rationale=(*alone[0].rationale, *_others(alone)),
        valid_until=until,
        decisions=tuple(_release(risk, alone, policy) for risk in Risk),
        objectives=alone,
    )


def _need(result: SloResult) -> tuple[int, float, str]:
    left = result.budget.remaining
    return WORST_FIRST.index(result.status), 0.0 if left is None else left, result.slo.id


def _release(risk: Risk, alone: Sequence[ObjectiveDecisions], policy: Policy) -> ReleaseDecision:
    """The strictest of the objectives' decisions; on a tie the one with the worst status."""
    one = max(alone, key=lambda one: one.decision(risk).strictness)
    decision = one.decision(risk)
    terms, more = policy.decisions[decision], policy.statuses.get(one.status)
    own = decision is not Decision.APPROVE and more is not None
    return ReleaseDecision(
        risk=risk,
        decision=decision,
        slo=one.slo,
        status=one.status,
        by_matrix=policy.matrix[one.status][risk],
        conditions=(*terms.conditions, *(more.conditions if own and more else ())),
        alternatives=(*terms.alternatives, *(more.alternatives if own and more else ())),
        clause=policy.clause((more.clause if own and more else "") or terms.clause),
    )


def _objective(result: SloResult, causes: Mapping[str, str], policy: Policy) -> ObjectiveDecisions:
    spent_by = _spent_by(result, causes, policy)
    instead = {} if spent_by is None else policy.causes[spent_by.name].instead
    row = policy.matrix[result.status]
    return ObjectiveDecisions(
        slo=result.slo.id,
        title=result.slo.title,
        status=result.status,
        rationale=tuple(_rationale(result, spent_by, policy)),
        spent_by=spent_by,
        decisions=tuple(instead.get(row[risk], row[risk]) for risk in Risk),
    )


# --- causes --------------------------------------------------------------------------------------


def _class_of(cause: str, classes: Mapping[str, CauseClass]) -> str:
    """The class of a cause in a person's words; empty where none fits.

    ``dependency: the provider timed out`` names it; else the first class with one of its words in
    the cause is meant.
    """
    named = cause.partition(":")[0].strip().casefold().replace(" ", "-") if ":" in cause else ""
    if named in classes:
        return named
    fitting = (name for name, one in classes.items() if _holds(cause, one.words))
    return next(fitting, "")


def _holds(text: str, words: Sequence[str]) -> bool:
    return any(re.search(rf"\b{re.escape(word)}s?\b", text, re.IGNORECASE) for word in words)


def _spent_by(result: SloResult, causes: Mapping[str, str], policy: Policy) -> SpentBy | None:
    """The class that took most, where it took as much as the policy asks for."""
    spent = result.budget.consumed
    if spent is None or spent <= 0:
        return None
    found: dict[str, list[tuple[str, float]]] = {}
    for share in result.incidents:
        if causes.get(share.letter) and share.consumed > 0:
            found.setdefault(causes[share.letter], []).append((share.letter, share.consumed))
    sums = {name: sum(taken for _, taken in shares) / spent for name, shares in found.items()}
    big = [name for name, share in sums.items() if share >= policy.causes[name].at_least]
    if not big:
        return None
    most = max(big, key=lambda name: (sums[name], name))
    return SpentBy(most, sums[most], tuple(letter for letter, _ in found[most]))


# --- words ---------------------------------------------------------------------------------------


def _rationale(result: SloResult, spent_by: SpentBy | None, policy: Policy) -> Iterator[str]:
    if result.status is BudgetStatus.UNKNOWN:
        yield f"{full_title(result.slo)} could not be judged. {_full_stop(_unknown(result))}"
        return
    yield _measured(result)
    yield from _rate(result)
    yield from _end(result)
    if result.outcome is Outcome.INSUFFICIENT_DATA:
        share = numbers.percent_text(result.coverage, kind="coverage")
        yield f"There were data for {share} of the time only; what is known is bad enough."
    if spent_by is not None:
        yield from _caused(spent_by, policy.causes[spent_by.name])


def _unknown(result: SloResult) -> str:
    if result.outcome is not Outcome.INSUFFICIENT_DATA:
        return no_verdict_reason(result)
    needed = numbers.percent_text(result.slo.minimum_coverage, kind="target")
    return f"{no_verdict_reason(result)}; a verdict needs {needed}"


def _measured(result: SloResult) -> str:
    target = numbers.percent_text(result.objective.target, kind="target")
    title, left = full_title(result.slo), result.budget.remaining
    measured = (
        "nothing"
        if result.sli is None
        else numbers.percent_text(result.sli, result.objective.target)
    )
    promise = f"{title} measured {measured} against {target}"
    if left is None or result.budget.consumed is None:
        failed = numbers.events_text(result.budget.bad, "up")
        return f"{promise}: {failed} bad {result.unit}, and no budget for any."
    used = numbers.percent_text(result.budget.consumed, kind="consumption")
    rest = numbers.percent_text(left, kind="remaining")
    return f"{promise}: {used} of its error budget used, {rest} left."


def _rate(result: SloResult) -> Iterator[str]:
    if result.pace is None or result.budget.consumed is None:
        return
    pace = f"{numbers.burn_text(result.pace)} over the whole period"
    if result.burn is None:
        yield f"It burns at {pace}."
    else:
        span = numbers.duration_text(result.lookback)
        yield f"It burns at {numbers.burn_text(result.burn)} over the last {span}, {pace}."


def _end(result: SloResult) -> Iterator[str]:
    end = result.exhaustion
    if end is None or end.at is None or end.kind not in ("spent", "projected"):
        return
    at = numbers.instant_text(end.at, result.history[-1].period.zone)
    was = "The budget was spent on" if end.kind == "spent" else "At this rate it is spent on"
    yield f"{was} {at}."


def _caused(spent_by: SpentBy, cause: CauseClass) -> Iterator[str]:
    share = numbers.percent_text(min(spent_by.share, 1.0), kind="consumption")
    noun = "incident" if len(spent_by.incidents) == 1 else "incidents"
    letters = numbers.listed(list(spent_by.incidents))
    yield f"{share} of what was spent went into {noun} {letters} ({spent_by.name})."
    yield _full_stop(cause.meaning)


def _others(alone: Sequence[ObjectiveDecisions]) -> Iterator[str]:
    """How the other objectives stand, in one sentence."""
    rest = alone[1:]
    if not rest:
        return
    counts = {
        status: sum(one.status is status for one in rest)
        for status in WORST_FIRST
        if any(one.status is status for one in rest)
    }
    told = [f"{numbers.count_text(count)} {status}" for status, count in counts.items()]
    noun = "objective" if len(rest) == 1 else "objectives"
    yield f"Its other {noun}: {numbers.listed(told)}."


def _full_stop(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
