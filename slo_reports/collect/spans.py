"""Asking for the values of an expression over a grid, in spans that the source can bear."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.answers import Labels, Series
from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.grid import Grid
from slo_reports.errors import TooMuchData


def over(
    client: PrometheusClient, expression: str, grid: Grid, *, shared: bool = False
) -> Iterator[Series]:
    """The values at the end of each slice; a span that is too much is asked for in halves.

    A series may come in several parts.

    Args:
        client: the source.
        expression: PromQL.
        grid: the slices.
        shared: whether one answer does for all reports of a pass; see ``PrometheusClient.query``.

    Raises:
        TooMuchData: a single slice is too much.
        SourceError: the source could not answer.
    """
    for _, part in grid.chunks(grid.count):
        yield from _halving(client, expression, part, shared=shared)


def _halving(
    client: PrometheusClient, expression: str, part: Grid, *, shared: bool
) -> Iterator[Series]:
    try:
        found = client.query_range(
            expression, part.slice_end(0), part.end, part.step, shared=shared
        )
    except TooMuchData:
        if part.count == 1:
            raise
        half = part.count // 2
        for first, count in ((0, half), (half, part.count - half)):
            yield from _halving(client, expression, part.part(first, count), shared=shared)
    else:
        yield from found


def columns(
    client: PrometheusClient, expression: str, grid: Grid
) -> dict[Labels, NDArray[np.float64]]:
    """The same as one value per slice for each series, NaN where there is none."""
    found: dict[Labels, NDArray[np.float64]] = {}
    for series in over(client, expression, grid):
        column = found.setdefault(series.labels, np.full(grid.count, np.nan))
        index, values = grid.place(series)
        column[index] = values
    return found
