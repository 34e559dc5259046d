"""All buckets of the latencies' histograms, totalled over a period: what percentiles are told from.

Counted by the same exact differences as everything else, on slices of an hour, because only the
sum matters; where an exclusion takes slices out, on the measured slices. Latencies of the same
histogram, filters and exclusions share the work.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from datetime import timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.counting import Counting, Tally
from slo_reports.collect.families import INFINITE, Need, Weights, boundary_of, families
from slo_reports.collect.grid import Grid
from slo_reports.errors import QueryRejected
from slo_reports.exclusions import concerning, excluded_slices, touching
from slo_reports.model import Exclusion, LatencyIndicator, Matcher, Slo
from slo_reports.promql import selector

Buckets = tuple[tuple[float | None, float], ...]
"""Events at or below each boundary [s], ascending; None for all events."""
_Key = tuple[str, tuple[Matcher, ...]]
_COARSE = (timedelta(hours=1), timedelta(minutes=30), timedelta(minutes=15))


def bucket_totals(
    client: PrometheusClient,
    slos: Sequence[Slo],
    grid: Grid,
    exclusions: Sequence[Exclusion],
    *,
    interval: timedelta,
    pool: Executor,
) -> dict[str, Buckets]:
    """The period's buckets of every latency, by SLO id.

    Args:
        client: the source.
        slos: those without a histogram are left out.
        grid: the slices that the SLOs were measured on.
        exclusions: what is taken out.
        interval: between two scrapes.
        pool: for questions at once.

    Returns:
        Nothing for a histogram that the source refused to tell, or that nothing was seen of.

    Raises:
        SourceError: the source could not be reached or broke off.
    """
    groups: dict[tuple[Exclusion, ...], dict[_Key, list[str]]] = defaultdict(dict)
    for slo in slos:
        if isinstance(slo.indicator, LatencyIndicator):
            own = concerning(exclusions, slo)
            key = (slo.indicator.histogram, slo.indicator.filters)
            taken_out = touching(own, grid.start, grid.end)
            groups[taken_out].setdefault(key, []).append(slo.id)
    found: dict[str, Buckets] = {}
    for taken_out, keys in groups.items():
        used = grid if taken_out else coarse(grid)
        totals = _totals(client, list(keys), used, taken_out, interval=interval, pool=pool)
        found |= {slo: totals[key] for key, ids in keys.items() for slo in ids if totals.get(key)}
    return found


def coarse(grid: Grid) -> Grid:
    """The same span in slices as long as an hour, as far as they fit."""
    whole = grid.end - grid.start
    for step in _COARSE:
        if step > grid.step and not whole % step:
            return Grid(grid.start, step, whole // step)
    return grid


def _totals(
    client: PrometheusClient,
    keys: Sequence[_Key],
    grid: Grid,
    taken_out: Sequence[Exclusion],
    *,
    interval: timedelta,
    pool: Executor,
) -> dict[_Key, Buckets]:
    needs = {key: _needs(client, key, str(n), grid) for n, key in enumerate(keys)}
    tallies = {one.slo: Tally.empty(grid.count) for some in needs.values() for one in some.values()}
    for family in families([one for some in needs.values() for one in some.values()]):
        counting = Counting(client, family, tallies, scrape_interval=interval, pool=pool)
        try:
            counting.run(grid, _unheard)
        except QueryRejected:
            for one in family.needs:
                tallies[one.slo] = Tally.empty(grid.count)
    kept = ~excluded_slices(taken_out, grid.start, grid.step, grid.count)
    return {
        key: _cumulated({le: tallies[need.slo] for le, need in some.items()}, kept)
        for key, some in needs.items()
    }


def _unheard(_slices: int) -> None:
    """Progress is told of what the SLOs are judged by."""


def _needs(client: PrometheusClient, key: _Key, name: str, grid: Grid) -> dict[Decimal, Need]:
    """One need for each boundary that a histogram has."""
    histogram, filters = key
    metric = f"{histogram}_bucket"
    try:
        texts = client.label_values("le", selector(metric, filters), grid.start, grid.end)
    except QueryRejected:
        return {}
    there = {boundary for text in texts if (boundary := boundary_of(text)) is not None}
    return {
        boundary: Need(f"{name} {boundary}", metric, filters, _at(boundary))
        for boundary in sorted(there)
    }


def _at(wanted: Decimal) -> Callable[[Mapping[str, str]], Weights]:
    return lambda labels: (0.0, float(boundary_of(labels.get("le", "")) == wanted))


def _cumulated(tallies: Mapping[Decimal, Tally], kept: NDArray[np.bool_]) -> Buckets:
    """Totals that never fall from one boundary to the next, up to the one that holds all."""
    seen = {le: float(one.valid[kept].sum()) for le, one in tallies.items() if one.series}
    if INFINITE not in seen:
        return ()
    whole = seen.pop(INFINITE)
    events = itertools.accumulate(seen.values(), max)
    told = ((float(le), min(count, whole)) for le, count in zip(seen, events, strict=True))
    return (*told, (None, whole))
