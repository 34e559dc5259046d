"""What the governance documents say of data: agenda, checklist, proposals, lessons, roles."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from support.kinds import a_planning, a_retrospective, a_review, told_incident
from support.snapshots import COMMERCE, INCIDENTS, ODD, Promise, Service, a_snapshot

from slo_reports.compute import build_report
from slo_reports.model import (
    Asked,
    Followed,
    FollowUp,
    FollowWord,
    Notice,
    Report,
    Snapshot,
    Tier,
)
from slo_reports.periods import week
from slo_reports.render import render_html
from slo_reports.render.brief import plain_headline, plain_result
from slo_reports.render.governance import decisions, roles
from slo_reports.render.months import by_month, months_of
from slo_reports.render.proposals import Proposal, proposal
from slo_reports.render.retrospective import (
    chosen,
    counterfactual,
    lessons,
    retrospective_values,
    timeline,
)
from slo_reports.render.review import agenda, checks, review_letter, review_values

# --- the review ----------------------------------------------------------------------------------


def test_the_agenda_is_half_an_hour_in_three_parts() -> None:
    items = agenda(build_report(a_review()))
    assert [(one.minutes, one.title) for one in items] == [
        ("0–10", "Performance"), ("10–20", "Incidents"), ("20–30", "Decisions"),
    ]  # fmt: skip
    assert items[0].points == ("At risk: Checkout", "Five services met everything")
    assert items[1].points[0].startswith("A, Writer connection pool exhausted: 49")
    assert items[1].lead == "Team Basket"
    assert items[2].points[0].startswith("Hold feature releases of Checkout")


def ticked(snapshot: Snapshot) -> dict[str, tuple[bool, str]]:
    return {one.what: (one.ticked, one.why) for one in checks(build_report(snapshot))}


def test_the_checklist_is_ticked_by_the_data_and_says_why_not() -> None:
    found = ticked(a_review())
    assert found["Every objective has a verdict"] == (True, "12 of 12")
    assert found["No error budget is used up"] == (False, "Used up: Checkout latency under 500 ms")
    assert found["Every incident has a cause on record"] == (False, "Not: A")
    assert found["The reports before arrived"] == (True, "Nothing else is on record")


def test_a_cause_on_record_ticks_its_line() -> None:
    found = ticked(a_review(incidents=(told_incident(),)))
    assert found["Every incident has a cause on record"] == (True, "The one")
    assert found["Every incident has a follow-up on record"] == (True, "The one")


def test_a_quiet_week_ticks_what_is_about_incidents() -> None:
    found = ticked(a_review(incidents=()))
    assert found["Every incident has a cause on record"] == (True, "There was none")


def test_odd_data_leave_their_lines_open() -> None:
    found = ticked(a_review(services=ODD, incidents=()))
    assert not found["Every objective has a verdict"][0]
    assert "Reviews availability" in found["Every objective has a verdict"][1]
    assert not found["The data are complete"][0]


def test_a_report_that_did_not_arrive_leaves_its_line_open() -> None:
    late = replace(a_review(), notices=(Notice("undelivered", "Week 42 was refused"),))
    assert ticked(late)["The reports before arrived"] == (False, "Not all: Week 42 was refused")


ASKED_BEFORE = "What the report before asked for is done"


def followed(*words: FollowWord, problem: str = "") -> tuple[bool, str] | None:
    """The line about the report before, which asked for so many things."""
    report = build_report(a_review())
    told = tuple(
        Followed(Asked("fix-incident", f"Mend {n}", "Team", "now", "Shop", None), word, "Because.")
        for n, word in enumerate(words)
    )
    assert report.insight is not None
    insight = replace(report.insight, follow_up=FollowUp(week(2026, 42, "UTC"), told, problem))
    lines = {one.what: (one.ticked, one.why) for one in checks(replace(report, insight=insight))}
    return lines.get(ASKED_BEFORE)


def test_the_checklist_asks_what_became_of_the_actions_before() -> None:
    done, moot, pending = FollowWord.DONE, FollowWord.MOOT, FollowWord.OPEN
    assert followed(done, moot) == (True, "All two are done or no longer needed")
    assert followed(moot) == (True, "The one thing is done or no longer needed")
    assert followed() == (True, "It asked for nothing")
    assert followed(done, pending, FollowWord.UNKNOWN) == (
        False, "Two of three not known to be done: Mend 1 and Mend 2",
    )  # fmt: skip
    assert followed(problem="It is lost.") == (False, "It is lost")


def test_without_a_report_before_the_checklist_asks_nothing_about_it() -> None:
    assert ASKED_BEFORE not in ticked(a_review())


def test_a_review_shows_the_services_that_may_not_release() -> None:
    report = build_report(a_review())
    values = review_values(report)
    assert [one.service for one in values["held"]] == ["Checkout"]
    assert values["calm"].startswith("Five services are healthy")
    page = render_html(report).decode()
    assert 'id="h-releases"' in page
    assert "EBP-4" in page
    (told,) = [one for one in review_letter(report).sections if one.title == "Release decisions"]
    assert told.points[0].text.startswith("Exhausted: low risk block")
    calm = render_html(replace(report, decisions=())).decode()
    assert 'id="h-releases"' not in calm


def test_a_planning_shows_the_toil_of_each_team() -> None:
    report = build_report(a_planning())
    page = render_html(report).decode()
    section = page[page.index('<section class="follows" id="toil"') :]
    assert all(one.team in section[: section.index("</section>")] for one in report.toil)
    assert page.index('id="work"') < page.index('id="toil"') < page.index('id="decisions"')
    assert 'id="toil"' not in render_html(replace(report, toil=())).decode()


def test_what_does_not_fit_into_a_review_is_counted() -> None:
    many = [replace(one, name=f"{one.name} {n}") for n in range(5) for one in COMMERCE]
    values = review_values(build_report(a_review(services=many)))
    assert len(values["status"]) + values["status_left_out"] == 30
    assert values["status_left_out"] == 6


def test_who_decides_is_the_product_owner_where_one_is_named() -> None:
    report = build_report(a_review())
    assert decisions(report)[0].owner == "Team Basket"
    labelled = build_report(_owned(a_review(), "Ada Byron"))
    assert decisions(labelled)[0].owner == "Ada Byron"
    assert decisions(labelled)[0].options == ("Hold them", "Release all the same")


def _owned(snapshot: Snapshot, name: str) -> Snapshot:
    subjects = tuple(
        replace(one, slo=replace(one.slo, labels=(("product_owner", name),)))
        for one in snapshot.subjects
    )
    return replace(snapshot, subjects=subjects)


def test_roles_name_people_from_the_definitions() -> None:
    slo_owner, team, product = roles(build_report(a_review()))
    assert slo_owner.people[0] == ("Team Basket", "Checkout and Orders")
    assert team.people == slo_owner.people
    assert product.people == ()
    assert product.missing == "Nobody is named: give the definitions a label product_owner."
    assert roles(build_report(_owned(a_review(), "Ada")))[2].people[0][0] == "Ada"


# --- the planning --------------------------------------------------------------------------------


def planned(promise: Promise, snapshot: Snapshot | None = None) -> Proposal:
    service = Service("Checkout", "Team Basket", Tier.CRITICAL, (promise,))
    report = build_report(snapshot or a_planning(services=[service]))
    (result,) = report.results
    return proposal(result, by_month(result, months_of(report)), report)


def test_the_months_add_up_to_the_quarter() -> None:
    report = build_report(a_planning())
    months = months_of(report)
    assert months == (date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1))
    for result in report.results:
        days = [sum(d.valid for d in result.days if d.day.month == m.month) for m in months]
        assert sum(days) == pytest.approx(result.valid)
        parts = by_month(result, months)
        bad = sum(
            (1 - part.sli) * valid
            for part, valid in zip(parts, days, strict=True)
            if part.sli is not None
        )
        assert bad == pytest.approx(result.budget.bad, rel=1e-6)


def test_a_month_uses_its_own_budget() -> None:
    quiet = Promise("availability", "Availability", "0.999", 9_000_000, 0.5)
    report = build_report(
        a_planning(services=[Service("Shop", "Team", Tier.CRITICAL, (quiet,))], incidents=())
    )
    for one in by_month(report.results[0], months_of(report)):
        assert one.consumed == pytest.approx(0.5, abs=0.05)


def test_a_target_missed_in_most_months_is_too_tight() -> None:
    made = planned(Promise("availability", "Availability", "0.999", 9_000_000, 2.2))
    assert (made.verdict, made.target) == ("lower", Decimal("0.995"))
    assert made.why.startswith("Missed in three of three months.")


def test_a_target_that_hardly_uses_its_budget_could_be_higher() -> None:
    loose = Promise("availability", "Availability", "0.99", 9_000_000, 0.04, {}, (0.03, 0.05, 0.04))
    made = planned(loose)
    assert (made.verdict, made.target) == ("raise", Decimal("0.999"))
    assert "Never more than 5" in made.why


def test_a_single_quarter_is_too_little_to_raise_a_target() -> None:
    made = planned(Promise("availability", "Availability", "0.99", 9_000_000, 0.04))
    assert (made.verdict, made.changes) == ("keep", False)


def test_what_has_no_verdict_is_measured_first() -> None:
    made = planned(Promise("availability", "Availability", "0.99", 0, 0.0))
    assert made.verdict == "measure"


def test_one_bad_month_changes_no_target() -> None:
    report = build_report(a_planning())
    result = report.results[0]
    made = proposal(result, by_month(result, months_of(report)), report)
    assert result.outcome == "missed"
    assert made.verdict == "keep"
    assert "kept in two of three months" in made.why


# --- the retrospective ---------------------------------------------------------------------------


def looked_back(incident: str = "INC-2063", **snapshot: object) -> Report:
    return build_report(a_retrospective(incident, **snapshot))


@pytest.mark.parametrize("name", ["C", "c", "INC-2063", "inc-2063", " C "])
def test_an_incident_is_named_by_letter_or_id(name: str) -> None:
    found = chosen(looked_back(name))
    assert found is not None
    assert found.incident.title == "Writer connection pool exhausted"


def test_without_a_name_the_dearest_incident_is_looked_at() -> None:
    found = chosen(looked_back(""))
    assert found is not None
    assert found.incident.id == "INC-2063"


def test_an_incident_that_is_not_there_is_none() -> None:
    assert chosen(looked_back("Z")) is None
    assert chosen(looked_back("", incidents=())) is None


def test_the_timeline_holds_what_people_wrote_and_what_is_measured() -> None:
    report = looked_back()
    judged = chosen(report)
    assert judged is not None
    told = [(one.at, one.what) for one in timeline(judged, [], report.period.zone)]
    assert ("19 Oct 14:02", "Release 8.15.0 is out") in told
    assert ("19 Oct 14:09", "It is noticed: CheckoutErrorBudgetBurn") in told
    assert ("19 Oct 15:08", "It is over") in told
    assert told == sorted(told, key=lambda one: one[0])


def test_the_costs_are_those_of_the_report_with_what_would_be_left() -> None:
    values = retrospective_values(looked_back())
    first = values["costs"][0]
    assert (first.title, first.share) == ("Checkout availability", "49\u202f%")
    assert (first.left, first.without) == ("−18\u202f%", "30\u202f%")
    assert first.changed
    assert "Checkout availability" in values["counterfactual"]
    assert values["cause"].startswith("A deploy doubled")
    assert len(values["pictures"]) == 2
    assert ">C<" in values["pictures"][0][1]


def test_a_cheap_incident_changed_nothing() -> None:
    report = looked_back("INC-2041")
    judged = chosen(report)
    assert judged is not None
    touched = [one for one in report.results if one.slo.id == judged.costs[0][0]]
    assert "was met all the same" in counterfactual(judged, touched)


def test_lessons_are_drawn_from_the_data() -> None:
    report = looked_back()
    judged = chosen(report)
    assert judged is not None
    touched = [one for one in report.results if one.slo.id == judged.costs[0][0]]
    found = lessons(judged, touched, report)
    assert "A cause is on record." in found.well
    assert any("more incidents hit the same services" in one for one in found.badly)
    bare = replace(judged, incident=INCIDENTS[2], time_to_recover=timedelta(hours=5))
    worse = lessons(bare, touched, report)
    assert "No cause is on record." in worse.badly
    assert any("to mend" in one for one in worse.badly)


# --- the brief -----------------------------------------------------------------------------------

JARGON = ("SLO", "SLI", "objective", "budget", "burn", "percentile", "latency")


def test_a_brief_speaks_plainly() -> None:
    report = build_report(a_snapshot([*COMMERCE, *ODD]))
    told = [plain_headline(report), *(plain_result(one) for one in report.results)]
    for word in JARGON:
        assert not [one for one in told if re.search(rf"(?i)\b{word}s?\b", one)], word


def test_a_brief_counts_what_failed_against_what_is_allowed() -> None:
    report = build_report(a_snapshot())
    texts = {one.slo.id: plain_result(one).replace("\u202f", " ") for one in report.results}
    assert texts["commerce/checkout-availability"] == (
        "31 152 of 26.4 million requests failed: 18 % more than its promise allows."
    )
    assert texts["commerce/search-latency-300ms"] == (
        "1 769 000 of 61.0 million answers were too slow: 58 % of what its promise allows."
    )


def test_a_brief_says_what_cannot_be_told() -> None:
    report = build_report(a_snapshot(ODD, incidents=()))
    texts = {one.slo.service: plain_result(one) for one in report.results}
    assert texts["Vouchers"] == "Nobody used it."
    assert texts["Reviews"] == "It could not be measured."
    assert "too little to tell" in texts["Returns"]
