"""Which bad events fell into which incident.

A bad event is given to one incident at most: where incidents overlap, the one that began first
has it. What no incident holds is the unattributed rest, so the parts always add up to the whole.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from slo_reports.compute.grid import Grid
from slo_reports.model import Incident, IncidentShare, JudgedIncident, Slo, SloResult
from slo_reports.periods import Period

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
        lead = ALERT_LEAD if self.incident.source == "alert" else timedelta(0)
        return self.incident.start - lead


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


def concerns(incident: Incident, slo: Slo) -> bool:
    """Whether an incident is about an SLO: the one it names, else all of its service."""
    return incident.slo == slo.id if incident.slo is not None else incident.service == slo.service


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
    found: list[IncidentShare] = []
    claimed = grid.start
    for one in incidents:
        if any(concerns(one.incident, each) for each in (slo, *steps)):
            bad = bad_between(grid, max(one.start, claimed), one.incident.end)
            claimed = max(claimed, one.incident.end)
            if bad > 0:
                found.append(IncidentShare(one.letter, bad, (consumed or 0.0) * (bad / whole)))
    return tuple(found)


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


def full_title(slo: Slo) -> str:
    """An SLO's title with its service, such as ``Checkout availability``."""
    return f"{slo.service} {inline(slo.title)}"


def inline(title: str) -> str:
    """A title inside a sentence: its capital goes, unless it belongs to an acronym."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def judged(
    incidents: Sequence[Lettered], results: Sequence[SloResult]
) -> tuple[JudgedIncident, ...]:
    """Each incident with what it cost, dearest objective first."""
    return tuple(
        JudgedIncident(one.letter, one.incident, _costs(one, results)) for one in incidents
    )


def _costs(
    one: Lettered, results: Sequence[SloResult]
) -> tuple[tuple[str, str, float, float], ...]:
    costs = [
        (result.slo.id, full_title(result.slo), share.consumed, share.bad)
        for result in results
        for share in result.incidents
        if share.letter == one.letter
    ]
    return tuple(sorted(costs, key=lambda cost: (-cost[2], -cost[3], cost[0])))


def total_time(incidents: Sequence[Lettered], period: Period) -> timedelta:
    """How long at least one incident was going on inside the period: overlaps count once."""
    total, claimed = timedelta(0), period.start
    for one in incidents:
        end = min(one.incident.end, period.data_end)
        total += max(end - max(one.incident.start, claimed), timedelta(0))
        claimed = max(claimed, end)
    return total
