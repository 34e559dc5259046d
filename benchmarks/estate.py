"""Many services for the benchmarks: a month of samples behind a real Prometheus, made once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np

from slo_reports.demo.backfill import backfill_span
from slo_reports.demo.places import Tools, work_folder
from slo_reports.demo.samples import Series
from slo_reports.model import LatencyIndicator, Matcher, Objective, RatioIndicator, Slo
from slo_reports.periods import Period, PeriodKind, last_complete, rolling

DAYS = 28
SCRAPE = 60
REQUESTS = "http_requests_total"
DURATION = "http_request_duration_seconds"
BOUNDARIES = (("0.1", 0.9), ("0.5", 0.99), ("+Inf", 1.0))


@dataclass(frozen=True)
class Estate:
    """Services with one process each, scraped once a minute.

    Attributes:
        services: how many.
        period: the last days that are over, for whose whole length there are samples.
        blocks: what a Prometheus serves.
    """

    services: int
    period: Period
    blocks: Path

    @property
    def slos(self) -> tuple[Slo, ...]:
        """Three of each service: availability, and two latencies."""
        return tuple(slo for number in range(self.services) for slo in _slos(_name(number)))


def estate(services: int, tools: Tools, *, months: int = 1) -> Estate:
    """The samples of so many services, from the work folder or made now.

    Args:
        services: how many.
        tools: whose promtool makes the blocks.
        months: of 28 days each, the last of them the period.
    """
    period = rolling(DAYS, datetime.now(UTC).date(), "UTC")
    return _kept(services, period, timedelta(days=months * DAYS), str(months), tools)


def calendar_estate(services: int, tools: Tools) -> Estate:
    """The same for the last calendar month that is over, as a monthly report judges it."""
    period = last_complete(PeriodKind.MONTH, datetime.now(UTC), "UTC")
    return _kept(services, period, period.end - period.start, "month", tools)


def _kept(services: int, period: Period, length: timedelta, name: str, tools: Tools) -> Estate:
    """The samples up to a period's end and an hour on, and from a day before so much of it."""
    root = work_folder() / "bench-data"
    blocks = root / f"{services}-{name}-{period.end:%Y-%m-%d}"
    if not blocks.is_dir():
        print(f"making {length.days} days of {services} services ...", flush=True)
        for old in root.glob(f"{services}-{name}-*"):
            shutil.rmtree(old)
        first = period.end - length - timedelta(days=1)
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
