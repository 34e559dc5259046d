"""The Markdown document, parsed as GitHub's tables are."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from support.snapshots import a_snapshot

from slo_reports.compute import build_report
from slo_reports.model import Report
from slo_reports.render.clean import prose
from slo_reports.render.markdown import render_markdown
from slo_reports.render.markdown_text import code, escaped, table
from slo_reports.render.rows import objective_row

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def text_of(markdown: str) -> str:
    """What a reader sees of one paragraph."""
    inline = [one for one in PARSER.parse(markdown) if one.type == "inline"]
    return "".join(
        child.content
        for one in inline
        for child in one.children or []
        if child.type in {"text", "code_inline"}
    )


def test_every_objective_has_a_row_with_its_numbers(report: Report) -> None:
    text = render_markdown(report).decode()
    for row in map(objective_row, report.results):
        assert f"| {row.target} | {row.measured} | {row.left} |" in text
    page = PARSER.render(text)
    assert page.count("<table>") == 3
    assert page.count("<tr>") == 1 + len(report.results) + 1 + 4 + 1 + len(report.incidents)


def test_headline_actions_incidents_and_method_are_there(report: Report) -> None:
    text = render_markdown(report).decode()
    assert text.startswith("# Commerce platform: SLO report, October 2026\n")
    assert text_of(text.split("\n\n")[1]) == report.headline
    for one in report.recommendations:
        assert f"**{one.action}.**" in text
    assert "INC-2057" in text
    assert report.snapshot_hash in text
    assert text.index("## Asked of you") < text.index("## Objectives") < text.index("## Incidents")


def test_odd_and_restated_reports_say_so(odd_report: Report, restated_report: Report) -> None:
    odd = render_markdown(odd_report).decode()
    assert "Prometheus knows no series named review\\_requests\\_total." in odd
    assert "Reason:" in render_markdown(restated_report).decode()


@pytest.mark.parametrize(
    "text",
    [
        "a | b",
        "**bold** _under_ ~~struck~~ `code`",
        "[a](http://example.com) ![b](x.png) <https://example.com>",
        "# no heading",
        "1. no list",
        "- no list",
        "+ nor this",
        "---",
        "> no quote",
        "&lt;b&gt; &copy; <b>bold</b>",
        "back\\slash \\| pipe",
        "2*3*4 x_1_2",
        "[^1]: foot",
        "$x^2$",
        'http_requests_total{code=~"5.."} > 0',
    ],
)
def test_what_is_written_is_what_is_read(text: str) -> None:
    assert text_of(escaped(text)) == text
    page = PARSER.render(escaped(text))
    assert re.sub(r"&\w+;|<!-- -->", "", page).count("<") == 2, page


@pytest.mark.parametrize(
    "text",
    [
        "see http://example.com and https://example.com",
        "www.example.com",
        "mail me@example.com",
        "@everyone",
        "fixes #12",
        ":smile:",
    ],
)
def test_nothing_becomes_a_link_or_a_mention_by_itself(text: str) -> None:
    shown = PARSER.render(escaped(text))
    for part in re.split(r"<!-- -->", escaped(text).replace("\\", "")):
        assert not re.search(r"@\w|#\d|\bwww\.\w|:\w+:", part)
    assert "<a" not in shown
    assert not re.search(r"(?<!\\)://", escaped(text))


@given(st.text())
def test_any_text_is_a_cell_of_its_own(text: str) -> None:
    page = PARSER.render(table(("a", "b"), "lr", [(escaped(text), "x")]))
    assert page.count("<td") == 2
    assert text_of(f"x {escaped(text)} y") == f"x {prose(text)} y"


@given(st.text(min_size=1))
def test_code_holds_any_text(text: str) -> None:
    shown = code(f"a{text}b")
    assert text_of(shown) == prose(f"a{text}b")


def test_it_is_written_in_the_language_of_the_report() -> None:
    snapshot = a_snapshot()
    request = replace(snapshot.request, language="de")
    text = render_markdown(build_report(replace(snapshot, request=request))).decode()
    assert "\n## Ziele\n" in text
    assert "Oktober 2026\n" in text.partition("\n\n")[0] + "\n"
