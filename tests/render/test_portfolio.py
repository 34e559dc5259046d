"""The portfolio as a page and as a mail: everything is in it once, and links lead somewhere."""

from __future__ import annotations

import re

import html5lib
import pytest
from support.estate import Estate, a_portfolio, an_estate
from support.snapshots import COMMERCE

from slo_reports.compute import build_report
from slo_reports.model import Report
from slo_reports.render import mail_body, render_html
from slo_reports.render.mail import LARGEST
from slo_reports.render.marks import Mark
from slo_reports.render.pdf import Typesetter
from slo_reports.render.portfolio import overview, portfolio_values, team_words
from slo_reports.render.portfolio_index import LINES, index_sheets
from slo_reports.render.portfolio_needs import MOST_NEEDS, needs


@pytest.fixture(scope="module")
def page(portfolio_report: Report) -> str:
    return render_html(portfolio_report).decode()


def test_all_links_lead_to_something_on_the_page(page: str) -> None:
    root = html5lib.parse(page, namespaceHTMLElements=False)
    there = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(there) == len(set(there))
    wanted = {one.get("href", "").removeprefix("#") for one in root.iter("a")}
    assert wanted - {""} <= set(there)


def test_every_service_is_in_its_teams_table_and_in_the_index(
    portfolio_report: Report, page: str
) -> None:
    for number in range(1, len(portfolio_report.services) + 1):
        assert page.count(f'<tr id="s{number}">') == 1
        assert page.count(f'<a href="#s{number}">') >= 1


def test_only_services_in_need_have_a_section(portfolio_report: Report) -> None:
    found = needs(portfolio_report)
    assert {one.service.state for one in found.shown} <= {"missed", "at risk"}
    in_need = [one for one in portfolio_report.services if one.state in ("missed", "at risk")]
    assert [one.service for one in found.shown] == in_need
    assert found.left_out == 0
    assert len(in_need) < MOST_NEEDS


def test_each_section_has_its_picture_and_no_other_curve_is_kept(
    portfolio_report: Report, page: str
) -> None:
    shown = needs(portfolio_report).shown
    assert "No budget curve" not in page
    kept = [one for one in portfolio_report.results if one.remaining_curve is not None]
    assert len(kept) == len(shown)
    assert not any(one.burn_curves for one in portfolio_report.results)


def test_the_asks_are_about_different_services(portfolio_report: Report) -> None:
    asks = portfolio_values(portfolio_report)["asks"]
    assert len({one.service for one in asks}) == len(asks) == 3


def test_a_team_is_told_in_numbers_that_add_up(portfolio_report: Report) -> None:
    for team in overview(portfolio_report).teams:
        told = team_words(team.team)
        assert f"{team.team.objectives_met} of" in told
        assert ("missed an objective" in told) == (team.team.missed > 0)


@pytest.mark.parametrize("count", [1, 3, 40, 200])
def test_the_index_is_alphabetical_and_loses_nobody(count: int) -> None:
    report = build_report(a_portfolio(count))
    rows = overview(report).rows
    sheets = index_sheets(rows.values())
    listed = [one.name for sheet in sheets for column in sheet for one in column]
    assert listed == sorted(rows, key=str.casefold)
    assert all(len(column) <= LINES for sheet in sheets for column in sheet)
    heights = [len(column) for column in sheets[-1]]
    assert max(heights) - min(heights) <= 6 or count < 12


def test_accents_and_capitals_stand_among_their_letters() -> None:
    names = ["zeta", "Épices", "echo", "Ärger", "2nd line", "alpha"]
    services = [
        COMMERCE[0].__class__(name, "Team", COMMERCE[0].tier, COMMERCE[0].promises)
        for name in names
    ]
    report = build_report(a_portfolio(estate=Estate(tuple(services), ())))
    sheets = index_sheets(overview(report).rows.values())
    entries = [one for sheet in sheets for column in sheet for one in column]
    listed = [(one.initial, one.name) for one in entries]
    assert listed == [
        ("#", "2nd line"),
        ("A", "alpha"),
        ("", "Ärger"),
        ("E", "echo"),
        ("", "Épices"),
        ("Z", "zeta"),
    ]


@pytest.mark.slow
def test_the_mail_stays_small_with_500_services() -> None:
    report = build_report(a_portfolio(500))
    body = mail_body(report)
    assert len(body.html.encode()) < LARGEST
    assert body.images == ()
    assert len(body.text.encode()) < 30_000
    assert report.headline in " ".join(body.text.split())


def test_the_mail_tells_teams_changes_and_services_in_need(portfolio_report: Report) -> None:
    body = mail_body(portfolio_report, links={"html": "https://x.example/r.html"})
    assert len(body.html.encode()) < LARGEST
    words = " ".join(re.sub("<[^>]*>", "", body.html).split())
    text = " ".join(body.text.split())
    seen = overview(portfolio_report)
    for news in seen.news:
        assert f"{news.title} ({news.count}):" in text
        assert f"{news.title} ({news.count}):" in words
    assert "https://x.example/r.html" in body.text
    needy = [one for one in seen.rows.values() if one.service.mark is not Mark.MET]
    assert body.text.count("against") >= len(needy) - 4  # some were not measured
    assert "<script" not in body.html


@pytest.mark.parametrize(
    "estate",
    [
        pytest.param(Estate((), ()), id="no service"),
        pytest.param(Estate(COMMERCE[:1], ()), id="one service"),
        pytest.param(an_estate(6, teams=("",)), id="nobody's"),
    ],
)
def test_small_portfolios_are_short(estate: Estate, typesetter: Typesetter) -> None:
    result = typesetter.typeset(build_report(a_portfolio(estate=estate)))
    assert result.warnings == ()
    assert result.content.startswith(b"%PDF")


def test_hostile_names_are_text_in_the_pdf(
    portfolio_report: Report, typesetter: Typesetter
) -> None:
    result = typesetter.typeset(portfolio_report)
    assert [one for one in result.warnings if "unsupported by fonts" not in one] == []
