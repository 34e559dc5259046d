"""Foreign text made harmless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_reports.render.clean import LIMIT, clean
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
