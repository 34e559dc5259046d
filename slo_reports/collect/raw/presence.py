"""How often a target was scraped in each slice, by every single sample of its ``up``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.grid import Grid
from slo_reports.collect.raw.chunks import samples_of
from slo_reports.collect.raw.compiling import compiled
from slo_reports.collect.raw.events import edges_of

Scrapes = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Per slice: scrapes that succeeded, and those that succeeded or failed."""


def scraped(grid: Grid, targets: Sequence[bytes]) -> list[Scrapes]:
    """Count the scrapes of some targets.

    Args:
        grid: the slices.
        targets: of each the chunks of its ``up``.

    Raises:
        ValueError: chunks are damaged, or hold something else than samples.
    """
    found = []
    for times, values in samples_of(targets):
        scrapes, attempts = np.zeros(grid.count), np.zeros(grid.count)
        _count_scrapes(times, values, *edges_of(grid), scrapes, attempts)
        found.append((scrapes, attempts))
    return found


@compiled
def _count_scrapes(
    times: NDArray[np.int64],
    values: NDArray[np.float64],
    start: int,
    step: int,
    scrapes: NDArray[np.float64],
    attempts: NDArray[np.float64],
) -> None:
    """Add each sample to its slice; one that is not a number says that there is no target."""
    current, edge = -1, start
    for sample in range(len(times)):
        time, value = times[sample], values[sample]
        if time <= start or np.isnan(value):
            continue
        if time > edge or time <= edge - step:
            current = (time - start - 1) // step
            edge = start + (current + 1) * step
        if current < len(scrapes):
            scrapes[current] += value
            attempts[current] += 1.0
