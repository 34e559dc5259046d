"""What a portfolio report says beyond its services: teams, what changed, what stands out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class TeamResult:
    """One team's services together; numbers of services add up to all of the team's.

    Attributes:
        name: the owner; empty for services that name none.
        services: their names, worst first.
        missed: services that missed an objective; likewise ``at_risk``, ``no_verdict``, ``met``.
        missed_before: services that missed an objective in the period before; None where none of
            them was judged then.
        objectives: how many there are.
        objectives_met: how many were met.
        worst: id of the objective with the least budget left, where any has a budget.
        worst_title: its title with its service.
        remaining: budget left of that objective [ratio].
        coverage: counted events over those that full coverage would have counted [ratio].
    """

    name: str
    services: tuple[str, ...]
    missed: int
    at_risk: int
    no_verdict: int
    met: int
    missed_before: int | None
    objectives: int
    objectives_met: int
    worst: str | None
    worst_title: str
    remaining: float | None
    coverage: float | None


class Turn(StrEnum):
    """How a service compares with the period before."""

    NEWLY_MISSED = "newly missed"
    MISSED_AGAIN = "missed again"
    RECOVERED = "recovered"


@dataclass(frozen=True)
class ServiceTurn:
    """One service whose news a director wants.

    Attributes:
        periods: how many periods in a row it has missed an objective, this one included; for a
            recovered one, how many it had missed before.
    """

    turn: Turn
    service: str
    periods: int


@dataclass(frozen=True)
class Portfolio:
    """All services seen from above.

    Attributes:
        teams: most services in need first.
        turns: newly missed, missed again, recovered; each worst first.
        outliers: ids of the objectives furthest over their budget or nearest to it, worst first.
    """

    teams: tuple[TeamResult, ...]
    turns: tuple[ServiceTurn, ...]
    outliers: tuple[str, ...]
