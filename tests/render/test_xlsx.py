"""The workbook, read back with another library."""

from __future__ import annotations

import builtins
import io
import warnings
import zipfile
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from slo_reports.errors import RenderError
from slo_reports.model import Report
from slo_reports.render.percents import percent_format
from slo_reports.render.xlsx import render_xlsx


def workbook(content: bytes) -> Workbook:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl knows no bars of Excel 2010
        return openpyxl.load_workbook(io.BytesIO(content))


@pytest.fixture(scope="module")
def content(report: Report) -> bytes:
    return render_xlsx(report)


@pytest.fixture(scope="module")
def book(content: bytes) -> Workbook:
    return workbook(content)


def column(book: Workbook, sheet: str, title: str) -> list[Any]:
    cells = list(book[sheet].iter_rows())
    place = [cell.value for cell in cells[0]].index(title)
    return [row[place] for row in cells[1:]]


def test_the_sheets_are_in_the_order_of_reading(book: Workbook) -> None:
    assert book.sheetnames == [
        "Summary",
        "Objectives",
        "Incidents",
        "Budget spent",
        "Recommendations",
        "Days",
        "Method",
    ]


def test_numbers_are_numbers_and_keep_every_digit(report: Report, book: Workbook) -> None:
    assert [cell.value for cell in column(book, "Objectives", "Measured")] == [
        one.sli for one in report.results
    ]
    left = column(book, "Objectives", "Budget left")
    assert left[0].value == -0.18
    assert left[0].number_format == "0.00%"
    assert {cell.data_type for cell in left} == {"n"}


def test_instants_stand_there_in_the_reports_zone_and_in_utc(book: Workbook) -> None:
    local = column(book, "Incidents", "Start (Europe/Berlin)")[0].value
    assert local.isoformat() == "2026-10-06T09:40:00"
    assert column(book, "Incidents", "Start (UTC)")[0].value.isoformat() == "2026-10-06T07:40:00"
    assert column(book, "Days", "Day")[30].value.isoformat() == "2026-10-31T00:00:00"


def test_heads_stay_in_sight_and_filter(book: Workbook) -> None:
    sheet = book["Objectives"]
    assert sheet.freeze_panes == "D2"
    assert sheet.auto_filter.ref == sheet.dimensions
    assert sheet.print_title_rows == "$1:$1"


def test_budgets_have_bars(content: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet2.xml").decode()
    assert "dataBar" in sheet
    assert 'axisPosition="middle"' in sheet


def test_links_lead_to_the_other_sheets_and_nowhere_else(content: bytes, book: Workbook) -> None:
    links = [cell.hyperlink for row in book["Summary"].iter_rows() for cell in row]
    places = [one.location.replace("'", "") for one in links if one is not None]
    assert places == [f"{name}!A1" for name in book.sheetnames[1:-1]]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [archive.read(name).decode() for name in archive.namelist()]
    assert not any('TargetMode="External"' in part for part in parts)


def test_the_bytes_are_the_same_again_and_dated_by_the_report(
    report: Report, content: bytes, book: Workbook
) -> None:
    assert render_xlsx(report) == content
    assert book.properties.created.isoformat() == "2026-11-01T05:00:00"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {one.date_time[0] for one in archive.infolist()} == {1980}


def test_an_odd_report_has_empty_cells_for_what_is_not_there(odd_report: Report) -> None:
    book = workbook(render_xlsx(odd_report))
    outcomes = [cell.value for cell in column(book, "Objectives", "Outcome")]
    measured = [cell.value for cell in column(book, "Objectives", "Measured")]
    assert measured[outcomes.index("not measured")] is None
    assert measured[outcomes.index("no traffic")] is None


@pytest.mark.parametrize(
    ("value", "target", "form"),
    [
        pytest.param(0.99882, Decimal("0.999"), "0.000%", id="a plain miss"),
        pytest.param(0.9989999, Decimal("0.999"), "0.00000%", id="a near miss"),
        pytest.param(0.999, Decimal("0.999"), "0.000%", id="just met"),
        pytest.param(Decimal("0.99995"), None, "0.000%", id="a target in full"),
        pytest.param(-0.18, None, "0.00%", id="a budget"),
    ],
)
def test_a_miss_never_reads_as_met(value: Any, target: Decimal | None, form: str) -> None:
    assert percent_format(value, target) == form


def test_without_the_library_the_line_that_installs_it_is_named(
    report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "xlsxwriter":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(RenderError, match=r"pip install 'slo-reports\[xlsx\]'"):
        render_xlsx(report)
