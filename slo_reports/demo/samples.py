"""What a Prometheus would have stored: counters as the scrapes saw them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zlib import crc32

import numpy as np

from slo_reports.demo.scenery import INFINITY, Instance, Service, Shop
from slo_reports.demo.traffic import Counts, Events, Reals, Seconds, sample_times, seconds

REQUESTS = "http_requests_total"
RUNS = "batch_runs_total"
DURATION = "http_request_duration_seconds"
_NEVER = 1 << 62


@dataclass(frozen=True, eq=False)
class Series:
    """One time series.

    Attributes:
        times: instants of the samples, ascending [s since the epoch].
        values: what was stored at each of them.
    """

    name: str
    labels: tuple[tuple[str, str], ...]
    times: Seconds
    values: Reals

    def label(self, name: str) -> str:
        """The value of a label; empty where it is not there."""
        return dict(self.labels).get(name, "")


def scrape(shop: Shop, service: Service, processes: tuple[Events, ...]) -> tuple[Series, ...]:
    """All series of a service, without those that never had a sample."""
    times = sample_times(shop, service)
    for gap in service.gaps:
        times = times[(times < seconds(gap.start)) | (times >= seconds(gap.end))]
    found: list[Series] = []
    for events in processes:
        found += _scrape_process(service, events, _while_alive(times, events.instance))
    return tuple(series for series in found if len(series.times))


def _while_alive(times: Seconds, instance: Instance) -> Seconds:
    born = 0 if instance.born is None else seconds(instance.born)
    gone = _NEVER if instance.gone is None else seconds(instance.gone)
    return times[(times >= born) & (times < gone)]


def _scrape_process(service: Service, events: Events, times: Seconds) -> list[Series]:
    labels = (("job", service.name), ("instance", events.instance.name))
    series = [Series("up", labels, times, np.ones(len(times)))]
    metric, label = (RUNS, "status") if service.kind == "batch" else (REQUESTS, "code")
    for code, counts in events.by_code.items():
        lazy = code in service.lazy
        values = _counter(events, counts, times, old=not lazy)
        one = Series(metric, (*labels, (label, code)), times, values)
        series.append(_from_first_event(one, events, counts) if lazy else one)
    return series + _histogram(events, labels, times)


def _histogram(events: Events, labels: tuple[tuple[str, str], ...], times: Seconds) -> list[Series]:
    if not events.by_boundary:
        return []
    series = []
    for boundary, counts in events.by_boundary.items():
        values = _counter(events, counts, times)
        series.append(Series(f"{DURATION}_bucket", (*labels, ("le", boundary)), times, values))
    total = series[-1].values
    spent = _counter(events, _spent_milliseconds(events), times) / 1000
    return [
        *series,
        Series(f"{DURATION}_count", labels, times, total),
        Series(f"{DURATION}_sum", labels, times, spent),
    ]


def _spent_milliseconds(events: Events) -> Counts:
    """Time spent in all requests of each cell, as if each took its bucket's middle."""
    lower, counted = 0.0, np.zeros(len(events.edges) - 1, dtype=np.int64)
    spent = np.zeros_like(counted)
    for boundary, counts in events.by_boundary.items():
        upper = 2 * lower if boundary == INFINITY else float(boundary)
        spent += (counts - counted) * round(500 * (lower + upper))
        lower, counted = upper, counts
    return spent


def _counter(events: Events, counts: Counts, times: Seconds, *, old: bool = True) -> Reals:
    """The counter's value at each scrape: since the last restart, or (``old``) since long ago."""
    running = np.concatenate([[0], np.cumsum(counts)])
    restarts = np.array([seconds(one) for one in events.instance.restarts], dtype=np.int64)
    restarts = restarts[restarts < events.edges[-1]]
    at_restart = running[np.searchsorted(events.edges, restarts)]
    bases = np.concatenate([[-_head_start(events, counts) if old else 0], at_restart])
    base = bases[np.searchsorted(restarts, times, side="right")]
    return np.asarray(running[np.searchsorted(events.edges, times)] - base, dtype=np.float64)


def _head_start(events: Events, counts: Counts) -> int:
    """What a process counted before the demo's data begin: some weeks of its usual traffic."""
    if events.instance.born is not None:
        return 0
    weeks = 1 + crc32(events.instance.name.encode()) % 7
    length = int(events.edges[-1] - events.edges[0])
    return int(counts.sum()) * weeks * 604_800 // length


def _from_first_event(series: Series, events: Events, counts: Counts) -> Series:
    """The series without the samples from before its first event, after which it stays."""
    happened = np.flatnonzero(counts)
    first = int(events.edges[happened[0] + 1]) if len(happened) else _NEVER
    seen = series.times >= first
    return Series(series.name, series.labels, series.times[seen], series.values[seen])


def counted(series: Series, start: datetime, end: datetime) -> int:
    """Events that the stored samples allow to count in a span.

    The sum of the differences of neighbouring samples, from the last one at or before ``start``
    to the last one at or before ``end``; after a reset the new value counts, and a series that
    was not there at ``start`` counts from zero.
    """
    first, last = np.searchsorted(series.times, [seconds(start), seconds(end)], side="right")
    values = series.values[max(first - 1, 0) : last]
    if first == 0:
        values = np.concatenate([[0.0], values])
    steps = np.diff(values)
    return int(np.where(steps < 0, values[1:], steps).sum())
