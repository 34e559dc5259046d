"""What became of the recommendations of the report before, as far as the data show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from slo_reports import numbers
from slo_reports.compute.attribution import full_title
from slo_reports.compute.merging import services_of
from slo_reports.compute.recommendations import fix_action
from slo_reports.model import (
    Asked,
    BudgetStatus,
    Earlier,
    Followed,
    FollowUp,
    FollowWord,
    Incident,
    JudgedIncident,
    Outcome,
    Recommendation,
    Report,
    SloResult,
)
from slo_reports.periods import Period

_ORDER = (FollowWord.OPEN, FollowWord.UNKNOWN, FollowWord.DONE, FollowWord.MOOT)
_JUDGED = (Outcome.MET, Outcome.MISSED)
Answer = tuple[FollowWord, str]


def asked_in(report: Report) -> Earlier:
    """What a report asks for, to be followed up by the next one."""
    results = {one.slo.id: one for one in report.results}
    return Earlier(
        report.period,
        report.revision,
        tuple(_asked(one, report.incidents, results) for one in report.recommendations),
    )


def _asked(
    one: Recommendation, incidents: Sequence[JudgedIncident], results: dict[str, SloResult]
) -> Asked:
    result = None if one.slo is None else results.get(one.slo)
    about = (each.incident for each in incidents if fix_action(each) == one.action)
    return Asked(
        kind=one.kind,
        action=one.action,
        owner=one.owner,
        due=one.due,
        service=one.service,
        slo=one.slo,
        target=None if result is None else result.objective.target,
        incident=next(about, None),
    )


def follow_up(
    earlier: Earlier | None,
    results: Sequence[SloResult],
    incidents: Sequence[JudgedIncident],
    recommendations: Sequence[Recommendation],
    period: Period,
) -> FollowUp | None:
    """Each recommendation of the report before with what became of it; still open ones first.

    Args:
        earlier: what it asked for; None where there was no report.
        results: all objectives now.
        incidents: those of the reported period.
        recommendations: what is asked for now.
        period: the reported one.
    """
    if earlier is None or not (earlier.asked or earlier.problem):
        return None
    now = _Now(results, incidents, recommendations, period)
    found = [_followed(one, now) for one in earlier.asked]
    ordered = sorted(found, key=lambda one: _ORDER.index(one.word))
    return FollowUp(earlier.period, tuple(ordered), earlier.problem)


@dataclass(frozen=True)
class _Now:
    """What the present report knows."""

    results: Sequence[SloResult]
    incidents: Sequence[JudgedIncident]
    recommendations: Sequence[Recommendation]
    period: Period


@dataclass(frozen=True)
class _Case:
    """One recommendation, its objective as it is now, and all else that is known."""

    asked: Asked
    result: SloResult
    now: _Now

    @property
    def service(self) -> list[SloResult]:
        """All objectives of the service."""
        return [one for one in self.now.results if one.slo.service == self.asked.service]

    @property
    def asked_again(self) -> bool:
        """Whether the present report asks for the same."""
        wanted = self.asked.kind, self.asked.service, self.asked.slo
        return any((one.kind, one.service, one.slo) == wanted for one in self.now.recommendations)


def _followed(asked: Asked, now: _Now) -> Followed:
    result = next((one for one in now.results if one.slo.id == asked.slo), None)
    if result is None:
        return Followed(asked, FollowWord.MOOT, "The objective is no longer in this report.")
    answer = _RULES.get(asked.kind, _any)(_Case(asked, result, now))
    return Followed(asked, *answer)


def _releases(case: _Case) -> Answer:
    left = [one.budget.remaining for one in case.service]
    known = [one for one in left if one is not None]
    if not known:
        return FollowWord.UNKNOWN, f"{case.asked.service} has no budget that could be measured."
    worst = numbers.percent_text(min(known), kind="remaining")
    if any(one.status is BudgetStatus.EXHAUSTED for one in case.service):
        return FollowWord.OPEN, f"A budget of {case.asked.service} is exhausted: {worst} left."
    return FollowWord.MOOT, f"The budgets of {case.asked.service} have {worst} left or more."


def _monitoring(case: _Case) -> Answer:
    if case.result.outcome is Outcome.NOT_MEASURED:
        return FollowWord.OPEN, "It is still not measured."
    share = numbers.percent_text(case.result.coverage, kind="coverage")
    told = f"Data for {share} of the time."
    return (FollowWord.OPEN if case.asked_again else FollowWord.DONE), told


def _incident(case: _Case) -> Answer:
    if case.asked.incident is None:
        return _any(case)
    again = [one for one in case.now.incidents if _is_like(one.incident, case.asked.incident)]
    if not again:
        return FollowWord.DONE, "Nothing like it came back."
    first = again[0]
    when = numbers.instant_text(first.incident.start, case.now.period.zone)
    cost = max((cost[2] for cost in first.costs), default=0.0)
    taken = numbers.percent_text(cost, kind="consumption")
    more = "" if len(again) == 1 else f", and {numbers.counted(len(again) - 1, 'time')} more"
    what = f"Incident {first.letter} on {when} was like it and took {taken} of a budget{more}."
    return FollowWord.OPEN, what


def _is_like(one: Incident, other: Incident) -> bool:
    """The same alert on the same objective of the same service, or the same words."""
    if not set(services_of(one)) & set(services_of(other)):
        return False
    if one.title == other.title:
        return True
    return bool(set(one.alerts) & set(other.alerts)) and one.slo == other.slo


def _runbook(case: _Case) -> Answer:
    if case.result.slo.runbook is None:
        return FollowWord.OPEN, "No runbook is named yet."
    return FollowWord.DONE, "A runbook is named."


def _target(case: _Case) -> Answer:
    target = case.result.objective.target
    new = numbers.percent_text(target, kind="target")
    if case.asked.target is not None and case.asked.target != target:
        old = numbers.percent_text(case.asked.target, kind="target")
        return FollowWord.DONE, f"The objective is {new} now; it was {old}."
    if case.asked_again:
        return FollowWord.OPEN, f"The objective is still {new}, and this report asks again."
    return FollowWord.MOOT, f"The objective is still {new}; this report no longer asks."


def _speed(case: _Case) -> Answer:
    if case.result.outcome not in _JUDGED:
        return FollowWord.UNKNOWN, f"{full_title(case.result.slo)}: {case.result.outcome}."
    word = FollowWord.DONE if case.result.outcome is Outcome.MET else FollowWord.OPEN
    left = case.result.budget.remaining
    tail = "" if left is None else f", {numbers.percent_text(left, kind='remaining')} left"
    return word, f"The objective was {case.result.outcome}{tail}."


def _any(case: _Case) -> Answer:
    if case.asked_again:
        return FollowWord.OPEN, "This report asks for it again."
    return FollowWord.MOOT, "This report no longer asks for it."


_RULES: dict[str, Callable[[_Case], Answer]] = {
    "hold-releases": _releases,
    "review-releases": _releases,
    "restore-monitoring": _monitoring,
    "fix-incident": _incident,
    "write-runbook": _runbook,
    "loosen-target": _target,
    "tighten-target": _target,
    "speed-up": _speed,
}
