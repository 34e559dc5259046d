"""Thresholds, ages and backlogs: chosen among what there is."""

from decimal import Decimal

import pytest
from support.discovered import seen

from slo_reports.discovering.latencies import boundaries_near, choose
from slo_reports.discovering.limits import AGES, AMOUNTS, age_text, limit_above, usual_value

HALF, ONE, TWO = Decimal("0.5"), Decimal(1), Decimal(2)


def decimals(*texts):
    return tuple(map(Decimal, texts))


@pytest.mark.parametrize(
    ("there", "usual", "near"),
    [
        (decimals("0.1", "0.25", "0.5", "1", "2.5"), "0.5", decimals("0.5", "1")),
        (decimals("0.1", "0.25", "0.5", "1"), "0.1", decimals("0.1", "0.25")),
        (decimals("0.3", "0.7"), "0.5", decimals("0.7")),
        (decimals("0.1", "0.25"), "0.5", decimals("0.25")),
        (decimals("0.5", "1"), "0.1", decimals("0.5", "1")),
        (decimals("Infinity"), "0.5", ()),
        ((), "0.5", ()),
    ],
)
def test_boundaries_are_tried_from_the_nearest_up(there, usual, near):
    assert boundaries_near(there, Decimal(usual)) == near


def test_the_nearest_boundary_is_taken_where_99_percent_stayed_within_it_with_room():
    boundary, why = choose(
        {HALF: seen((9950, 10_000)), ONE: seen((9999, 10_000))}, HALF, "essential"
    )
    assert boundary == HALF
    assert "99 % of the answers of essential services stay within" in why


def test_the_first_boundary_that_was_held_with_room_is_taken_above_it():
    observed = {HALF: seen((9850, 10_000)), ONE: seen((9905, 10_000)), TWO: seen((9990, 10_000))}
    boundary, why = choose(observed, HALF, "essential")
    assert boundary == TWO
    assert "only 98.50\u202f% were within it; 2\u202fs is the first boundary" in why


def test_a_boundary_without_room_is_taken_where_none_has_room():
    observed = {HALF: seen((9850, 10_000)), ONE: seen((9905, 10_000))}
    assert choose(observed, HALF, "essential")[0] == ONE


def test_where_no_boundary_was_held_the_nearest_stays_and_it_is_said():
    boundary, why = choose(
        {HALF: seen((9000, 10_000)), ONE: seen((9100, 10_000))}, HALF, "standard"
    )
    assert boundary == HALF
    assert "within no boundary up to 1\u202fs were 99\u202f%" in why


def test_a_boundary_that_only_some_instances_have_is_passed_over():
    observed = {HALF: seen((0, 0), reason="no bucket boundary"), ONE: seen((9990, 10_000))}
    assert choose(observed, HALF, "standard")[0] == ONE
    assert choose({HALF: seen((0, 0), reason="no bucket boundary")}, HALF, "standard") is None


@pytest.mark.parametrize(
    ("usual", "limits", "limit"),
    [
        (0, AMOUNTS, 10),
        (83, AMOUNTS, 100),
        (84, AMOUNTS, 200),
        (86_000, AGES, 129_600),
        (10**9, AGES, 32 * 86_400),
    ],
)
def test_limits_leave_a_fifth_of_room(usual, limits, limit):
    assert limit_above(usual, limits) == limit


def test_what_is_usual_leaves_the_worst_twentieth_out_and_needs_a_value():
    assert usual_value([1.0] * 95 + [1000.0] * 5 + [float("nan")]) == pytest.approx(1.0, abs=60)
    assert usual_value([float("nan")]) is None


@pytest.mark.parametrize(("seconds", "text"), [(1800, "30m"), (93_600, "26h"), (691_200, "8d")])
def test_ages_are_written_as_definitions_write_them(seconds, text):
    assert age_text(Decimal(seconds)) == text
