"""Many services for the benchmarks: samples behind a real Prometheus, made once for each period."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np

from slo_reports.demo.backfill import backfill_span
from slo_reports.demo.places import Tools, work_folder
from slo_reports.demo.samples import Series
from slo_reports.model import LatencyIndicator, Matcher, Objective, RatioIndicator, Slo
from slo_reports.periods import Period, PeriodKind, last_complete

SCRAPE = 60
REQUESTS = "http_requests_total"
DURATION = "http_request_duration_seconds"
BOUNDARIES = (("0.1", 0.9), ("0.5", 0.99), ("+Inf", 1.0))


@dataclass(frozen=True)
class Estate:
    """Services with one process each, scraped once a minute.

    Attributes:
        services: how many.
        period: for whose whole length there are samples.
        blocks: what a Prometheus serves.
    """

    services: int
    period: Period
    blocks: Path

    def first(self, services: int) -> Estate:
        """Only some of them; the server still serves all."""
        return replace(self, services=services)

    @property
    def slos(self) -> tuple[Slo, ...]:
        """Three of each service: availability, and two latencies."""
        return tuple(slo for number in range(self.services) for slo in _slos(_name(number)))


def last_month() -> Period:
    """The last calendar month that is over."""
    return last_complete(PeriodKind.MONTH, datetime.now(UTC), "UTC")


def estate(services: int, tools: Tools, period: Period) -> Estate:
    """The samples of so many services over a period, from the work folder or made now.

    They begin a day before it, and end an hour after it.

    Args:
        services: how many.
        tools: whose promtool makes the blocks.
        period: of which there are to be samples.
    """
    blocks = work_folder() / "bench-data" / f"{services}-{period.key}"
    if not blocks.is_dir():
        print(f"making {period.length.days} days of {services:,} services ...", flush=True)
        first = period.start - timedelta(days=1)
        span = int(first.timestamp()), int(period.end.timestamp()) + 3600
        made = blocks.with_name(f"{blocks.name}.part")
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
        backfill_span(lambda: _all_series(services, span), span, tools.promtool, made)
        made.rename(blocks)
    return Estate(services, period, blocks)


def _name(number: int) -> str:
    return f"service-{number:05}"


def _all_series(services: int, span: tuple[int, int]) -> Iterator[Series]:
    times = np.arange(span[0], span[1], SCRAPE)
    for number in range(services):
        yield from _series(number, times)


def _series(number: int, times: np.ndarray) -> Iterator[Series]:
    """Counters of one process; the numbers hang on the service's only."""
    random = np.random.default_rng(number)
    requests = random.poisson(20 + number % 80, len(times))
    bad = random.binomial(requests, 0.0007)
    labels = (("job", _name(number)), ("instance", f"{_name(number)}-0:8080"))
    yield Series("up", labels, times, np.ones(len(times)))
    for code, events in (("200", requests - bad), ("500", bad)):
        yield Series(REQUESTS, (*labels, ("code", code)), times, np.cumsum(events))
    for boundary, share in BOUNDARIES:
        within = random.binomial(requests, share)
        yield Series(f"{DURATION}_bucket", (*labels, ("le", boundary)), times, np.cumsum(within))


def _slos(service: str) -> Iterator[Slo]:
    job = (Matcher("job", "=", service),)
    available = RatioIndicator(REQUESTS, job, (Matcher("code", "!~", "5.."),))
    yield _slo(service, "availability", available, "99.9")
    for threshold, target in (("0.1", "85"), ("0.5", "98")):
        within = LatencyIndicator(DURATION, job, Decimal(threshold))
        yield _slo(service, f"latency-{threshold.replace('.', '-')}", within, target)


def _slo(service: str, name: str, indicator: RatioIndicator | LatencyIndicator, target: str) -> Slo:
    objective = Objective(Decimal(target) / 100, "28d", timedelta(days=28))
    return Slo(
        id=f"bench/{service}-{name}",
        name=f"{service}-{name}",
        namespace="bench",
        service=service,
        title=name,
        owner=f"Team {int(service[-5:]) % 7}",
        indicator=indicator,
        objectives=(objective,),
    )
