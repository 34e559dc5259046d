"""What users did: seeded events of every process, cell by cell.

A cell lies between two neighbouring instants of interest (grid, samples, troubles, restarts,
period bounds), so that both the samples and the true sums of any period cut between cells.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from zlib import crc32
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from slo_reports.demo.scenery import COARSE, INFINITY, SCRAPE, Instance, Service, Shop, Trouble

Seconds = NDArray[np.int64]
Counts = NDArray[np.int64]
Reals = NDArray[np.float64]

_DAY = 86_400
_WEEK = np.array([0.98, 0.95, 0.96, 0.99, 1.05, 1.12, 0.95])  # Monday first
_WOBBLE = 0.22  # spread of the daily error level
_MONTHLY = 0.3  # spread of the level between the months before the reported one
_GROWTH = 0.25  # traffic gained in a year


@dataclass(frozen=True, eq=False)
class Events:
    """Events of one process in each of its cells.

    Attributes:
        edges: n + 1 instants that bound the cells [s since the epoch].
        by_code: n counts for each answer code, or status of a batch job [events].
        by_boundary: n counts at or below each latency boundary, ``+Inf`` last [events].
    """

    instance: Instance
    edges: Seconds
    by_code: dict[str, Counts]
    by_boundary: dict[str, Counts]

    def between(self, start: datetime, end: datetime) -> slice:
        """The cells of a span whose bounds are edges."""
        first, last = np.searchsorted(self.edges, [seconds(start), seconds(end)])
        return slice(int(first), int(last))


def seconds(instant: datetime) -> int:
    """Whole seconds since the epoch."""
    return int(instant.timestamp())


def good_code(service: Service) -> str:
    """The code that answers most events."""
    return "success" if service.kind == "batch" else "200"


def sample_times(shop: Shop, service: Service) -> Seconds:
    """When a service would be scraped if nothing came between, at its own fixed phase [s]."""
    phase = 5 + crc32(service.name.encode()) % 50
    return _grid(shop) + phase


def _grid(shop: Shop) -> Seconds:
    coarse, dense = int(COARSE.total_seconds()), int(SCRAPE.total_seconds())
    middle = seconds(shop.dense_from)
    return np.concatenate(
        [
            np.arange(seconds(shop.data_from), middle, coarse, dtype=np.int64),
            np.arange(middle, seconds(shop.data_until), dense, dtype=np.int64),
        ]
    )


def happen(shop: Shop, service: Service) -> tuple[Events, ...]:
    """Everything that happened to a service, one entry for each of its processes."""
    edges = _edges(shop, service)
    levels = _levels(shop, service, edges)
    return tuple(
        _process(shop, service, number, edges, levels) for number in range(len(service.instances))
    )


def _edges(shop: Shop, service: Service) -> Seconds:
    marks = [shop.data_until, *_bounds(service.troubles), *_changes(service.instances)]
    for period in (shop.month, *shop.history):
        marks += [period.start, period.end]
    first, last = seconds(shop.data_from), seconds(shop.data_until)
    points = np.array([seconds(mark) for mark in marks], dtype=np.int64)
    edges = np.unique(np.concatenate([_grid(shop), sample_times(shop, service), points]))
    return edges[(edges >= first) & (edges <= last)]


def _bounds(troubles: Iterable[Trouble]) -> list[datetime]:
    return [bound for trouble in troubles for bound in (trouble.start, trouble.end)]


def _changes(instances: Iterable[Instance]) -> list[datetime]:
    found = [mark for one in instances for mark in (one.born, one.gone, *one.restarts)]
    return [mark for mark in found if mark is not None]


def _levels(shop: Shop, service: Service, edges: Seconds) -> Reals:
    """How bad each cell usually is, around 1: by day, and by month before the reported one."""
    random = np.random.default_rng([shop.seed, crc32(service.name.encode())])
    days = (edges[:-1] - edges[0]) // _DAY
    daily = _around_one(random, _WOBBLE, int(days[-1]) + 1)[days]
    months = _around_one(random, _MONTHLY, len(shop.history) + 1)
    months[-1] = 1.0
    starts = [seconds(period.end) for period in shop.history]
    return np.asarray(daily * months[np.searchsorted(starts, edges[:-1], side="right")])


def _around_one(random: np.random.Generator, spread: float, count: int) -> Reals:
    return np.exp(random.normal(0.0, spread, count) - spread**2 / 2)


def _process(shop: Shop, service: Service, number: int, edges: Seconds, levels: Reals) -> Events:
    instance = service.instances[number]
    random = np.random.default_rng([shop.seed, crc32(service.name.encode()), number])
    alive = _lifetime(instance, edges)
    if service.kind == "batch":
        by_code = _runs(service, edges, levels, alive, random)
    else:
        expected = _expected(shop, service, edges) * instance.share * alive
        by_code = _requests(service, edges, levels, expected, random)
    total = summed(by_code.values())
    return Events(instance, edges, by_code, _latencies(service, edges, levels, total, random))


def summed(counts: Collection[Counts]) -> Counts:
    """Several counts added up, cell by cell."""
    return np.asarray(np.sum(list(counts), axis=0, dtype=np.int64))


def _lifetime(instance: Instance, edges: Seconds) -> NDArray[np.bool_]:
    alive = np.ones(len(edges) - 1, dtype=np.bool_)
    if instance.born is not None:
        alive &= edges[:-1] >= seconds(instance.born)
    if instance.gone is not None:
        alive &= edges[:-1] < seconds(instance.gone)
    return alive


def _expected(shop: Shop, service: Service, edges: Seconds) -> Reals:
    """Mean number of requests of the whole service in each cell."""
    middles = (edges[:-1] + edges[1:]) / 2
    local = middles + _utc_offsets(middles, shop.month.zone)
    hours = local % _DAY / 3600
    weekdays = (local // _DAY + 3).astype(np.int64) % 7  # the epoch was a Thursday
    age = (seconds(shop.month.end) - middles) / (365 * _DAY)
    shape = _daily(hours, service.night) / _daily(np.arange(0, 24, 0.25), service.night).mean()
    return np.asarray(service.rate * np.diff(edges) * shape * _WEEK[weekdays] * _season(age))


def _season(age: Reals) -> Reals:
    """Slow growth to 1 at the end, and a busy season about ten and a half months before."""
    return np.asarray(1 - _GROWTH * age + 0.45 * np.exp(-(((age - 0.88) / 0.06) ** 2)))


def _daily(hours: Reals, night: float) -> Reals:
    day = 0.5 - 0.5 * np.cos(2 * np.pi * (hours - 4) / 24)
    evening = 0.55 * np.exp(-(((hours - 20.2) / 1.9) ** 2))
    shape = night + (1 - night) * (day + evening)
    return np.where((night == 0) & (hours >= 1) & (hours < 6), 0.0, shape)


def _utc_offsets(instants: Reals, zone: str) -> Reals:
    """Offsets of local time, looked up once for each hour [s]."""
    hours, which = np.unique((instants // 3600).astype(np.int64), return_inverse=True)
    info = ZoneInfo(zone)
    found = [datetime.fromtimestamp(h * 3600, UTC).astimezone(info) for h in hours.tolist()]
    offsets = [local.utcoffset() for local in found]
    return np.array([0 if one is None else one.total_seconds() for one in offsets])[which]


def _requests(
    service: Service,
    edges: Seconds,
    levels: Reals,
    expected: Reals,
    random: np.random.Generator,
) -> dict[str, Counts]:
    shares = {code: share * levels for code, share in service.errors}
    for trouble in service.troubles:
        cells = _cells(trouble, edges)
        for code, share in trouble.errors:
            shares[code][cells] += share
    rest = 1 - np.sum(list(shares.values()), axis=0)
    counts = {good_code(service): random.poisson(expected * rest)}
    counts |= {code: random.poisson(expected * share) for code, share in shares.items()}
    return counts


def _runs(
    service: Service,
    edges: Seconds,
    levels: Reals,
    alive: NDArray[np.bool_],
    random: np.random.Generator,
) -> dict[str, Counts]:
    """A batch job runs by the clock; each run succeeds or fails."""
    every = round(1 / service.rate)
    runs = np.diff((edges - every // 7) // every) * alive
    ((code, usual),) = service.errors
    share = usual * levels
    for trouble in service.troubles:
        share[_cells(trouble, edges)] = dict(trouble.errors)[code]
    failed = random.binomial(runs, share)
    return {good_code(service): runs - failed, code: failed}


def _cells(trouble: Trouble, edges: Seconds) -> slice:
    first, last = np.searchsorted(edges, [seconds(trouble.start), seconds(trouble.end)])
    return slice(int(first), int(last))


def _latencies(
    service: Service,
    edges: Seconds,
    levels: Reals,
    total: Counts,
    random: np.random.Generator,
) -> dict[str, Counts]:
    """Counts at or below each boundary, drawn from the fastest answers up."""
    if not service.within:
        return {}
    within = {boundary: np.asarray(1 - (1 - share) * levels) for boundary, share in service.within}
    for trouble in service.troubles:
        for boundary, share in trouble.within:
            within[boundary][_cells(trouble, edges)] = share
    below: Reals = np.zeros(len(total))
    counted: Counts = np.zeros_like(total)
    found: dict[str, Counts] = {}
    for boundary, share_within in within.items():
        step = np.clip((share_within - below) / (1 - below), 0, 1)
        counted = counted + random.binomial(total - counted, step)
        found[boundary], below = counted, share_within
    return found | {INFINITY: total}
