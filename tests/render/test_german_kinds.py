"""Reviews, briefs, plannings and retrospectives in German: no English word of ours is left."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from xml.etree.ElementTree import Element

import html5lib
import pytest
from support.estate import a_portfolio
from support.kinds import ZONE, a_brief, a_planning, a_retrospective, a_review, of_kind, speaking_of
from support.snapshots import COMMERCE, INCIDENTS, ODD, a_snapshot

from slo_reports.compute import build_report
from slo_reports.language import speaking
from slo_reports.model import Outcome, Report, ReportKind, Snapshot
from slo_reports.periods import rolling, week
from slo_reports.render import mail_body, render_html
from slo_reports.render.brief import plain_headline
from slo_reports.render.governance import named, planning_name, review_name
from slo_reports.render.page import facts
from slo_reports.render.planning import fits
from slo_reports.render.proposals import Proposal
from slo_reports.render.retrospective import chosen, counterfactual, lessons
from slo_reports.render.rows import objective_row

WORDS = (
    "the of and is are with for from left each this that no which has have been would without "
    "than more none nothing what when who how its it by on to until since too there"
)
"""In most English sentences, and in no German one."""
ENGLISH = frozenset(WORDS.split())
FOREIGN = ("incidents", "issues", "band")
"""Ids and classes of parts whose words are those of the service report."""
MADE: dict[ReportKind, Callable[..., Snapshot]] = {
    ReportKind.REVIEW: a_review,
    ReportKind.BRIEF: a_brief,
    ReportKind.PLANNING: a_planning,
    ReportKind.RETROSPECTIVE: a_retrospective,
}


def ours(element: Element, foreign: Sequence[str] = FOREIGN) -> Iterator[str]:
    """What stands on a page, and what is read out to the blind, as far as it is of the kind."""
    marks = {element.attrib.get("id"), *element.attrib.get("class", "").split()}
    tag = str(element.tag).rpartition("}")[2]
    if tag in ("svg", "style", "script") or marks & set(foreign):
        return
    yield element.attrib.get("aria-label", "")
    yield element.text or ""
    for child in element:
        yield from ours(child, foreign)
        yield child.tail or ""


def body_of(page: str) -> Element:
    """A page, its long words whole again."""
    root = html5lib.parse(page.replace("<wbr>", ""), namespaceHTMLElements=False)
    body: Element = root.find("body")
    return body


def data_of(report: Report) -> list[str]:
    """What people and sources wrote, and what the service report says as well."""
    incidents = [one.incident for one in report.incidents]
    written = [
        *(text for one in incidents for text in (one.title, one.cause, one.follow_up)),
        *(what for one in incidents for _, what in one.timeline),
        *(text for one in report.results for text in (one.slo.title, one.slo.title.lower())),
        *(text for one in report.results for text in (one.slo.impact, one.reason or "")),
        *(text for one in report.recommendations for text in (one.action, one.evidence, one.due)),
        *(one.note for one in report.services),
        *(objective_row(one).word for one in report.results),
        report.headline,
        report.policy,
        report.request.footer,
        facts(report),
    ]
    return sorted(filter(None, written), key=len, reverse=True)


def english_in(text: str, report: Report) -> set[str]:
    """English words that are left where the data are taken out."""
    text = text.replace("_ ", "_")  # a long name may be broken there
    with speaking("de"):
        for one in data_of(report):
            text = re.sub(rf"(?<!\w){re.escape(one)}(?!\w)", " ", text)
    return set(re.findall(r"[a-z]+", text.lower())) & ENGLISH


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize("data", ["usual", "odd", "nothing"])
def test_a_page_and_a_mail_hold_no_english(kind: ReportKind, data: str) -> None:
    snapshot = {
        "usual": MADE[kind],
        "odd": lambda: of_kind(a_snapshot([*COMMERCE, *ODD]), kind),
        "nothing": lambda: of_kind(a_snapshot((), incidents=()), kind),
    }[data]()
    report = build_report(speaking_of(snapshot, "de"))
    mail = mail_body(report)
    for page in (render_html(report).decode(), mail.html):
        assert english_in(" ".join(ours(body_of(page))), report) == set()
    assert english_in(mail.subject, report) == set()


def test_a_portfolio_holds_no_english() -> None:
    report = build_report(speaking_of(a_portfolio(24), "de"))
    assert report.portfolio is not None
    assert "erreichten alle ihre Ziele" in report.headline
    assert [one.label for one in report.figures[:3]] == [
        "Dienste erreichten alles", "Zielen erreicht", "Dienste gefährdet",
    ]  # fmt: skip
    assert "Vorfälle" in report.figures[3].label
    body = body_of(render_html(report).decode())
    text = " ".join(ours(body, (*FOREIGN, "actions", "method")))
    assert english_in(text, report) == set()


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        (
            ReportKind.REVIEW,
            (
                "Wochenbesprechung, Commerce platform, Woche 43, 2026 (19. bis 25. Oktober): "
                "1 Entscheidung und 1 Maßnahme"
            ),
        ),
        (
            ReportKind.BRIEF,
            "In Kürze, Commerce platform, Oktober 2026: 5 von 6 Diensten hielten ihre Versprechen",
        ),
        (ReportKind.PLANNING, "Quartalsplanung, Commerce platform, Q4 2026: 1 Entscheidung"),
        (
            ReportKind.RETROSPECTIVE,
            (
                "Rückblick auf einen Vorfall, Commerce platform, Oktober 2026: Writer connection "
                "pool exhausted"
            ),
        ),
    ],
)
def test_the_subject_is_german(kind: ReportKind, subject: str) -> None:
    report = build_report(speaking_of(MADE[kind](), "de"))
    assert mail_body(report).subject.replace("\u202f", " ") == subject


def in_german(text: Callable[[Report], str], snapshot: Snapshot) -> str:
    report = build_report(speaking_of(snapshot, "de"))
    with speaking("de"):
        return text(report)


@pytest.mark.parametrize(
    ("services", "told"),
    [
        (
            COMMERCE,
            "Oktober 2026: Fünf von sechs Diensten hielten ihre Versprechen; Checkout nicht.",
        ),
        (COMMERCE[1:], "Oktober 2026: Alle fünf Dienste hielten ihre Versprechen."),
        (COMMERCE[1:2], "Oktober 2026: Der eine Dienst hielt seine Versprechen."),
        (COMMERCE[:1], "Oktober 2026: Kein Dienst hielt seine Versprechen."),
    ],
)
def test_the_headline_of_a_brief_is_one_sentence_in_german(services: object, told: str) -> None:
    assert in_german(plain_headline, a_brief(services)) == told


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (week(2026, 43, ZONE), "Diese Woche: "),
        (rolling(28, date(2026, 11, 1), ZONE), "In diesen Tagen: "),
    ],
)
def test_a_brief_of_other_periods_begins_with_a_capital(days: object, told: str) -> None:
    assert in_german(plain_headline, a_brief(period=days, incidents=())).startswith(told)


def test_documents_are_named_for_how_often_they_come() -> None:
    assert in_german(review_name, a_planning()) == "Quartalsbesprechung"
    assert in_german(planning_name, a_review()) == "Wochenplanung"


def test_counts_ask_for_their_forms() -> None:
    result = build_report(a_planning()).results[0]
    kept = Proposal(result, "keep", Decimal("0.999"), "")
    with speaking("de"):
        assert fits([kept]) == ("1 Zielwert bleibt, wie er ist.",)
        assert fits([kept, kept]) == ("Zwei Zielwerte bleiben, wie sie sind.",)
        assert named(["A", "B", "C", "D", "E"]) == "A, B, C und zwei weitere"


def test_a_retrospective_finds_its_own_action_in_any_language() -> None:
    """The action belongs to the incident by what it cost, not by its words."""
    for language in ("en", "de"):
        report = build_report(speaking_of(a_retrospective(), language))
        page = render_html(report).decode()
        section = page[page.index('id="actions"') :]
        fixes = [one for one in report.recommendations if one.kind == "fix-incident"]
        shown = [one for one in fixes if one.action in section]
        assert len(fixes) > 1
        assert [INCIDENTS[2].title in one.action for one in shown] == [True]


def test_what_would_have_been_is_told_for_one_and_for_many() -> None:
    report = build_report(speaking_of(a_retrospective(), "de"))
    judged = chosen(report)
    assert judged is not None
    missed = [one for one in report.results if one.outcome is Outcome.MISSED]
    with speaking("de"):
        assert counterfactual(judged, missed[:1]) == (
            "Ohne ihn wäre das Ziel erreicht worden: Checkout Availability."
        )
        assert counterfactual(judged, missed).startswith("Ohne ihn wären diese Ziele erreicht")
        bare = replace(judged, incident=replace(judged.incident, cause=""))
        assert "Keine Ursache ist festgehalten." in lessons(bare, missed, report).badly
