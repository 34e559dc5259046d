"""The section on releases and toil: words, signs, escaping, and the mail's lines."""

import re
from dataclasses import replace

import pytest
from support.snapshots import COMMERCE, ODD, a_snapshot

from slo_reports.compute import build_report
from slo_reports.language import speaking
from slo_reports.model import DEFAULT_POLICY, Clause, Decision, Terms
from slo_reports.render import mail_body, render_html
from slo_reports.render.decisions import decision_mark, decision_tables, toil_words

MARKUP = "<b onclick='x'>{{ 7*7 }}"


@pytest.fixture(scope="module")
def sized():
    policy = replace(DEFAULT_POLICY, teams={"Team Basket": 6})
    return build_report(replace(a_snapshot([*COMMERCE, *ODD]), policy=policy))


def test_each_service_has_a_row_with_a_decision_for_each_risk(sized):
    rows = {row.service: row for row in decision_tables(sized).rows}
    assert len(rows) == len(sized.services)
    assert rows["Checkout"].decisions == (Decision.BLOCK,) * 3
    assert (rows["Checkout"].status, rows["Checkout"].clauses) == ("Exhausted", "EBP-4")
    assert rows["Orders"].clauses == "EBP-1, EBP-2"
    assert rows["Orders"].why.replace("\u202f", " ") == (
        "Availability 99.939 % against 99.9 %, 39 % left"
    )
    assert decision_tables(sized).until == "1 Dec 2026 00:00"


def test_terms_are_told_once_for_each_decision_strictest_first(sized):
    terms = decision_tables(sized).terms
    assert [(one.word, one.when) for one in terms] == [
        ("Block", ""),
        ("Defer", ""),
        ("Review", "when healthy"),
        ("Review", "when unknown"),
        ("Approve", ""),
    ]


def test_every_sign_has_a_shape_of_its_own():
    drawn = [re.sub("#[0-9a-f]{6}", "", decision_mark(one)) for one in Decision]
    assert len({re.sub("<title>.*?</title>", "", one) for one in drawn}) == len(Decision)
    assert all('aria-hidden="true"' in decision_mark(one) for one in Decision)


def test_hours_stand_only_where_the_policy_knows_a_team(sized):
    page = render_html(sized).decode()
    assert "Toil, h/week" in page
    assert ">120<" in page
    without = render_html(build_report(a_snapshot())).decode()
    assert "Toil, h/week" not in without
    assert "The policy names no team sizes" in without


def test_what_a_policy_says_is_text_everywhere():
    policy = replace(
        DEFAULT_POLICY,
        name=MARKUP,
        clauses=(Clause("A", MARKUP),),
        decisions={one: Terms("A", (MARKUP,), (MARKUP,)) for one in Decision},
    )
    report = build_report(replace(a_snapshot(), policy=policy))
    body = mail_body(report)
    for page in (render_html(report).decode(), body.html):
        assert "<b onclick" not in page
        assert "onclick='x'>49" not in page
    assert "&lt;b onclick" in render_html(report).decode()
    assert MARKUP in body.text.replace("\n", " ")


def test_a_report_without_decisions_has_no_section(sized):
    without = replace(sized, decisions=(), toil=())
    assert 'id="decisions"' not in render_html(without).decode()
    assert "Release decisions" not in mail_body(without).html
    assert "RELEASE DECISIONS" not in mail_body(without).text


def test_the_mail_names_the_troubled_and_counts_the_others(sized):
    body = mail_body(sized)
    text = " ".join(body.text.replace("\u202f", " ").split())
    checkout = "low risk block, medium risk block, high risk block (EBP-4)"
    assert f"Checkout (exhausted): {checkout}" in text
    healthy = "low risk approve, medium risk approve, high risk review."
    assert f"Eight services are healthy: {healthy}" in text
    assert "Team Basket: 50 % toil at most (120 h/week, automation 120 h)" in text
    html = body.html
    section = html[html.index("Release decisions") :]
    assert "Orders" not in section
    assert section.count("✗&nbsp;Block") == 3
    assert "Eight services are healthy" in section


def test_the_section_speaks_the_language_of_the_report():
    snapshot = a_snapshot()
    german = replace(snapshot, request=replace(snapshot.request, language="de"))
    report = build_report(german)
    assert "Das Budget war am" in " ".join(report.decisions[0].rationale)
    page = render_html(report).decode()
    for word in ("Freigabeentscheidungen", "Sperren", "Aufgebraucht", "Freigeben"):
        assert word in page
    with speaking("de"):
        assert "höchstens 50 % Routinearbeit" in toil_words(decision_tables(report).toil[0])
