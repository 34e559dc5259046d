"""The CSV documents: whole, exact, and no formula in a spreadsheet."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_reports.model import Report
from slo_reports.render.csv_tables import csv_cell, harmless_text, render_csv
from slo_reports.render.tables import TABLES


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


@pytest.fixture(scope="module")
def tables(report: Report) -> dict[str, bytes]:
    return dict(render_csv(report))


def test_each_table_has_its_columns_and_a_row_for_each_thing(
    report: Report, tables: dict[str, bytes]
) -> None:
    assert list(tables) == ["objectives", "incidents", "spent", "actions", "days"]
    for table in TABLES:
        rows = rows_of(tables[table.name])
        assert list(rows[0])[3:] == [column.name for column in table.columns]
        assert {one["period"] for one in rows} == {"2026-10"}
        assert len(rows) == len(table.rows(report))


def test_numbers_are_the_same_floats_again(report: Report, tables: dict[str, bytes]) -> None:
    for row, result in zip(rows_of(tables["objectives"]), report.results, strict=True):
        assert row["slo"] == result.slo.id
        assert Decimal(row["target"]) == result.objective.target
        assert float(row["sli"]) == result.sli
        assert float(row["budget_remaining"]) == result.budget.remaining
        assert float(row["good"]) == result.good
        assert "." not in row["good"]


def test_negative_budgets_stay_numbers(tables: dict[str, bytes]) -> None:
    worst = rows_of(tables["objectives"])[0]
    assert worst["budget_remaining"] == "-0.18"
    assert float(worst["remaining_minutes"]) < 0


def test_what_was_spent_of_a_budget_adds_up_to_exactly_one(tables: dict[str, bytes]) -> None:
    shares: dict[str, Fraction] = {}
    for row in rows_of(tables["spent"]):
        shares[row["slo"]] = shares.get(row["slo"], Fraction()) + Fraction(row["share"])
    assert set(shares.values()) == {Fraction(1)}


def test_days_add_up_to_the_period(report: Report, tables: dict[str, bytes]) -> None:
    first = report.results[0]
    days = [one for one in rows_of(tables["days"]) if one["slo"] == first.slo.id]
    assert len(days) == 31
    assert sum(int(one["valid"]) for one in days) == first.valid
    assert days[0]["day"] == "2026-10-01"


def test_a_table_without_rows_is_there_with_its_header(report: Report) -> None:
    empty = dict(render_csv(replace(report, incidents=())))["incidents"]
    assert empty.startswith(b"\xef\xbb\xbfreport,period,revision,letter,id,")
    assert empty.count(b"\r\n") == 1


def test_the_lines_are_those_of_rfc_4180(tables: dict[str, bytes]) -> None:
    for content in tables.values():
        text = content.decode("utf-8-sig")
        assert text.count("\n") == text.count("\r\n")
        assert text.endswith("\r\n")


def test_pandas_reads_it_in_one_line(tables: dict[str, bytes]) -> None:
    frame = pd.read_csv(io.BytesIO(tables["incidents"]), parse_dates=["start", "end"])
    assert list(frame.columns[:2]) == ["report", "period"]
    assert frame["start"][0] == pd.Timestamp("2026-10-06T07:40:00Z")
    assert frame["ongoing"].tolist() == [False] * 4


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        pytest.param(-0.18, "-0.18", id="negative"),
        pytest.param(1e-9, "1e-09", id="small"),
        pytest.param(26_368_848.0, "26368848", id="whole"),
        pytest.param(Decimal("0.99950"), "0.99950", id="decimal as written"),
        pytest.param(None, "", id="nothing"),
        pytest.param(float("nan"), "", id="not a number"),
        pytest.param(True, "true", id="flag"),
        pytest.param(datetime(2026, 10, 1, tzinfo=UTC), "2026-10-01T00:00:00Z", id="instant"),
    ],
)
def test_values_are_written_in_full(value: Any, cell: str) -> None:
    assert csv_cell(value) == cell


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        pytest.param("=1+1", "'=1+1", id="formula"),
        pytest.param("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0", id="plus"),
        pytest.param("-2+3+cmd", "'-2+3+cmd", id="minus"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="at"),
        pytest.param("\t=1", "'=1", id="tab"),
        pytest.param("\r\n=1", "'=1", id="line end"),
        pytest.param("\u200b\u202e=1", "'=1", id="invisible marks"),
        pytest.param("＝1+1", "'＝1+1", id="full width"),
        pytest.param("-18", "-18", id="a negative number is no formula"),
        pytest.param("+4.5", "+4.5", id="nor one with its sign"),
        pytest.param("a=b", "a=b", id="inside"),
    ],
)
def test_text_is_never_a_formula(text: str, cell: str) -> None:
    assert harmless_text(text) == cell


@given(st.text())
def test_no_text_begins_like_a_formula(text: str) -> None:
    cell = harmless_text(text)
    assert not cell.startswith(("=", "@", "\t", "\r"))
    assert not cell.startswith(("+", "-")) or cell[1:].replace(".", "").replace(",", "").isdigit()
