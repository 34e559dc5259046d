"""Budget used, service by period: the values of a table whose cells are coloured by CSS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from slo_reports.model import Report, ServiceResult
from slo_reports.numbers import percent_number, period_name
from slo_reports.periods import Period
from slo_reports.render.trend import short_name

MOST_ROWS = 24
_LEVELS = (0.25, 0.6, 0.85, 1.0)
"""Consumed shares that part the levels 0 to 4; above 1 is a miss [ratio]."""


@dataclass(frozen=True)
class HeatCell:
    """One service in one period: ``level`` is -1 where nothing is known."""

    text: str
    level: int


@dataclass(frozen=True)
class HeatMap:
    """Rows of services, columns of periods, oldest first."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[HeatCell, ...]], ...]
    left_out: int


def heat_map(report: Report, *, places: int = 12) -> HeatMap | None:
    """Consumed share of each service's worst objective, or None without earlier periods."""
    columns, cells = heat_rows(report, places=places)
    if not columns:
        return None
    rows = tuple(cells.items())
    return HeatMap(columns, rows[:MOST_ROWS], max(0, len(rows) - MOST_ROWS))


def heat_rows(
    report: Report, *, places: int = 12
) -> tuple[tuple[tuple[str, str], ...], dict[str, tuple[HeatCell, ...]]]:
    """The columns of a heat map, and the cells of every service that has a past, by its name."""
    periods = _periods(report, places)
    if len(periods) < 2:
        return (), {}
    cells = {one.name: _row(one, periods) for one in report.services if _has_history(one)}
    return tuple((short_name(one), period_name(one)) for one in periods), cells


def _has_history(service: ServiceResult) -> bool:
    return any(past.consumed is not None for one in service.results for past in one.history)


def _periods(report: Report, places: int) -> list[Period]:
    known = {past.period.start: past.period for one in report.results for past in one.history}
    return [known[start] for start in sorted(known)][-places:]


def _row(service: ServiceResult, periods: Sequence[Period]) -> tuple[HeatCell, ...]:
    worst: dict[object, float] = {}
    for result in service.results:
        for past in result.history:
            if past.consumed is not None:
                start = past.period.start
                worst[start] = max(past.consumed, worst.get(start, past.consumed))
    return tuple(heat_cell(worst.get(one.start)) for one in periods)


def heat_cell(consumed: float | None) -> HeatCell:
    """Used share of a budget [ratio] as a cell; None where nothing is known."""
    if consumed is None:
        return HeatCell("–", -1)
    level = sum(consumed > limit * (1 + 1e-9) for limit in _LEVELS)
    return HeatCell(percent_number(consumed, kind="consumption"), level)
