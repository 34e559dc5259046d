"""What became of the recommendations of the report before, as far as the data show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from slo_reports import numbers
from slo_reports.compute.merging import services_of
from slo_reports.compute.recommendations import fix_action
from slo_reports.language import speaking, tr, trn
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
Answer = tuple[FollowWord, str]


def asked_in(report: Report) -> Earlier:
    """What a report asks for, to be followed up by the next one."""
    results = {one.slo.id: one for one in report.results}
    with speaking(report.request.language):  # an incident is found by what was said of it
        asked = tuple(_asked(one, report.incidents, results) for one in report.recommendations)
    return Earlier(report.period, report.revision, asked)


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
        return Followed(asked, FollowWord.MOOT, tr("The objective is no longer in this report."))
    answer = _RULES.get(asked.kind, _any)(_Case(asked, result, now))
    return Followed(asked, *answer)


def _releases(case: _Case) -> Answer:
    left = [one.budget.remaining for one in case.service]
    known = [one for one in left if one is not None]
    name = case.asked.service
    if not known:
        told = tr("{service} has no budget that could be measured.", service=name)
        return FollowWord.UNKNOWN, told
    worst = numbers.percent_text(min(known), kind="remaining")
    if any(one.status is BudgetStatus.EXHAUSTED for one in case.service):
        told = tr("A budget of {service} is exhausted: {share} left.", service=name, share=worst)
        return FollowWord.OPEN, told
    told = tr("The budgets of {service} have {share} left or more.", service=name, share=worst)
    return FollowWord.MOOT, told


def _monitoring(case: _Case) -> Answer:
    if case.result.outcome is Outcome.NOT_MEASURED:
        return FollowWord.OPEN, tr("It is still not measured.")
    share = numbers.percent_text(case.result.coverage, kind="coverage")
    told = tr("Data for {share} of the time.", share=share)
    return (FollowWord.OPEN if case.asked_again else FollowWord.DONE), told


def _incident(case: _Case) -> Answer:
    asked = case.asked.incident
    if asked is None:
        return _any(case)
    again = [one for one in case.now.incidents if _is_like(one.incident, asked)]
    if not again:
        return FollowWord.DONE, tr("Nothing like it came back.")
    first = again[0]
    cost = max((cost[2] for cost in first.costs), default=0.0)
    told = tr(
        "Incident {letter} on {instant} was like it and took {share} of a budget.",
        letter=first.letter,
        instant=numbers.instant_text(first.incident.start, case.now.period.zone),
        share=numbers.percent_text(cost, kind="consumption"),
    )
    if len(again) == 1:
        return FollowWord.OPEN, told
    more = trn(
        "It came {count} more time.",
        "It came {count} more times.",
        len(again) - 1,
        count=numbers.count_text(len(again) - 1),
    )
    return FollowWord.OPEN, f"{told} {more}"


def _is_like(one: Incident, other: Incident) -> bool:
    """The same alert on the same objective of the same service, or the same words."""
    if not set(services_of(one)) & set(services_of(other)):
        return False
    if one.title == other.title:
        return True
    return bool(set(one.alerts) & set(other.alerts)) and one.slo == other.slo


def _runbook(case: _Case) -> Answer:
    if case.result.slo.runbook is None:
        return FollowWord.OPEN, tr("No runbook is named yet.")
    return FollowWord.DONE, tr("A runbook is named.")


def _target(case: _Case) -> Answer:
    target = case.result.objective.target
    new = numbers.percent_text(target, kind="target")
    if case.asked.target is not None and case.asked.target != target:
        old = numbers.percent_text(case.asked.target, kind="target")
        return FollowWord.DONE, tr("The objective is {new} now; it was {old}.", new=new, old=old)
    if case.asked_again:
        told = tr("The objective is still {target}, and this report asks again.", target=new)
        return FollowWord.OPEN, told
    told = tr("The objective is still {target}; this report no longer asks.", target=new)
    return FollowWord.MOOT, told


def _speed(case: _Case) -> Answer:
    left = case.result.budget.remaining
    share = "" if left is None else numbers.percent_text(left, kind="remaining")
    match case.result.outcome:
        case Outcome.MET:
            return FollowWord.DONE, tr("The objective was met, {share} left.", share=share)
        case Outcome.MISSED:
            return FollowWord.OPEN, tr("The objective was missed, {share} left.", share=share)
        case _:
            return FollowWord.UNKNOWN, tr("The objective could not be judged.")


def _any(case: _Case) -> Answer:
    if case.asked_again:
        return FollowWord.OPEN, tr("This report asks for it again.")
    return FollowWord.MOOT, tr("This report no longer asks for it.")


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
