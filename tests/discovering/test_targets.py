"""What is proposed from what was seen: never a missed target without saying so."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.discovered import seen

from slo_reports.discovering.nouns import Basis, Target
from slo_reports.discovering.targets import LADDER, Wish, allowed, monthly, proposed


def wish(target="0.999", **more):
    said = {"asked": f"such services promise {target}", "noun": "requests", "zone": "UTC"}
    return Wish(target=Decimal(target), today=date(2026, 11, 1), **(said | more))


def told(target):
    assert isinstance(target, Target)
    return " | ".join(target.reasons).replace("\u202f", " ")


def test_a_tiers_target_that_was_met_is_proposed_with_what_it_cost():
    target = proposed(seen((999_800, 1_000_000)), wish())
    assert (target.target, target.basis, target.phases) == (Decimal("0.999"), Basis.HELD, ())
    assert "October 2026: 99.980 %" in told(target)
    assert "20 % of the budget spent" in told(target)


def test_a_target_that_last_month_missed_is_said_to_be_missed():
    target = proposed(seen((997_100, 1_000_000), [(249_950, 250_000)] * 4), wish())
    assert (target.target, target.basis) == (Decimal("0.999"), Basis.MISSED)
    assert "October 2026 had 99.710 % and would have missed it (2.9 times its budget)" in told(
        target
    )
    assert "99.5 % would have been met (--progressive begins there)" in told(target)
    assert "the past four weeks had" not in told(target)


def test_a_target_that_only_the_weeks_missed_is_said_to_be_missed():
    target = proposed(seen((999_900, 1_000_000), [(249_000, 250_000)] * 4), wish())
    assert target.basis is Basis.MISSED
    assert "the past four weeks had 99.600 % and would have missed it" in told(target)


def test_far_from_the_tier_the_hardest_rung_that_was_met_is_proposed_and_the_miss_is_said():
    target = proposed(seen((985_000, 1_000_000)), wish())
    assert (target.target, target.basis) == (Decimal("0.98"), Basis.LOWERED)
    assert "would have missed it (15.0 times its budget)" in told(target)
    assert "98 % is the hardest usual target that was met" in told(target)


def test_below_every_rung_it_says_that_not_even_the_softest_was_met():
    target = proposed(seen((600, 1000)), wish())
    assert (target.target, target.basis) == (Decimal("0.999"), Basis.MISSED)
    assert "not even 90 % would have been met" in told(target)


def test_progressive_targets_begin_with_one_that_was_met_and_rise_by_the_ladders_months():
    target = proposed(seen((991_000, 1_000_000)), wish("0.9995", progressive=True))
    assert [(str(one.target), one.start.isoformat()) for one in target.phases] == [
        ("0.99", "2026-11-01"),
        ("0.995", "2026-12-01"),
        ("0.999", "2027-02-01"),
        ("0.9995", "2027-05-01"),
    ]
    assert target.target == Decimal("0.9995")
    assert "would have missed it" in told(target)


def test_progressive_leaves_a_target_that_was_met_alone():
    assert proposed(seen((999_990, 1_000_000)), wish(progressive=True)).phases == ()


def test_without_traffic_the_target_is_only_what_is_usual_and_says_so():
    target = proposed(seen((0, 0)), wish())
    assert (target.target, target.basis) == (Decimal("0.999"), Basis.UNSEEN)
    assert "no requests were seen" in told(target)


def test_a_target_that_a_single_failure_would_miss_is_softened():
    target = proposed(seen((200, 200), [(50, 50)] * 4), wish())
    assert (target.target, target.basis) == (Decimal("0.995"), Basis.LOWERED)
    assert "a single failure would miss that: 99.5 % allows one" in told(target)


def test_too_few_events_for_any_share_are_a_reason_and_no_target():
    reason = proposed(seen((7, 7), [(2, 2), (2, 2), (2, 2), (1, 1)]), wish())
    assert isinstance(reason, str)
    assert "too few to promise a share of" in reason


def test_failures_that_are_allowed_are_counted_by_the_time_that_had_data():
    half = seen((500, 500), [(100, 100)] * 4, coverage=0.5)
    assert monthly(half) == pytest.approx(400 * 30 / 14)
    assert allowed(half, Decimal("0.99")) == 8


def test_the_month_counts_where_the_weeks_served_nothing():
    quiet = seen((3100, 3100), [(0, 0)] * 4)
    assert monthly(quiet) == pytest.approx(3000)


@pytest.mark.parametrize(
    ("more", "words", "short"),
    [
        (
            {"since": datetime(2026, 10, 16, tzinfo=UTC)},
            "its data begin on 16 Oct 2026",
            "data only since 16 Oct 2026",
        ),
        (
            {"coverage": 0.91},
            "October 2026 has data for only 91.00 % of its time",
            "data for only 91.00 % of October 2026",
        ),
    ],
)
def test_short_and_thin_data_are_said(more, words, short):
    target = proposed(seen((999_900, 1_000_000), **more), wish())
    assert words in told(target)
    assert short in target.short.replace("\u202f", " ")


def test_a_week_that_alone_would_have_missed_is_counted():
    weeks = [(249_990, 250_000)] * 3 + [(249_500, 250_000)]
    target = proposed(seen((999_600, 1_000_000), weeks), wish())
    assert target.basis is Basis.HELD
    assert "99.996, 99.996, 99.996, 99.800 (1 alone would have missed it)" in told(target)


events = st.integers(0, 10**7)


@given(valid=events, bad=events, weekly=events, worse=events, rung=st.sampled_from(LADDER))
def test_no_target_that_was_missed_is_ever_proposed_in_silence(valid, bad, weekly, worse, rung):
    month, week = (max(valid - bad, 0), valid), (max(weekly - worse, 0), weekly)
    observed = seen(month, [week] * 4)
    for progressive in (False, True):
        target = proposed(observed, wish(str(rung), progressive=progressive))
        if isinstance(target, str):
            assert "too few" in target
            continue
        begins = target.phases[0].target if target.phases else target.target
        for count in (observed.month, observed.total):
            if not count.held(begins):
                assert "would have missed it" in told(target)
        assert target.target <= rung
