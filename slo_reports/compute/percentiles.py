"""Latency percentiles of a period, from its summed buckets."""

from __future__ import annotations

from collections.abc import Sequence

from slo_reports.model import Percentile

SHARES = (0.50, 0.95, 0.99)


def percentiles(buckets: Sequence[tuple[float | None, float]]) -> tuple[Percentile, ...]:
    """p50, p95 and p99, by linear interpolation inside a bucket.

    Args:
        buckets: events at or below each boundary [s], ascending; the last, with None, holds all.

    Returns:
        Nothing without events, or where there is no boundary but the infinite one.

    Source:
        Prometheus' histogram_quantile: events are spread evenly inside their bucket, the first
        bucket begins at 0, and beyond the last boundary only that boundary is known.
    """
    if len(buckets) < 2 or buckets[-1][1] <= 0:
        return ()
    return tuple(_percentile(share, buckets) for share in SHARES)


def _percentile(share: float, buckets: Sequence[tuple[float | None, float]]) -> Percentile:
    rank = share * buckets[-1][1]
    before: list[tuple[float, float]] = [(0.0, 0.0)]
    for boundary, events in buckets:
        if boundary is None:
            break
        if events >= rank:
            return Percentile(share, _inside(before[-1], (boundary, events), rank))
        before.append((boundary, events))
    return Percentile(share, before[-1][0], over=True)


def _inside(low: tuple[float, float], high: tuple[float, float], rank: float) -> float:
    if high[0] <= 0:
        return high[0]
    inside = low[0] + (high[0] - low[0]) * (rank - low[1]) / (high[1] - low[1])
    return min(inside, high[0])  # floats may pass the boundary by their last digit
