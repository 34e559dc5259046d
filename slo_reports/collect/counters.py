"""The exact counter method: differences of counter values, never increases.

``increase()`` extrapolates and loses the first value of every series that is born inside its range
(most error series are). So a counter is read at the end of each slice, neighbours are subtracted
here, a series never seen before counts from zero, and where the source saw a reset the slice is
recounted from its raw samples. The sums are equal to what the stored samples hold, to the event.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def increments(values: NDArray[np.float64], before: float | None) -> NDArray[np.float64]:
    """Events that a counter counted in each slice.

    Args:
        values: the counter at the end of each slice [events]; NaN where it had no sample in it.
        before: its last value before the first slice, or None where it was never seen: it was
            born, and counts from zero.

    Returns:
        Events per slice, 0 where there was no sample; what happened in a gap falls into the first
        slice after it. A value below the one before is a reset: it counts from zero.
    """
    result = np.zeros(len(values))
    known = np.flatnonzero(~np.isnan(values))
    if len(known):
        seen = values[known]
        earlier = np.concatenate(([0.0 if before is None else before], seen[:-1]))
        result[known] = np.where(seen >= earlier, seen - earlier, seen)
    return result


def recount(
    samples: NDArray[np.float64], slices: NDArray[np.intp], count: int, before: float | None
) -> NDArray[np.float64]:
    """Events per slice from a counter's raw samples, however often it was reset in them.

    Args:
        samples: in order of time, none of them NaN.
        slices: the index of the slice that each lies in.
        count: how many slices there are.
        before: what the counter stood at before the first of them; None: it was born.
    """
    result = np.zeros(count)
    np.add.at(result, slices, increments(samples, before))
    return result


def last_value(values: NDArray[np.float64], before: float | None) -> float | None:
    """The newest known value of a counter at the end of the given slices."""
    known = values[~np.isnan(values)]
    return float(known[-1]) if len(known) else before
