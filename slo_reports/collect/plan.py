"""Which spans of time a report needs, and in which slices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from slo_reports.collect.grid import Grid, common_step
from slo_reports.exclusions import touching
from slo_reports.methods import needs_fine_slices
from slo_reports.model import Exclusion, Slo
from slo_reports.periods import Period, previous

_TREND_STEPS = (timedelta(hours=1), timedelta(minutes=30), timedelta(minutes=15))


@dataclass(frozen=True)
class Plan:
    """The spans that are asked for.

    Attributes:
        grid: the reported period.
        past: the periods before it, oldest first.
        past_grid: all of those together, in coarse slices.
        fine_past_grid: the same for SLOs whose totals hang on the slices' length, by their method
            or by an exclusion.
        fine: ids of those SLOs.
    """

    grid: Grid
    past: tuple[Period, ...]
    past_grid: Grid
    fine_past_grid: Grid
    fine: frozenset[str]

    def past_grid_of(self, slo: Slo) -> Grid:
        """The slices on which an SLO's earlier periods are measured."""
        return self.fine_past_grid if slo.id in self.fine else self.past_grid

    @staticmethod
    def of(
        slos: Sequence[Slo],
        period: Period,
        *,
        trend: int,
        step: timedelta,
        exclusions: Sequence[Exclusion],
    ) -> Plan:
        """What is to be asked for a report.

        Args:
            slos: what is measured.
            trend: how many periods, the reported one included.
            period: the reported one.
            step: length of a slice.
            exclusions: what is taken out.
        """
        past = earlier_periods(period, trend - 1)
        grid = Grid.over(period.start, period.data_end, step)
        if not past:
            empty = Grid(period.start, step, 0)
            return Plan(grid, (), empty, empty, frozenset())
        taken_out = touching(exclusions, past[0].start, period.start)
        fine = frozenset(
            slo.id
            for slo in slos
            if needs_fine_slices(slo) or any(one.concerns(slo) for one in taken_out)
        )
        boundaries = [one.start for one in past] + [period.start]
        coarse = max(step, common_step(boundaries, _TREND_STEPS))
        start = past[0].start
        whole = (Grid.over(start, period.start, coarse), Grid.over(start, period.start, step))
        return Plan(grid, past, *whole, fine)


def earlier_periods(period: Period, count: int) -> tuple[Period, ...]:
    """The periods of the same kind before one, oldest first."""
    found: list[Period] = []
    for _ in range(count):
        found.append(previous(found[-1] if found else period))
    return tuple(reversed(found))
