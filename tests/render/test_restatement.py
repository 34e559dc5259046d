"""A second revision shows old and new; a report tells of its own delivery. In every document."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pypdfium2
import pytest
from support.snapshots import COMMERCE, a_second_revision, a_snapshot, more_events, with_slices

from slo_reports.compute import build_report
from slo_reports.model import Notice, Report, Snapshot
from slo_reports.render import mail_body, render_html
from slo_reports.render.mail import subject
from slo_reports.render.page import MOST_CHANGES
from slo_reports.render.pdf import Typesetter
from slo_reports.render.restatement import notice_rows, restatement_box

FAILED = Notice(
    "undelivered",
    "The report of September did not reach board@example.com: 550 no such user",
    datetime(2026, 10, 1, 4, tzinfo=UTC),
)


@pytest.fixture(scope="module")
def second() -> Report:
    return build_report(replace(a_second_revision(), notices=(FAILED,)))


def plain(text: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", text).replace("\u202f", " ").split())


def many_late(snapshot: Snapshot) -> Snapshot:
    late = more_events(2000, 2012, valid=1000, bad=60)
    for one in snapshot.subjects[:9]:
        snapshot = with_slices(snapshot, one.slo.id, late)
    return snapshot


def test_the_box_says_what_is_replaced_why_and_by_whom(second: Report) -> None:
    box = restatement_box(second)
    assert box is not None
    assert box.title == "Revision 2 replaces revision 1 of 1 November 2026"
    assert box.reason == "Late data of 8 October arrived."
    assert box.by == "By Ada Byron, 25 November 2026."
    assert box.unchanged == "Ten other objectives are unchanged."
    payments, orders = box.rows
    assert (payments.measured.before, payments.measured.now) == ("99.959", "99.944")
    assert (payments.left.before, payments.left.now) == ("18", "−12")
    assert (payments.outcome.before, payments.outcome.now) == ("Met", "Missed")
    assert payments.told.replace("\u202f", " ") == ("12 000 more valid, 1 440 more bad events")
    assert (orders.measured.before, orders.outcome.before) == ("", "")
    assert orders.told == "3 more valid events"


def test_old_and_new_figures_are_in_every_document(second: Report, typesetter: Typesetter) -> None:
    body = mail_body(second)
    page = plain(render_html(second).decode())
    for text in (page, plain(body.html), plain(body.text)):
        for told in ("Revision 2 replaces revision 1 of 1 November 2026", "99.959", "99.944"):
            assert told in text
        assert "12 000 more valid, 1 440 more bad events" in text
        assert "Late data of 8 October arrived. By Ada Byron, 25 November 2026." in text
        assert "did not reach board@example.com: 550 no such user." in text
        assert "Since 1 Oct 2026 06:00, 55 days before this report." in text
    assert page.index("Revision 2 replaces") < page.index(plain(second.headline))
    told = json.loads(second.to_json())["restatement"]
    assert told["changed"][0]["before"]["outcome"] == "met"
    assert told["changed"][0]["now"]["outcome"] == "missed"
    assert told["restatement"]["replaces"] == 1
    pdf = typesetter.typeset(second)
    assert pdf.warnings == ()
    with pypdfium2.PdfDocument(pdf.content) as document:
        first = document[0].get_textpage().get_text_range()
    for word in ("Revision 2 replaces", "99.959", "99.944", "12", "no such user"):
        assert word in first
    assert ", revision 2:" in subject(second)


def test_the_plain_text_shows_both_sides_in_a_line(second: Report) -> None:
    text = plain(mail_body(second).text)
    assert "- Payments, Availability: measured 99.959 -> 99.944 %; budget left 18 -> −12 %" in text
    assert "met -> missed" in text


def test_the_first_page_has_a_few_changes_and_a_table_has_all() -> None:
    report = build_report(a_second_revision(many_late))
    page = render_html(report).decode()
    box, table = re.findall(r'<table class="changes">.*?</table>', page, flags=re.DOTALL)
    assert box.count('<th scope="row">') == MOST_CHANGES
    assert table.count('<th scope="row">') == 9
    assert f"And {9 - MOST_CHANGES} more that changed" in plain(page)
    assert "What changed since the revision before" in page
    assert mail_body(report).text.count("more bad events") == 9


def test_a_few_changes_need_no_table_of_their_own(second: Report) -> None:
    page = render_html(second).decode()
    assert page.count('class="changes"') == 1
    assert 'id="changes"' not in page


def test_a_first_revision_shows_neither(report: Report) -> None:
    page = render_html(report).decode()
    assert 'class="restated"' not in page
    assert 'class="notices"' not in page
    assert "replaces revision" not in mail_body(report).text


def test_a_revision_that_changed_nothing_and_one_without_an_author_say_so() -> None:
    snapshot = a_second_revision(lambda same: same)
    assert snapshot.restatement is not None
    report = build_report(
        replace(snapshot, restatement=replace(snapshot.restatement, author="", reason="asked for"))
    )
    box = restatement_box(report)
    assert box is not None
    assert (box.rows, box.unchanged) == ((), "No figure changed.")
    assert (box.reason, box.by) == ("Asked for.", "Made on 25 November 2026.")


def test_changed_targets_coverage_and_objectives_are_told_in_words() -> None:
    def changed(snapshot: Snapshot) -> Snapshot:
        first, second, *rest = snapshot.subjects
        (objective,) = second.slo.objectives
        softer = replace(second.slo, objectives=(replace(objective, target=objective.target / 2),))
        half = with_slices(
            replace(snapshot, subjects=(replace(second, slo=softer), *rest)),
            rest[0].slo.id,
            lambda one: replace(one, coverage=one.coverage * 0.97),
        )
        assert first not in half.subjects
        return half

    box = restatement_box(build_report(a_second_revision(changed)))
    assert box is not None
    told = {(row.service, row.objective): row for row in box.rows}
    gone = told["Checkout", "Availability"]
    assert (gone.measured.now, gone.outcome.now, gone.mark) == ("–", "Not in the report", None)
    softer = told["Checkout", "Latency under 500 ms"]
    assert plain(softer.told) == "target 48.5 % instead of 97 %"
    covered = told["Payments", "Availability"]
    assert plain(covered.told) == "data for 97.00 % of the time instead of 100 %"


def test_a_short_failure_is_told_in_hours_and_one_without_a_time_in_a_sentence(
    report: Report,
) -> None:
    recent = replace(FAILED, since=report.frozen_at - timedelta(hours=3))
    notices = (recent, Notice("late", "it is late", None))
    first, second = notice_rows(replace(report, notices=notices))
    assert plain(first.since).endswith(", 3 h before this report.")
    assert (second.told, second.since) == ("It is late.", "")


def test_many_notices_are_counted(report: Report) -> None:
    many = build_report(
        replace(
            a_snapshot(COMMERCE[:1]),
            notices=tuple(Notice("undelivered", f"Report {n} is lost.") for n in range(8)),
        )
    )
    assert "And 3 more; the JSON document holds them all." in plain(render_html(many).decode())
    assert "And 3 more." in plain(mail_body(many).html)
    assert "Report 7 is lost." in mail_body(many).text
    assert report.notices == ()


def test_hostile_reasons_stay_text(restated_report: Report) -> None:
    page, body = render_html(restated_report).decode(), mail_body(restated_report)
    for text in (page, body.html):
        assert "<script>" not in text
        assert "alert(1)" in text
        assert "\u202e" not in text
    assert not re.search("[\x00\x1b\r]", body.text)
    assert max(map(len, body.text.splitlines())) <= 78


def test_the_same_revision_gives_the_same_bytes(second: Report, typesetter: Typesetter) -> None:
    assert render_html(second) == render_html(second)
    assert mail_body(second) == mail_body(second)
    assert typesetter.typeset(second).content == typesetter.typeset(second).content
