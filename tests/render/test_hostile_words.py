"""Hostile names and labels: in every document they are text, in their place, and nothing else."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from time import perf_counter

import html5lib
import openpyxl
import pytest
from markdown_it import MarkdownIt
from support.snapshots import COMMERCE, INCIDENTS, a_snapshot

from slo_reports.compute import build_report
from slo_reports.deliver.headers import Envelope
from slo_reports.deliver.message import message_bytes
from slo_reports.model import Bundle, Report, Snapshot, is_file_name
from slo_reports.render import ArchiveEntry, FiledDocument, archive_page, render_bundle
from slo_reports.render.pdf import Typesetter

pytestmark = pytest.mark.slow

MILLION = "x" * 1_000_000
WORDS = {
    "markup": "<b>bold</b> <img src=x onerror=alert(1)> </td></table>",
    "script": "<script>alert(1)</script>",
    "attributes": "\" onload='alert(1)' x=\"",
    "overrides": "user\u202egnp.exe\u2066\u200f",
    "Hebrew": "שלום עולם",
    "Arabic and digits": "خدمة 12",
    "emoji": "👩\u200d💻 🛒",
    "CJK": "支払いサービス",
    "a million letters": MILLION,
    "a million of Hebrew": "א" * 1_000_000,
    "formula": '=HYPERLINK("http://evil.example","x")',
    "formula after a tab": "\t@SUM(1)",
    "braces": "{{ 7*7 }} {% for x in y %} {# c #} ${7*7}",
    "PromQL": 'rate(x{code=~"5.."}[5m]) > 0 `a` \\',
    "header": "x\r\nBcc: all@example.com\r\n\r\nbody",
    "controls": "a\x00b\x1b[31mc\x7f\x85d\u2028e",
    "surrogates": "lone \ud800 and \udfff",
    "Markdown": "[x](javascript:alert(1)) | **b** | @all #1 www.evil.example",
    "file name": "../../etc/passwd",
    "private use and not a letter": "\ue000\uffff\ufdd0",
}
SEEN = {
    "markup": "onerror=alert(1)",
    "script": "<script>alert(1)</script>",
    "overrides": "usergnp.exe",
    "Hebrew": "שלום עולם",
    "CJK": "支払いサービス",
    "braces": "{{ 7*7 }} {% for x in y %}",
    "PromQL": '{code=~"5.."}',
    "header": "x Bcc: all@example.com body",
    "controls": "a b [31mc d e",
    "surrogates": "lone \ufffd and \ufffd",
}
"""Where the whole text can be looked for, as a reader finds it."""
_MARKDOWN = frozenset(
    {"h1", "h2", "p", "strong", "em", "ul", "ol", "li", "blockquote", "code"}
    | {"table", "thead", "tbody", "tr", "th", "td"}
)
_FORMATS = ("html", "pdf", "md", "csv", "xlsx", "json")


@dataclass(frozen=True)
class Made:
    """Everything that is made of one hostile report."""

    report: Report
    bundle: Bundle

    def text(self, ending: str) -> str:
        return self.content(ending).decode("utf-8-sig")

    def content(self, ending: str) -> bytes:
        return next(one.content for one in self.bundle.documents if one.name.endswith(ending))


def hostile(words: str) -> Snapshot:
    """A month in which every name that can come from outside says something hostile."""
    rest = words[:5000]
    services = [
        replace(
            one,
            name=f"{one.name[:4]} {words if one is COMMERCE[0] else rest}",
            owner=rest,
            promises=tuple(replace(each, title=rest, reason=None) for each in one.promises),
        )
        for one in COMMERCE[:2]
    ]
    incidents = [
        replace(
            one,
            title=words if one is INCIDENTS[0] else rest,
            service=services[0].name,
            severity=rest,
            source=rest,
            cause=rest,
            follow_up=rest,
            url=f"javascript:{rest}",
            services=(rest, services[1].name),
        )
        for one in INCIDENTS[:2]
    ]
    snapshot = a_snapshot(services, incidents=incidents, title=words)
    subjects = tuple(
        replace(
            one,
            slo=replace(
                one.slo, labels=(("area", rest),), impact=rest, description=rest, runbook=rest
            ),
            measurement=replace(one.measurement, queries=(rest,), notes=(rest,)),
        )
        for one in snapshot.subjects
    )
    request = replace(snapshot.request, author=rest, footer=rest)
    return replace(snapshot, subjects=subjects, request=request)


@pytest.fixture(scope="module", params=WORDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def made(kind: str, typesetter: Typesetter) -> Made:
    begun = perf_counter()
    snapshot = Snapshot.from_json(hostile(WORDS[kind]).to_json())
    report = build_report(snapshot)
    bundle = render_bundle(report, _FORMATS, typesetter=typesetter)
    assert perf_counter() - begun < 60, "no name may cost more than its length"
    return Made(report, bundle)


def visible(page: str) -> str:
    """What a browser would show of a page as text, without the marks that isolate."""
    tree = html5lib.parse(page.replace("<!-- -->", ""), namespaceHTMLElements=False)
    text = "".join(tree.find("body").itertext())
    return plain(text)


def plain(text: str) -> str:
    return " ".join(re.sub("[\u2068\u2069\u200b]", "", text).split())


def check_page(page: str) -> None:
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        assert not [name for name in element if str(name).lower().startswith("on")]
        for name in ("href", "src"):
            assert not str(element.get(name, "")).strip().lower().startswith("javascript")
        if element.tag == "script":
            assert "alert(" not in "".join(element.itertext())
    assert tree.find(".//img[@src='x']") is None
    check_order(page)


def check_order(text: str) -> None:
    """Nothing that turns the direction around, and each right-to-left run between its marks."""
    assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u200e\u200f\x00\x1b")
    depth = 0
    for letter in text:
        depth += {"\u2068": 1, "\u2069": -1}.get(letter, 0)
        assert depth in {0, 1}
        if not letter.isascii() and unicodedata.bidirectional(letter) in {"R", "AL", "AN"}:
            assert depth == 1, "a right-to-left letter stands where it can move its neighbours"
    assert depth == 0


def test_html_shows_words_and_runs_nothing(kind: str, made: Made) -> None:
    page = made.text(".html")
    check_page(page)
    if kind in SEEN:
        assert plain(SEEN[kind]) in visible(page)
    assert len(page) < 3_000_000


def test_the_mail_shows_words_and_runs_nothing(kind: str, made: Made) -> None:
    mail = made.bundle.mail
    assert mail is not None
    check_page(mail.html)
    check_order(mail.text)
    check_order(mail.subject)
    assert not set(mail.subject) & set("\r\n\t")
    if kind in SEEN:
        assert plain(SEEN[kind]) in plain(mail.text)
    assert len(mail.html) < 102_000


def test_no_word_becomes_a_header_of_the_mail(made: Made) -> None:
    mail = made.bundle.mail
    assert mail is not None
    envelope = Envelope("board", "slo@example.com", "SLO", "ada@example.com")
    attached = [one for one in made.bundle.documents if len(one.content) < 1_000_000]
    _, content = message_bytes(made.bundle, mail, attached, envelope)
    message = message_from_bytes(content, policy=policy.default)
    assert message["Bcc"] is None
    assert message["To"] == "ada@example.com"
    assert "SLO report" in message["Subject"]
    names = [part.get_filename() for part in message.iter_attachments()]
    assert names[-len(attached) :] == [one.name for one in attached]


def test_pdf_holds_the_words(kind: str, made: Made) -> None:
    import pypdfium2  # noqa: PLC0415 only here

    document = pypdfium2.PdfDocument(made.content(".pdf"))
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    pages = len(document)
    document.close()
    assert pages < 60
    if kind in {"markup", "script", "braces", "controls"}:
        assert plain(SEEN[kind]).replace(" ", "") in re.sub(r"\s|\ufffe", "", text)


def test_markdown_shows_words_and_links_nothing(kind: str, made: Made) -> None:
    text = made.text(".md")
    check_order(text)
    page = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text)
    check_page(page)
    assert "<a " not in page
    assert set(re.findall(r"<(\w+)", page)) <= _MARKDOWN
    if kind in SEEN:
        assert plain(SEEN[kind]) in visible(page)


def test_csv_holds_text_and_no_formula(kind: str, made: Made) -> None:
    for document in made.bundle.documents:
        if not document.name.endswith(".csv"):
            continue
        text = document.content.decode("utf-8-sig")
        for row in csv.reader(io.StringIO(text, newline=""), strict=True):
            for cell in row:
                assert not cell.startswith(("=", "@", "\t", "\r"))
                assert not cell.startswith(("+", "-")) or cell[1:2].isdigit()
                assert len(cell.encode("utf-16-le")) <= 2 * 32_767
                assert "\n" not in cell
    if kind in SEEN:
        assert plain(SEEN[kind]) in plain(made.text("objectives.csv").replace('""', '"'))


def test_xlsx_holds_text_and_no_formula(kind: str, made: Made) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl knows no bars of Excel 2010
        book = openpyxl.load_workbook(io.BytesIO(made.content(".xlsx")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    assert not [cell for cell in cells if cell.hyperlink and cell.hyperlink.target]
    if kind in SEEN:
        assert any(plain(SEEN[kind]) in plain(str(cell.value)) for cell in cells)


def test_json_holds_the_words_as_they_were(kind: str, made: Made) -> None:
    document = json.loads(made.content(".json"))
    expected = re.sub("[\ud800-\udfff]", "\ufffd", WORDS[kind])
    assert document["request"]["title"] == expected


def test_the_archive_page_shows_words(kind: str, made: Made) -> None:
    entry = ArchiveEntry(
        report="commerce",
        title=WORDS[kind],
        period=WORDS[kind][:1000],
        year="2026",
        start=datetime(2026, 10, 1, tzinfo=UTC),
        revision=1,
        filed_at=datetime(2026, 11, 1, tzinfo=UTC),
        documents=tuple(
            FiledDocument(f"commerce/2026/{one.name}", len(one.content), one.sha256)
            for one in made.bundle.documents
        ),
        headline=made.report.headline,
    )
    page = archive_page([entry], title=WORDS[kind]).decode()
    check_page(page)
    assert "Markdown" in page
    assert "CSV: days" in visible(page)
    if kind in SEEN:
        assert plain(SEEN[kind]) in visible(page)


def test_file_names_are_ours_alone(made: Made) -> None:
    names = [one.name for one in made.bundle.documents]
    assert all(is_file_name(name) and name.startswith("commerce_2026-10.") for name in names)
    assert len(set(names)) == len(names) == 10


def test_a_chat_is_told_words(kind: str, made: Made) -> None:
    summary = made.bundle.summary
    assert summary is not None
    lines: Mapping[str, str] = vars(summary)
    for name in ("title", "headline", "worst", "action"):
        check_order(lines[name])
        assert "\n" not in lines[name]
        assert len(lines[name]) <= 700
    assert kind in WORDS
