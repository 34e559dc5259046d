"""The nouns of the demo: services, what happens to them, and what they promise.

All instants are UTC and lie on whole minutes; those before the reported span lie on whole half
hours, because that part of the year is sampled more coarsely.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from slo_reports.periods import Period

INFINITY = "+Inf"
SCRAPE = timedelta(seconds=60)
COARSE = timedelta(minutes=30)


@dataclass(frozen=True)
class Instance:
    """One process behind a service.

    Attributes:
        name: value of the ``instance`` label.
        share: part of the service's traffic that it takes while it lives [ratio].
        born: when it was first scraped; None: before the demo's data begin.
        gone: when it was last scraped; None: after the demo's data end.
        restarts: instants at which its counters began again from zero.
    """

    name: str
    share: float = 1.0
    born: datetime | None = None
    gone: datetime | None = None
    restarts: tuple[datetime, ...] = ()


@dataclass(frozen=True)
class Trouble:
    """A span in which a service did worse than usual.

    Attributes:
        errors: added share of requests by answer code [ratio].
        within: share of requests at or below each boundary instead of the usual one [ratio].
    """

    start: datetime
    end: datetime
    errors: tuple[tuple[str, float], ...] = ()
    within: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Gap:
    """A span without any scrape, while the service went on."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Promise:
    """What the truth needs to know of one objective.

    Attributes:
        slo: name of the definition.
        target: promised share of good events [percent].
        boundary: good events lie at or below this histogram boundary; None: availability.
    """

    slo: str
    target: Decimal
    boundary: str | None = None


@dataclass(frozen=True)
class Service:
    """A service of the shop.

    Attributes:
        kind: counts requests, or the runs of a batch job.
        rate: mean rate of requests at the end of the demo [1/s]; of a batch job, runs [1/s].
        errors: usual share of requests by answer code, good codes other than 200 too [ratio].
        within: usual share of requests at or below each latency boundary [ratio], ascending;
            empty: no histogram.
        night: rate at the quietest hour, relative to the mean; 0: silent from 1 to 6.
        lazy: codes whose series begin only with their first event.
        paged: whether fast burns page somebody; False: only slow ones open a ticket.
    """

    name: str
    promises: tuple[Promise, ...]
    rate: float
    errors: tuple[tuple[str, float], ...] = ()
    within: tuple[tuple[str, float], ...] = ()
    instances: tuple[Instance, ...] = (Instance("main:8080"),)
    troubles: tuple[Trouble, ...] = ()
    gaps: tuple[Gap, ...] = ()
    kind: Literal["requests", "batch"] = "requests"
    night: float = 0.25
    lazy: tuple[str, ...] = ()
    paged: bool = True


@dataclass(frozen=True)
class Shop:
    """A whole demo: services, and the spans that their samples cover.

    Attributes:
        month: the reported period.
        dense_from: where samples begin to be one scrape interval apart.
        data_from: where the samples begin, half an hour apart up to ``dense_from``.
        data_until: where the samples end.
        history: earlier periods that the truth is written for, oldest first.
    """

    services: tuple[Service, ...]
    month: Period
    data_from: datetime
    dense_from: datetime
    data_until: datetime
    history: tuple[Period, ...] = ()
    namespace: str = "shop"
    seed: int = 20261001

    def __post_init__(self) -> None:
        if not self.data_from <= self.dense_from <= self.month.start < self.data_until:
            msg = "the spans of a demo shop must follow each other"
            raise ValueError(msg)

    def slo_id(self, promise: Promise) -> str:
        """The id of a promise's definition."""
        return f"{self.namespace}/{promise.slo}"
