"""The values that settings are made of."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_reports.errors import ConfigurationError
from slo_reports.settings.values import Secret, parse_duration, parse_seconds


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("500ms", timedelta(milliseconds=500)),
        ("1h30m", timedelta(minutes=90)),
        ("1.5d", timedelta(hours=36)),
        ("4w", timedelta(days=28)),
    ],
)
def test_durations_are_read_as_people_write_them(text: str, length: timedelta) -> None:
    assert parse_duration(text) == length


@given(st.integers(min_value=1, max_value=10**9))
def test_milliseconds_are_exact(milliseconds: int) -> None:
    assert parse_seconds(f"{milliseconds}ms") * 1000 == Decimal(milliseconds)


@given(st.text() | st.integers() | st.decimals() | st.none() | st.booleans())
def test_anything_else_is_a_value_error(value: object) -> None:
    with pytest.raises(ValueError, match=r"is no (usable )?duration"):
        parse_duration(value)


def test_a_secret_shows_its_reference_and_never_its_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLO_TEST_PASSWORD", "hunter2")
    (tmp_path / "token").write_text("hunter3\n")
    assert Secret("env:SLO_TEST_PASSWORD").reveal() == "hunter2"
    assert Secret(f"file:{tmp_path}/token").reveal() == "hunter3"
    assert repr(Secret("env:SLO_TEST_PASSWORD")) == "Secret('env:SLO_TEST_PASSWORD')"


def test_a_secret_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="environment variable not set"):
        Secret("env:SLO_TEST_NOT_SET").reveal()
    with pytest.raises(ConfigurationError, match="No such file"):
        Secret(f"file:{tmp_path}/none").reveal()
