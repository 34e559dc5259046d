"""A company of many services, made up: names, teams, targets, incidents and trends that differ.

``an_estate(200)`` is the same each time. About one service in eight misses an objective, as many
are at risk, most have a year behind them; a few are new, silent or not measured, and one area of
them is nobody's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from support.snapshots import OCTOBER, Promise, Service, a_snapshot

from slo_reports.model import Incident, ReportKind, Snapshot, Tier
from slo_reports.periods import Period

AREAS = (
    "Checkout", "Payments", "Catalogue", "Search", "Orders", "Warehouse", "Accounts", "Shipping",
    "Pricing", "Loyalty", "Returns", "Media", "Mail", "Fraud", "Invoicing", "Partners", "Identity",
    "Analytics", "Gift cards", "Stores",
)  # fmt: skip
ROLES = (
    "API", "web", "events", "gateway", "worker", "cache", "importer", "scheduler", "admin",
    "mobile", "exports", "index", "rules", "replicas", "webhooks", "sync", "archive", "router",
    "quotes", "stream", "limits", "profiles", "feeds", "images", "audit",
)  # fmt: skip
TEAMS = (
    "Basket", "Ledger", "Shelf", "Find", "Basket", "Dock", "Door", "Dock", "Shelf", "Regulars",
    "Dock", "Pictures", "Letters", "Ledger", "Ledger", "Bridge", "Door", "Lens", "", "Counter",
)  # fmt: skip
"""Who owns an area; the one without a team is nobody's."""
_TIERS = (Tier.CRITICAL, Tier.ESSENTIAL, Tier.STANDARD, Tier.BEST_EFFORT)
_TARGETS = ("0.9995", "0.999", "0.995", "0.99")
_CAUSES = (
    "Writer connections ran out", "Deploy broke the price list", "Certificate expired",
    "Provider timed out", "Cache evicted everything", "Zone failover took too long",
    "Queue filled up", "Schema change locked a table",
)  # fmt: skip


class Dice:
    """Numbers that look thrown and are always the same."""

    def __init__(self, *seed: object) -> None:
        self._seed = "/".join(map(str, seed))
        self._thrown = 0

    def throw(self) -> float:
        """The next number, at least 0 and less than 1."""
        self._thrown += 1
        digest = hashlib.sha256(f"{self._seed}:{self._thrown}".encode()).digest()
        return int.from_bytes(digest[:6], "big") / 2**48


@dataclass(frozen=True)
class Estate:
    """Services, and the incidents that befell them."""

    services: tuple[Service, ...]
    incidents: tuple[Incident, ...]


def an_estate(count: int = 200, *, teams: Sequence[str] = TEAMS) -> Estate:
    """So many services of twenty areas, and an incident for about every twelfth."""
    names = [(area, role) for role in ROLES for area in range(len(AREAS))]
    drawn = [_service(area, role, teams) for area, role in names[:count]]
    incidents = tuple(_incident(number) for number in range(max(2, count // 12)))
    struck = [_struck(service, number, incidents) for number, service in enumerate(drawn)]
    return Estate(tuple(struck), incidents)


def _service(area: int, role: str, teams: Sequence[str]) -> Service:
    name = f"{AREAS[area]} {role}"
    dice = Dice(name)
    level = min(int(dice.throw() * 4 * (0.5 + ROLES.index(role) / 20)), 3)
    team = teams[area % len(teams)]
    strain = 0.4 + 1.2 * Dice("team", team).throw()
    first = _promise("availability", "Availability", _TARGETS[level], dice, strain=strain)
    if dice.throw() < 0.03:
        first = _odd(first, dice)
    promises = [first]
    if role in ("API", "web", "gateway", "mobile", "quotes", "router") or dice.throw() < 0.4:
        limit = (100, 250, 500, 1000)[level]
        promises.append(
            _promise(f"latency-{limit}ms", f"Latency under {limit} ms", "0.97", dice, strain=strain)
        )
    if role in ("importer", "sync", "feeds", "index", "worker"):
        promises.append(
            _promise("freshness", "Fresh within 30 min", "0.95", dice, strain=strain, valid=745)
        )
    owner = f"Team {team}" if team else ""
    return Service(name, owner, _TIERS[level], tuple(promises))


def _promise(
    name: str, title: str, target: str, dice: Dice, *, strain: float, valid: int = 0
) -> Promise:
    """One objective; ``strain`` is how hard its team has it [1 is usual]."""
    usual = 0.1 + 0.5 * dice.throw() * strain
    usual = 0.8 + 0.35 * dice.throw() if dice.throw() < 0.05 * strain else usual
    luck = dice.throw()
    used = usual * (0.6 + 0.7 * dice.throw())
    used = 0.78 + 0.2 * dice.throw() if luck < 0.08 * strain else used
    used = 1.02 + 1.5 * dice.throw() ** 3 if luck < 0.04 * strain else used
    return Promise(
        name,
        title,
        target,
        valid or int(10 ** (4.5 + 3.2 * dice.throw())),
        round(used, 3),
        past=_past(usual, dice),
        runbook=dice.throw() < 0.8,
    )


def _past(usual: float, dice: Dice) -> tuple[float | None, ...]:
    """Eleven months; one service in eight is younger."""
    age = 11 if dice.throw() < 0.87 else int(dice.throw() * 11)
    drift = (dice.throw() - 0.5) * 0.04
    months: list[float | None] = []
    for n in range(11):
        bad = 0.8 * dice.throw() if dice.throw() < 0.08 else 0.0
        known = max(usual * (0.6 + 0.8 * dice.throw()) + drift * n + bad, 0.01)
        months.append(round(known, 3) if n >= 11 - age else None)
    return tuple(months)


def _odd(promise: Promise, dice: Dice) -> Promise:
    which = dice.throw()
    if which < 0.25:
        return replace(promise, valid=0, background=0.0, past=())
    if which < 0.5:
        return replace(promise, gap=(1000, 3100))
    if which < 0.75:
        return replace(promise, reason="Prometheus knows no series named http_requests_total.")
    return replace(promise, since=datetime(2026, 10, 14, 8, tzinfo=UTC), past=())


def _incident(number: int) -> Incident:
    dice = Dice("incident", number)
    start = OCTOBER.start + timedelta(minutes=5 * int(dice.throw() * 8600))
    return Incident(
        start,
        start + timedelta(minutes=10 + 5 * int(24 * dice.throw() ** 2)),
        f"INC-{3001 + number}",
        _CAUSES[int(dice.throw() * len(_CAUSES))],
        f"{AREAS[int(dice.throw() * len(AREAS))]} API",
        "page" if dice.throw() < 0.7 else "ticket",
        "incident log",
    )


def _struck(service: Service, number: int, incidents: Sequence[Incident]) -> Service:
    """The same service with what incidents of its own area took of its first budget."""
    area = service.name.rsplit(" ", 1)[0]
    near = [one for one in incidents if one.service.startswith(area)]
    dice = Dice("struck", number)
    cost = {one.id: round(0.04 + 0.5 * dice.throw() ** 3, 3) for one in near if dice.throw() < 0.5}
    first, *rest = service.promises
    if not cost or first.valid == 0 or first.reason:
        return service
    return replace(service, promises=(replace(first, cost=cost), *rest))


def a_portfolio(
    count: int = 200, *, estate: Estate | None = None, period: Period = OCTOBER
) -> Snapshot:
    """The month of an estate, as a portfolio report freezes it."""
    whole = an_estate(count) if estate is None else estate
    snapshot = a_snapshot(
        whole.services, period=period, incidents=whole.incidents, title="All services"
    )
    request = replace(snapshot.request, name="portfolio", kind=ReportKind.PORTFOLIO)
    return replace(snapshot, request=request)
