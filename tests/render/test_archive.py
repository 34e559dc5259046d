"""The page that lists what is filed: in order, whole in itself, deaf to what names try to say."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urljoin
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_reports.errors import RenderError
from slo_reports.numbers import size_text
from slo_reports.render import ArchiveEntry, FiledDocument, archive_page


def a_document(path: str, size: int = 48_211) -> FiledDocument:
    return FiledDocument(path, size, hashlib.sha256(path.encode()).hexdigest())


def an_entry(month: int, year: int = 2026, revision: int = 1, report: str = "shop") -> ArchiveEntry:
    name = f"{report}/{year}/{report}_{year}-{month:02}" + (f"_r{revision}" if revision > 1 else "")
    return ArchiveEntry(
        report=report,
        title=f"{report.title()}, monthly",
        period=f"{year}-{month:02}",
        year=str(year),
        start=datetime(year, month, 1, tzinfo=UTC),
        revision=revision,
        filed_at=datetime(2026, 11, 2, 5, revision, tzinfo=UTC),
        documents=tuple(a_document(f"{name}.{one}") for one in ("json", "sha256", "pdf", "html")),
        headline=f"What {year}-{month:02} was like.",
    )


def parsed(content: bytes) -> Element:
    parser = html5lib.HTMLParser(
        tree=html5lib.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False
    )
    root: Element = parser.parse(content.decode())
    return root


def words(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def rows(page: Element) -> list[str]:
    return [words(row) for row in page.findall(".//tbody/tr")]


def test_reports_years_and_periods_stand_newest_first_in_whatever_order_they_come() -> None:
    entries = [an_entry(9), an_entry(12, 2025), an_entry(10), an_entry(10, report="bank")]
    page = parsed(archive_page(entries))
    assert [words(one) for one in page.findall(".//h2")] == ["Bank, monthly", "Shop, monthly"]
    assert [words(one) for one in page.findall(".//caption")] == ["2026", "2026", "2025"]
    assert [row.split()[0] for row in rows(page)] == ["2026-10", "2026-10", "2026-09", "2025-12"]
    assert archive_page(entries) == archive_page(reversed(entries))


def test_a_row_says_everything_of_its_run() -> None:
    (row,) = rows(parsed(archive_page([an_entry(10)], zone="Europe/Berlin")))
    digest = an_entry(10).documents[2].sha256[:12]
    assert row.startswith("2026-10 filed 2 Nov 2026 06:01 What 2026-10 was like. HTML 48")
    assert f"PDF {size_text(48_211)} {digest}".replace("\u202f", " ") in row.replace("\u202f", " ")
    assert row.index("HTML") < row.index("PDF") < row.index("JSON") < row.index("Checksums")


def test_the_period_leads_to_the_page_and_every_document_has_its_link() -> None:
    page = parsed(archive_page([an_entry(10)]))
    links = [one.attrib["href"] for one in page.findall(".//tbody//a")]
    base = "shop/2026/shop_2026-10"
    assert links == [
        f"{base}.html",
        *(f"{base}.{one}" for one in ("html", "pdf", "json", "sha256")),
    ]


def test_a_revision_is_marked_restated_and_the_one_before_superseded() -> None:
    page = parsed(archive_page([an_entry(9), an_entry(9, revision=2), an_entry(8)]))
    second, first, other = rows(page)
    assert "Restated: revision 2" in second
    assert "Superseded" not in second
    assert "Superseded by revision 2" in first
    assert "Restated" not in first
    assert "evision" not in other


@pytest.mark.parametrize(
    ("entries", "facts"),
    [
        ([], "Nothing has been filed yet."),
        ([an_entry(9)], "One report, the last filed on 2 Nov 2026 05:01 (UTC)."),
        ([an_entry(9), an_entry(8, revision=2)], "Two reports, the last filed on 2 Nov 2026 05:02"),
        ([an_entry(9), an_entry(9, report="b")], "Two reports of two kinds, the last filed on 2 N"),
    ],
)
def test_the_head_says_how_much_there_is(entries: list[ArchiveEntry], facts: str) -> None:
    page = parsed(archive_page(entries, title="Our reports"))
    assert words(page.findall(".//h1")[0]) == "Our reports"
    assert words(page.findall(".//p[@class='facts']")[0]).startswith(facts)


def test_the_page_needs_nothing_from_anywhere_and_runs_only_our_script() -> None:
    content = archive_page([an_entry(10)]).decode()
    page = parsed(content.encode())
    assert len(page.findall(".//script")) == 1
    assert not [one for one in page.iter() if "src" in one.attrib or one.tag == "link"]
    assert "https:" not in content
    assert "http:" not in content.replace("http://www.w3.org/2000/svg", "")
    assert "prefers-color-scheme: dark" in content
    assert len(content) < 200_000


NAMES = st.text(st.sampled_from("a/.:\"'<>&?#% ü\u202e"), min_size=1, max_size=12)


@given(title=NAMES, path=NAMES, headline=NAMES)
def test_whatever_names_say_the_page_stays_whole_and_links_stay_inside(
    title: str, path: str, headline: str
) -> None:
    entry = replace(
        an_entry(10),
        title=f"<script>{title}",
        headline=f"<img src=x>{headline}",
        documents=(a_document(f"shop/{path}.html"),),
    )
    page = parsed(archive_page([entry], title=title))
    assert len(page.findall(".//script")) == 1
    assert page.findall(".//img") == []
    for link in page.findall(".//tbody//a"):
        assert unquote(link.attrib["href"]) == f"shop/{path}.html"
        whole = urljoin("https://files.example.com/", link.attrib["href"])
        assert whole.startswith("https://files.example.com/")


def test_the_users_template_replaces_ours(tmp_path: Path) -> None:
    (tmp_path / "archive.html.j2").write_text("{{ sections | length }} of {{ title }}")
    assert archive_page([an_entry(10)], title="<b>", templates=tmp_path) == b"1 of &lt;b&gt;"
    (tmp_path / "archive.html.j2").write_text("{{ nothing }}")
    with pytest.raises(RenderError, match=r"archive\.html\.j2:1: 'nothing' is undefined"):
        archive_page([], templates=tmp_path)


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (999_499, "999 kB"), (999_500, "1.0 MB")],
)
def test_sizes_are_told_in_decimal_units(size: int, text: str) -> None:
    assert size_text(size).replace("\u202f", " ") == text
