"""One sheet of a workbook for each table: real numbers, real dates, and text that stays text."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from slo_reports.language import spoken, tr, trn
from slo_reports.model import BudgetStatus, Outcome, Report
from slo_reports.render.cells import plain_text
from slo_reports.render.palette import AMBER, BLUE, INK, MUTED, RED, SKY
from slo_reports.render.percents import percent_format
from slo_reports.render.tables import Column, Table, Unit, Value
from slo_reports.statuses import outcome_word, status_word

MOST_ROWS = 1_000_000
"""Rows of one sheet; Excel's end at 1 048 576. The CSV documents hold all."""
_WIDTHS: dict[Unit, float] = {
    "ratio": 12,
    "count": 14,
    "number": 12,
    "minutes": 12,
    "seconds": 10,
    "instant": 17,
    "day": 12,
    "flag": 8,
}
_FORMATS: dict[Unit, str] = {
    "number": "#,##0.0000",
    "minutes": "#,##0.00",
    "seconds": "0.000",
    "instant": "yyyy-mm-dd hh:mm:ss",
    "day": "yyyy-mm-dd",
}
_WIDEST = 60
_NO_TARGET = Decimal("0.9999")
"""Sets the digits of an SLI beside which no target stands."""
_TONES: dict[str, str] = {
    Outcome.MET: BLUE,
    Outcome.MISSED: RED,
    Outcome.INSUFFICIENT_DATA: AMBER,
    Outcome.NOT_MEASURED: AMBER,
    Outcome.NO_TRAFFIC: MUTED,
}


@dataclass
class Writer:
    """A workbook with the styles that its cells share."""

    book: Any
    report: Report
    _styles: dict[tuple[tuple[str, Any], ...], Any] = field(default_factory=dict)

    def style(self, **properties: Any) -> Any:
        """A format; equal ones are the same one."""
        key = tuple(sorted(properties.items()))
        if key not in self._styles:
            plain = {"valign": "top", "font_name": "Calibri", "font_size": 11}
            self._styles[key] = self.book.add_format({**plain, **properties})
        return self._styles[key]

    def table(self, sheet: Any, table: Table[Any]) -> None:
        """One sheet: head, rows, filter; instants stand there in the report's zone and in UTC."""
        heads = list(_heads(table.columns, self.report.period.zone))
        lines = list(table.lines(self.report))
        for place, head in enumerate(heads):
            sheet.write_string(
                0, place, head.title, self.style(bold=True, text_wrap=True, bottom=1)
            )
            sheet.set_column(place, place, _width(head, lines))
        for row, line in enumerate(lines[:MOST_ROWS], 1):
            for place, head in enumerate(heads):
                self.cell(sheet, row, place, head, line)
        if len(lines) > MOST_ROWS:
            left = len(lines) - MOST_ROWS
            more = trn(
                "And {count} more row; the CSV document holds them all.",
                "And {count} more rows; the CSV document holds them all.",
                left,
                count=left,
            )
            sheet.write_string(MOST_ROWS + 1, 0, more, self.style())
        sheet.autofilter(0, 0, max(1, min(len(lines), MOST_ROWS)), len(heads) - 1)
        sheet.freeze_panes(1, 3 if table.columns[0].name == "slo" else 1)
        printed(sheet)
        _bars(sheet, heads, len(lines))

    def cell(self, sheet: Any, row: int, place: int, head: Head, line: Sequence[Value]) -> None:
        """One value of a row, in the form of its column."""
        value = line[head.source]
        match value:
            case None | "":
                return
            case bool():
                yes, no = tr("yes/no").split("/")
                sheet.write_string(row, place, yes if value else no, self.style())
            case int() | float() | Decimal():
                if math.isfinite(value):
                    sheet.write_number(row, place, value, self.style(num_format=_form(head, line)))
            case datetime():
                local = value.astimezone(UTC if head.is_utc else ZoneInfo(head.zone))
                plain = local.replace(tzinfo=None)
                sheet.write_datetime(row, place, plain, self._dated("instant"))
            case date():
                sheet.write_datetime(row, place, value, self._dated("day"))
            case _:
                said = plain_text(_word(head, str(value)))
                sheet.write_string(row, place, said, self._worded(head, value))

    def _dated(self, unit: Unit) -> Any:
        return self.style(num_format=_FORMATS[unit], align="left")

    def _worded(self, head: Head, value: str) -> Any:
        if head.column.name == "outcome":
            return self.style(bold=True, font_color=_TONES.get(value, INK))
        return self.style()


@dataclass(frozen=True)
class Head:
    """A column of a sheet, and which cell of a line it shows."""

    column: Column[Any]
    source: int
    zone: str
    is_utc: bool = False

    @property
    def title(self) -> str:
        """What stands over it; instants say their zone."""
        said = spoken().text(self.column.title)
        if self.column.unit != "instant":
            return said
        return f"{said} ({'UTC' if self.is_utc else self.zone})"


def _word(head: Head, value: str) -> str:
    """A verdict or status in the language that is spoken; other text as it is."""
    match head.column.name:
        case "outcome":
            return outcome_word(Outcome(value))
        case "budget_status":
            return status_word(BudgetStatus(value))
        case _:
            return value


def _heads(columns: Sequence[Column[Any]], zone: str) -> Iterator[Head]:
    for source, column in enumerate(columns):
        yield Head(column, source, zone)
        if column.unit == "instant" and zone != "UTC":
            yield Head(column, source, zone, is_utc=True)


def _width(head: Head, lines: Sequence[Sequence[Value]]) -> float:
    if head.column.unit != "text":
        return max(_WIDTHS[head.column.unit], len(head.title) * 0.7)
    longest = max((len(str(line[head.source] or "")) for line in lines[:500]), default=0)
    return float(min(_WIDEST, max(longest, len(head.title)) + 2))


def _form(head: Head, line: Sequence[Value]) -> str:
    """Percent with as many digits as the value needs to lie on the right side of its target."""
    value = line[head.source]
    if head.column.unit == "count":
        return "#,##0" if float(str(value)).is_integer() else "#,##0.00"
    if head.column.unit != "ratio":
        return _FORMATS[head.column.unit]
    if not head.column.name.startswith("sli"):
        return percent_format(value)
    return percent_format(value, _target(line) or _NO_TARGET)


def _target(line: Sequence[Value]) -> Decimal | None:
    return next((value for value in line if isinstance(value, Decimal)), None)


def printed(sheet: Any) -> None:
    """On paper as wide as it is, its head on every page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _bars(sheet: Any, heads: Sequence[Head], rows: int) -> None:
    """Bars behind what is left of each budget, red below zero."""
    for place, head in enumerate(heads):
        if head.column.name == "budget_remaining" and rows:
            sheet.set_column(place, place, 18)
            sheet.conditional_format(
                1,
                place,
                rows,
                place,
                {
                    "type": "data_bar",
                    "data_bar_2010": True,
                    "bar_solid": True,
                    "bar_color": SKY,
                    "bar_negative_color": "#e0a293",
                    "bar_axis_position": "middle",
                    "min_type": "num",
                    "min_value": -1,
                    "max_type": "num",
                    "max_value": 1,
                },
            )
