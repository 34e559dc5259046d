"""What code says about a report in German: nothing of it is left in English."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from support.snapshots import OCTOBER, ODD, a_second_revision, a_snapshot

from slo_reports.compute import build_report
from slo_reports.compute.following import asked_in
from slo_reports.language import speaking
from slo_reports.model import (
    DEFAULT_POLICY,
    Clause,
    Decision,
    Exclusion,
    GaugeIndicator,
    JourneyIndicator,
    JourneyStep,
    Measurement,
    Method,
    Report,
    Snapshot,
    Subject,
)
from slo_reports.periods import to_date
from slo_reports.render.chapters import chapters
from slo_reports.render.chat import summary
from slo_reports.render.mail import mail_body
from slo_reports.render.method import appendix_rows, exclusion_rows, gap_rows, method
from slo_reports.render.page import page_values

ENGLISH = re.compile(
    r"\b(the|of|and|is|were|are|be|been|not|with|without|from|left|each|this|that|these|no|"
    r"which|has|have|had|its|it|them|to|at|by|on|than|would|could|budget of|missed|events|"
    r"objectives?|services?|incidents?|slices?|samples|month|week|over the|spent|between)\b",
    re.IGNORECASE,
)
DATA = re.compile(r"incident log|Service-Level", re.IGNORECASE)


def plain(snapshot: Snapshot) -> Snapshot:
    """A snapshot in German whose names and words, which people wrote, hold nothing of English."""
    subjects = tuple(_plain(one, number) for number, one in enumerate(snapshot.subjects))
    incidents = tuple(
        replace(one, title=f"Störung {number}", cause="Datenbank", follow_up="Umbau", severity="s")
        for number, one in enumerate(snapshot.incidents)
    )
    request = replace(snapshot.request, language="de", title="Handel", footer="Fragen: Ada")
    again = snapshot.restatement
    return replace(
        snapshot,
        subjects=subjects,
        incidents=incidents,
        request=request,
        restatement=None if again is None else replace(again, reason="Späte Daten."),
    )


def _plain(one: Subject, number: int) -> Subject:
    said = "Die Quelle schweigt." if one.measurement.reason else None
    return replace(
        one,
        slo=replace(one.slo, title=f"Ziel {number}", impact="Niemand kann kaufen."),
        measurement=replace(one.measurement, reason=said, notes=()),
    )


def by_other_methods(snapshot: Snapshot) -> Snapshot:
    first, second, third, fourth, *rest = snapshot.subjects
    hour = timedelta(hours=1)
    start = OCTOBER.start + 2 * timedelta(days=1)
    gauge = GaugeIndicator("queue", (), "<=", Decimal(5))
    steps = JourneyStep(first.slo.id, critical=True), JourneyStep(fourth.slo.id, critical=True)
    journey = replace(fourth.slo, id="j", service="Weg", indicator=JourneyIndicator(steps))
    return replace(
        snapshot,
        subjects=(
            replace(first, slo=replace(first.slo, method=Method.TIMESLICES, slice_window=hour)),
            replace(second, slo=replace(second.slo, method=Method.RATIO_TIMESLICES)),
            replace(third, slo=replace(third.slo, indicator=gauge)),
            fourth,
            *rest,
            Subject(journey, Measurement(None)),
        ),
        exclusions=(
            Exclusion(start, start + hour, "Umzug", "Ada"),
            Exclusion(start + 2 * hour, start + 3 * hour, "Fehler", "Ada", "Bea", "adjustment"),
        ),
    )


def unmeasured(snapshot: Snapshot) -> Snapshot:
    first, *rest = snapshot.subjects
    blind = Subject(replace(first.slo, id="x", service="Blind"), Measurement(None))
    return replace(snapshot, subjects=(*rest, blind))


CASES = {
    "whole month": a_snapshot,
    "odd numbers": lambda: a_snapshot(ODD),
    "to date": lambda: a_snapshot(period=to_date(OCTOBER, OCTOBER.start + timedelta(days=20))),
    "other methods": lambda: by_other_methods(a_snapshot()),
    "not measured": lambda: unmeasured(a_snapshot()),
    "second revision": a_second_revision,
}


@pytest.fixture(scope="module", params=CASES)
def german(request: pytest.FixtureRequest) -> Report:
    return build_report(plain(CASES[request.param]()))


def english(texts: list[str]) -> list[str]:
    """Words of English with what stands around them."""
    return [
        f"{hit[0]!r} in {text[max(hit.start() - 40, 0) : hit.end() + 40]!r}"
        for text in texts
        for hit in ENGLISH.finditer(DATA.sub("", text))
    ]


def test_the_judgement_is_german(german):
    texts = [german.headline, german.policy, *german.notes]
    texts += [text for one in german.figures for text in (one.unit, one.label, one.before)]
    texts += [one.note for one in german.services]
    texts += [t for one in german.recommendations for t in (one.action, one.evidence, one.due)]
    texts += [one.verdict_exact for one in german.results]
    texts += [one.reason or "" for one in german.results]
    for service in german.decisions:
        texts += service.rationale
        for release in service.decisions:
            texts += [*release.conditions, *release.alternatives]
            texts += [release.clause.title, release.clause.text] if release.clause else []
    assert english(texts) == []


def test_chapters_and_their_pictures_are_german(german):
    with speaking("de"):
        shown = chapters(german)
    told = [one for chapter in (*shown.full, *shown.brief) for one in chapter.story]
    texts = [text for one in told for text in (one.lead, one.text)]
    for chapter in (*shown.full, *shown.brief):
        texts += [chapter.word, chapter.lede.strong, chapter.lede.text, chapter.shift]
        drawn = "".join(
            (
                chapter.burn_down,
                chapter.burn_rate,
                chapter.calendar,
                chapter.waterfall,
                chapter.trend,
            )
        )
        texts += re.findall(r">([^<>]+)<", drawn) + re.findall(r'data-tip="([^"]*)"', drawn)
    assert english(texts) == []


def test_the_method_is_german(german):
    with speaking("de"):
        texts = [text for one in method(german) for text in (one.lead, one.text)]
        texts += [text for one in gap_rows(german) for text in (one.spans, one.bounds)]
        texts += [t for one in exclusion_rows(german) for t in (one.when, one.reason, one.of)]
        texts += [one.said_by for one in exclusion_rows(german)]
        for row in appendix_rows(german):
            texts += [row.verdict, *row.notes]
    assert english(texts) == []


def test_the_frame_of_the_page_is_german(german):
    with speaking("de"):
        values = page_values(german)
    names = ("document", "description", "period", "noun", "trend_title", "facts", "before")
    texts = [values[name] for name in names]
    texts += [words for _, words in values["outcome_key"]]
    for service in values["services"]:
        texts += [service.word, service.said, service.tier]
        for row in service.rows:
            texts += [row.word, row.said, row.method, row.excluded, row.bounds, row.phases]
            with speaking("de"):
                texts.append(str(values["spark"](row.result)))
    for row in values["incidents"]:
        texts += [row.lasted, row.source, *row.details, *(one.without for one in row.costs)]
    assert english([re.sub(r"<[^>]*>", " ", text) for text in texts]) == []


def test_the_plain_mail_and_the_chat_are_german(german):
    mail, told = mail_body(german), summary(german)
    assert english([mail.subject, told.headline, told.worst, told.action]) == []
    assert english(mail.text.splitlines()) == []


def test_a_policy_that_somebody_wrote_stays_as_it_is_written():
    clause = Clause("EBP-4", "Freeze", "Nothing goes out.")
    ours = DEFAULT_POLICY.clauses
    policy = replace(DEFAULT_POLICY, name="House rules", clauses=(*ours[:3], clause, ours[4]))
    report = build_report(replace(plain(a_snapshot()), policy=policy))
    blocked = report.decisions[0].decisions[0]
    assert report.policy == "House rules, Version 1"
    assert (blocked.decision, blocked.clause) == (Decision.BLOCK, clause)
    assert "Nur die Korrektur herausgeben" in blocked.alternatives


def test_what_was_asked_in_german_still_knows_its_incident():
    asked = asked_in(build_report(plain(a_snapshot()))).asked
    fixes = [one for one in asked if one.kind == "fix-incident"]
    assert fixes
    assert all(one.incident is not None for one in fixes)


def test_the_unit_of_the_data_is_the_same_in_every_language():
    snapshot = by_other_methods(a_snapshot())
    units = {one.slo.id: one.unit for one in build_report(snapshot).results}
    assert {one.slo.id: one.unit for one in build_report(plain(snapshot)).results} == units
