"""Services, headline, figures and recommendations of whole snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from support.snapshots import (
    COMMERCE,
    INCIDENTS,
    OCTOBER,
    ODD,
    Promise,
    Service,
    a_snapshot,
)
from support.words import plain

from slo_reports import numbers
from slo_reports.compute import build_report
from slo_reports.compute.summary import fraction_words
from slo_reports.model import BudgetStatus, Incident, Recommendation, Report, ServiceState, Tier
from slo_reports.model.policies import EFFORT_DAYS, TIER_WEIGHT, UNSTATED, Ranking
from slo_reports.periods import to_date


def a_service(name: str, *consumed: float, **changes: object) -> Service:
    promises = tuple(
        replace(Promise(f"p{n}", f"Promise {n}", "0.99", 1_000_000, used), **changes)
        for n, used in enumerate(consumed, 1)
    )
    return Service(name, f"Team {name}", Tier.STANDARD, promises)


def report_of(*services: Service, incidents: Sequence[Incident] = ()) -> Report:
    return build_report(a_snapshot(services, incidents=incidents))


def kinds(report: Report) -> list[str]:
    return [one.kind for one in report.recommendations]


def the(report: Report, kind: str) -> Recommendation:
    (found,) = [one for one in report.recommendations if one.kind == kind]
    return found


COMMERCE_REPORT = build_report(a_snapshot())
ODD_REPORT = build_report(a_snapshot(ODD))


# --- services ------------------------------------------------------------------------------------


def test_services_and_their_objectives_come_worst_first() -> None:
    assert [(one.name, one.state) for one in COMMERCE_REPORT.services] == [
        ("Checkout", ServiceState.MISSED),
        ("Payments", ServiceState.AT_RISK),
        ("Recommendations", ServiceState.MET),
        ("Orders", ServiceState.MET),
        ("Search", ServiceState.MET),
        ("Catalogue", ServiceState.MET),
    ]
    assert [one.slo.title for one in COMMERCE_REPORT.services[4].results] == [
        "Latency under 300 ms",
        "Availability",
    ]


def test_the_order_of_the_definitions_does_not_matter() -> None:
    snapshot = a_snapshot(COMMERCE + ODD)
    turned = replace(snapshot, subjects=snapshot.subjects[::-1])
    names = [one.slo.id for one in build_report(snapshot).results]
    assert [one.slo.id for one in build_report(turned).results] == names


@pytest.mark.parametrize(
    ("service", "note"),
    [
        ("Checkout", "Both missed"),
        ("Payments", "18 % of the budget left on availability"),
        ("Recommendations", "More of the budget used than in September"),
        ("Search", "Much as in September"),
        ("Catalogue", "Less of the budget used than in September"),
        ("Vouchers", "No traffic"),
        ("Returns", "Data for 77.62 % of the time"),
        ("Reviews", "Not measured: Prometheus knows no series named review_requests_total."),
        ("Gift cards", "Measured since 15 Oct 10:00"),
        ("Ledger", "Its one objective met"),
    ],
)
def test_each_service_has_a_line(service: str, note: str) -> None:
    services = COMMERCE_REPORT.services + ODD_REPORT.services
    assert plain(next(one.note for one in services if one.name == service)) == note


def test_a_fast_burn_is_a_risk_though_much_is_left() -> None:
    late = Incident(
        OCTOBER.end - timedelta(days=3), OCTOBER.end, "SLOW", "Slow decay", "Shop", "ticket", "log"
    )
    report = report_of(a_service("Shop", 0.1, cost={"SLOW": 0.3}), incidents=[late])
    result, service = report.results[0], report.services[0]
    assert result.budget.remaining == pytest.approx(0.6, abs=0.01)
    assert (result.status, service.state) == (BudgetStatus.CRITICAL, ServiceState.AT_RISK)
    assert (
        service.note
        == f"Burning {numbers.burn_text(result.burn or 0)} as fast as planned on promise 1"
    )
    review = the(report, "review-releases")
    assert review.action == "Put off risky releases of Shop and review the others"
    assert "60 % of its budget left and burns 3." in plain(review.evidence)


def test_a_missed_one_of_three_is_named() -> None:
    assert report_of(a_service("Shop", 1.5, 0.5, 0.5)).services[0].note == "Missed on promise 1"
    assert report_of(a_service("Shop", 2, 2, 2)).services[0].note == "All three missed"


# --- headline ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("services", "sentence"),
    [
        pytest.param((), "This report covers no objectives.", id="none"),
        pytest.param(
            (a_service("Shop", 0.5),),
            "The one objective was met. The least budget is left on Shop promise 1: 50 %.",
            id="one met",
        ),
        pytest.param(
            (a_service("Shop", 1.5),),
            "The one objective was missed. Shop missed its only one.",
            id="one missed",
        ),
        pytest.param(
            (a_service("Shop", 0.5, 0.25),),
            "Both objectives were met. The least budget is left on Shop promise 1: 50 %.",
            id="two met",
        ),
        pytest.param(
            (a_service("Shop", 2), a_service("Bank", 3)),
            "None of the two objectives was met. Bank missed its only one, Shop its only one.",
            id="none met",
        ),
        pytest.param(
            (a_service("Shop", 2, 0.1, 0.2),),
            "Two of three objectives were met. Shop missed promise 1.",
            id="one of three",
        ),
        pytest.param(
            (a_service("A", 2), a_service("B", 2), a_service("C", 2), a_service("D", 0)),
            "One of four objectives was met. A, B and one more service missed objectives.",
            id="many missed",
        ),
        pytest.param(
            (a_service("Shop", 0.8), a_service("Bank", 0.9)),
            "Both objectives were met. Bank is at risk: 10 % of the budget left on promise 1; "
            "one more service is at risk too.",
            id="at risk",
        ),
        pytest.param(
            (ODD[0],),
            "The one objective could not be judged: no traffic.",
            id="one unknown",
        ),
        pytest.param(ODD[:2], "None of the two objectives could be judged.", id="all unknown"),
    ],
)
def test_the_headline_tells_what_was_met(services: tuple[Service, ...], sentence: str) -> None:
    assert plain(report_of(*services).headline) == sentence


def test_the_headline_of_the_example_month() -> None:
    assert COMMERCE_REPORT.headline == (
        "Ten of twelve objectives were met. Checkout missed both of its own: "
        "two incidents alone took four fifths of its error budget."
    )


def test_what_could_not_be_judged_is_never_passed_over() -> None:
    assert ODD_REPORT.headline.startswith(
        "Three of six objectives were met; three could not be judged."
    )
    both = report_of(a_service("Shop", 2), *ODD)
    assert both.headline.startswith(
        "Three of seven objectives were met, one missed; three could not be judged."
    )


def test_a_running_month_speaks_of_the_present() -> None:
    early = to_date(OCTOBER, datetime(2026, 10, 10, tzinfo=UTC))
    report = build_report(a_snapshot((a_service("Shop", 0.5, 0.2),), period=early, incidents=()))
    assert report.headline.startswith("Both objectives are met so far.")


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.79, "four fifths"),
        (0.5, "half"),
        (0.33, "a third"),
        (0.56, "56 %"),
        (1.2, "more than all"),
    ],
)
def test_shares_are_told_as_people_do(share: float, words: str) -> None:
    assert plain(fraction_words(share)) == words


# --- figures -------------------------------------------------------------------------------------


def test_the_four_figures_of_the_example_month() -> None:
    texts = [
        tuple(map(plain, (one.value, one.unit, one.label, one.before)))
        for one in COMMERCE_REPORT.figures
    ]
    assert texts == [
        ("10", "of 12", "objectives met", "12 in September"),
        ("-18", "%", "budget left, Checkout", "44 % in September"),
        ("4", "", "incidents, 2 h 19 min", "longest 1 h 03 min"),
        ("31 152", "", "failed, Checkout availability", "of 26.4 million"),
    ]


def test_figures_without_anything_to_tell() -> None:
    assert [one.value for one in report_of().figures] == ["0", "–", "0", "–"]
    mixed = build_report(a_snapshot(COMMERCE + ODD))
    assert mixed.figures[0].before == "12 of 12 in September"


# --- recommendations -----------------------------------------------------------------------------


def test_the_first_page_asks_for_what_saves_most_for_the_work() -> None:
    assert kinds(COMMERCE_REPORT)[:3] == ["hold-releases", "speed-up", "fix-incident"]
    first = COMMERCE_REPORT.recommendations[0]
    assert first.action == "Hold feature releases of Checkout until its error budget recovers"
    assert plain(first.evidence) == (
        "Availability used 118 % of its budget; it was spent on 21 Oct 21:25."
    )
    assert (first.owner, first.due) == ("Team Basket", "now")
    assert first.score == pytest.approx(1.18 * 2 / 0.25)


def test_the_cause_of_a_dear_incident_is_to_be_removed() -> None:
    fixes = [one for one in COMMERCE_REPORT.recommendations if one.kind == "fix-incident"]
    assert [one.action for one in fixes] == [
        "Remove the cause of incident C: Writer connection pool exhausted",
        "Remove the cause of incident A: Payment provider timed out",
        "Remove the cause of incident B: Deploy 8.14.2 broke basket prices",
    ]
    assert plain(fixes[0].evidence) == (
        "It took 49 % of the budget of Checkout availability in 1 h 03 min; "
        "without it 30 % would be left."
    )
    assert fixes[0].due == "15 Nov"


def test_little_left_asks_for_reviewed_releases() -> None:
    review = the(COMMERCE_REPORT, "review-releases")
    assert review.service == "Payments"
    assert plain(review.evidence) == "Availability has 18 % of its budget left."


def test_lacking_data_ask_for_monitoring() -> None:
    found = [one for one in ODD_REPORT.recommendations if one.kind == "restore-monitoring"]
    assert [one.service for one in found] == ["Reviews", "Returns"]
    assert plain(found[1].evidence) == (
        "Data for 77.62 % of the time; the longest gap is 6 d 23 h from 4 Oct 11:20. "
        "A verdict needs 95 %."
    )


def test_few_events_are_pointed_out() -> None:
    few = the(ODD_REPORT, "widen-what-counts")
    assert plain(few.evidence) == "412 events: one failure is 24 % of the budget."


def test_a_target_that_is_missed_again_and_again_is_questioned() -> None:
    report = report_of(a_service("Shop", 0.5, past=(1.2, 0.5, 1.3, 0.2, 1.1)))
    tight = the(report, "loosen-target")
    assert tight.evidence == "Missed in three of the last six months."
    twice = report_of(a_service("Shop", 0.5, past=(1.2, 0.5, 1.3)))
    assert "loosen-target" not in kinds(twice)


def test_a_target_that_asks_for_nothing_is_questioned() -> None:
    loose = the(
        report_of(a_service("Shop", 0.02, past=(0.05, 0.1, 0.02, 0.0, 0.03))), "tighten-target"
    )
    assert plain(loose.evidence) == "Never more than 10 % of the budget used in six months."
    busy = report_of(a_service("Shop", 0.02, past=(0.05, 0.11, 0.02, 0.0, 0.03)))
    assert "tighten-target" not in kinds(busy)
    young = report_of(a_service("Shop", 0.02, past=(0.05,)))
    assert "tighten-target" not in kinds(young)


def test_an_incident_without_a_runbook_asks_for_one() -> None:
    cost = {"INC-2063": 0.1}
    service = a_service("Checkout", 0.1, cost=cost, runbook=False)
    report = report_of(service, incidents=INCIDENTS)
    runbook = the(report, "write-runbook")
    assert plain(runbook.evidence) == "Incident C took 11 % of its budget and no runbook is named."


def test_a_broken_promise_of_everything_holds_releases() -> None:
    report = report_of(a_service("Ledger", 0.0, target="1"))
    assert "hold-releases" not in kinds(report)
    snapshot = a_snapshot((a_service("Ledger", 0.0, target="1"),), incidents=())
    subject = snapshot.subjects[0]
    slices = subject.measurement.slices
    assert slices is not None
    good = slices.good.copy()
    good[100] -= 1
    measurement = replace(subject.measurement, slices=replace(slices, good=good))
    broken = build_report(replace(snapshot, subjects=(replace(subject, measurement=measurement),)))
    hold = the(broken, "hold-releases")
    assert plain(hold.evidence) == "Promise 1 promises 100 %; one event failed."
    exhaustion = broken.results[0].exhaustion
    assert exhaustion is not None
    assert exhaustion.at == OCTOBER.start + 101 * timedelta(minutes=5)


def test_every_recommendation_has_evidence_an_owner_and_a_date() -> None:
    found = COMMERCE_REPORT.recommendations + ODD_REPORT.recommendations
    assert all(one.evidence.endswith(".") and one.owner and one.due for one in found)
    assert all(not one.action.endswith(".") for one in found)
    assert {one.kind for one in found} <= set(EFFORT_DAYS)
    assert set(TIER_WEIGHT) == {*Tier, UNSTATED}
    for one in found:
        assert one.score == pytest.approx(one.gain * one.weight / one.effort_days)
    scores = [one.score for one in COMMERCE_REPORT.recommendations]
    assert scores == sorted(scores, reverse=True)


def test_efforts_weights_and_limits_are_the_policys() -> None:
    snapshot = a_snapshot()
    ranking = Ranking(
        effort_days={**EFFORT_DAYS, "fix-incident": 0.1},
        tier_weight={**TIER_WEIGHT, "critical": 10},
        costly_incident=0.35,
        missed_often=1,
        few_failures=10_000,
    )
    other = replace(snapshot, policy=replace(snapshot.policy, ranking=ranking))
    found = build_report(other).recommendations
    fix = [one for one in found if one.kind == "fix-incident"]
    assert len(fix) == 2  # 31 % of a budget is no longer enough
    assert fix[0].score == pytest.approx(fix[0].gain * 10 / 0.1)
    assert (fix[0].weight, fix[0].effort_days) == (10, 0.1)
    kinds = {one.kind for one in found}
    assert {"loosen-target", "widen-what-counts"} <= kinds
    assert not {"loosen-target", "widen-what-counts"} & {
        one.kind for one in build_report(snapshot).recommendations
    }
