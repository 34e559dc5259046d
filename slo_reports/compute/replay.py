"""Burn-rate alerts replayed on the slices: when each was due, whatever really fired.

An alert is due where both of its windows burn faster than its threshold, and have done so for its
waiting time, with three bad events or more: fewer are chance. The windows are looked at at each
slice's end; one that is shorter than a slice is one slice. What lies before the period counts as
flawless, with as many events: nobody is accused of an alert that only the cut-off made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

import numpy as np

from slo_reports.compute.attribution import bad_between
from slo_reports.compute.episodes import LEAST_EVENTS
from slo_reports.compute.grid import Array, Flags, Grid, exact_sum, lay
from slo_reports.compute.methods import counted_grid, without
from slo_reports.exclusions import concerning
from slo_reports.model import BurnRateAlert, Exclusion, SloResult, Subject
from slo_reports.periods import Period

_WAITS = {
    timedelta(hours=1): timedelta(minutes=2),
    timedelta(hours=6): timedelta(minutes=15),
    timedelta(days=1): timedelta(hours=1),
    timedelta(days=3): timedelta(hours=3),
}
"""For how long an alert's windows must burn, by the long one (docs/arithmetic.md)."""
_PER_LONG = 24
"""Any other long window waits for this part of itself."""


@dataclass(frozen=True)
class Burn:
    """A span in which an alert of one objective was due.

    Attributes:
        start: when both windows burnt fast enough for the first time [UTC].
        due: when the alert had waited long enough [UTC].
        end: when they no longer did [UTC].
        consumed: what went in the long window and until the end [ratio of the budget].
    """

    slo: str
    severity: str
    start: datetime
    due: datetime
    end: datetime
    consumed: float


def can_never_fire(alert: BurnRateAlert, result: SloResult) -> Fraction | None:
    """The share of bad events that an alert asks for, where it is over 1: (1 − T) × threshold."""
    needed = (1 - Fraction(result.objective.target)) * Fraction(str(alert.threshold))
    return needed if needed > 1 else None


def wait_of(alert: BurnRateAlert) -> timedelta:
    """For how long both windows must burn before an alert fires."""
    return _WAITS.get(alert.long, alert.long / _PER_LONG)


def replay(
    subject: Subject, result: SloResult, period: Period, exclusions: Sequence[Exclusion] = ()
) -> list[Burn]:
    """When the alerts of an objective were due, in order of time.

    Args:
        subject: the objective with its slices; alerts look at events, whatever its method.
        result: the same, judged: its target, and what it used of its budget.
        period: what is judged.
        exclusions: all there are; nothing burns in a slice that is taken out.
    """
    grid = lay(subject.measurement, period)
    judged = counted_grid(subject, period, exclusions)
    if grid is None or judged is None or result.budget.consumed is None:
        return []
    left = without(grid, concerning(exclusions, subject.slo))
    share = _Share(judged, judged.total(judged.bad), result.budget.consumed)
    allowed = float(1 - Fraction(result.objective.target))
    found = [
        share.burn(subject.slo.id, alert, left, first, last)
        for alert in subject.slo.burn_rates
        for first, last in _held(burning(left, alert, allowed), wait_of(alert) // left.step)
        if _bad_events(left, alert, first, last) >= LEAST_EVENTS
    ]
    return sorted(found, key=lambda one: (one.due, one.end, one.severity))


def _bad_events(grid: Grid, alert: BurnRateAlert, first: int, last: int) -> float:
    """Bad events of the long window that set an alert off, and until its end [events]."""
    begun = max(first + 1 - max(1, alert.long // grid.step), 0)
    return exact_sum(grid.bad[begun : last + 1])


@dataclass(frozen=True, eq=False)
class _Share:
    """What a span took of a budget."""

    judged: Grid
    bad: float
    consumed: float

    def burn(self, slo: str, alert: BurnRateAlert, grid: Grid, first: int, last: int) -> Burn:
        start = grid.start + (first + 1) * grid.step
        end = min(grid.start + (last + 1) * grid.step, grid.data_end)
        begun = max(start - alert.long, grid.start)
        taken = bad_between(self.judged, begun, end) / self.bad if self.bad else 0.0
        due = min(start + wait_of(alert), end)
        return Burn(slo, alert.severity, start, due, end, self.consumed * taken)


def burning(grid: Grid, alert: BurnRateAlert, allowed: float) -> Flags:
    """For each slice whether both windows that end with it burn faster than the threshold.

    Args:
        grid: the slices.
        alert: its windows and its threshold.
        allowed: one minus the target [ratio].
    """
    fast = [
        _bad_share(grid, max(1, window // grid.step)) > alert.threshold * allowed
        for window in (alert.long, alert.short)
    ]
    return np.asarray(fast[0] & fast[1])


def _bad_share(grid: Grid, size: int) -> Array:
    """Share of bad events over the ``size`` slices that end with each, flawless before the first.

    Nothing burns where nothing was served.
    """
    bad, valid = _trailing(grid.bad, size), _trailing(grid.valid, size)
    known = np.minimum(np.arange(1, len(grid) + 1), size) / size
    return np.divide(bad * known, valid, out=np.zeros(len(grid)), where=valid > 0)


def _trailing(values: Array, size: int) -> Array:
    cumulated = np.concatenate(([0.0], np.cumsum(values)))
    ends = np.arange(1, len(values) + 1)
    return np.asarray(cumulated[ends] - cumulated[np.maximum(ends - size, 0)])


def _held(flags: Flags, wait: int) -> Iterator[tuple[int, int]]:
    """First and last index of the runs that last for more than ``wait`` slices."""
    padded = np.concatenate(([0], flags.astype(np.int8), [0]))
    turns = np.flatnonzero(np.diff(padded))
    for low, high in zip(turns[::2], turns[1::2], strict=True):
        if high - low > wait:
            yield int(low), int(high) - 1
