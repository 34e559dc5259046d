"""The body of a mail: whole as text, modest as HTML, with pictures that clients show."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from slo_reports.model import Report
from slo_reports.render import mail_body
from slo_reports.render.mail import MOST_OBJECTIVES, subject
from slo_reports.render.rows import incident_row, objective_row

LINKS = {
    "html": "https://share.example.com/r.html?a=1&b=2",
    "pdf": "https://share.example.com/r.pdf",
}


def plain(text: str) -> str:
    return " ".join(text.replace("\u202f", " ").split())


@pytest.mark.parametrize(
    "name",
    [
        "report",
        "odd_report",
        "running_report",
        "weekly_report",
        "methods_report",
        "journeys_report",
    ],
)
def test_the_text_carries_every_number(request: pytest.FixtureRequest, name: str) -> None:
    report: Report = request.getfixturevalue(name)
    text = plain(mail_body(report).text)
    for row in map(objective_row, report.results):
        cells = (row.target, row.measured, row.left, row.change, row.coverage, row.word)
        assert plain(f"{row.objective} {' '.join(cells)}") in text
    for judged in report.incidents:
        told = incident_row(judged, report.period.zone, costs=99)
        assert plain(f"{told.title} ({told.identity}) {told.began}, {told.lasted}") in text
        for cost in told.costs:
            assert plain(f"{cost.share} % of {cost.of}") in text
    for one in report.recommendations:
        assert plain(f"{one.action}. {one.evidence} {one.owner}, {one.due}") in text
    assert plain(report.headline) in text


def test_methods_and_exclusions_are_in_both_bodies(methods_report: Report) -> None:
    body = mail_body(methods_report)
    for text in (body.text, re.sub("<[^>]*>", "", body.html)):
        assert "timeslices, slices of 1 hour" in plain(text)
        assert "with exclusions; without them" in plain(text)


def test_the_text_adds_up_teams_in_a_line_each(report: Report) -> None:
    text = plain(mail_body(report).text)
    assert "BY TEAM ------- Team Basket: 4 objectives, 2 met, 2 missed; least budget left" in text


def test_lines_of_the_text_are_at_most_78_wide(
    hostile_report: Report, journeys_report: Report, report: Report
) -> None:
    for one in (report, hostile_report, journeys_report):
        assert max(map(len, mail_body(one).text.splitlines())) <= 78


def test_numbers_of_the_text_stand_in_columns(report: Report) -> None:
    lines = mail_body(report).text.splitlines()
    head = next(line for line in lines if "Target" in line and "Outcome" in line)
    column = head.index("Outcome")
    rows = [line for line in lines if re.search(r"  (Met|Missed|At risk)$", line)]
    assert len(rows) == len(report.results)
    assert all(re.match("  (Met|Missed|At risk)$", row[column - 2 :]) for row in rows)


def test_the_subject_is_one_line_with_the_result(report: Report, hostile_report: Report) -> None:
    assert subject(report) == (
        "SLO report, Commerce platform, October 2026: 10 of 12 objectives met"
    )
    assert "revision 2" in subject(replace(report, revision=2))
    assert not re.search(r"[\x00-\x1f\u2028\u2029\u202e]", subject(hostile_report))


def test_links_are_in_both_bodies(report: Report) -> None:
    body = mail_body(report, links=LINKS)
    assert LINKS["html"] in body.text
    assert f'href="{LINKS["pdf"]}"' in body.html
    assert 'href="https://share.example.com/r.html?a=1&amp;b=2"' in body.html
    assert "href" not in mail_body(report).html


def test_pictures_are_there_and_are_pngs_at_twice_their_size(report: Report) -> None:
    body = mail_body(report)
    shown = re.findall(r'src="cid:([^"]+)"', body.html)
    assert shown == [image.name for image in body.images]
    assert len(shown) == 2
    for image in body.images:
        assert image.media_type == "image/png"
        assert image.content.startswith(b"\x89PNG")
        assert int.from_bytes(image.content[16:20], "big") == 2 * 592
    assert all(re.findall(r'<img [^>]*alt="([^"]+)"', body.html))


def test_the_html_is_made_for_mail_clients(report: Report, hostile_report: Report) -> None:
    for one in (report, hostile_report):
        content = mail_body(one).html
        outside_word = re.sub(r"(?s)<!--\[if mso\]>.*?<!\[endif\]-->", "", content)
        assert not re.search(r"<(svg|script|link)\b", content)
        assert outside_word.count("<style>") == 1
        assert not re.search(r"(flex|grid|float|position):|@import|@font-face|var\(", content)
        for table in re.findall(r"<table[^>]*>", content):
            assert 'cellpadding="0" cellspacing="0" border="0"' in table
        for picture in re.findall(r"<img[^>]*>", content):
            assert re.search(r' width="\d+"', picture)
            assert re.search(r' alt="[^"]+"', picture)
        assert "data:" not in re.sub("Data|coverage", "", content).replace("; data", "")
        assert set(re.findall(r'src="(\w+):', content)) <= {"cid"}


def test_two_hundred_objectives_stay_below_what_gmail_cuts_off(large_report: Report) -> None:
    body = mail_body(large_report, links=LINKS)
    assert len(large_report.results) > 200
    assert len(body.html.encode()) <= LARGEST
    more = len(large_report.results) - MOST_OBJECTIVES
    assert f"And {more} more objectives" in body.html
    assert body.text.count("Latency under") >= 51


LARGEST = 90_000
"""Of the HTML [bytes], well below the 102 kB at which Gmail cuts off."""
LONG = {
    "quotes": '"' * 5000,
    "underscores": "_" * 5000,
    "emoji": "🛒" * 5000,
    "words": "a & " * 1500,
    "one word": "x" * 5000,
}


def renamed(report: Report, name: str) -> Report:
    """The same report where everything that people name has this name."""
    told = {
        id(one): replace(
            one, slo=replace(one.slo, title=name, service=name, owner=name), reason=name
        )
        for one in report.results
    }
    services = tuple(
        replace(one, name=name, owner=name, results=tuple(told[id(each)] for each in one.results))
        for one in report.services
    )
    incidents = tuple(
        replace(
            one,
            incident=replace(
                one.incident, title=name, id=name, service=name, services=(), severity=name
            ),
            costs=tuple((part[0], name, *part[2:]) for part in one.costs),
        )
        for one in report.incidents * 30
    )
    return replace(
        report,
        request=replace(report.request, title=name, footer=name),
        services=services,
        incidents=incidents,
        headline=name,
        figures=tuple(replace(one, label=name, before=name) for one in report.figures),
        recommendations=tuple(
            replace(one, action=name, evidence=name, owner=name, due=name)
            for one in report.recommendations * 30
        ),
    )


@pytest.mark.parametrize("name", LONG.values(), ids=LONG)
def test_the_html_stays_below_what_gmail_cuts_off_whatever_things_are_called(
    report: Report, name: str
) -> None:
    many = replace(report, services=report.services * 25)
    assert len(many.results) == 300
    body = mail_body(renamed(many, name), links=LINKS)
    assert len(body.html.encode()) <= LARGEST
    for what in ("objective", "incident", "action"):
        assert re.search(rf"And \d+ more {what}s; the text part", body.html)


def test_no_row_is_dropped_that_has_room(report: Report) -> None:
    content = mail_body(report).html
    assert len(content.encode()) < LARGEST
    assert "more" not in re.sub("<[^>]*>", "", content).split()


def test_hostile_names_do_not_leave_their_cells(hostile_report: Report) -> None:
    body = mail_body(hostile_report)
    assert "<script" not in body.html
    assert "\nBcc:" not in body.text
    assert "\u202e" not in body.html + body.text


def test_the_same_report_gives_the_same_mail(report: Report) -> None:
    assert mail_body(report, links=LINKS) == mail_body(report, links=LINKS)


def test_a_users_own_mail_template_is_used(report: Report, tmp_path: Path) -> None:
    (tmp_path / "mail.html.j2").write_text("<p>{{ title }}</p>")
    assert mail_body(report, templates=tmp_path).html == "<p>Commerce platform</p>"


def test_every_colour_that_stands_inline_has_a_dark_one(
    report: Report, restated_report: Report, odd_report: Report
) -> None:
    for one in (report, restated_report, odd_report):
        page = mail_body(one, links=LINKS).html
        (style,) = re.findall(r"(?s)(?<=<style>\n):root.*?(?=</style>)", page)
        assert len(style) < 8000  # Gmail drops a longer one
        body = page.partition("<body")[2].partition('<td style="padding:22px 24px">')[2]
        colours = set(re.findall(r"[^-]color:(#\w{6})", body))
        assert colours
        for colour in colours:
            assert f'[style*="color:{colour}"]' in style, colour
        for ground in set(re.findall(r'bgcolor="(#\w{6})"', body)) - {"#14213d"}:
            assert f'[bgcolor="{ground}"]' in style, ground


def test_outlook_is_given_a_table_of_fixed_width(report: Report) -> None:
    page = mail_body(report).html
    first, last = (page.index(f"<!--[if mso]>{one}") for one in ("<table", "</td></tr></table>"))
    assert 'width="640"' in page[first : first + 60]
    assert page[first:last].count("<table") == page[first:last].count("</table>") + 1
    assert page.count("<!--[if mso]>") == page.count("<![endif]-->") == 3
