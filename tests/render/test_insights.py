"""Alerts, plan, follow-up and changes as a reader meets them, in every document."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import timedelta

import html5lib
import pypdf
import pytest
from support.snapshots import INCIDENTS, OCTOBER, a_snapshot

from slo_reports.compute import build_report
from slo_reports.compute.following import asked_in
from slo_reports.model import (
    BurnRateAlert,
    Exclusion,
    Report,
    Shift,
    ShiftKind,
    Snapshot,
)
from slo_reports.periods import previous
from slo_reports.render import mail_body, render_html
from slo_reports.render.changed import shift_text
from slo_reports.render.pdf import Typesetter

HOSTILE = '<script>alert(1)</script>"\u202e{{ 7*7 }}'
NEVER = BurnRateAlert("page", timedelta(hours=1), timedelta(minutes=5), 1440.0)


def a_full_snapshot(words: str = "Database upgrade") -> Snapshot:
    """A month with everything: alerts of each kind, a plan, and a report before it."""
    snapshot = a_snapshot()
    payments, first, second, _ = INCIDENTS
    late = replace(first, source="alert", start=first.start + timedelta(minutes=25), alerts=("F",))
    useless = replace(payments, source="alert", service="Search", id="S", alerts=("G",))
    start = OCTOBER.end + timedelta(days=2, hours=1)
    weekly = [
        Exclusion(start + timedelta(weeks=n), start + timedelta(weeks=n, hours=2), words, words)
        for n in range(4)
    ]
    subjects = [
        replace(one, slo=replace(one.slo, burn_rates=(*one.slo.burn_rates, NEVER)))
        if one.slo.service == "Orders"
        else one
        for one in snapshot.subjects
    ]
    earlier = replace(asked_in(build_report(snapshot)), period=previous(OCTOBER))
    asked = tuple(replace(one, action=f"{one.action} {words}") for one in earlier.asked)
    return replace(
        snapshot,
        incidents=(late, useless, second),
        subjects=tuple(subjects),
        planned=tuple(weekly),
        earlier=replace(earlier, asked=asked),
    )


@pytest.fixture(scope="module")
def full_report() -> Report:
    return build_report(a_full_snapshot())


def page_text(report: Report) -> str:
    parser = html5lib.HTMLParser(
        tree=html5lib.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False
    )
    root = parser.parse(render_html(report).decode())
    return plain(" ".join(root.find("body").itertext()))


def plain(text: str) -> str:
    return " ".join(text.replace("\u202f", " ").split())


SAID = (
    "Since September: newly missed Checkout availability and Checkout latency under 500 ms;",
    "Two alerts fired: one late and one useless. Eight were missed:",
    "after it was due",
    "The page was not due (incident B): Search latency under 300 ms lost less than 1 %.",
    "asks for 144 % bad events",
    "Most likely to be missed: Checkout availability, with a chance of 21 %",
    "4 times, first 3 Nov 01:00 to 03:00",
    "The report of September asked for",
    "Still open",
)


def test_the_page_says_it_all(full_report: Report) -> None:
    text = page_text(full_report)
    assert [words for words in SAID if words not in text] == []
    assert "else 30 % left" in text  # Checkout without its dearest incident


def test_the_plain_mail_says_it_all(full_report: Report) -> None:
    text = plain(mail_body(full_report).text.replace("\n", " "))
    assert [words for words in SAID if words not in text] == []
    assert max(map(len, mail_body(full_report).text.splitlines())) <= 78


def test_the_mail_opens_with_what_changed(full_report: Report) -> None:
    assert "Since September: newly missed" in plain(mail_body(full_report).html)


def test_each_part_links_to_how_it_was_computed(full_report: Report) -> None:
    page = render_html(full_report).decode()
    links = set(re.findall(r'href="#(m-[a-z-]+)"', page))
    assert links == {
        "m-alerts", "m-error-budget", "m-follow-up", "m-forecast", "m-incidents", "m-trend",
    }  # fmt: skip
    assert all(f'id="{one}"' in page for one in links)


def test_a_report_without_them_has_none_of_the_parts() -> None:
    page = render_html(build_report(replace(a_snapshot(), subjects=(), incidents=()))).decode()
    for part in ("alerts", "plan", "followed"):
        assert f'id="{part}"' not in page
    assert 'class="since"' not in page


def test_hostile_words_stay_text() -> None:
    report = build_report(a_full_snapshot(HOSTILE))
    page = render_html(report).decode()
    assert page.count("<script") == 1  # our own
    assert "\u202e" not in page
    assert "{{ 7*7 }}" in page
    assert "<script" not in mail_body(report).html


def test_the_pdf_cuts_no_heading_from_its_table(
    full_report: Report, typesetter: Typesetter
) -> None:
    reader = pypdf.PdfReader(io.BytesIO(typesetter.typeset(full_report).content))
    pages = [plain(one.extract_text()) for one in reader.pages]
    for heading, row in (
        ("Alerts against the budget", "Fired"),
        ("Plan for November 2026", "Checkout availability 99.9"),
        ("What was asked last time", "Still open"),
        ("Planned maintenance", "4 times"),
        ("Glossary", "Burn rate:"),
    ):
        (page,) = [one for one in pages if row in one.split(heading, 1)[-1] and heading in one][:1]
        assert row in page
    names = [str(one["/Title"]) for one in reader.outline if isinstance(one, dict)]
    assert "Plan for November 2026" in names
    assert "What was asked last time" in names


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (ShiftKind.USUAL, "Within its usual range, 14 to 77 % used."),
        (ShiftKind.FEW_DAYS, "Outside its usual 14 to 77 % used, by a few days only."),
        (ShiftKind.WORSE, "A real change for the worse; usual is 14 to 77 % used."),
        (ShiftKind.BETTER, "A real change for the better; usual is 14 to 77 % used."),
    ],
)
def test_the_trend_in_words(kind: ShiftKind, words: str) -> None:
    assert plain(shift_text(Shift("s", kind, 6, 0.45, 0.1355, 0.7645, 0.1))) == words


def test_too_little_history_is_said() -> None:
    only = shift_text(Shift("s", ShiftKind.UNKNOWN, 2))
    assert only == "Only two earlier periods are known to compare with; it takes six."
