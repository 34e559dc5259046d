"""Toil budgets: how much of its time a team may spend on manual work, by how it performs.

With p = SLI / target in percent: from 100 on 60 %, from 99 on 50 %, below that
50 − (100 − p) × 5, and never less than 20 %. Automation gets the rest of the week.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from slo_reports import numbers
from slo_reports.compute.attribution import full_title
from slo_reports.model import Outcome, Policy, SloResult, ToilBudget

_BASE, _MOST, _LEAST = Fraction(50, 100), Fraction(60, 100), Fraction(20, 100)
_PER_POINT = 5
_JUDGED = (Outcome.MET, Outcome.MISSED)
_LACKING = (Outcome.INSUFFICIENT_DATA, Outcome.NOT_MEASURED)


def toil_budgets(results: Sequence[SloResult], policy: Policy) -> tuple[ToilBudget, ...]:
    """The toil budget of each team that owns an objective, the worst performing team first.

    Args:
        results: all objectives of a report; a team is judged by the one that performs worst.
        policy: knows how many people are in a team.
    """
    teams: dict[str, list[SloResult]] = {}
    for result in results:
        teams.setdefault(result.slo.owner, []).append(result)
    found = [_team(team, own, policy) for team, own in teams.items()]
    return tuple(sorted(found, key=_order))


def _order(one: ToilBudget) -> tuple[bool, float, str]:
    return one.performance is None, one.performance or 0.0, one.team


def _team(team: str, results: Sequence[SloResult], policy: Policy) -> ToilBudget:
    judged = [(performance(one), one) for one in results if one.outcome in _JUDGED]
    unjudged = sum(one.outcome in _LACKING for one in results)
    size = policy.teams.get(team)
    if not judged:
        return ToilBudget(team, None, "", None, None, size, None, None, unjudged)
    worst, result = min(judged, key=lambda one: (one[0], one[1].slo.id))
    share = toil_share(worst)
    if unjudged:
        share = min(share, _BASE)
    hours = None if size is None else numbers.exact(policy.hours_per_week) * numbers.exact(size)
    return ToilBudget(
        team=team,
        slo=result.slo.id,
        title=full_title(result.slo),
        performance=float(worst),
        share=float(share),
        size=size,
        toil_hours=None if hours is None else float(share * hours),
        automation_hours=None if hours is None else float((1 - share) * hours),
        unjudged=unjudged,
    )


def performance(result: SloResult) -> Fraction:
    """SLI over target of a judged objective, exactly [ratio]; at least 1 where it was met."""
    sli = round(Fraction(result.good), 9) / Fraction(result.valid)
    found = sli / Fraction(result.objective.target)
    return max(found, Fraction(1)) if result.outcome is Outcome.MET else found


def toil_share(found: Fraction) -> Fraction:
    """The share of the time that may be toil [ratio].

    Args:
        found: SLI over target [ratio].
    """
    if found >= 1:
        return _MOST
    if found >= Fraction(99, 100):
        return _BASE
    return max(_BASE - (1 - found) * _PER_POINT, _LEAST)
