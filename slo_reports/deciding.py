"""Answering a pipeline: may a release of some risk go out now?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.coverage import first_scrape
from slo_reports.compute import build_report
from slo_reports.compute.burn import believed
from slo_reports.compute.decisions import decided_until, release_decisions
from slo_reports.errors import ConfigurationError
from slo_reports.job import World, take_snapshot
from slo_reports.model import (
    Outcome,
    Policy,
    ReleaseDecision,
    Risk,
    ServiceDecisions,
    ServiceResult,
    SloResult,
)
from slo_reports.periods import BadPeriod, Period, PeriodKind, parse_period
from slo_reports.settings.schema import ReportSettings, Selection

_SCRAPED = timedelta(minutes=2)
"""A slice that ended longer ago than this has certainly been scraped."""
_HOUR = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Decided:
    """A decision, and what it was made from.

    Attributes:
        result: the service's objectives, judged.
        period: what they were judged on.
        snapshot_hash: of the data that they were judged from.
    """

    decisions: ServiceDecisions
    risk: Risk
    result: ServiceResult
    period: Period
    policy: Policy
    snapshot_hash: str

    @property
    def release(self) -> ReleaseDecision:
        """The decision about releases of the risk that was asked for."""
        return self.decisions.decision(self.risk)


def decide(
    world: World, service: str, risk: Risk, *, as_of: datetime, period: str | None = None
) -> Decided:
    """Judge a service's objectives to date, and say what the policy says.

    Nothing is written; what the history holds is not asked again.

    Args:
        world: what to work with.
        service: as definitions name it.
        risk: of the release.
        as_of: the instant that it is decided for, not later than now.
        period: what is judged, in the words of ``run``; None: the trailing days of the policy.

    Raises:
        ConfigurationError: no definition is of the service, or a file has problems.
        BadPeriod: the period is none, or has not begun.
        SourceError: the source could not be reached, or broke off.
    """
    policy = world.policy()
    settings = ReportSettings(
        name="decide",
        title=f"Releases of {service}",
        select=Selection(services=[service_named(world, service)]),
        trend=1,
    )
    span = judged_period(world, policy, as_of, period)
    held = span if period is not None else _held(world, span)
    looking = replace(world, history=world.history and world.history.read_only())
    report = build_report(take_snapshot(settings, held, looking, brief=True))
    (result,) = (one for one in report.services if one.name == service)
    share = held.length / span.length
    result = replace(result, results=tuple(_of_whole(one, share) for one in result.results))
    until = decided_until(span.data_end, policy)
    (decisions,) = release_decisions([result], report.incidents, policy, until)
    return Decided(
        decisions=decisions,
        risk=risk,
        result=result,
        period=span,
        policy=policy,
        snapshot_hash=report.snapshot_hash,
    )


def judged_period(world: World, policy: Policy, as_of: datetime, text: str | None) -> Period:
    """What is judged: the days before the newest whole slice, or a period to date.

    Trailing days know no first of the month on which all is forgiven, and hold the last hour, which
    a rolling period of reports (it ends at a midnight) does not.

    Raises:
        BadPeriod: the instant is in the future, or the text names no period that has begun.
    """
    now, zone = world.now(), world.settings.timezone
    if as_of > now:
        msg = f"{as_of:%Y-%m-%dT%H:%MZ} has not come yet: nothing can be decided for it"
        raise BadPeriod(msg)
    step = world.settings.source.slice
    newest = min(as_of, now - _SCRAPED)
    newest -= (newest - _EPOCH) % step
    if text is not None:
        return parse_period(text, kind=PeriodKind.MONTH, zone=zone, now=newest)
    name = f"{policy.window.days}d-to-{newest:%Y-%m-%dT%H%MZ}"
    return Period(name, PeriodKind.ROLLING, newest - policy.window, newest, zone)


def _held(world: World, span: Period) -> Period:
    """The part of trailing days that can be counted: from the source's first scrape on.

    A counter that is first seen where the source's own memory begins was not born there, and what
    it stands at is no count of that hour. Where the history has days from before, nothing is cut.
    """
    with PrometheusClient(world.settings.source, transport=world.transport) as client:
        first = first_scrape(client, span.start, span.end)
    if first is None or first == span.start or first + _HOUR >= span.end:
        return span
    kept = world.history.days(world.settings.source.slice) if world.history else frozenset()
    if any(span.start.date() <= day < first.date() for day in kept):
        return span
    return replace(span, start=first + _HOUR)


def _of_whole(result: SloResult, share: float) -> SloResult:
    """What was judged on a part of the days, as a judgement on all: good news is not believed.

    Args:
        result: judged on the part.
        share: of the days that the part is [ratio].
    """
    coverage = result.coverage * share
    judged = result.outcome in (Outcome.MET, Outcome.MISSED, Outcome.NO_TRAFFIC)
    if share == 1 or not judged or coverage >= result.slo.minimum_coverage:
        return replace(result, coverage=coverage)
    lacking = Outcome.INSUFFICIENT_DATA
    status = believed(result.status, lacking)
    return replace(result, coverage=coverage, outcome=lacking, status=status)


def service_named(world: World, text: str) -> str:
    """The service, if a definition is of it.

    Raises:
        ConfigurationError: none is; the message names the nearest, or all.
    """
    known = sorted({slo.service for slo in world.slos})
    if text in known:
        return text
    by_lower = {one.casefold(): one for one in known}
    near = get_close_matches(text.casefold(), by_lower, n=1)
    hint = f"did you mean {by_lower[near[0]]!r}?" if near else f"there are: {', '.join(known)}"
    msg = f"no definition is of the service {text!r}; {hint}"
    raise ConfigurationError(msg)
