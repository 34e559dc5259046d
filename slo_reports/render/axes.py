"""Axes: where ticks stand and what they say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from slo_reports.numbers import NARROW, day_text, decimal_text, month_beside_days
from slo_reports.periods import Period, midnight
from slo_reports.render.palette import MUTED, RULE
from slo_reports.render.svg import Drawing, text_width

_GAP = 8.0


@dataclass(frozen=True)
class Frame:
    """The rectangle of a drawing in which the data stand."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """From left to right [px]."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom [px]."""
        return self.bottom - self.top


@dataclass(frozen=True)
class TimeAxis:
    """Instants of a period along a frame's width."""

    frame: Frame
    period: Period

    def x(self, seconds: float) -> float:
        """Where an instant stands [px], kept inside the frame.

        Args:
            seconds: since the epoch.
        """
        start = self.period.start.timestamp()
        share = (seconds - start) / self.period.length.total_seconds()
        return self.frame.left + min(max(share, 0.0), 1.0) * self.frame.width

    def of(self, instant: datetime) -> float:
        """Where an instant stands [px], kept inside the frame."""
        return self.x(instant.timestamp())

    def draw(self, drawing: Drawing, *, size: float = 8.5) -> None:
        """The labels of days below the frame, as many as there is room for."""
        edge = -math.inf
        baseline = self.frame.bottom + 14
        for x, label in _time_ticks(self):
            width = text_width(label, size)
            left = min(max(x - width / 2, self.frame.left - 12), self.frame.right + 6 - width)
            if left < edge:
                continue
            bottom = self.frame.bottom
            drawing.line((x, bottom), (x, bottom + 3), stroke=MUTED, width=0.6)
            drawing.text(left, baseline, label, size=size)
            edge = left + width + _GAP


@dataclass(frozen=True)
class ValueAxis:
    """Values along a frame's height, ``high`` on top."""

    frame: Frame
    low: float
    high: float

    def y(self, value: float) -> float:
        """Where a value stands [px], kept inside the frame."""
        share = (value - self.low) / (self.high - self.low)
        return self.frame.bottom - min(max(share, 0.0), 1.0) * self.frame.height

    def draw(
        self,
        drawing: Drawing,
        ticks: Sequence[tuple[float, str]],
        *,
        size: float = 8.5,
        right: float | None = None,
    ) -> None:
        """A rule and a label at each of ``ticks``."""
        for value, label in ticks:
            y = self.y(value)
            drawing.line((self.frame.left, y), (right or self.frame.right, y), stroke=RULE)
            if label:
                drawing.text(self.frame.left - 6, y + 3, label, size=size, anchor="end")


def nice_step(span: float, count: int) -> float:
    """A step of 1, 2, 2.5 or 5 times a power of ten, for about ``count`` ticks over a span."""
    if span <= 0:
        return 1.0
    rough = span / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)


def percent_ticks(low: float, high: float, count: int = 5) -> list[tuple[float, str]]:
    """Round shares between two others with their labels in whole percents [ratio]."""
    step = max(nice_step(high - low, count), 0.01)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [
        (n * step, f"{decimal_text(round(n * step * 100))}{NARROW}%")
        for n in range(first, last + 1)
    ]


def _time_ticks(axis: TimeAxis) -> list[tuple[float, str]]:
    if axis.period.length <= timedelta(hours=50):
        return _hour_ticks(axis)
    period = axis.period
    count = (period.last_day - period.first_day).days + 1
    if count > 120:
        return _month_ticks(axis)
    room = max(2, int(axis.frame.width // 52))
    step = next((n for n in (1, 2, 3, 5, 7, 14, 21) if count / n <= room), 28)
    days = [period.first_day + timedelta(days=n) for n in range(0, count, step)]
    return [
        (axis.of(midnight(day, period.zone)), _day_label(day, None if n == 0 else days[n - 1]))
        for n, day in enumerate(days)
    ]


def _day_label(day: date, before: date | None) -> str:
    fresh = before is None or before.month != day.month
    return day_text(day) if fresh else str(day.day)


def _month_ticks(axis: TimeAxis) -> list[tuple[float, str]]:
    period = axis.period
    day = period.first_day.replace(day=1)
    ticks = []
    while day <= period.last_day:
        if day >= period.first_day:
            ticks.append((axis.of(midnight(day, period.zone)), month_beside_days(day)))
        day = (day + timedelta(days=32)).replace(day=1)
    return ticks


def _hour_ticks(axis: TimeAxis) -> list[tuple[float, str]]:
    period = axis.period
    zone = ZoneInfo(period.zone)
    step = timedelta(hours=3 if period.length <= timedelta(hours=26) else 6)
    ticks = []
    instant = period.start
    while instant < period.end:
        local = instant.astimezone(zone)
        label = day_text(local.date()) if local.hour == 0 else f"{local:%H:%M}"
        ticks.append((axis.of(instant), label))
        instant += step
    return ticks
