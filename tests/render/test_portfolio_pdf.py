"""A portfolio of 200 services stays readable as a PDF: looked at page by page, word by word."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pypdf
import pypdfium2
import pytest
from support.estate import a_portfolio

from slo_reports.compute import build_report
from slo_reports.model import Report
from slo_reports.render.pdf import Typesetter
from slo_reports.render.rows import chapter_title

pytestmark = pytest.mark.slow

MM = 72 / 25.4
WIDTH, HEIGHT = 595.28, 841.89
SIDE, FOOT, HEAD = 16 * MM, 19 * MM, 24 * MM
CHAPTERS = [
    "By team",
    "The 20 objectives with the least budget left",
    "Services that need attention",
    "Budget used, month by month",
    "Incidents",
    "Recommended actions",
    "How this was measured",
    "Index of services",
]


@dataclass(frozen=True)
class Piece:
    """Some text in a row on a page; ``middle`` is its height above the lower edge [pt]."""

    text: str
    left: float
    right: float
    middle: float


@dataclass(frozen=True)
class Look:
    """A PDF as its pieces of text, page by page."""

    content: bytes
    pages: tuple[tuple[Piece, ...], ...]

    @cached_property
    def reader(self) -> pypdf.PdfReader:
        return pypdf.PdfReader(io.BytesIO(self.content))

    def body(self, number: int) -> list[Piece]:
        """What stands on a page between its running header and its footer, from the top."""
        return self._bodies[number]

    @cached_property
    def _bodies(self) -> list[list[Piece]]:
        inside = (
            [one for one in page if FOOT < one.middle < HEIGHT - HEAD + 2] for page in self.pages
        )
        return [sorted(page, key=lambda one: -one.middle) for page in inside]

    def first_page_of(self, chapter: str) -> int:
        return next(page for _, title, page in self.outline if title == chapter)

    def bookmarks(self, level: int) -> list[tuple[str, int]]:
        """Titles of one level with their pages, from 0."""
        return [(title, page) for depth, title, page in self.outline if depth == level]

    @cached_property
    def outline(self) -> list[tuple[int, str, int]]:
        return list(self._walk(self.reader.outline, 0))

    def _walk(self, entries: object, depth: int) -> Iterator[tuple[int, str, int]]:
        assert isinstance(entries, list)
        for one in entries:
            if isinstance(one, list):
                yield from self._walk(one, depth + 1)
            else:
                page = self.reader.get_destination_page_number(one)
                assert page is not None
                yield depth, str(one.title), page


def seen(content: bytes) -> Look:
    document = pypdfium2.PdfDocument(content)
    try:
        return Look(content, tuple(tuple(_pieces(page)) for page in document))
    finally:
        document.close()


def _pieces(page: pypdfium2.PdfPage) -> Iterator[Piece]:
    text = page.get_textpage()
    for n in range(text.count_rects()):
        left, bottom, right, top = text.get_rect(n)
        words = " ".join(text.get_text_bounded(left, bottom, right, top).split())
        if words:
            yield Piece(words, left, right, (bottom + top) / 2)


@pytest.fixture(scope="module")
def portfolio() -> Report:
    return build_report(a_portfolio(200))


@pytest.fixture(scope="module")
def look(portfolio: Report, typesetter: Typesetter) -> Look:
    result = typesetter.typeset(portfolio)
    assert result.warnings == ()
    return seen(result.content)


def names(report: Report) -> list[str]:
    return [one.name for one in report.services]


def index_of(look: Look) -> dict[str, int]:
    """Names of the index with the page number beside each."""
    found: dict[str, int] = {}
    for number in range(look.first_page_of("Index of services"), len(look.pages)):
        pieces = look.body(number)
        for one in pieces:
            beside = [
                other
                for other in pieces
                if other.text.isdigit()
                and abs(other.middle - one.middle) < 4
                and one.right < other.left < one.left + 58 * MM
            ]
            if beside and not one.text.isdigit():
                found[one.text] = int(min(beside, key=lambda other: other.left).text)
    return found


def rows_of(look: Look, name: str) -> list[int]:
    """Pages on which the tables by team have a service in their first column."""
    first, last = look.first_page_of("By team"), look.first_page_of(CHAPTERS[1])
    return [
        number
        for number in range(first, last)
        if any(one.text == name and one.left < SIDE + 2 for one in look.body(number))
    ]


def test_the_first_page_holds_all_that_a_director_reads(portfolio: Report, look: Look) -> None:
    first = " ".join(look.reader.pages[0].extract_text().split())
    assert portfolio.headline in first
    for words in ("Teams, most services in need first", "Newly missed", "Recovered"):
        assert words in first
    asked = dict.fromkeys(one.service for one in portfolio.recommendations)
    for service in list(asked)[:3]:
        action = next(one.action for one in portfolio.recommendations if one.service == service)
        assert action in first
    assert look.first_page_of("By team") == 1


def test_the_index_names_every_service_with_the_page_of_its_row(
    portfolio: Report, look: Look
) -> None:
    index = index_of(look)
    assert sorted(index) == sorted(names(portfolio))
    for name, page in index.items():
        assert rows_of(look, name) == [page - 1], name


def test_bookmarks_lead_to_chapters_teams_and_services(portfolio: Report, look: Look) -> None:
    assert [title for title, _ in look.bookmarks(0)] == CHAPTERS
    assert portfolio.portfolio is not None
    teams = [one.name or "No owner named" for one in portfolio.portfolio.teams]
    seconds = [title for title, _ in look.bookmarks(1)]
    assert seconds[: len(teams)] == teams
    in_need = [one for one in portfolio.services if one.state in ("missed", "at risk")]
    assert seconds[len(teams) :] == [chapter_title(one.results[0]) for one in in_need]
    index = index_of(look)
    thirds = dict(look.bookmarks(2))
    assert {name: page + 1 for name, page in thirds.items()} == index


def test_no_heading_is_the_last_thing_on_a_page(look: Look) -> None:
    headings = [title for depth, title, _ in look.outline if depth < 2]
    for number in range(len(look.pages)):
        *_, before, last = look.body(number)
        assert last.text not in headings
        assert before.text not in headings
        assert not last.text.startswith("Least budget left")


def test_each_page_of_a_table_begins_with_its_header(portfolio: Report, look: Look) -> None:
    known = set(names(portfolio))
    for number in range(look.first_page_of("By team"), look.first_page_of(CHAPTERS[1])):
        pieces = look.body(number)
        rows = [one for one in pieces if one.text in known and one.left < SIDE + 2]
        heads = [one for one in pieces if one.text == "Worst objective"]
        assert rows
        assert heads[0].middle > rows[0].middle  # above the first row
        assert heads[-1].middle > rows[-1].middle  # and never without a row under it
    first, last = look.first_page_of(CHAPTERS[3]), look.first_page_of("Incidents")
    for number in range(first, last):
        assert any(one.text.startswith("Nov") for one in look.body(number)[:20])


def test_no_row_is_cut_between_pages(portfolio: Report, look: Look) -> None:
    """Name and outcome of each row stand beside each other on one page."""
    words = {"Met", "At risk", "Missed", "No verdict"}
    outcomes = 0
    for name in names(portfolio):
        (number,) = rows_of(look, name)
        pieces = look.body(number)
        row = next(one for one in pieces if one.text == name and one.left < SIDE + 2)
        beside = [one.text for one in pieces if abs(one.middle - row.middle) < 5]
        outcomes += any(one in words for one in beside)
    assert outcomes == len(portfolio.services)


def test_no_text_stands_outside_the_margins(look: Look) -> None:
    for number, pieces in enumerate(look.pages):
        for one in pieces:
            assert one.left > SIDE - 1, (number, one)
            assert one.right < WIDTH - SIDE + 1, (number, one)
            assert 8 * MM < one.middle < HEIGHT - 8 * MM, (number, one)


def test_no_page_is_nearly_empty(look: Look) -> None:
    for number in range(len(look.pages) - 1):
        lowest = look.body(number)[-1].middle
        assert lowest < HEIGHT * 0.8, number


def test_the_same_portfolio_gives_the_same_bytes(
    portfolio: Report, look: Look, typesetter: Typesetter
) -> None:
    assert typesetter.typeset(portfolio).content == look.content
