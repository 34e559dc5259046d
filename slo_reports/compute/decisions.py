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
from slo_reports.compute.policy_words import cause_word
from slo_reports.compute.services import no_verdict_reason
from slo_reports.language import tr, trn
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
from slo_reports.statuses import status_word

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
        yield tr("{objective} could not be judged.", objective=full_title(result.slo))
        yield _full_stop(_unknown(result))
        return
    yield _measured(result)
    yield from _rate(result)
    yield from _end(result)
    if result.outcome is Outcome.INSUFFICIENT_DATA:
        share = numbers.percent_text(result.coverage, kind="coverage")
        yield tr("Data for {share} of the time only; what is known is bad enough.", share=share)
    if spent_by is not None:
        yield from _caused(spent_by, policy.causes[spent_by.name])


def _unknown(result: SloResult) -> str:
    why = no_verdict_reason(result)
    if result.outcome is not Outcome.INSUFFICIENT_DATA:
        return why
    needed = numbers.percent_text(result.slo.minimum_coverage, kind="target")
    return tr("{why}; a verdict needs {share}", why=why, share=needed)


def _measured(result: SloResult) -> str:
    budget, target = result.budget, result.objective.target
    measured = "–" if result.sli is None else numbers.percent_text(result.sli, target)
    promise = tr(
        "{objective} measured {measured} against {target}",
        objective=full_title(result.slo),
        measured=measured,
        target=numbers.percent_text(target, kind="target"),
    )
    if budget.remaining is None or budget.consumed is None:
        failed = numbers.events_text(budget.bad, "up")
        return tr("{promise}: {count} failed, none may.", promise=promise, count=failed)
    return tr(
        "{promise}: {used} of its error budget used, {left} left.",
        promise=promise,
        used=numbers.percent_text(budget.consumed, kind="consumption"),
        left=numbers.percent_text(budget.remaining, kind="remaining"),
    )


def _rate(result: SloResult) -> Iterator[str]:
    if result.pace is None or result.budget.consumed is None:
        return
    pace = numbers.burn_text(result.pace)
    if result.burn is None:
        yield tr("It burns at {pace} over the whole period.", pace=pace)
    else:
        yield tr(
            "It burns at {rate} over the last {span}, {pace} over the whole period.",
            rate=numbers.burn_text(result.burn),
            span=numbers.duration_text(result.lookback),
            pace=pace,
        )


def _end(result: SloResult) -> Iterator[str]:
    end = result.exhaustion
    if end is None or end.at is None:
        return
    at = numbers.instant_text(end.at, result.history[-1].period.zone)
    if end.kind == "spent":
        yield tr("The budget was spent on {instant}.", instant=at)
    elif end.kind == "projected":
        yield tr("At this rate it is spent on {instant}.", instant=at)


def _caused(spent_by: SpentBy, cause: CauseClass) -> Iterator[str]:
    yield trn(
        "{share} of what was spent went into incident {letters} ({cause}).",
        "{share} of what was spent went into incidents {letters} ({cause}).",
        len(spent_by.incidents),
        share=numbers.percent_text(min(spent_by.share, 1.0), kind="consumption"),
        letters=numbers.listed(list(spent_by.incidents)),
        cause=cause_word(spent_by.name),
    )
    yield _full_stop(cause.meaning)


def _others(alone: Sequence[ObjectiveDecisions]) -> Iterator[str]:
    """How the other objectives stand, in one sentence."""
    rest = [one.status for one in alone[1:]]
    if not rest:
        return
    told = [
        f"{numbers.count_text(rest.count(status))} {status_word(status)}"
        for status in WORST_FIRST
        if status in rest
    ]
    yield trn(
        "Its other objective: {statuses}.",
        "Its other objectives: {statuses}.",
        len(rest),
        statuses=numbers.listed(told),
    )


def _full_stop(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
