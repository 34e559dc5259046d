"""From what was found and seen of a service to its proposed definitions. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from slo_reports.discovering.documents import Frame, document, service_slug, slo_of, slug
from slo_reports.discovering.latencies import SHARE
from slo_reports.discovering.nouns import (
    Candidate,
    Found,
    LeftOut,
    Measure,
    Objective,
    Observation,
    Proposal,
    Target,
)
from slo_reports.discovering.targets import Wish, proposed
from slo_reports.discovering.texts import UNKNOWN, file_text
from slo_reports.discovering.tiering import Guess
from slo_reports.model import Tier
from slo_reports.numbers import listed, percent_text
from slo_reports.tiers import USUAL, tier_text

_STEADY = Decimal("0.99")
"""What ages and backlogs are usually promised [ratio]; the tiers say nothing of them."""
_NOUNS = {
    Measure.EVENTS: "requests",
    Measure.OUTCOMES: "runs",
    Measure.LATENCY: "requests",
    Measure.FRESHNESS: "hours",
    Measure.BACKLOG: "hours",
    Measure.PROBE: "probes",
}


@dataclass(frozen=True)
class Seen:
    """A candidate with what was observed of it.

    Attributes:
        limit: the threshold, age or backlog that was chosen, in the unit of the metric.
        reason: why that one; empty where nothing was chosen.
    """

    candidate: Candidate
    name: str
    observed: Observation
    limit: Decimal | None = None
    reason: str = ""


@dataclass(frozen=True)
class Terms:
    """What holds for all proposals of one look.

    Attributes:
        seen: the source, the instant up to which it was looked at, and the weeks before it.
        today: the local day of that instant.
    """

    seen: tuple[str, datetime, int]
    today: date
    zone: str
    progressive: bool


def propose(
    found: Found, guess: Guess, measured: Sequence[Seen], remarks: Sequence[str], terms: Terms
) -> Proposal | LeftOut:
    """The definitions of one service, or why there is none."""
    told = [*found.remarks, *remarks]
    objectives: list[Objective] = []
    for one in measured:
        objective = _objective(found, guess, one, terms)
        if isinstance(objective, str):
            told.append(f"{one.candidate.metric}: {objective}")
        else:
            objectives.append(objective)
    if found.also:
        told.append(f"Not taken, because they tell the same: {listed(list(found.also))}.")
    if not objectives:
        reason = "; ".join(told) or "nothing of it can be measured"
        return LeftOut(found.key.title, found.key.namespace, found.kind, reason)
    return Proposal(
        service=found.key.title,
        namespace=found.key.namespace,
        kind=found.kind,
        tier=guess.tier,
        tier_reasons=guess.reasons,
        owner=found.owner or UNKNOWN,
        objectives=tuple(objectives),
        remarks=tuple(told),
        file_name=_file_name(found),
        text=file_text(found, guess, objectives, told, terms.seen),
    )


def _file_name(found: Found) -> str:
    key = found.key
    group = f"{slug(key.namespace)}." if key.namespace else ""
    return f"{group}{service_slug(key)}.yaml"


def _objective(found: Found, guess: Guess, one: Seen, terms: Terms) -> Objective | str:
    if one.observed.reason:
        return one.observed.reason
    target = proposed(one.observed, _wish(one.candidate, guess.tier, terms))
    if isinstance(target, str):
        return target
    frame = Frame(
        one.name,
        found.owner or UNKNOWN,
        guess.tier,
        target.target,
        target.phases,
        one.limit,
    )
    data = document(one.candidate, frame)
    return Objective(one.candidate, data, slo_of(data), one.observed, target, _reasons(one, target))


def _reasons(one: Seen, target: Target) -> tuple[str, ...]:
    excluded = one.candidate.excluded
    health = (
        f"left out, because no user asks for them: {listed(list(excluded))}" if excluded else ""
    )
    return tuple(text for text in (one.reason, *target.reasons, health) if text)


def _wish(candidate: Candidate, tier: Tier, terms: Terms) -> Wish:
    wanted, asked = _asked(candidate.measure, tier)
    limited = candidate.measure in (Measure.FRESHNESS, Measure.BACKLOG)
    noun = "runs" if candidate.kind == "batch" and candidate.measure is Measure.EVENTS else None
    return Wish(
        target=wanted,
        asked=asked,
        noun=noun or _NOUNS[candidate.measure],
        today=terms.today,
        zone=terms.zone,
        usual="such a limit" if limited else "its tier",
        slices=limited,
        progressive=terms.progressive,
    )


def _asked(measure: Measure, tier: Tier) -> tuple[Decimal, str]:
    """The target that is wanted, and who asks for it."""
    match measure:
        case Measure.LATENCY:
            return SHARE, "99 % of the answers within the threshold are what a tier asks for"
        case Measure.FRESHNESS | Measure.BACKLOG:
            said = percent_text(_STEADY, kind="target")
            return _STEADY, f"{said} of the time is usual for such a limit"
        case _:
            usual = USUAL[tier].availability
            said = percent_text(usual, kind="target")
            return usual, f"{tier_text(tier)} services usually promise {said}"
