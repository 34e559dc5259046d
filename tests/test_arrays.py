"""Arrays of numbers as JSON: as Python writes them, and read back without what is around them."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from support.estate import a_portfolio
from support.snapshots import ODD, a_second_revision, a_snapshot, with_slices

from slo_reports.model import Slices, Snapshot
from slo_reports.model.arrays import SetAside, numbers_json

WHOLE = st.integers(0, 2**54).map(float)
ROUND = st.floats(1e-5, 1e17)
ANY = st.floats()


def as_python_writes(array: np.ndarray) -> bytes:
    plain = [value if math.isfinite(value) else None for value in array.tolist()]
    return json.dumps(plain, separators=(",", ":")).encode()


@given(st.one_of(st.lists(WHOLE), st.lists(ROUND), st.lists(ANY), st.lists(WHOLE | ROUND | ANY)))
def test_numbers_are_written_as_python_writes_them(values: list[float]) -> None:
    array = np.asarray(values, dtype=np.float64)
    assert numbers_json(array) == as_python_writes(array)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([0.0, -0.0, 0.0], id="two zeros"),
        pytest.param([-0.0] * 3, id="the other zero alone"),
        pytest.param([1.0] * 400, id="all the same"),
        pytest.param([math.nan] * 3, id="no number at all"),
        pytest.param([2.0**53 - 1, 2.0**53, 1e16, 1e17], id="where integers end"),
        pytest.param([1e-4, 9.9e-5, 1e-5], id="where exponents begin"),
        pytest.param([-3.0, 4.0], id="below zero"),
        pytest.param([], id="none"),
    ],
)
def test_numbers_at_the_edges_are_written_as_python_writes_them(values: list[float]) -> None:
    array = np.asarray(values, dtype=np.float64)
    assert numbers_json(array) == as_python_writes(array)


@pytest.mark.parametrize(
    "snapshot",
    [a_snapshot(), a_snapshot(ODD), a_second_revision(), a_portfolio(20)],
    ids=["services", "odd", "revision", "portfolio"],
)
def test_the_json_of_a_snapshot_is_canonical_and_comes_back(snapshot: Snapshot) -> None:
    data = snapshot.to_json()
    plain = json.loads(data)
    canonical = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert data == canonical.encode()
    again = Snapshot.from_json(data)
    assert again.to_json() == data
    spaced = Snapshot.from_json(json.dumps(plain, indent=1).encode())
    assert spaced.to_json() == data, "however it is written"
    for one, other in zip(snapshot.subjects, again.subjects, strict=True):
        assert_same(one.measurement.slices, other.measurement.slices)


def assert_same(one: Slices | None, other: Slices | None) -> None:
    if one is None or other is None:
        assert one is other
        return
    for name in ("good", "valid", "coverage"):
        found = getattr(other, name)
        assert np.array_equal(getattr(one, name), found)
        assert not found.flags.writeable


def test_a_slice_without_a_number_comes_back_as_one() -> None:
    ident = "commerce/search-availability"

    def holed(slices: Slices) -> Slices:
        good = slices.good.copy()
        good[3] = math.nan
        return replace(slices, good=good)

    snapshot = with_slices(a_snapshot(), ident, holed)
    again = Snapshot.from_json(snapshot.to_json())
    (found,) = [one.measurement.slices for one in again.subjects if one.slo.id == ident]
    assert math.isnan(found.good[3])
    assert again.to_json() == snapshot.to_json()


def test_objectives_that_were_seen_all_the_time_share_what_says_so() -> None:
    again = Snapshot.from_json(a_snapshot().to_json())
    first, second = (one.measurement.slices for one in again.subjects[:2])
    assert first.coverage is second.coverage


def test_words_that_look_like_numbers_stay_words() -> None:
    words = 'he said "good":[1,2] and \\"valid":[3] and "coverage":[4]'
    snapshot = a_snapshot(title=words)
    again = Snapshot.from_json(snapshot.to_json())
    assert again.request.title == words
    assert again.to_json() == snapshot.to_json()
    data = json.dumps(words).encode()
    assert SetAside(data, ("good", "valid")).rest == data


def changed(field: str, value: Any) -> bytes:
    plain = json.loads(a_snapshot().to_json())
    plain["subjects"][1]["measurement"]["slices"][field] = value
    return json.dumps(plain).encode()


@pytest.mark.parametrize("value", ["#0", "#99", "1", ["1", "x"], {}, None])
def test_what_is_no_array_of_numbers_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        Snapshot.from_json(changed("good", value))


def test_json_that_is_broken_inside_an_array_is_refused_as_any_other() -> None:
    data = a_snapshot().to_json()
    with pytest.raises(ValidationError, match="Invalid JSON"):
        Snapshot.from_json(data.replace(b'"good":[', b'"good":[1,,', 1))
