"""Which bad events fell into which incident.

A bad event is given to one incident at most: where incidents overlap, the one that began first
has it, and one that somebody told of before one that was only found in the slices. What no
incident holds is the unattributed rest, so the parts always add up to the whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from slo_reports.compute.grid import Grid
from slo_reports.model import (
    AttributedPart,
    Attribution,
    Incident,
    IncidentShare,
    JudgedIncident,
    Slo,
    SloResult,
)
from slo_reports.numbers import inline
from slo_reports.periods import Period

_Cost = tuple[str, str, float, float]
"""See ``JudgedIncident.costs``."""
ALERT_LEAD = timedelta(minutes=15)
"""An alert begins to fire only after the errors have; so much before it still belongs to it."""


@dataclass(frozen=True)
class Lettered:
    """An incident with the letter that the pages call it by."""

    letter: str
    incident: Incident

    @property
    def start(self) -> datetime:
        """From when bad events belong to the incident [UTC]."""
        only_told = self.incident.source in ("alert", "alertmanager")
        lead = ALERT_LEAD if only_told and self.incident.began_at is None else timedelta(0)
        return min(self.incident.start - lead, self.incident.began_at or self.incident.start)

    @property
    def end(self) -> datetime:
        """Until when they do: a person's word may end before the errors did [UTC]."""
        return max(self.incident.end, self.incident.ended_at or self.incident.end)


def letter(index: int) -> str:
    """The letter of the incident with an index: A, B, … Z, AA, AB and so on."""
    head, tail = divmod(index, 26)
    return (letter(head - 1) if head else "") + chr(ord("A") + tail)


def lettered(incidents: Sequence[Incident], period: Period) -> tuple[Lettered, ...]:
    """The incidents that touch a period, in order of time, with their letters."""
    inside = (one for one in incidents if _touches(one, period))
    ordered = sorted(inside, key=lambda one: (one.start, one.end, one.id))
    return tuple(Lettered(letter(index), one) for index, one in enumerate(ordered))


def _touches(incident: Incident, period: Period) -> bool:
    return incident.start < period.data_end and max(incident.end, incident.start) > period.start


def _concerns(incident: Incident, ids: set[str], services: set[str]) -> bool:
    """Whether an incident is about some SLOs: the one it names, else all of its services."""
    if incident.slo is not None:
        return incident.slo in ids
    return incident.service in services or not services.isdisjoint(incident.services)


def shares(
    grid: Grid,
    slo: Slo,
    incidents: Sequence[Lettered],
    consumed: float | None,
    steps: Sequence[Slo] = (),
) -> tuple[IncidentShare, ...]:
    """What each incident took of one SLO's budget, without those that took nothing.

    Args:
        grid: the slices; one that an incident covers in part counts with that part.
        slo: whose events they are.
        incidents: in order of time.
        consumed: used share of the whole budget, which the shares are parts of [ratio].
        steps: critical steps of a user journey; an incident of theirs is one of the journey.
    """
    whole = grid.total(grid.bad)
    found: dict[str, float] = {}
    claimed: list[tuple[datetime, datetime]] = []
    ids = {slo.id, *(one.id for one in steps)}
    services = {slo.service, *(one.service for one in steps)}
    own = [one for one in incidents if _concerns(one.incident, ids, services)]
    for one in sorted(own, key=lambda one: (one.incident.source == "episode", one.start)):
        free = _without(one.start, one.end, claimed)
        found[one.letter] = math.fsum(bad_between(grid, *span) for span in free)
        claimed = sorted([*claimed, (one.start, one.end)])
    return tuple(
        IncidentShare(one.letter, bad, (consumed or 0.0) * (bad / whole))
        for one in own
        if (bad := found[one.letter]) > 0
    )


def _without(
    start: datetime, end: datetime, claimed: Sequence[tuple[datetime, datetime]]
) -> Iterator[tuple[datetime, datetime]]:
    """What is left of a span between others, which are in order of time."""
    for first, last in claimed:
        if start < first:
            yield start, min(first, end)
        start = max(start, last)
    yield start, end


def bad_between(grid: Grid, start: datetime, end: datetime) -> float:
    """Bad events between two instants, spread evenly inside each slice [events]."""
    if end <= start or not len(grid):
        return 0.0
    cumulated = np.concatenate(([0.0], np.cumsum(grid.bad)))
    before, after = np.interp([start.timestamp(), end.timestamp()], grid.edges, cumulated)
    return float(after - before)


def unattributed(consumed: float | None, found: Sequence[IncidentShare]) -> float | None:
    """Used share of the budget outside every incident [ratio]; None where there is no budget."""
    if consumed is None:
        return None
    return max(consumed - math.fsum(one.consumed for one in found), 0.0)


def attribution(
    bad: float, consumed: float | None, found: Sequence[IncidentShare]
) -> Attribution | None:
    """Where all bad events of an SLO went, to the last one; None where there were none.

    Args:
        bad: all bad events [events].
        consumed: used share of the whole budget [ratio]; None where there is no budget.
        found: what the incidents took.
    """
    if bad <= 0:
        return None
    rest = max(bad - math.fsum(one.bad for one in found), 0.0)
    events = {one.letter: one.bad for one in found} | {"unattributed": rest}
    points = basis_points(list(events.values()))
    parts = tuple(
        AttributedPart(name, count, None if consumed is None else consumed * (count / bad), share)
        for (name, count), share in zip(events.items(), points, strict=True)
    )
    return Attribution(parts, AttributedPart("total", bad, consumed, sum(points)))


def basis_points(parts: Sequence[float]) -> list[int]:
    """Parts as ten-thousandths of their sum, rounded so that they add up to exactly 10 000.

    Each is rounded down, and what is then missing goes to those that lost most.
    """
    whole = math.fsum(parts)
    exact = [10_000 * (one / whole) for one in parts]
    floors = [math.floor(one) for one in exact]
    by_loss = sorted(range(len(parts)), key=lambda index: floors[index] - exact[index])
    for index in by_loss[: 10_000 - sum(floors)]:
        floors[index] += 1
    return floors


def full_title(slo: Slo) -> str:
    """An SLO's title with its service, such as ``Checkout availability``."""
    return f"{slo.service} {inline(slo.title)}"


def judged(
    incidents: Sequence[Lettered], results: Sequence[SloResult]
) -> tuple[JudgedIncident, ...]:
    """Each incident with what it cost, dearest objective first."""
    costs = _costs(results)
    return tuple(
        JudgedIncident(
            one.letter,
            one.incident,
            _dearest_first(costs.get(one.letter, ())),
            time_to_detect(one.incident),
            time_to_recover(one.incident),
        )
        for one in incidents
    )


def time_to_detect(incident: Incident) -> timedelta | None:
    """From the beginning to the first alert; 0 where the alert was first, None where unknown."""
    if incident.began_at is None or incident.detected_at is None:
        return None
    return max(incident.detected_at - incident.began_at, timedelta(0))


def time_to_recover(incident: Incident) -> timedelta | None:
    """From the beginning to the end; None while it goes on."""
    if incident.ongoing:
        return None
    began = incident.start if incident.began_at is None else incident.began_at
    return incident.end - began


def _costs(results: Sequence[SloResult]) -> dict[str, list[_Cost]]:
    """What each incident cost, by its letter."""
    found: dict[str, list[_Cost]] = {}
    for result in results:
        for share in result.incidents:
            cost = result.slo.id, full_title(result.slo), share.consumed, share.bad
            found.setdefault(share.letter, []).append(cost)
    return found


def _dearest_first(costs: Sequence[_Cost]) -> tuple[_Cost, ...]:
    return tuple(sorted(costs, key=lambda cost: (-cost[2], -cost[3], cost[0])))


def total_time(incidents: Sequence[Lettered], period: Period) -> timedelta:
    """How long at least one incident was going on inside the period: overlaps count once."""
    total, claimed = timedelta(0), period.start
    for one in incidents:
        end = min(one.incident.end, period.data_end)
        total += max(end - max(one.incident.start, claimed), timedelta(0))
        claimed = max(claimed, end)
    return total
