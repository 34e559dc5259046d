"""What is done once instead of for each element: the same bytes as without, and found again."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pydyf
import pytest
import tinyhtml5.inputstream
import weasyprint
from weasyprint.css import ComputedStyle

from slo_reports.typesetting import shortcuts
from slo_reports.typesetting.shortcuts import Page, plain_text, take_shortcuts, usual_text

STYLES = """
:root { --edge: 1.5mm }
html { font: 9pt/1.4 sans-serif; direction: ltr }
p { margin-inline-start: calc(2mm + 1%); text-indent: calc(1% + 2mm); text-decoration: underline }
.note { padding: var(--edge); border: 1px solid; position: relative; float: right }
section { page: chapter } @page chapter { margin: 20mm }
"""
HTML = (
    "<html lang=en><title>A page</title><body><section id=s><h1>One</h1>"
    "<p>Words <a href='#s'>and <em>more</em> of <b>them</b></a></p><p dir=rtl class=note>Side</p>"
    "<ul><li>First<li>Second<ol><li>Deep</ol></ul>"
    "<table><tr><th>Head<td>1<td>2</table></section><section>Two</section></body></html>"
)
NOTE = "span { float: footnote } span::footnote-marker { color: red }"
WITH_NOTE = "<html lang=en><title>A page</title><p>Words<span>A note.</span></p></html>"


@pytest.fixture
def as_it_comes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """WeasyPrint without shortcuts, whatever a test before this one has done."""
    with monkeypatch.context() as patched:
        patched.setattr(ComputedStyle, "__missing__", shortcuts._usual_value)
        patched.setattr(pydyf.PDF, "page_references", shortcuts._usual_references)
        patched.setattr(tinyhtml5.inputstream, "characters_until_regex", {})
        yield


def written(page: weasyprint.HTML, styles: str) -> bytes:
    sheet = weasyprint.CSS(string=styles)
    options = {"pdf_identifier": b"x", "pdf_tags": True, "pdf_variant": "pdf/a-3a"}
    content: bytes = page.write_pdf(stylesheets=[sheet], uncompressed_pdf=True, **options)
    return content


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # colour profile
@pytest.mark.parametrize(
    ("html", "styles"),
    [pytest.param(HTML, STYLES, id="no notes"), pytest.param(WITH_NOTE, NOTE, id="a note")],
)
@pytest.mark.usefixtures("as_it_comes")
def test_a_page_has_the_same_bytes_with_and_without(html: str, styles: str) -> None:
    usual = written(weasyprint.HTML(string=html), styles)
    take_shortcuts()
    assert written(Page(html, styles), styles) == usual


def test_a_page_with_notes_keeps_the_usual_style_sheet() -> None:
    plain, noted = Page(HTML, STYLES), Page(WITH_NOTE, NOTE)
    assert plain._ua_stylesheets() == [shortcuts.plain_sheet()]
    assert noted._ua_stylesheets() == weasyprint.HTML(string=HTML)._ua_stylesheets()


def test_what_is_left_out_is_still_in_weasyprints_style_sheet() -> None:
    text, changed = plain_text(usual_text())
    assert changed == 6
    assert "note-call" not in text
    assert "\nli::marker {" in text


@pytest.mark.usefixtures("as_it_comes")
def test_the_parsers_patterns_are_kept() -> None:
    take_shortcuts()
    weasyprint.HTML(string=HTML)
    before = dict(tinyhtml5.inputstream.characters_until_regex)
    weasyprint.HTML(string=HTML)
    assert before
    assert before == tinyhtml5.inputstream.characters_until_regex


def test_the_process_that_sets_pages_loads_no_other_room() -> None:
    program = "import sys, slo_reports.typesetting.worker; print(*sys.modules)"
    printed = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(shortcuts.__file__).parents[2],
    ).stdout.split()
    ours = {name.split(".")[1] for name in printed if name.startswith("slo_reports.")}
    assert ours == {"errors", "orphans", "resources", "typesetting"}
    assert not {"numpy", "pandas", "pydantic", "babel", "jinja2"} & set(printed)
