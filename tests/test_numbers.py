from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_reports import numbers
from slo_reports.periods import between, month, quarter, rolling, to_date, week, year

BERLIN = "Europe/Berlin"


def plain(text: str) -> str:
    return text.replace(numbers.NARROW, " ").replace(numbers.MINUS, "-")


@pytest.mark.parametrize(
    ("ratio", "target", "text"),
    [
        pytest.param(0.998996, "0.999", "99.899 %", id="a miss is never printed as a met target"),
        pytest.param(0.99882, "0.999", "99.882 %", id="three nines show three decimals"),
        pytest.param(0.999, "0.999", "99.900 %", id="exactly the target"),
        pytest.param(0.9691, "0.97", "96.91 %", id="one nine shows two"),
        pytest.param(0.999591, "0.9995", "99.959 %", id="three nines and a half"),
        pytest.param(0.9999901, "0.9999", "99.9990 %", id="four nines"),
        pytest.param(0.99123456, "0.99123", "99.123 %", id="never fewer than the target has"),
        pytest.param(1.0, "0.999", "100 %", id="perfect"),
        pytest.param(0.99999999, "0.999", "99.999 %", id="not quite perfect"),
        pytest.param(0.9999, "1", "99.99 %", id="all of them promised"),
    ],
)
def test_an_sli_is_rounded_down_to_the_digits_of_its_objective(
    ratio: float, target: str, text: str
) -> None:
    assert plain(numbers.percent_text(ratio, Decimal(target))) == text


@given(
    st.integers(1, 10**9).flatmap(lambda v: st.tuples(st.integers(0, v), st.just(v))),
    st.sampled_from(["0.9", "0.95", "0.99", "0.995", "0.999", "0.9995", "0.9999", "0.99999"]),
)
def test_printed_and_exact_verdict_always_agree(counts: tuple[int, int], target: str) -> None:
    good, valid = counts
    printed = Decimal(plain(numbers.percent_number(good / valid, Decimal(target)))) / 100
    assert (printed >= Decimal(target)) == (good >= Fraction(target) * valid)


@pytest.mark.parametrize(
    ("consumed", "text"),
    [(1.1712, "118 %"), (0.75, "75 %"), (0.001, "1 %"), (0.0, "0 %"), (0.1 + 0.2, "30 %")],
)
def test_consumption_is_rounded_up(consumed: float, text: str) -> None:
    assert plain(numbers.percent_text(consumed, kind="consumption")) == text


@pytest.mark.parametrize(
    ("remaining", "text"),
    [(-0.172, "-18 %"), (0.25, "25 %"), (0.259, "25 %"), (-0.001, "-1 %"), (1 - 0.75, "25 %")],
)
def test_budget_left_is_rounded_down_and_shown_negative(remaining: float, text: str) -> None:
    assert plain(numbers.percent_text(remaining, kind="remaining")) == text


def test_coverage_is_whole_only_when_it_is() -> None:
    assert plain(numbers.percent_text(0.99999, kind="coverage")) == "99.99 %"
    assert plain(numbers.percent_text(1.0, kind="coverage")) == "100 %"


def test_a_target_is_printed_as_it_was_written() -> None:
    assert plain(numbers.percent_text(Decimal("0.9995"), kind="target")) == "99.95 %"
    assert plain(numbers.percent_text(Decimal("0.97"), kind="target")) == "97 %"


@pytest.mark.parametrize(
    ("change", "text"), [(0.12, "+12"), (-0.62, "-62"), (0.0, "0"), (-0.001, "-1"), (0.001, "0")]
)
def test_changes_carry_their_sign(change: float, text: str) -> None:
    assert plain(numbers.signed_points(change)) == text


def test_events_are_grouped_by_narrow_spaces() -> None:
    assert numbers.events_text(31200.0) == "31\u202f200"
    assert numbers.events_text(-3000) == "\u22123\u202f000"
    assert plain(numbers.large_text(26_400_000)) == "26.4 million"
    assert plain(numbers.large_text(412)) == "412"
    assert plain(numbers.exact_text(12.5)) == "12.5"


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(hours=2, minutes=19), "2 h 19 min"),
        (timedelta(hours=3, minutes=2), "3 h 02 min"),
        (timedelta(minutes=18), "18 min"),
        (timedelta(minutes=59, seconds=40), "1 h"),
        (timedelta(seconds=45), "45 s"),
        (timedelta(days=3, hours=4), "3 d 4 h"),
        (timedelta(0), "0 s"),
    ],
)
def test_durations_have_two_units(span: timedelta, text: str) -> None:
    assert plain(numbers.duration_text(span)) == text


def test_budget_minutes_have_one_decimal() -> None:
    assert plain(numbers.minutes_text(44.7)) == "44.7 min"
    assert plain(numbers.minutes_text(52.61, "up")) == "52.7 min"
    assert plain(numbers.minutes_text(1341)) == "1 341 min"


def test_burn_rates_are_rounded_up() -> None:
    assert [plain(numbers.burn_text(rate)) for rate in (0.301, 1.8, 14.4, 120.2)] == [
        "0.31×",
        "1.80×",
        "14.4×",
        "121×",
    ]


def test_small_counts_are_words() -> None:
    assert numbers.counted(0, "incident", "incidents") == "no incidents"
    assert numbers.counted(1, "incident", "incidents") == "one incident"
    assert numbers.counted(12, "objective", "objectives") == "twelve objectives"
    assert numbers.counted(13, "objective", "objectives") == "13 objectives"
    assert numbers.listed(["A", "B", "C"]) == "A, B and C"


def test_instants_are_local() -> None:
    instant = datetime(2026, 10, 19, 12, 40, tzinfo=UTC)
    assert numbers.instant_text(instant, BERLIN) == "19 Oct 14:40"
    assert numbers.instant_text(instant, "UTC", with_year=True) == "19 Oct 2026 12:40"


@pytest.mark.parametrize(
    ("period", "title", "name"),
    [
        (month(2026, 10, BERLIN), "October 2026", "October"),
        (week(2026, 43, BERLIN), "Week 43, 2026 (19 to 25 October)", "week 43"),
        (week(2026, 40, BERLIN), "Week 40, 2026 (28 September to 4 October)", "week 40"),
        (quarter(2026, 4, BERLIN), "Q4 2026", "Q4"),
        (year(2026, BERLIN), "2026", "2026"),
        (
            rolling(28, date(2026, 11, 1), BERLIN),
            "28 days to 31 October 2026",
            "the 28 days to 31 October",
        ),
        (
            between(date(2026, 10, 1), date(2026, 10, 16), BERLIN),
            "1 to 15 October 2026",
            "the 15 days to 15 October",
        ),
        (
            between(date(2026, 12, 20), date(2027, 1, 4), BERLIN),
            "20 December 2026 to 3 January 2027",
            "the 15 days to 3 January",
        ),
        (
            to_date(month(2026, 10, "UTC"), datetime(2026, 10, 10, tzinfo=UTC)),
            "October 2026, to date",
            "October",
        ),
    ],
)
def test_periods_are_named_as_people_do(period: object, title: str, name: str) -> None:
    assert (numbers.period_title(period), numbers.period_name(period)) == (title, name)


def test_period_facts_tell_the_length_in_its_zone() -> None:
    assert (
        numbers.period_facts(month(2026, 10, BERLIN))
        == "1 to 31 October, 745 hours in Europe/Berlin"
    )
    half = numbers.period_facts(month(2026, 10, "Australia/Lord_Howe"))
    assert half == "1 to 31 October, 743.5 hours in Australia/Lord_Howe"
    begun = to_date(month(2026, 10, "UTC"), datetime(2026, 10, 10, 12, tzinfo=UTC))
    assert numbers.period_facts(begun).endswith("in UTC, as of 10 Oct 12:00")
