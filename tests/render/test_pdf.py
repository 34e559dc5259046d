"""The PDF document: whole, tagged, reproducible, and made without touching anything else."""

from __future__ import annotations

import io
import multiprocessing
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pikepdf
import pypdf
import pypdfium2
import pytest

from slo_reports.errors import RenderError
from slo_reports.model import Report, content_hash
from slo_reports.render import render_html, render_pdf
from slo_reports.render.method import appendix_rows
from slo_reports.render.pdf import Typesetter, explained
from slo_reports.render.rows import objective_row
from slo_reports.resources import resources
from slo_reports.typesetting.fetcher import BASE, Forbidden, ResourceFetcher
from slo_reports.typesetting.worker import PdfResult, _refuse

ROOT = Path(__file__).parent.parent.parent
A4 = (595.28, 841.89)


def text_of(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def test_every_target_and_measured_value_can_be_read(report: Report, pdf: PdfResult) -> None:
    text = text_of(pdf.content)
    for row in map(objective_row, report.results):
        assert row.target in text
        assert row.measured in text
    for appendix in appendix_rows(report):
        assert appendix.id in text.replace("\ufffe", "-").replace("\r\n", "")


def size_of(page: pypdf.PageObject) -> tuple[float, ...]:
    return tuple(round(float(side), 2) for side in page.mediabox[2:])


@pytest.mark.parametrize(
    ("name", "pages"),
    [
        pytest.param("report", range(6, 13), id="month"),
        pytest.param("odd_report", range(3, 7), id="odd"),
        pytest.param("weekly_report", range(4, 11), id="week"),
        pytest.param("running_report", range(6, 13), id="to date"),
        pytest.param("hostile_report", range(6, 25), id="hostile"),
        pytest.param("journeys_report", range(6, 18), id="journeys"),
        pytest.param("restated_report", range(6, 14), id="restated"),
    ],
)
def test_pages_are_a4_and_no_more_than_needed(
    request: pytest.FixtureRequest, typesetter: Typesetter, name: str, pages: range
) -> None:
    result = typesetter.typeset(request.getfixturevalue(name))
    reader = pypdf.PdfReader(io.BytesIO(result.content))
    assert len(reader.pages) in pages
    assert {size_of(page) for page in reader.pages} == {A4}
    assert [one for one in result.warnings if "unsupported by fonts" not in one] == []


def test_the_first_page_holds_all_that_a_director_reads(
    crowded_report: Report, typesetter: Typesetter
) -> None:
    content = typesetter.typeset(crowded_report).content
    reader = pypdf.PdfReader(io.BytesIO(content))
    first, second = (" ".join(page.extract_text().split()) for page in reader.pages[:2])
    assert "Asked of you" in first
    for one in crowded_report.recommendations[:3]:
        assert one.action in first
    assert "Every objective for October 2026" in second
    assert len(reader.pages) <= 18


def test_the_page_is_tagged_and_knows_its_title_language_and_dates(
    report: Report, pdf: PdfResult
) -> None:
    reader = pypdf.PdfReader(io.BytesIO(pdf.content))
    catalog = reader.root_object
    assert catalog["/Lang"] == "en"
    assert catalog["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalog
    assert reader.metadata is not None
    assert reader.metadata.title == "Commerce platform: SLO report, October 2026"
    assert reader.metadata.author == "Reliability office"
    assert reader.metadata.creation_date == report.frozen_at
    assert b"pdfuaid:part" in catalog["/Metadata"].get_object().get_data()


def test_bookmarks_lead_to_the_chapters(pdf: PdfResult) -> None:
    reader = pypdf.PdfReader(io.BytesIO(pdf.content))
    names = [str(one["/Title"]) for one in reader.outline if isinstance(one, dict)]
    assert names[:3] == ["Objectives", "Incidents", "Alerts against the budget"]
    assert names[-4:] == [
        "Recommended actions",
        "Release decisions",
        "How this was measured",
        "Appendix: verdicts and queries",
    ]


def test_only_the_bundled_fonts_are_used_and_all_are_embedded(pdf: PdfResult) -> None:
    reader = pypdf.PdfReader(io.BytesIO(pdf.content))
    faces = set()
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            assert "/FontFile2" in inner["/FontDescriptor"].get_object()
            faces.add(str(inner["/BaseFont"]).split("+")[1])
    assert {face.split("-")[0] for face in faces} == {"Inter"}


def test_the_same_report_gives_the_same_bytes_anywhere(pdf: PdfResult, report: Report) -> None:
    """In another process, time zone, locale and hash seed, with another clock to start from."""
    program = (
        "from support.snapshots import a_snapshot\n"
        "from slo_reports.compute import build_report\n"
        "from slo_reports.model import content_hash\n"
        "from slo_reports.render import render_html, render_pdf\n"
        "if __name__ == '__main__':\n"
        "    report = build_report(a_snapshot())\n"
        "    print(content_hash(render_pdf(report)), content_hash(render_html(report)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={
            **os.environ,
            "TZ": "Asia/Kathmandu",
            "PYTHONHASHSEED": "4711",
            "SOURCE_DATE_EPOCH": "1",
            "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    expected = [content_hash(pdf.content), content_hash(render_html(report))]
    assert done.stdout.split() == expected


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://127.0.0.1:9/",
        "https://example.com/x.css",
        "ftp://example.com/x",
        f"{BASE}../pyproject.toml",
        f"{BASE}%2e%2e/pyproject.toml",
        f"{BASE}/etc/passwd",
    ],
)
def test_nothing_but_our_resources_can_be_fetched(url: str) -> None:
    with pytest.raises(Forbidden):
        ResourceFetcher(resources()).fetch(url)


def test_a_resource_and_a_data_address_can_be_fetched() -> None:
    fetcher = ResourceFetcher(resources())
    assert fetcher.fetch(f"{BASE}fonts/Inter-Regular.ttf").read(4) == b"\x00\x01\x00\x00"
    assert fetcher.fetch("data:text/plain,hello").read() == b"hello"


def test_a_page_that_links_a_file_does_not_get_it(
    report: Report, typesetter: Typesetter, tmp_path: Path
) -> None:
    (tmp_path / "report.html.j2").write_text(
        '<html lang="en"><title>x</title><img src="file:///etc/passwd" alt="stolen">'
        '<link rel="attachment" href="file:///etc/passwd"><p>end</p>'
    )
    result = typesetter.typeset(report, templates=tmp_path)
    assert b"root:" not in result.content
    with pikepdf.open(io.BytesIO(result.content)) as pdf:
        assert set(pdf.attachments) == {"report.json", "objectives.csv"}
    assert any("no resource of the templates" in warning for warning in result.warnings)


def test_the_process_that_sets_pages_refuses_the_network() -> None:
    with pytest.raises(PermissionError, match=r"socket\.connect"):
        _refuse("socket.connect", ())


def test_css_of_ours_that_weasyprint_does_not_know_would_be_told(
    report: Report, typesetter: Typesetter, tmp_path: Path
) -> None:
    (tmp_path / "report.css").write_text("p { colour: red }")
    result = typesetter.typeset(report, templates=tmp_path)
    assert any("colour" in warning for warning in result.warnings)


def test_a_page_that_takes_too_long_is_ended(report: Report) -> None:
    with (
        Typesetter(time_limit=timedelta(milliseconds=50)) as hurried,
        pytest.raises(RenderError, match=r"commerce for 2026-10 was not ready after 0\.05 s"),
    ):
        hurried.typeset(report)


def test_a_process_that_is_killed_while_it_has_nothing_to_do_is_replaced(report: Report) -> None:
    before = set(multiprocessing.active_children())
    with Typesetter() as warm:
        first = warm.typeset(report).content
        (process,) = set(multiprocessing.active_children()) - before
        process.kill()
        process.join()
        time.sleep(1)  # until the pool has seen it
        assert warm.typeset(report).content == first


def test_without_pango_the_debian_packages_are_named() -> None:
    error = OSError("cannot load library 'libpango-1.0-0': cannot open shared object file")
    told = explained(error, "the PDF", 1.0)
    assert "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0" in told


@pytest.mark.parametrize(
    "megabytes", [pytest.param(120, id="for the process"), pytest.param(220, id="for the page")]
)
def test_too_little_memory_is_one_clear_sentence(report: Report, megabytes: int) -> None:
    with (
        Typesetter(memory_limit=megabytes * 1024**2) as poor,
        pytest.raises(RenderError, match="memory"),
    ):
        render_pdf(report, typesetter=poor)
