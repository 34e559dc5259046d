"""Snapshots made by hand for tests: counts come out exactly as asked for, nothing is random.

``a_snapshot()`` is a month of a small shop whose truth is known: what each objective used of its
budget (``Promise.background`` and ``Promise.cost``) is what a report must find again.
``a_snapshot(ODD)`` holds what is not ordinary: no traffic, too little data, begun mid-month, not
measured, a target of 100 %.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slo_reports.compute import build_report
from slo_reports.compute.restated import figures
from slo_reports.model import (
    BurnRateAlert,
    Incident,
    Indicator,
    LatencyIndicator,
    Matcher,
    Measurement,
    Objective,
    Origin,
    Provenance,
    QueryIndicator,
    RatioIndicator,
    ReportRequest,
    Restatement,
    Slices,
    Slo,
    Snapshot,
    Subject,
    Tier,
    Totals,
    content_hash,
)
from slo_reports.periods import Period, month, previous

STEP = timedelta(minutes=5)
OCTOBER = month(2026, 10, "Europe/Berlin")
_ALERTS = (
    BurnRateAlert("page", timedelta(hours=1), timedelta(minutes=5), 14.4),
    BurnRateAlert("page", timedelta(hours=6), timedelta(minutes=30), 6.0),
    BurnRateAlert("ticket", timedelta(days=3), timedelta(hours=6), 1.0),
)


@dataclass(frozen=True)
class Promise:
    """One objective with its known truth.

    ``background`` and ``cost`` (by incident id) are shares of the whole period's budget; ``past``
    the consumed shares of earlier periods, oldest first, None where nothing is known. ``gap`` is
    a span (first and last slice) without data.
    """

    name: str
    title: str
    target: str
    valid: int
    background: float
    cost: Mapping[str, float] = field(default_factory=dict)
    past: tuple[float | None, ...] = ()
    gap: tuple[int, int] | None = None
    since: datetime | None = None
    reason: str | None = None
    runbook: bool = True


@dataclass(frozen=True)
class Service:
    """A service with its promises."""

    name: str
    owner: str
    tier: Tier
    promises: tuple[Promise, ...]


def _past(text: str) -> tuple[float | None, ...]:
    return tuple(None if one == "-" else int(one) / 100 for one in text.split())


COMMERCE = (
    Service(
        "Checkout",
        "Team Basket",
        Tier.CRITICAL,
        (
            Promise(
                "availability",
                "Availability",
                "0.999",
                26_400_000,
                0.30,
                {"INC-2057": 0.31, "INC-2063": 0.48, "INC-2070": 0.09},
                _past("41 92 38 30 55 71 48 62 83 107 56"),
            ),
            Promise(
                "latency-500ms",
                "Latency under 500 ms",
                "0.97",
                26_400_000,
                0.955,
                {"INC-2057": 0.03, "INC-2063": 0.045},
                _past("64 61 20 22 58 60 59 45 62 66 73"),
            ),
        ),
    ),
    Service(
        "Payments",
        "Team Ledger",
        Tier.CRITICAL,
        (
            Promise(
                "availability",
                "Availability",
                "0.9995",
                9_800_000,
                0.45,
                {"INC-2041": 0.37},
                _past("52 112 61 44 39 47 58 66 70 74 58"),
            ),
            Promise(
                "latency-800ms",
                "Latency under 800 ms",
                "0.99",
                9_800_000,
                0.41,
                {},
                _past("31 28 33 30 27 35 41 38 44 42 36"),
            ),
        ),
    ),
    Service(
        "Search",
        "Team Find",
        Tier.ESSENTIAL,
        (
            Promise(
                "availability",
                "Availability",
                "0.999",
                61_000_000,
                0.34,
                {},
                _past("22 35 28 31 27 33 41 52 49 46 46"),
                gap=(2184, 2187),
            ),
            Promise(
                "latency-300ms",
                "Latency under 300 ms",
                "0.95",
                61_000_000,
                0.58,
                {},
                _past("55 56 44 40 31 45 41 52 49 46 56"),
                gap=(2184, 2187),
            ),
        ),
    ),
    Service(
        "Catalogue",
        "Team Shelf",
        Tier.ESSENTIAL,
        (
            Promise(
                "availability",
                "Availability",
                "0.999",
                38_000_000,
                0.22,
                {},
                _past("31 24 27 21 26 28 21 25 22 20 27"),
            ),
            Promise(
                "freshness",
                "Fresh within 10 min",
                "0.99",
                8_940,
                0.4698,
                {},
                _past("31 48 27 71 66 58 61 55 52 60 67"),
            ),
        ),
    ),
    Service(
        "Orders",
        "Team Basket",
        Tier.ESSENTIAL,
        (
            Promise(
                "availability",
                "Availability",
                "0.999",
                3_100_000,
                0.61,
                {},
                _past("18 66 29 33 35 28 42 45 39 44 47"),
            ),
            Promise(
                "exactly-once",
                "Exactly-once events",
                "0.9999",
                12_000_000,
                0.15,
                {},
                _past("12 14 11 16 18 15 13 12 14 15 15"),
            ),
        ),
    ),
    Service(
        "Recommendations",
        "Team Find",
        Tier.STANDARD,
        (
            Promise(
                "availability",
                "Availability",
                "0.995",
                44_000_000,
                0.38,
                {},
                _past("- - - 21 30 28 35 33 41 38 46"),
            ),
            Promise(
                "freshness",
                "Fresh within 1 h",
                "0.95",
                745,
                0.66,
                {},
                _past("- - - 21 30 28 35 33 41 38 57"),
                runbook=False,
            ),
        ),
    ),
)

ODD = (
    Service(
        "Vouchers",
        "Team Basket",
        Tier.STANDARD,
        (Promise("availability", "Availability", "0.999", 0, 0.0),),
    ),
    Service(
        "Returns",
        "Team Ledger",
        Tier.ESSENTIAL,
        (Promise("availability", "Availability", "0.999", 900_000, 0.2, gap=(1000, 2999)),),
    ),
    Service(
        "Gift cards",
        "Team Ledger",
        Tier.STANDARD,
        (
            Promise(
                "availability",
                "Availability",
                "0.99",
                80_000,
                0.4,
                since=datetime(2026, 10, 15, 8, tzinfo=UTC),
            ),
        ),
    ),
    Service(
        "Reviews",
        "Team Find",
        Tier.BEST_EFFORT,
        (
            Promise(
                "availability",
                "Availability",
                "0.99",
                0,
                0.0,
                reason="Prometheus knows no series named review_requests_total.",
            ),
        ),
    ),
    Service(
        "Ledger",
        "Team Ledger",
        Tier.CRITICAL,
        (Promise("completeness", "Complete bookings", "1", 500_000, 0.0),),
    ),
    Service(
        "Newsletter",
        "Team Shelf",
        Tier.BEST_EFFORT,
        (Promise("delivery", "Delivered mails", "0.99", 412, 0.25),),
    ),
)


def _incident(day: int, at: str, minutes: int, identity: str, title: str, service: str) -> Incident:
    hour, minute = map(int, at.split(":"))
    offset = 1 if day >= 25 else 2
    start = datetime(2026, 10, day, hour, minute, tzinfo=UTC) - timedelta(hours=offset)
    end = start + timedelta(minutes=minutes)
    return Incident(start, end, identity, title, service, "page", "incident log")


INCIDENTS = (
    _incident(6, "09:40", 18, "INC-2041", "Payment provider timed out", "Payments"),
    _incident(13, "22:10", 47, "INC-2057", "Deploy 8.14.2 broke basket prices", "Checkout"),
    _incident(19, "14:05", 63, "INC-2063", "Writer connection pool exhausted", "Checkout"),
    _incident(27, "09:20", 11, "INC-2070", "Stale DNS after zone failover", "Checkout"),
)


def a_slo(service: Service, promise: Promise) -> Slo:
    """The definition behind a promise."""
    slug = service.name.lower().replace(" ", "-")
    return Slo(
        id=f"commerce/{slug}-{promise.name}",
        name=f"{slug}-{promise.name}",
        namespace="commerce",
        service=service.name,
        title=promise.title,
        owner=service.owner,
        indicator=_indicator(slug, promise.name),
        objectives=(Objective(Decimal(promise.target), "month", timedelta(days=30)),),
        tier=service.tier,
        burn_rates=_ALERTS,
        runbook=f"https://runbooks.example/{slug}" if promise.runbook else None,
        origin=Origin(f"slo/commerce/{slug}.yaml", 1),
    )


def _indicator(slug: str, name: str) -> Indicator:
    job = (Matcher("job", "=", slug),)
    if name.startswith("latency"):
        seconds = Decimal(name.split("-")[1].removesuffix("ms")) / 1000
        return LatencyIndicator("http_request_duration_seconds", job, seconds)
    if name == "freshness":
        return QueryIndicator(
            f'sum_over_time({{job="{slug}"}}[$window])', f"count({slug}[$window])"
        )
    return RatioIndicator("http_requests_total", job, (Matcher("status", "!~", "5.."),))


def spread(total: int, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """``total`` events over slices in proportion to weights: whole numbers with an exact sum."""
    whole = float(weights.sum())
    if not whole:
        return np.zeros(len(weights))
    edges = np.rint(np.cumsum(weights) / whole * total)
    return np.diff(edges, prepend=0.0)


def slices_of(
    promise: Promise,
    period: Period = OCTOBER,
    incidents: Sequence[Incident] = INCIDENTS,
    step: timedelta = STEP,
) -> Slices:
    """A promise's period: a busy day and a quiet night, and each incident inside its own span."""
    count = math.ceil((period.data_end - period.start) / step)
    alive = _alive(promise, period, step, count)
    index = np.arange(count)
    hour = index * (step / timedelta(hours=1))
    day = (1.15 - np.cos((hour - 3) / 24 * 2 * np.pi)) * alive
    valid = spread(promise.valid, day)
    budget = (1 - Fraction(promise.target)) * promise.valid
    bad = spread(round(promise.background * budget), valid * (1 + 0.4 * np.sin(hour / 31)))
    for incident in incidents:
        if incident.id in promise.cost:
            inside = _inside(incident, period, step, count)
            bad = bad + spread(round(promise.cost[incident.id] * budget), valid * inside)
    bad = np.minimum(bad, valid)
    return Slices(period.start, step, valid - bad, valid, alive)


def _inside(incident: Incident, period: Period, step: timedelta, count: int) -> NDArray[np.float64]:
    first = math.ceil((incident.start - period.start) / step)
    last = (incident.end - period.start) // step
    index = np.arange(count)
    return ((index >= first) & (index < last)).astype(float)


def _alive(promise: Promise, period: Period, step: timedelta, count: int) -> NDArray[np.float64]:
    alive = np.ones(count)
    if promise.since is not None:
        alive[: (promise.since - period.start) // step] = 0.0
    if promise.gap is not None:
        alive[promise.gap[0] : promise.gap[1] + 1] = 0.0
    return alive


def history_of(promise: Promise, period: Period = OCTOBER) -> tuple[Totals, ...]:
    """The periods before, with the consumption that the promise tells."""
    totals: list[Totals] = []
    one = period
    for consumed in reversed(promise.past):
        one = previous(one)
        if consumed is not None:
            bad = round(Fraction(repr(consumed)) * (1 - Fraction(promise.target)) * promise.valid)
            totals.insert(0, Totals(one, promise.valid - bad, promise.valid, 1.0))
    return tuple(totals)


def a_subject(
    service: Service,
    promise: Promise,
    period: Period = OCTOBER,
    incidents: Sequence[Incident] = INCIDENTS,
) -> Subject:
    """A promise as a snapshot holds it."""
    measured = promise.reason is None
    slug = service.name.lower().replace(" ", "-")
    measurement = Measurement(
        slices=slices_of(promise, period, incidents) if measured else None,
        since=promise.since,
        reason=promise.reason,
        queries=(f'last_over_time(http_requests_total{{job="{slug}"}}[5m])',),
        notes=("13 minutes on 8 October are missing.",) if promise.gap == (2184, 2187) else (),
        history=history_of(promise, period),
    )
    return Subject(a_slo(service, promise), measurement)


def a_snapshot(
    services: Sequence[Service] = COMMERCE,
    *,
    period: Period = OCTOBER,
    incidents: Sequence[Incident] = INCIDENTS,
    title: str = "Commerce platform",
    lookback: timedelta | None = None,
) -> Snapshot:
    """A month of a small shop: six services, twelve objectives, four incidents, eleven months."""
    asked = datetime(2026, 11, 1, 5, tzinfo=UTC)
    return Snapshot(
        request=ReportRequest(
            "commerce",
            title,
            "Reliability office",
            footer="Questions: slo@example.com",
            lookback=lookback,
        ),
        period=period,
        subjects=tuple(
            a_subject(service, promise, period, incidents)
            for service in services
            for promise in service.promises
        ),
        incidents=tuple(incidents),
        provenance=(
            Provenance(
                "Prometheus",
                "ratios, latencies, alerts",
                "http://prometheus:9090",
                "2.42.0",
                asked,
                1284,
                372,
            ),
        ),
        frozen_at=asked,
    )


def with_slices(
    snapshot: Snapshot, slo: str, change: Callable[[Slices], Slices | None]
) -> Snapshot:
    """The same snapshot, in which one SLO's slices are others."""

    def changed(subject: Subject) -> Subject:
        slices = subject.measurement.slices
        if subject.slo.id != slo or slices is None:
            return subject
        return replace(subject, measurement=replace(subject.measurement, slices=change(slices)))

    return replace(snapshot, subjects=tuple(changed(one) for one in snapshot.subjects))


def more_events(first: int, last: int, *, valid: float, bad: float) -> Callable[[Slices], Slices]:
    """Late data: events that come to each slice from one to another (not part of it)."""

    def change(slices: Slices) -> Slices:
        came = np.zeros(len(slices))
        came[first:last] = 1.0
        good = slices.good + came * (valid - bad)
        return replace(slices, good=good, valid=slices.valid + came * valid)

    return change


def forgotten(until: int) -> Callable[[Slices], Slices]:
    """As a source answers that forgot all before a slice: its counters then come from nowhere."""

    def change(slices: Slices) -> Slices:
        good, valid, coverage = (one.copy() for one in (slices.good, slices.valid, slices.coverage))
        for one in (good, valid, coverage):
            one[:until] = 0.0
        good[until] += 1e9
        valid[until] += 1e9
        return replace(slices, good=good, valid=valid, coverage=coverage)

    return change


def a_restatement(
    replaced: Snapshot, reason: str = "Late data of 8 October arrived."
) -> Restatement:
    """Why a snapshot is replaced, with what it said."""
    return Restatement(
        reason=reason,
        author="Ada Byron",
        at=datetime(2026, 11, 25, 9, tzinfo=UTC),
        replaces=replaced.revision,
        replaced_at=replaced.frozen_at,
        replaced_hash=content_hash(replaced.to_json()),
        figures=figures(build_report(replaced).results),
    )


def a_second_revision(
    change: Callable[[Snapshot], Snapshot] | None = None, **snapshot: Any
) -> Snapshot:
    """A month that was restated: late data made one objective miss its target."""
    first = a_snapshot(**snapshot)
    if change is None:
        late = more_events(2000, 2012, valid=1000, bad=120)
        now = with_slices(first, "commerce/payments-availability", late)
        now = with_slices(now, "commerce/orders-availability", more_events(9, 10, valid=3, bad=0))
    else:
        now = change(first)
    return replace(
        now,
        revision=2,
        frozen_at=datetime(2026, 11, 25, 9, tzinfo=UTC),
        restatement=a_restatement(first),
    )
