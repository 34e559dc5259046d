"""What is told by mail, and what was told already."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_reports.operate import Trouble, outdated, problems_to_tell

NOW = datetime(2026, 11, 2, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
A, B = Trouble("a", "A is down"), Trouble("b", "B is down")


@pytest.mark.parametrize(
    ("ago", "is_told"),
    [
        pytest.param(None, True, id="never told"),
        pytest.param(1 * HOUR, False, id="an hour ago"),
        pytest.param(23.9 * HOUR, False, id="nearly a day ago"),
        pytest.param(24 * HOUR, True, id="a day ago"),
        pytest.param(-5 * HOUR, True, id="a clock was wrong"),
    ],
)
def test_a_trouble_is_told_once_a_day(ago, is_told):
    told = {} if ago is None else {"a": NOW - ago}
    assert problems_to_tell([A, B], told, NOW) == ((A, B) if is_told else (B,))


def test_the_same_key_is_told_once_in_the_words_that_came_first():
    again = Trouble("a", "A is still down")
    assert problems_to_tell([A, B, again], {}, NOW) == (A, B)


@given(
    st.lists(st.sampled_from("abcd")),
    st.dictionaries(st.sampled_from("abcd"), st.integers(-50, 50)),
)
def test_whatever_is_told_is_then_silent_for_a_day_and_may_be_forgotten_after(keys, hours):
    troubles = [Trouble(key, key) for key in keys]
    told = {key: NOW + hour * HOUR for key, hour in hours.items()}
    fresh = problems_to_tell(troubles, told, NOW)
    assert {one.key for one in fresh} == set(keys) - (set(told) - outdated(told, NOW))
    after = told | {one.key: NOW for one in fresh}
    assert problems_to_tell(troubles, after, NOW + 23 * HOUR) == tuple(
        one
        for one in dict.fromkeys(troubles)
        if one not in fresh and one.key in outdated(after, NOW + 23 * HOUR)
    )
    assert outdated(after, NOW + 75 * HOUR) == set(after)
