"""docs/formats.md: its tables of columns are those that are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from slo_reports.model import MEDIA_TYPES
from slo_reports.render.tables import TABLES, Table

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"
BEGIN, END = "<!-- columns: written by make golden -->\n", "<!-- end of columns -->\n"


def lines_of(table: Table[Any]) -> Iterator[str]:
    yield f"#### `{table.name}`\n\nA row is {table.about}.\n"
    yield "| column | what it holds |\n| --- | --- |"
    for column in table.columns:
        unit = "" if column.unit == "text" else f" [{column.unit}]"
        yield f"| `{column.name}` | {column.about}{unit} |"
    yield ""


def test_the_columns_are_told_as_they_are(pytestconfig: pytest.Config) -> None:
    """Refresh it after a column was added: ``make golden``."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    shown, _, after = rest.partition(END)
    made = "\n" + "\n".join(line for table in TABLES for line in lines_of(table)) + "\n"
    if pytestconfig.getoption("--golden"):
        PAGE.write_text(f"{before}{BEGIN}{made}{END}{after}", encoding="utf-8")
    else:
        assert shown == made, "run make golden if the change is meant"


def test_every_format_has_its_chapter() -> None:
    headings = re.findall(r"(?m)^## .*`(\w+)`", PAGE.read_text(encoding="utf-8"))
    assert sorted(headings) == sorted(MEDIA_TYPES)
