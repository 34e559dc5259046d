"""Periods that could not be sent are told in one mail with the newest."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from support.snapshots import COMMERCE, OCTOBER, a_snapshot

from slo_reports.compute import build_report
from slo_reports.model import Report
from slo_reports.periods import month, previous
from slo_reports.render import mail_body, render_bundle
from slo_reports.render.digest import MOST_EARLIER, Earlier, digest

TITLE = "Also, for the time when no report could be sent"


def earlier_months(count: int, services: Any = COMMERCE[:1]) -> list[Earlier]:
    found: list[Earlier] = []
    period = OCTOBER
    for _ in range(count):
        period = previous(period)
        report = build_report(a_snapshot(services, period=period, incidents=()))
        links = {
            "html": f"https://share.example.com/{period.id}.html?a=1&b=2",
            "pdf": f"https://share.example.com/{period.id}.pdf",
        }
        found.append((report, links))
    return found


@pytest.fixture(scope="module")
def two() -> list[Earlier]:
    return earlier_months(2)


def plain(text: str) -> str:
    return " ".join(re.sub("<[^>]*>", "", text).replace("\u202f", " ").split())


def test_each_earlier_period_is_told_oldest_first_with_its_links(
    report: Report, two: list[Earlier]
) -> None:
    body = mail_body(report, earlier=two)
    for text in (plain(body.html), plain(body.text)):
        assert TITLE.casefold() in text.casefold()
        assert text.index("August 2026") < text.index("September 2026")
        assert text.count("Both objectives were met.") == 2
    assert '"https://share.example.com/2026-08.html?a=1&amp;b=2"' in body.html
    assert "https://share.example.com/2026-09.pdf\n" in body.text
    assert body.subject == (
        "SLO report, Commerce platform, October 2026 and 2 earlier: 10 of 12 objectives met"
    )


def test_missed_objectives_and_the_least_budget_are_named(report: Report) -> None:
    (row,) = digest([(replace(report, period=month(2026, 9, "UTC"), revision=2), {})]).rows
    assert row.title == "September 2026, revision 2"
    assert row.missed == "Missed: Checkout availability and Checkout latency under 500 ms."
    assert plain(row.worst) == "Least budget left: −18 %, Checkout availability."
    assert not any(row.links.values())


def test_the_least_budget_is_not_told_twice(two: list[Earlier]) -> None:
    for row in digest(two).rows:
        assert "of the budget left" in row.headline
        assert row.worst == ""


def test_without_earlier_periods_the_mail_is_as_ever(report: Report) -> None:
    assert mail_body(report, earlier=()) == mail_body(report)
    assert TITLE not in mail_body(report).html


def test_a_long_silence_lists_the_newest_and_counts_the_rest(
    large_report: Report, report: Report
) -> None:
    years = [
        (replace(report, period=month(2020 + n // 12, n % 12 + 1, "UTC")), {"html": "https://x/y"})
        for n in range(15)
    ]
    body = mail_body(large_report, earlier=years)
    assert len(digest(years).rows) == MOST_EARLIER
    assert "And 3 more before these." in plain(body.html)
    assert "And 3 more before these." in plain(body.text)
    assert "March 2020" not in body.html
    assert "March 2021" in body.html
    assert len(body.html.encode()) < 90_000
    assert " and 15 earlier:" in body.subject


def test_hostile_earlier_reports_stay_text(report: Report, hostile_report: Report) -> None:
    body = mail_body(report, earlier=[(hostile_report, {})])
    assert "<script" not in body.html
    assert "\nBcc:" not in body.text
    assert max(map(len, body.text.splitlines())) <= 78


def test_the_bundle_takes_them_and_gives_the_same_bytes(report: Report, two: list[Earlier]) -> None:
    bundles = [render_bundle(report, ["json"], earlier=one) for one in (two, two[::-1])]
    assert bundles[0] == bundles[1]
    assert bundles[0].mail == mail_body(report, earlier=two)
