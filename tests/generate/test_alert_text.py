"""The numbers in the words of alerts."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_reports.definitions.burn_rates import RULES, default_burn_rates
from slo_reports.generate.alert_text import (
    budget_used,
    literally,
    percent,
    rounded,
    span,
    time_until_exhaustion,
)

MONTH = timedelta(days=30)


@pytest.mark.parametrize(
    ("burn", "hours", "used", "lasts"),
    [
        ("14.4", 1, "2 %", "2 days 2 hours"),
        ("6", 6, "5 %", "5 days"),
        ("3", 24, "10 %", "10 days"),
        ("1", 72, "10 %", "30 days"),
        ("3", 6, "2.5 %", "10 days"),
    ],
)
def test_the_table_of_the_workbook(burn, hours, used, lasts):
    window = timedelta(hours=hours)
    assert percent(budget_used(Decimal(burn), window, MONTH)) == used
    assert span(time_until_exhaustion(Decimal(burn), MONTH)) == lasts


@given(days=st.integers(4, 400))
def test_scaled_thresholds_use_the_same_budget_in_words(days):
    period = timedelta(days=days)
    for rule, alert in zip(RULES, default_burn_rates(period), strict=True):
        used = budget_used(Decimal(repr(alert.threshold)), alert.long, period)
        assert percent(used) == percent(Fraction(rule.budget_used))


@given(
    burn=st.decimals("0.001", "1000", places=3),
    hours=st.integers(1, 1000),
    days=st.integers(1, 400),
)
def test_what_is_used_and_how_long_it_lasts_agree(burn, hours, days):
    window, period = timedelta(hours=hours), timedelta(days=days)
    used = budget_used(burn, window, period)
    lasts = time_until_exhaustion(burn, period)
    assert float(used) == pytest.approx(float(burn) * (window / period), rel=1e-9)
    assert abs(lasts - period / float(burn)) <= timedelta(seconds=1)


@given(value=st.fractions(Fraction(1, 10**6), 10**6))
def test_a_number_is_shown_to_three_digits_that_matter(value):
    shown = Fraction(rounded(value))
    assert abs(shown - value) <= max(value / 200, Fraction(0))
    assert not set("Ee") & set(rounded(value))


@given(seconds=st.integers(1, 10**9))
def test_a_span_is_told_to_its_second_unit_and_never_over(seconds):
    sizes = {"day": 86_400, "hour": 3600, "minute": 60, "second": 1}
    words = span(timedelta(seconds=seconds)).split()
    pairs = list(zip(words[::2], words[1::2], strict=True))
    told = sum(int(count) * sizes[unit.rstrip("s")] for count, unit in pairs)
    assert 1 <= len(pairs) <= 2
    assert 0 <= seconds - told < sizes[pairs[0][1].rstrip("s")]


def test_braces_of_people_are_no_template():
    assert literally("a {{ b }}") == 'a {{ "{{" }} b }}'
