"""A period month by month: each objective's measured value and budget used, from its days."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from slo_reports.model import Report, SloResult


@dataclass(frozen=True)
class MonthFigures:
    """One month of an objective.

    Attributes:
        sli: good over valid [ratio]; None without traffic or data.
        consumed: used share of the month's own budget [ratio]; None where there is no budget.
    """

    sli: float | None
    consumed: float | None


def months_of(report: Report, most: int = 12) -> tuple[date, ...]:
    """The first day of each local month that the period touches, the last ``most`` of them."""
    day, found = report.period.first_day.replace(day=1), []
    while day <= report.period.last_day:
        found.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    return tuple(found[-most:])


def by_month(result: SloResult, months: Sequence[date]) -> tuple[MonthFigures, ...]:
    """An objective's figures in each month: events summed first, divided once."""
    return tuple(_figures(result, one) for one in months)


def _figures(result: SloResult, month: date) -> MonthFigures:
    days = [one for one in result.days if one.day.replace(day=1) == month]
    good, valid = math.fsum(one.good for one in days), math.fsum(one.valid for one in days)
    if valid <= 0:
        return MonthFigures(None, None)
    room = 1 - float(result.objective.target)
    return MonthFigures(good / valid, (valid - good) / valid / room if room > 0 else None)
