"""Foreign text made harmless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_reports.render.clean import LIMIT, clean, harmless, prose
from slo_reports.render.environment import breakable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("two\r\nlines\tand\x00more", "two lines and more", id="controls"),
        pytest.param("a\u202eb\u2066c\u200bd\ufeff", "abcd", id="direction marks"),
        pytest.param("👩\u200d💻 ok", "👩\u200d💻 ok", id="joined emoji stay"),
        pytest.param("\ud800x\ue000", "\ufffdx\ufffd", id="surrogates and private use"),
        pytest.param("  spaced   out  ", "spaced out", id="spaces"),
        pytest.param("a" * 300, "a" * 199 + "…", id="too long"),
    ],
)
def test_labels_become_one_harmless_line(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(st.text())
def test_a_clean_text_is_short_printable_and_stays_clean(text: str) -> None:
    once = clean(text)
    assert len(once) <= LIMIT
    assert "\n" not in once
    assert clean(once) == once


def test_long_words_may_break_after_a_separator_and_are_escaped() -> None:
    assert breakable("a/b", 28) == "a/b"
    assert breakable("namespace/checkout-availability", 12) == (
        "namespace/<wbr>checkout-<wbr>availability"
    )
    assert breakable("<b>" * 20, 10).count("<wbr>") == 5
    assert "<b>" not in breakable("<b>" * 20, 10)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("שלום 1 ו 9 x", "\u2068שלום 1 ו\u2069 9 x", id="with what it encloses"),
        pytest.param("a עולם b מלא", "a \u2068עולם\u2069 b \u2068מלא\u2069", id="two runs"),
        pytest.param("\u2067עולם\u202e", "\u2068עולם\u2069", id="marks of its own go"),
        pytest.param("日本語 🛒 ünï", "日本語 🛒 ünï", id="nothing else is touched"),
    ],
)
def test_right_to_left_words_cannot_move_their_neighbours(text: str, shown: str) -> None:
    assert clean(text) == prose(text) == harmless(text.replace("\u2067", "")) == shown
    assert clean(shown) == shown


def test_isolated_words_stay_within_the_limit() -> None:
    assert len(clean("aא" * 300)) <= LIMIT
