"""A period day by day: one cell per local day, weeks as rows, or as columns for long periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from slo_reports.language import tr, trn
from slo_reports.model import Day, SloResult
from slo_reports.numbers import (
    date_text,
    events_text,
    listed,
    month_beside_days,
    percent_number,
    percent_text,
    weekdays,
)
from slo_reports.periods import Period
from slo_reports.render.palette import DAY_FILLS, INK, MUTED, RULE, STEEL
from slo_reports.render.svg import Drawing, text_width

_STEPS = (0.1, 0.5, 1.0, 5.0)
"""Shares of a day's even budget that part the fills [burn rate]."""
_TOLD = 15
"""Bad days that the text alternative names."""
_LONGEST_IN_ROWS = 45
"""Days up to which each cell has room for its number."""


@dataclass(frozen=True)
class _Cell:
    x: float
    y: float
    width: float
    height: float


def day_calendar(result: SloResult, period: Period, *, width: float = 324) -> str:
    """The SLI of each day; a corner mark means below the objective.

    Days that are not there (before the service began, after the as-of instant) are blank; days
    without traffic or without data say so by a dash or a question mark in a dotted cell.
    """
    days = {one.day: one for one in result.days}
    dates = _dates(period)
    words = _words(result, days)
    if len(dates) > _LONGEST_IN_ROWS:
        return _in_columns(dates, days, result, words, width)
    return _in_rows(dates, days, result, words, width)


def _dates(period: Period) -> list[date]:
    count = (period.last_day - period.first_day).days + 1
    return [period.first_day + timedelta(days=n) for n in range(count)]


def _in_rows(
    dates: Sequence[date],
    days: dict[date, Day],
    result: SloResult,
    words: str,
    width: float,
) -> str:
    rows = (dates[0].weekday() + len(dates) + 6) // 7
    wide, high = width / 7, 29.0
    drawing = Drawing(width, 18 + rows * high + 20, words)
    for column, name in enumerate(weekdays()):
        drawing.text((column + 0.5) * wide, 11, name, size=8, anchor="middle", weight=500)
    for n, day in enumerate(dates):
        row, column = divmod(dates[0].weekday() + n, 7)
        cell = _Cell(column * wide + 1, 17 + row * high, wide - 2, high - 2)
        _cell(drawing, cell, days.get(day), result.objective.target, numbers=True, on=day)
    _key(drawing, result.objective.target, 18 + rows * high + 11)
    return drawing.markup()


def _in_columns(
    dates: Sequence[date],
    days: dict[date, Day],
    result: SloResult,
    words: str,
    width: float,
) -> str:
    weeks = (dates[0].weekday() + len(dates) + 6) // 7
    side = min((width - 28) / weeks, 22.0)
    drawing, names = Drawing(width, 18 + 7 * side + 22, words), weekdays()
    for row in (0, 2, 4, 6):
        drawing.text(0, 18 + (row + 0.7) * side, names[row], size=min(8, side))
    for n, day in enumerate(dates):
        column, row = divmod(dates[0].weekday() + n, 7)
        x = 28 + column * side
        if day.day == 1 or n == 0:
            drawing.text(x, 11, month_beside_days(day), size=8, weight=500)
        cell = _Cell(x, 17 + row * side, side - 1.5, side - 1.5)
        _cell(drawing, cell, days.get(day), result.objective.target, numbers=False, on=day)
    _key(drawing, result.objective.target, 18 + 7 * side + 13)
    return drawing.markup()


def _cell(
    drawing: Drawing, cell: _Cell, day: Day | None, target: Decimal, *, numbers: bool, on: date
) -> None:
    fill = None if day is None else _fill(day, target)
    tip = "" if day is None else _tip(day, target)
    if fill is None:
        _empty_cell(drawing, cell, day, tip)
    else:
        drawing.rect(cell.x, cell.y, cell.width, cell.height, DAY_FILLS[fill], radius=2.5, tip=tip)
    ink = "#fff" if fill == 4 else INK if fill is not None else MUTED
    if fill is not None and fill > 2:
        _corner(drawing, cell, ink)
    if not numbers:
        return
    drawing.text(cell.x + 4, cell.y + 9.5, str(on.day), size=7.2, fill=ink)
    if day is not None:
        weight = 600 if fill is not None and fill > 2 else None
        text = _cell_text(day, target)
        size = min(9.0, 9.0 * (cell.width - 2) / max(text_width(text, 9), 1))
        drawing.text(
            cell.x + cell.width / 2, cell.y + cell.height - 6, text,
            size=size, fill=ink, anchor="middle", weight=weight,
        )  # fmt: skip


def _corner(drawing: Drawing, cell: _Cell, ink: str) -> None:
    right, size = cell.x + cell.width - 3, min(6.5, cell.width / 2.5)
    points = f"M{right - size:.1f} {cell.y + 3:.1f}h{size:.1f}v{size:.1f}Z"
    drawing.element("path", d=points, fill=ink)


def _tip(day: Day, target: Decimal) -> str:
    """A day in one line: date, SLI and the events behind it."""
    if day.sli is None:
        return f"{date_text(day.day)}: {tr('no data') if day.coverage == 0 else tr('no traffic')}"
    return tr(
        "{day}: {share}, {failed} of {valid} bad",
        day=date_text(day.day),
        share=percent_text(day.sli, target),
        failed=events_text(day.valid - day.good),
        valid=events_text(day.valid),
    )


def _empty_cell(drawing: Drawing, cell: _Cell, day: Day | None, tip: str) -> None:
    drawing.element(
        "rect", x=cell.x + 0.5, y=cell.y + 0.5, width=cell.width - 1, height=cell.height - 1,
        rx=2.5, fill="none", stroke=RULE if day is None else STEEL, stroke_width=0.7,
        stroke_dasharray=None if day is None else "1.5 1.5", data_tip=tip or None,
    )  # fmt: skip


def _cell_text(day: Day, target: Decimal) -> str:
    if day.sli is not None:
        return percent_number(day.sli, target)
    return tr("no data") if day.coverage == 0 else "–"


def _fill(day: Day, target: Decimal) -> int | None:
    """Which of the fills a day takes; None without traffic or data."""
    if day.sli is None:
        return None
    gap = 1 - float(target)
    if not gap:
        return 0 if day.good == day.valid else 4
    used = (day.valid - day.good) / day.valid / gap
    return sum(used > step * (1 + 1e-9) for step in _STEPS)


def _key(drawing: Drawing, target: Decimal, y: float) -> None:
    x = 1.0
    for fill, text in zip(DAY_FILLS, _key_texts(target), strict=True):
        if not text:
            continue
        drawing.rect(x, y - 7, 8, 8, fill, radius=1.5)
        drawing.text(x + 11, y, text, size=7.8)
        x += 11 + text_width(text, 7.8) + 9


def _key_texts(target: Decimal) -> tuple[str, ...]:
    gap = 1 - target
    if not gap:
        return "100", "", "", "", tr("below objective")
    bounds = [1 - Decimal(str(step)) * gap for step in _STEPS]
    lower = percent_number(bounds[3], kind="target") if bounds[3] > 0 else ""
    over = [f"≥ {percent_number(bound, kind='target')}" for bound in bounds[:3]]
    return *over, tr("below objective"), tr("below {share}", share=lower) if lower else ""


def _words(result: SloResult, days: dict[date, Day]) -> str:
    target = result.objective.target
    bad = [one for one in days.values() if (_fill(one, target) or 0) > 2]
    blank = sum(one.sli is None for one in days.values())
    parts = [
        tr(
            "{objective} of each day, {service}.",
            objective=result.slo.title,
            service=result.slo.service,
        ),
        _bad_days(bad, target),
    ]
    if blank:
        parts.append(
            trn(
                "{count} day had no traffic or no data.",
                "{count} days had no traffic or no data.",
                blank,
                count=blank,
            )
        )
    return " ".join(parts)


def _bad_days(bad: Sequence[Day], target: Decimal) -> str:
    share = percent_text(target, kind="target")
    if not bad:
        return tr("No day was below {target}.", target=share)
    told = listed([f"{date_text(one.day)} ({_cell_text(one, target)}%)" for one in bad[:_TOLD]])
    if len(bad) > _TOLD:
        told = tr("{days} and {count} more", days=told, count=len(bad) - _TOLD)
    return trn(
        "{count} day was below {target}: {days}.",
        "{count} days were below {target}: {days}.",
        len(bad),
        count=len(bad),
        target=share,
        days=told,
    )
