"""Release decisions: the matrix, the strictest objective, causes, and until when they hold."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.snapshots import COMMERCE, INCIDENTS, OCTOBER, ODD, a_snapshot

from slo_reports.compute import build_report
from slo_reports.compute.decisions import (
    WORST_FIRST,
    decided_until,
    release_decisions,
    valid_until,
)
from slo_reports.model import (
    DEFAULT_POLICY,
    BudgetStatus,
    CauseClass,
    Decision,
    Expiry,
    Risk,
    Snapshot,
)
from slo_reports.periods import rolling, to_date, week

UNTIL = datetime(2026, 12, 1, tzinfo=UTC)
APPROVE, REVIEW, DEFER, BLOCK = Decision
MATRIX = {  # docs/arithmetic.md, by hand
    "healthy": (APPROVE, APPROVE, REVIEW),
    "attention": (APPROVE, REVIEW, DEFER),
    "warning": (REVIEW, DEFER, BLOCK),
    "critical": (DEFER, BLOCK, BLOCK),
    "exhausted": (BLOCK, BLOCK, BLOCK),
    "unknown": (REVIEW, REVIEW, DEFER),
}


@pytest.fixture(scope="module")
def report():
    return build_report(a_snapshot())


def service_with(report, *statuses):
    """A service whose objectives have the given statuses."""
    first, second = report.services[0].results
    results = [replace(one, status=status) for one, status in zip((first, second), statuses)]  # noqa: B905  # one may be enough
    return replace(report.services[0], results=tuple(results))


def decided(report, *statuses, policy=DEFAULT_POLICY):
    (found,) = release_decisions([service_with(report, *statuses)], (), policy, UNTIL)
    return found


def words(found):
    return tuple(one.decision for one in found.decisions)


@pytest.mark.parametrize("status", BudgetStatus)
def test_the_matrix_holds_every_status_and_risk(report, status):
    found = decided(report, status)
    assert words(found) == MATRIX[status]
    assert [one.risk for one in found.decisions] == list(Risk)
    assert found.status is status
    assert found.rationale
    for one in found.decisions:
        assert one.conditions
        assert one.clause is not None
        assert one.by_matrix is one.decision
        assert one.alternatives or one.decision is APPROVE


@given(st.sampled_from(BudgetStatus), st.sampled_from(BudgetStatus))
def test_the_strictest_objective_decides_and_the_worst_is_told_first(first, second):
    found = decided(REPORT, first, second)
    alone = (decided(REPORT, first), decided(REPORT, second))
    for risk in Risk:
        strictest = max(one.decision(risk).decision.strictness for one in alone)
        assert found.decision(risk).decision.strictness == strictest
    assert found.status is min(first, second, key=WORST_FIRST.index)
    assert found.objectives[0].status is found.status
    assert any(one.slo == found.decision(Risk.LOW).slo for one in found.objectives)


REPORT = build_report(a_snapshot())


@pytest.mark.parametrize("risk", Risk)
def test_what_is_unknown_is_never_approved(report, risk):
    for other in BudgetStatus:
        found = decided(report, other, BudgetStatus.UNKNOWN)
        assert found.decision(risk).decision is not APPROVE


def test_the_rationale_tells_the_numbers_and_how_the_others_stand(report):
    checkout = report.decisions[0]
    told = " ".join(checkout.rationale).replace("\u202f", " ")
    assert told == (
        "Checkout availability measured 99.882 % against 99.9 %: 118 % of its error budget used, "
        "−18 % left. It burns at 0.23× over the last 3 d, 1.18× over the whole period. "
        "The budget was spent on 21 Oct 21:25. Its other objective: one exhausted."
    )
    assert checkout.decision(Risk.LOW).clause.id == "EBP-4"
    assert "The hold ends once budget is left again" in checkout.decision(Risk.LOW).conditions


def test_what_cannot_be_judged_says_why():
    found = {one.service: one for one in build_report(a_snapshot(ODD)).decisions}
    told = {name: " ".join(one.rationale).replace("\u202f", " ") for name, one in found.items()}
    assert told["Returns"] == (
        "Returns availability could not be judged. "
        "Data for 77.62 % of the time; a verdict needs 95 %."
    )
    assert "knows no series named review_requests_total" in told["Reviews"]
    assert told["Vouchers"].endswith("No traffic.")
    assert told["Ledger"].endswith("against 100 %: 0 failed, none may.")
    for name in ("Returns", "Reviews", "Vouchers"):
        assert words(found[name]) == MATRIX["unknown"]
        assert found[name].decision(Risk.HIGH).clause.id == "EBP-5"


def test_conditions_of_a_status_go_with_every_decision_but_approve(report):
    extra = replace(DEFAULT_POLICY.statuses[BudgetStatus.UNKNOWN], conditions=("Ask Ada",))
    policy = replace(
        DEFAULT_POLICY, statuses={BudgetStatus.ATTENTION: extra, BudgetStatus.UNKNOWN: extra}
    )
    found = decided(report, BudgetStatus.ATTENTION, policy=policy)
    assert ["Ask Ada" in one.conditions for one in found.decisions] == [False, True, True]


# --- causes ---


def with_causes(*causes, policy=DEFAULT_POLICY):
    incidents = [replace(one, cause=cause) for one, cause in zip(INCIDENTS, causes, strict=True)]
    made = build_report(replace(a_snapshot(incidents=incidents), policy=policy))
    return {one.service: one for one in made.decisions}


def spent_by(found, service="Checkout"):
    (one,) = [one for one in found[service].objectives if "availability" in one.slo]
    return one.spent_by


@pytest.mark.parametrize(
    ("cause", "name"),
    [
        ("A deploy doubled the connections", "own-release"),
        ("Two DEPLOYS in a row", "own-release"),
        ("dependency: our own release was innocent", "dependency"),
        ("own release: a vendor's library", "own-release"),
        ("The vendor's data centre flooded", "dependency"),
        ("The deployed version was fine", ""),
        ("", ""),
        ("strange: nobody knows", ""),
    ],
)
def test_a_cause_is_of_the_class_that_it_names_or_holds_a_word_of(cause, name):
    found = spent_by(with_causes("", cause, cause, ""))
    assert ("" if found is None else found.name) == name


def test_a_class_counts_where_it_took_half_of_what_was_spent():
    found = with_causes("", "A deploy", "A deploy", "")
    share = spent_by(found)
    assert share.incidents == ("B", "C")
    assert share.share == pytest.approx((0.31 + 0.48) / 1.18, abs=0.02)
    assert "68 % of what was spent went into incidents B and C (own-release)." in " ".join(
        found["Checkout"].rationale
    ).replace("\u202f", " ")
    assert spent_by(with_causes("", "A deploy", "A vendor", "")) is None
    assert spent_by(with_causes("A vendor", "", "", ""), "Payments") is None  # 37 of 82 %


def test_ours_lets_no_cause_change_a_decision():
    for cause in DEFAULT_POLICY.causes:
        found = with_causes("", f"{cause}: x", f"{cause}: x", "")
        assert spent_by(found).name == cause
        assert words(found["Checkout"]) == MATRIX["exhausted"]


def test_a_policy_may_turn_a_block_into_a_review_for_objectives_of_that_cause_only():
    lenient = CauseClass(("vendor",), "Look at it", instead={BLOCK: REVIEW})
    policy = replace(DEFAULT_POLICY, causes={"dependency": lenient})
    found = with_causes("", "A vendor", "A vendor", "", policy=policy)["Checkout"]
    availability, latency = found.objectives
    assert availability.decisions == (REVIEW, REVIEW, REVIEW)
    assert "Look at it." in availability.rationale
    assert latency.decisions == (BLOCK, BLOCK, BLOCK)  # its budget went elsewhere
    assert words(found) == (BLOCK, BLOCK, BLOCK)
    assert found.decision(Risk.LOW).slo == latency.slo


# --- until when ---


@pytest.mark.parametrize(
    ("period", "until"),
    [
        (OCTOBER, datetime(2026, 11, 30, 23, tzinfo=UTC)),
        (to_date(OCTOBER, datetime(2026, 10, 22, tzinfo=UTC)), OCTOBER.end),
        (week(2026, 43, "UTC"), datetime(2026, 11, 2, tzinfo=UTC)),
        (rolling(28, datetime(2026, 11, 1).date(), "UTC"), datetime(2026, 11, 29, tzinfo=UTC)),  # noqa: DTZ001
    ],
)
def test_the_decisions_of_a_report_hold_until_the_next(period, until):
    assert valid_until(period, DEFAULT_POLICY) == until


def test_a_policy_may_let_them_hold_for_a_while_after_the_data():
    policy = replace(DEFAULT_POLICY, expiry=Expiry(timedelta(days=3), timedelta(hours=1)))
    assert valid_until(OCTOBER, policy) == OCTOBER.end + timedelta(days=3)
    assert decided_until(UNTIL, policy) == UNTIL + timedelta(hours=1)


# --- the snapshot ---


def test_ours_is_not_in_the_snapshot_and_another_one_comes_back_from_it():
    plain = a_snapshot(COMMERCE[:1])
    assert b'"policy"' not in plain.to_json()
    cause = CauseClass(("x",), "y", 0.25, {BLOCK: REVIEW})
    other = replace(DEFAULT_POLICY, name="Ours", teams={"A": 4.5}, causes={"c": cause})
    frozen = replace(plain, policy=other).to_json()
    again = Snapshot.from_json(frozen)
    assert again.policy == other
    assert again.to_json() == frozen
    assert Snapshot.from_json(plain.to_json()).policy == DEFAULT_POLICY
