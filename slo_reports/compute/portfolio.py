"""All services seen from above: by team, against the period before, and the worst of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from slo_reports import numbers
from slo_reports.compute.attribution import full_title
from slo_reports.compute.rollups import weighted_coverage
from slo_reports.compute.summary import lowest_left
from slo_reports.compute.trend import just_before
from slo_reports.language import tr, trn
from slo_reports.model import (
    Figure,
    Outcome,
    Portfolio,
    Report,
    ServiceResult,
    ServiceState,
    ServiceTurn,
    SloResult,
    TeamResult,
    Turn,
)
from slo_reports.periods import Period

OUTLIERS = 20
_NAMED = 3
_LONGEST = 40
"""Letters of a team's name in the headline."""


def as_portfolio(report: Report) -> Report:
    """A judged report, seen from above: with a headline and figures about services and teams."""
    found = portfolio(report.services, report.period)
    _, _, incidents, _ = report.figures
    return replace(
        report,
        services=tuple(map(_with_few_curves, report.services)),
        portfolio=found,
        headline=headline(report.services, found, report.period),
        figures=figures(report.services, found, incidents, report.period),
    )


def _with_few_curves(service: ServiceResult) -> ServiceResult:
    """Only the picture of a service in need is drawn, of its worst objective.

    All other curves are most of what a portfolio's data would weigh.
    """
    drawn = int(service.is_in_need)
    plain = (
        replace(one, remaining_curve=one.remaining_curve if n < drawn else None, burn_curves=())
        for n, one in enumerate(service.results)
    )
    return replace(service, results=tuple(plain))


def portfolio(services: Sequence[ServiceResult], period: Period) -> Portfolio:
    """Teams, what changed and what stands out.

    Args:
        services: all of a report, worst first.
        period: the reported one.
    """
    groups: dict[str, list[ServiceResult]] = {}
    for one in services:
        groups.setdefault(team_of(one), []).append(one)
    teams = [_team(name, group, period) for name, group in groups.items()]
    turns = [turn for one in services if (turn := _turn(one, period)) is not None]
    order = tuple(Turn)
    return Portfolio(
        teams=tuple(sorted(teams, key=_team_need)),
        turns=tuple(sorted(turns, key=lambda one: order.index(one.turn))),
        outliers=tuple(one.slo.id for one in _worst(services)),
    )


def team_of(service: ServiceResult) -> str:
    """Who owns a service: the owner of most of its objectives."""
    count = Counter(one.slo.owner for one in service.results)
    return min(count, key=lambda name: (-count[name], name))


def _team(name: str, services: Sequence[ServiceResult], period: Period) -> TeamResult:
    states = Counter(one.state for one in services)
    results = [one for service in services for one in service.results]
    lowest = lowest_left(results)
    before = [_missed_before(one, period) for one in services]
    known = [one for one in before if one is not None]
    return TeamResult(
        name=name,
        services=tuple(one.name for one in services),
        missed=states[ServiceState.MISSED],
        at_risk=states[ServiceState.AT_RISK],
        no_verdict=states[ServiceState.NO_VERDICT],
        met=states[ServiceState.MET],
        missed_before=sum(known) if known else None,
        objectives=len(results),
        objectives_met=sum(one.outcome is Outcome.MET for one in results),
        worst=None if lowest is None else lowest.slo.id,
        worst_title="" if lowest is None else full_title(lowest.slo),
        remaining=None if lowest is None else lowest.budget.remaining,
        coverage=weighted_coverage(results),
    )


def _team_need(team: TeamResult) -> tuple[int, int, bool, float, str]:
    left = 1.0 if team.remaining is None else team.remaining
    return -team.missed, -team.at_risk, not team.name, left, team.name


def _missed_before(service: ServiceResult, period: Period) -> bool | None:
    """Whether an objective was missed in the period before; None where none was judged."""
    before = [just_before(one.history, period) for one in service.results]
    known = [one.outcome for one in before if one is not None]
    return Outcome.MISSED in known if known else None


# --- what changed --------------------------------------------------------------------------------


def _turn(service: ServiceResult, period: Period) -> ServiceTurn | None:
    now, before = service.state is ServiceState.MISSED, _missed_before(service, period)
    if now:
        turn = Turn.MISSED_AGAIN if before else Turn.NEWLY_MISSED
        return ServiceTurn(turn, service.name, 1 + _in_a_row(service, period))
    if before and service.state is not ServiceState.NO_VERDICT:
        return ServiceTurn(Turn.RECOVERED, service.name, _in_a_row(service, period))
    return None


def _in_a_row(service: ServiceResult, period: Period) -> int:
    """Periods just before the reported one, without a break, in which an objective was missed."""
    missed = {
        past.period.start: past.period
        for one in service.results
        for past in one.history
        if past.outcome is Outcome.MISSED
    }
    count, start = 0, period.start
    for one in sorted(missed.values(), key=lambda one: one.start, reverse=True):
        if one.end == start:
            count, start = count + 1, one.start
    return count


# --- what stands out -----------------------------------------------------------------------------


def _worst(services: Sequence[ServiceResult]) -> list[SloResult]:
    """The objectives with the least budget left, those that have none at all first."""
    results = [one for service in services for one in service.results]
    judged = [one for one in results if one.outcome in (Outcome.MET, Outcome.MISSED)]
    return sorted(judged, key=_left)[:OUTLIERS]


def _left(result: SloResult) -> tuple[float, str]:
    if result.budget.remaining is not None:
        return result.budget.remaining, result.slo.id
    return (float("-inf") if result.outcome is Outcome.MISSED else 1.0), result.slo.id


# --- in words ------------------------------------------------------------------------------------


def headline(services: Sequence[ServiceResult], found: Portfolio, period: Period) -> str:
    """The whole portfolio in two or three sentences."""
    if not services:
        return tr("This report covers no services.")
    return " ".join([_tally(services, period), *_where(found), *_news(found, period)])


def _tally(services: Sequence[ServiceResult], period: Period) -> str:
    states = Counter(one.state for one in services)
    total, missed = len(services), states[ServiceState.MISSED]
    met = states[ServiceState.MET] + states[ServiceState.AT_RISK]
    if total == 1:
        return _only(services[0], period)
    unknown = states[ServiceState.NO_VERDICT]
    parts = [
        _met_all(met, total, period),
        _missed_one(missed) if missed else "",
        _not_judged(unknown) if unknown else "",
    ]
    return f"{numbers.listed([one for one in parts if one])}."


def _missed_one(count: int) -> str:
    return trn(
        "{count} missed at least one",
        "{count} missed at least one",
        count,
        count=numbers.count_text(count),
    )


def _not_judged(count: int) -> str:
    return trn(
        "{count} could not be judged",
        "{count} could not be judged",
        count,
        count=numbers.count_text(count),
    )


def _only(service: ServiceResult, period: Period) -> str:
    name, partial = service.name, period.as_of is not None
    match service.state:
        case ServiceState.MISSED if partial:
            return tr("{service} missed an objective so far.", service=name)
        case ServiceState.MISSED:
            return tr("{service} missed an objective.", service=name)
        case ServiceState.NO_VERDICT if partial:
            return tr("{service} could not be judged so far.", service=name)
        case ServiceState.NO_VERDICT:
            return tr("{service} could not be judged.", service=name)
        case _ if partial:
            return tr("{service} met all of its objectives so far.", service=name)
        case _:
            return tr("{service} met all of its objectives.", service=name)


def _met_all(met: int, total: int, period: Period) -> str:
    told = {"count": numbers.sentence(numbers.count_text(met)), "total": numbers.count_text(total)}
    if period.as_of is None:
        if met == total:
            return tr("All {total} services met all of their objectives", total=told["total"])
        return trn(
            "{count} of {total} services met all of its objectives",
            "{count} of {total} services met all of their objectives",
            met,
            **told,
        )
    if met == total:
        return tr("All {total} services met all of their objectives so far", total=told["total"])
    return trn(
        "{count} of {total} services met all of its objectives so far",
        "{count} of {total} services met all of their objectives so far",
        met,
        **told,
    )


def _where(found: Portfolio) -> Iterator[str]:
    """Which teams the misses are in."""
    hit = [one for one in found.teams if one.missed]
    if len(found.teams) < 2 or not hit:
        return
    teams = numbers.listed([_named(one) for one in hit[:_NAMED]])
    if len(hit) <= _NAMED:
        yield tr("The misses are in {teams}.", teams=teams)
    else:
        yield tr("Most misses are in {teams}.", teams=teams)


def _named(team: TeamResult) -> str:
    name = team.name if len(team.name) <= _LONGEST else f"{team.name[: _LONGEST - 1].rstrip()}…"
    return f"{name or tr('services without owner')} ({team.missed})"


def _news(found: Portfolio, period: Period) -> Iterator[str]:
    count = Counter(one.turn for one in found.turns)
    new, again, back = (count[one] for one in Turn)
    known = any(one.missed_before is not None for one in found.teams)
    if not known or not (again or back):
        return
    parts = [
        tr("{count} missed anew", count=numbers.count_text(new)) if new else "",
        tr("{count} missed again", count=numbers.count_text(again)) if again else "",
        tr("{count} recovered", count=numbers.count_text(back)) if back else "",
    ]
    told = numbers.sentence(numbers.listed([one for one in parts if one]))
    yield f"{told}." if period.as_of is None else tr("{changes} so far.", changes=told)


def figures(
    services: Sequence[ServiceResult], found: Portfolio, incidents: Figure, period: Period
) -> tuple[Figure, ...]:
    """Services that met everything, objectives met, services at risk, and incidents."""
    results = [one for service in services for one in service.results]
    states = Counter(one.state for one in services)
    good = states[ServiceState.MET] + states[ServiceState.AT_RISK]
    met = sum(one.outcome is Outcome.MET for one in results)
    risky = states[ServiceState.AT_RISK]
    return (
        Figure(
            str(good),
            tr("of {total}", total=len(services)),
            tr("services met all"),
            _services_before(services, found, period),
        ),
        Figure(
            str(met),
            tr("of {total}", total=len(results)),
            trn("objective met", "objectives met", len(results)),
            _met_before(results, period),
        ),
        Figure(str(risky), "", tr("services at risk"), tr("met, little left or burning fast")),
        incidents,
    )


def _services_before(services: Sequence[ServiceResult], found: Portfolio, period: Period) -> str:
    missed = sum(one.missed for one in found.teams)
    now = tr("{count} missed", count=missed)
    if all(one.missed_before is None for one in found.teams):
        return now
    earlier = sum(one.missed_before or 0 for one in found.teams)
    results = (one for service in services for one in service.results)
    before = next(one for r in results if (one := just_before(r.history, period)) is not None)
    then = tr("{value} in {period}", value=earlier, period=numbers.period_name(before.period))
    return f"{now}, {then}"


def _met_before(results: Sequence[SloResult], period: Period) -> str:
    before = [one for one in (just_before(r.history, period) for r in results) if one is not None]
    if not before:
        return ""
    met = sum(one.outcome is Outcome.MET for one in before)
    then = numbers.period_name(before[0].period)
    return tr("{part} of {total} in {period}", part=met, total=len(before), period=then)
