"""The report as a workbook; the same report gives the same bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from slo_reports.errors import RenderError
from slo_reports.language import speaking, spoken, tr
from slo_reports.model import Report
from slo_reports.numbers import period_title
from slo_reports.render.cells import plain_text
from slo_reports.render.method import method
from slo_reports.render.palette import BLUE, MUTED
from slo_reports.render.tables import TABLES, Column, Table
from slo_reports.render.xlsx_sheets import Writer, printed

_MISSING = (
    "XLSX documents need XlsxWriter, which is not installed: pip install 'slo-reports[xlsx]', "
    "or take xlsx out of the formats"
)


def render_xlsx(report: Report) -> bytes:
    """The report as a workbook.

    Raises:
        RenderError: XlsxWriter is not installed.
    """
    try:
        import xlsxwriter  # type: ignore[import-untyped]  # noqa: PLC0415 an extra
    except ImportError as error:
        raise RenderError(_MISSING) from error
    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
        },
    )
    with speaking(report.request.language):
        book.set_properties(_properties(report))
        _fill(Writer(book, report))
    book.close()
    return target.getvalue()


def _properties(report: Report) -> dict[str, object]:
    snapshot = tr(
        "Snapshot {hash}, revision {revision}", hash=report.snapshot_hash, revision=report.revision
    )
    return {
        "title": plain_text(f"{report.request.title}, {period_title(report.period)}")[:255],
        "author": plain_text(report.request.author)[:255],
        "comments": snapshot,
        "created": report.frozen_at.replace(tzinfo=None),
    }


def _fill(writer: Writer) -> None:
    summary = writer.book.add_worksheet(tr("Summary"))
    for table in TABLES:
        writer.table(writer.book.add_worksheet(spoken().text(table.title)), table)
    _method(writer, writer.book.add_worksheet(tr("Method")))
    _summary(writer, summary)
    summary.activate()


def _summary(writer: Writer, sheet: Any) -> None:
    """What the report says in short, and links to the other sheets."""
    report = writer.report
    wrapped = writer.style(text_wrap=True)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 90)
    title = plain_text(report.request.title)
    sheet.write_string(0, 0, title, writer.style(bold=True, font_size=16))
    sheet.write_string(1, 0, period_title(report.period), writer.style(font_color=MUTED))
    sheet.merge_range(3, 0, 3, 1, "", wrapped)
    sheet.write_string(3, 0, plain_text(report.headline), wrapped)
    sheet.set_row(3, 15 * (1 + len(report.headline) // 100))
    row = 5
    for lead, text in _facts(report):
        sheet.write_string(row, 0, lead, writer.style(font_color=MUTED))
        sheet.write_string(row, 1, plain_text(text), wrapped)
        row += 1
    for table in TABLES:
        row += 1
        name, link = spoken().text(table.title), writer.style(font_color=BLUE, underline=1)
        sheet.write_url(row, 0, f"internal:'{name}'!A1", link, name)
        sheet.write_number(row, 1, len(table.rows(report)), writer.style(align="left"))
    sheet.hide_gridlines(2)


def _facts(report: Report) -> Iterator[tuple[str, str]]:
    for figure in report.figures:
        before = f" ({figure.before})" if figure.before else ""
        yield f"{figure.value} {figure.unit}".strip(), f"{figure.label}{before}"
    for place, one in enumerate(report.recommendations[:3], 1):
        asked = f"{one.action}. {one.evidence} ({one.owner}, {one.due})"
        yield tr("Asked of you, {place}", place=place), asked
    yield tr("Time zone"), report.period.zone
    yield tr("Revision"), str(report.revision)
    if report.restatement is not None:
        yield tr("Restated because"), report.restatement.restatement.reason
    for notice in report.notices[:5]:
        yield tr("Notice"), notice.sentence
    yield tr("Snapshot"), report.snapshot_hash


def _method(writer: Writer, sheet: Any) -> None:
    """How the numbers came about, and what each column holds."""
    bold, wrapped = writer.style(bold=True), writer.style(text_wrap=True)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 110)
    lines = [(one.lead, one.text) for one in method(writer.report)]
    lines += [_explained(table, column) for table in TABLES for column in table.columns]
    for row, (lead, text) in enumerate(lines):
        sheet.write_string(row, 0, plain_text(lead), bold)
        sheet.write_string(row, 1, plain_text(text), wrapped)
    printed(sheet)


def _explained(table: Table[Any], column: Column[Any]) -> tuple[str, str]:
    """A column's place, and what it holds."""
    said = spoken().text
    about = tr("{about} ({name} in CSV)", about=said(column.about), name=column.name)
    return f"{said(table.title)}: {said(column.title)}", about
