"""The tables as CSV (RFC 4180): for spreadsheets, which must not run them, and for programs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from slo_reports.model import Report
from slo_reports.render.cells import plain_number, plain_text
from slo_reports.render.tables import TABLES, Table, Value

MARK = "'"
"""Before text that a spreadsheet would take for a formula."""
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)*")
_ABOUT = ("report", "period", "revision")


def render_csv(report: Report) -> Iterator[tuple[str, bytes]]:
    """Every table with its name, in the order of the workbook's sheets."""
    for table in TABLES:
        yield table.name, table_csv(report, table)


def table_csv(report: Report, table: Table[Any]) -> bytes:
    """One table with a header, UTF-8 with a byte order mark; there even where it has no rows."""
    about = (report.request.name, report.period.key, report.revision)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*_ABOUT, *(column.name for column in table.columns)])
    for line in table.lines(report):
        writer.writerow([csv_cell(value) for value in (*about, *line)])
    return text.getvalue().encode("utf-8-sig")


def csv_cell(value: Value) -> str:
    """One value: numbers in full, instants in ISO 8601 (UTC), text that is no formula."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float() | Decimal():
            return plain_number(value)
        case datetime():
            return f"{value:%Y-%m-%dT%H:%M:%SZ}"
        case date():
            return value.isoformat()
        case _:
            return harmless_text(value)


def harmless_text(text: str) -> str:
    """Text that a spreadsheet shows and does not run; what is only a number stays one."""
    shown = plain_text(text)
    is_formula = _FORMULA.match(shown) and not _NUMBER.fullmatch(shown)
    return f"{MARK}{shown}" if is_formula else shown
