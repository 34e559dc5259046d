"""Each kind: its golden page, deaf to hostile names, on as many pages as it may take, its mail."""

from __future__ import annotations

import io
import itertools
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pypdf
import pytest
from support.kinds import (
    a_brief,
    a_planning,
    a_retrospective,
    a_review,
    of_kind,
    speaking_of,
    told_incident,
)
from support.pages import golden
from support.snapshots import COMMERCE, INCIDENTS, ODD, a_second_revision, a_snapshot

from slo_reports.compute import build_report
from slo_reports.model import MailBody, Notice, Report, ReportKind, Snapshot
from slo_reports.render import render_html
from slo_reports.render.chat import summary
from slo_reports.render.layouts import LAYOUTS
from slo_reports.render.mail import LARGEST, mail_body
from slo_reports.render.pdf import Typesetter

GOLDEN = Path(__file__).parent.parent / "golden"
MADE: dict[ReportKind, Callable[..., Snapshot]] = {
    ReportKind.REVIEW: a_review,
    ReportKind.BRIEF: a_brief,
    ReportKind.PLANNING: a_planning,
    ReportKind.RETROSPECTIVE: a_retrospective,
}
KINDS = list(MADE)
WIDE = "日本語サービス名前長い" * 20


def hostile(words: str) -> Snapshot:
    """A month in which every word that people write is another one."""
    services = [
        replace(
            service,
            name=f"{words} {service.name}",
            owner=words,
            promises=tuple(replace(one, title=f"{words} {one.title}") for one in service.promises),
        )
        for service in (*COMMERCE, *ODD)
    ]
    incidents = [
        replace(one, title=words, service=services[0].name, cause=words, follow_up=words,
                severity=words, timeline=((one.start, words),))
        for one in INCIDENTS
    ]  # fmt: skip
    made = a_snapshot(services, incidents=incidents, title=words)
    subjects = tuple(
        replace(one, slo=replace(one.slo, impact=words, labels=(("product_owner", words),)))
        for one in made.subjects
    )
    request = replace(made.request, footer=words)
    return replace(made, subjects=subjects, request=request)


def parsed(content: bytes) -> Element:
    parser = html5lib.HTMLParser(
        tree=html5lib.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False
    )
    root: Element = parser.parse(content.decode())
    return root


def words_of(root: Element) -> str:
    body = root.find("body")
    assert body is not None
    return " ".join("".join(body.itertext()).replace("\u202f", " ").split())


def page_words(snapshot: Snapshot) -> str:
    return words_of(parsed(render_html(build_report(snapshot))))


def test_every_kind_has_a_layout() -> None:
    assert set(MADE) | {ReportKind.SERVICE} <= set(LAYOUTS)
    assert set(LAYOUTS) <= set(ReportKind)


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_is_the_golden_one(kind: ReportKind, pytestconfig: pytest.Config) -> None:
    shown = golden(render_html(build_report(MADE[kind]())).decode())
    path = GOLDEN / f"{kind}.html"
    if pytestconfig.getoption("--golden"):
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8"), "run make golden if the change is meant"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("data", ["usual", "odd", "hostile", "restated", "nothing"])
def test_the_page_is_valid_accessible_and_whole_in_itself(kind: ReportKind, data: str) -> None:
    snapshot = {
        "usual": MADE[kind],
        "odd": lambda: of_kind(a_snapshot(ODD, incidents=()), kind),
        "hostile": lambda: of_kind(
            hostile("</td><script>alert(1)</script> {{ 7*7 }} \u202e"), kind
        ),
        "restated": lambda: of_kind(a_second_revision(), kind),
        "nothing": lambda: of_kind(a_snapshot((), incidents=()), kind),
    }[data]()
    root = parsed(render_html(build_report(snapshot)))
    ids = [one.attrib["id"] for one in root.iter() if "id" in one.attrib]
    assert [name for name, count in Counter(ids).items() if count > 1] == []
    assert len(list(root.iter("script"))) == 1
    for one in root.iter():
        assert not str(one.tag).endswith(("link", "iframe", "image"))
        assert "aria-labelledby" not in one.attrib or one.attrib["aria-labelledby"] in ids
        if one.attrib.get("href", "").startswith("#"):
            assert one.attrib["href"][1:] in ids
        if one.tag == "table":
            assert one.find("caption") is not None
    levels = [int(one.tag[1]) for one in root.iter() if re.fullmatch("h[1-6]", str(one.tag))]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert "\u202e" not in words_of(root)
    if data == "hostile":
        assert "<script>alert(1)</script> {{ 7*7 }}" in words_of(root)
    if data == "restated":
        assert "Late data of 8 October arrived." in words_of(root)


# --- mail ----------------------------------------------------------------------------------------


def mail_of(snapshot: Snapshot) -> MailBody:
    return mail_body(build_report(snapshot), links={"html": "https://x.example/a.html"})


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        (
            ReportKind.REVIEW,
            (
                "Weekly review, Commerce platform, Week 43, 2026 (19 to 25 October): "
                "one decision and one action"
            ),
        ),
        (
            ReportKind.BRIEF,
            "In brief, Commerce platform, October 2026: 5 of 6 services kept their promises",
        ),
        (ReportKind.PLANNING, "Quarterly planning, Commerce platform, Q4 2026: one decision"),
        (
            ReportKind.RETROSPECTIVE,
            (
                "Incident retrospective, Commerce platform, October 2026: Writer connection pool "
                "exhausted"
            ),
        ),
    ],
)
def test_the_subject_says_what_it_is_and_how_it_went(kind: ReportKind, subject: str) -> None:
    assert mail_of(MADE[kind]()).subject.replace("\u202f", " ") == subject


@pytest.mark.parametrize("kind", KINDS)
def test_a_chat_is_told_the_same_as_the_subject(kind: ReportKind) -> None:
    snapshot = MADE[kind]()
    told = summary(build_report(snapshot))
    assert told.headline == mail_of(snapshot).subject


@pytest.mark.parametrize("kind", KINDS)
def test_the_mail_is_short_and_says_the_same_twice(kind: ReportKind) -> None:
    mail = mail_of(MADE[kind]())
    assert len(mail.html) < 16_000
    assert len(mail.text.splitlines()) < 80
    assert "https://x.example/a.html" in mail.text
    assert "<!-- notes -->" in mail.html
    html = " ".join(re.sub("<[^>]*>", " ", mail.html.replace("<wbr>", "")).split())
    for title in re.findall(r"(?m)^([A-Z][A-Z -]+)\n-+$", mail.text):
        assert title.capitalize() in html
    assert max(len(line) for line in mail.text.splitlines()) <= 78


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_of_hostile_words_stays_small_and_harmless(kind: ReportKind) -> None:
    told = Notice("undelivered", "The report before <b>was</b> refused.", None)
    mail = mail_of(replace(of_kind(hostile("<script>x</script> y" * 40), kind), notices=(told,)))
    assert "<script" not in mail.html
    assert "<b>" not in mail.html
    assert "The report before <b>was</b> refused." in mail.text
    assert len(mail.html.encode()) < LARGEST
    assert "\n" not in mail.subject


def test_a_retrospective_shows_its_picture_in_the_mail() -> None:
    mail = mail_of(a_retrospective())
    assert [one.name for one in mail.images] == ["burn-down-1.png"]
    assert 'src="cid:burn-down-1.png"' in mail.html


# --- paper ---------------------------------------------------------------------------------------


def pages(report: Report, typesetter: Typesetter) -> list[str]:
    done = typesetter.typeset(report)
    assert done.warnings == ()
    reader = pypdf.PdfReader(io.BytesIO(done.content))
    return [page.extract_text() for page in reader.pages]


def _twins(count: int) -> list[object]:
    return [
        replace(
            service,
            name=f"{service.name} {number}",
            promises=tuple(replace(one, past=()) for one in service.promises),
        )
        for number in range(count)
        for service in COMMERCE
    ]


@pytest.mark.parametrize(
    "snapshot",
    [
        pytest.param(a_brief, id="six services"),
        pytest.param(lambda: a_brief([*COMMERCE, *ODD]), id="every outcome"),
        pytest.param(lambda: a_brief(_twins(34)), id="two hundred services"),
        pytest.param(lambda: of_kind(hostile(WIDE), ReportKind.BRIEF), id="wide letters"),
        pytest.param(lambda: of_kind(hostile("WM" * 3000), ReportKind.BRIEF), id="no spaces"),
        pytest.param(lambda: of_kind(hostile("many words " * 99), ReportKind.BRIEF), id="words"),
        pytest.param(lambda: of_kind(a_second_revision(), ReportKind.BRIEF), id="restated"),
    ],
)
@pytest.mark.parametrize(
    ("language", "last"), [("en", "What a promise is"), ("de", "Was ein Versprechen ist")]
)
def test_a_brief_is_one_page(
    snapshot: Callable[[], Snapshot], language: str, last: str, typesetter: Typesetter
) -> None:
    (page,) = pages(build_report(speaking_of(snapshot(), language)), typesetter)
    assert last in page
    assert "1 / 1" in page


def test_a_brief_ends_no_sentence_twice() -> None:
    told = replace(told_incident(), title="A pool that ran dry " * 9, follow_up="Limit the pool.")
    page = render_html(build_report(a_brief(incidents=(told,)))).decode()
    assert "Limit the pool.<" in page
    assert "A pool that ran dry" in page
    assert not re.search(r"…\.|\.\.", re.sub(r"(?s)<(script|style).*?</\1>", "", page))


def test_what_a_brief_has_no_room_for_is_counted(typesetter: Typesetter) -> None:
    report = build_report(a_brief(_twins(34)))
    (page,) = pages(report, typesetter)
    text = " ".join(page.replace("\u202f", " ").split())
    told = re.search(r"And (\d+) more services; (\d+) of them kept their promises", text)
    assert told is not None
    rows = len(re.findall("Did not keep it|Kept its promise|Kept it, only just", text))
    assert rows + int(told[1]) == len(report.services) == 204


@pytest.mark.parametrize(
    ("kind", "fewest", "most"),
    [(ReportKind.REVIEW, 2, 4), (ReportKind.PLANNING, 2, 4), (ReportKind.RETROSPECTIVE, 2, 4)],
)
def test_the_others_take_a_few_pages(
    kind: ReportKind, fewest: int, most: int, typesetter: Typesetter
) -> None:
    assert fewest <= len(pages(build_report(MADE[kind]()), typesetter)) <= most


def test_a_review_of_two_hundred_services_takes_a_few_pages(typesetter: Typesetter) -> None:
    snapshot = of_kind(a_snapshot(_twins(34)), ReportKind.REVIEW)
    found = pages(build_report(snapshot), typesetter)
    assert len(found) <= 5
    assert "And 180 more services" in " ".join(" ".join(found).split())
