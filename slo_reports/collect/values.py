"""Expressions whose value at the end of each slice is all there is: thresholds and ratios."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.counting import Tally
from slo_reports.collect.gauges import compares
from slo_reports.collect.grid import Grid
from slo_reports.collect.spans import columns
from slo_reports.errors import QueryRejected
from slo_reports.model import RatioQueryIndicator, ThresholdIndicator
from slo_reports.promql import duration

THRESHOLD_NOTE = "judged by the expression's value at the end of each slice"
RATIO_NOTE = (
    "the query is a ratio already and has no events: each slice counts by its value at its end"
)
_NOISE = 1e-9
"""What floats may add to a ratio of 0 or 1."""


def text_of(query: str, grid: Grid) -> str:
    """The query as it is sent."""
    return query.replace("$window", duration(grid.step))


def judge_values(
    client: PrometheusClient, threshold: ThresholdIndicator, grid: Grid, tally: Tally
) -> None:
    """One valid event per slice that has a value, good where it compares well.

    Raises:
        QueryRejected: the answer is more than one series.
        SourceError: a query failed for good.
    """
    values = _values(client, threshold.query, grid, tally)
    tally.valid += tally.present
    tally.good += compares(threshold.op, values, float(threshold.limit)) & tally.present


def take_ratios(
    client: PrometheusClient, indicator: RatioQueryIndicator, grid: Grid, tally: Tally
) -> None:
    """One valid event per slice that has a ratio, good by the ratio itself.

    Raises:
        QueryRejected: the answer is more than one series, or no ratio.
        SourceError: a query failed for good.
    """
    values = _values(client, indicator.query, grid, tally)
    outside = np.flatnonzero((values < -_NOISE) | (values > 1 + _NOISE))
    if len(outside):
        first = int(outside[0])
        at = f"{grid.slice_end(first):%Y-%m-%dT%H:%M:%SZ}"
        msg = (
            f"a ratio lies between 0 and 1, but {len(outside)} slices do not: "
            f"{values[first]:g} at {at}; is it percent, or a rate? {text_of(indicator.query, grid)}"
        )
        raise QueryRejected(msg)
    ratios = np.clip(np.nan_to_num(values), 0.0, 1.0)
    tally.valid += tally.present
    tally.good += np.where(tally.present, ratios if indicator.of == "good" else 1 - ratios, 0.0)


def _values(client: PrometheusClient, query: str, grid: Grid, tally: Tally) -> NDArray[np.float64]:
    """The value at the end of each slice, NaN where there is none; noted in the tally."""
    text = text_of(query, grid)
    found = columns(client, text, grid)
    if len(found) > 1:
        msg = f"a query answers {len(found)} series where one is wanted; aggregate them: {text}"
        raise QueryRejected(msg)
    values = next(iter(found.values()), np.full(grid.count, np.nan))
    tally.series.update(found)
    tally.present |= ~np.isnan(values)
    tally.seen_before = bool(grid.count and client.query(text, grid.start))
    return values
