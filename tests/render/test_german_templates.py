"""Templates, archive, workbook and PDF in German: nothing of them is left in English."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pikepdf
import pytest
from jinja2 import Environment
from support.snapshots import a_second_revision, a_snapshot

from slo_reports.compute import build_report
from slo_reports.language import speaking, spoken
from slo_reports.model import Brand, Report
from slo_reports.render import (
    ArchiveEntry,
    FiledDocument,
    archive_page,
    render_html,
)
from slo_reports.render.head import words
from slo_reports.render.pdf import attached_data, render_pdf
from slo_reports.render.tables import TABLES
from slo_reports.render.xlsx import render_xlsx

TEMPLATES = Path(__file__).parents[2] / "templates"
OURS = (
    "base.html.j2",
    "report.html.j2",
    "archive.html.j2",
    "mail.html.j2",
    *(
        f"parts/{path.name}"
        for path in sorted((TEMPLATES / "parts").glob("*.j2"))
        if path.name != "governance.html.j2"
    ),
)
NO_WORDS = {"p50", "p95", "p99", "nbsp", "ensp", "x202f", "px"}
READ = re.compile(r'\b(?:aria-label|alt|title|content|placeholder)="([^"]*)"')
ENGLISH = re.compile(
    r"\b(the|of|and|is|are|not|with|for|from|left|each|this|that|no|which|to|by|it|its|had|yes)\b",
    re.IGNORECASE,
)


def outside_of_expressions(name: str) -> str:
    """What a template says by itself: markup and text, with a sign where values go."""
    source = (TEMPLATES / name).read_text(encoding="utf-8")
    tokens = Environment(autoescape=True).lex(source)
    return "".join(text if kind == "data" else "\0" for _, kind, text in tokens)


def plain_words(name: str) -> Iterator[str]:
    page = re.sub(r"<!--.*?-->|<style.*?</style>|<!doctype[^>]*>", "", outside_of_expressions(name),
                  flags=re.DOTALL | re.IGNORECASE)  # fmt: skip
    shown = re.sub(r"<code>.*?</code>|<[^>]*>", " ", page, flags=re.DOTALL)
    technical = {"width=device-width", "slo-reports", "light dark", "no-referrer", "noindex"}
    read = [text for text in READ.findall(page) if not technical & {text, text.split(",")[0]}]
    for text in (shown, *read):
        yield from (w for w in re.findall(r"[^\W\d_][\w]+", text) if w not in NO_WORDS)


@pytest.mark.parametrize("name", OURS)
def test_a_template_says_nothing_but_by_tr(name: str) -> None:
    quiet = {"telephone", "date", "address", "email", "url"} if name == "mail.html.j2" else set()
    assert [word for word in plain_words(name) if word not in quiet | {"no"}] == []


@pytest.fixture(scope="module")
def german() -> Report:
    snapshot = a_snapshot()
    return build_report(replace(snapshot, request=replace(snapshot.request, language="de")))


def test_a_page_in_german_says_so_and_its_controls_are_german(german: Report) -> None:
    page = render_html(german).decode()
    assert '<html lang="de">' in page
    assert "Empfohlene Maßnahmen" in page
    assert "Prozent des Monatsbudgets zu jedem Zeitpunkt." in page
    assert "genau zum Monatsende aufgebraucht" in page
    assert "Verantwortlich" in page
    with speaking("de"):
        assert [one for one in words().values() if ENGLISH.search(one)] == []


def test_a_revision_is_named_in_german() -> None:
    snapshot = a_second_revision()
    report = build_report(replace(snapshot, request=replace(snapshot.request, language="de")))
    page = render_html(report).decode()
    assert "SLO report, Fassung 2" in page or "SLO-Bericht, Fassung 2" in page
    assert "entstanden, Fassung 2:" in page


def an_entry(report: str, month: int, revision: int) -> ArchiveEntry:
    return ArchiveEntry(
        report=report,
        title=report,
        period=f"2026-{month:02}",
        year="2026",
        start=datetime(2026, month, 1, tzinfo=UTC),
        revision=revision,
        filed_at=datetime(2026, 11, 2, 5, revision, tzinfo=UTC),
        documents=tuple(
            FiledDocument(f"{report}/{month}_{revision}.{ending}", 48_211, "0f" * 32)
            for ending in ("json", "sha256", "pdf", "html")
        ),
        headline="Alles gut.",
    )


def test_the_archive_is_german_but_for_what_reports_said() -> None:
    entries = [
        an_entry(name, month, revision)
        for month, revision in ((9, 1), (10, 1), (10, 2))
        for name in ("Laden", "Lager")
    ]
    page = archive_page(entries, language="de", brand=Brand("Muster AG")).decode()
    shown = re.sub(r"<(style|script).*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)
    assert ENGLISH.findall(shown.replace("sha256sum --check", "")) == []
    assert "Ersetzt durch Fassung 2" in shown
    assert "Prüfsummen" in shown
    assert "Muster AG, Archiv" in shown
    assert "Sechs Berichte von zwei Arten, zuletzt abgelegt am 2. Nov. 2026" in shown
    assert "<code>sha256sum --check</code> mit den Prüfsummen" in page


def test_an_empty_archive_has_a_title_in_its_language() -> None:
    page = archive_page([], language="de").decode()
    assert "<title>SLO-Berichte: Archiv</title>" in page
    assert "Noch ist nichts abgelegt." in page


def place(sheet: Any, head: str) -> int:
    """The number of a column, from 0."""
    return [cell.value for cell in sheet[1]].index(head)


@pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")
def test_sheets_and_their_heads_are_german(german: Report) -> None:
    book = openpyxl.load_workbook(io.BytesIO(render_xlsx(german)))
    assert book.sheetnames == [
        "Überblick", "Ziele", "Vorfälle", "Budgetverbrauch", "Empfehlungen", "Tage", "Methode"
    ]  # fmt: skip
    heads = [str(cell.value) for name in book.sheetnames[1:-1] for cell in book[name][1]]
    assert [head for head in heads if ENGLISH.search(head)] == []
    assert {"Zielwert", "Budget übrig", "Verantwortlich", "Beginn"} & set(heads)
    sheet = book["Ziele"]
    verdicts = {row[place(sheet, "Ergebnis")].value for row in sheet.iter_rows(min_row=2)}
    assert verdicts == {"erreicht", "verfehlt"}
    leads = [str(row[0].value) for row in book["Überblick"].iter_rows()]
    assert {"Zeitzone", "Fassung", "Momentaufnahme"} <= set(leads)


def test_every_column_is_explained_in_german() -> None:
    with speaking("de"):
        said = spoken().text
        told = [said(column.about) for table in TABLES for column in table.columns]
    plain = [re.sub(r"`[^`]*`", "", text) for text in told]
    assert [text for text in plain if ENGLISH.search(text)] == []


def test_a_pdf_tells_screen_readers_its_language_and_readers_what_is_attached(
    german: Report,
) -> None:
    with pikepdf.open(io.BytesIO(render_pdf(german))) as pdf:
        assert str(pdf.Root.Lang) == "de"
        assert "Oktober 2026" in str(pdf.docinfo["/Title"])
        assert str(pdf.docinfo["/Keywords"]) == "SLO, Fehlerbudget, Zuverlässigkeit, Oktober 2026"
        told = {name: pdf.attachments[name].description for name in pdf.attachments}
    assert told == {one.name: one.description for one in attached_data(german)}
    assert told["objectives.csv"] == "Die Tabelle der Ziele in voller Genauigkeit"
