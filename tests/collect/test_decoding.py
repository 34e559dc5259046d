"""Large answers are read as plain JSON would be, to the last bit."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo_reports.collect.answers import read_answer, series_of
from slo_reports.errors import BadAnswer

VALUE = st.one_of(
    st.integers(0, 10**15).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["NaN", "+Inf", "-Inf", "1e+06", "4.5e-07", "-0"]),
)
POINT = st.tuples(
    st.one_of(st.integers(0, 2_000_000_000), st.floats(0, 2e9).map(lambda t: round(t, 3))), VALUE
)
LABELS = st.dictionaries(st.from_regex("[a-z]{1,4}", fullmatch=True), st.text(max_size=8))
RESULT = st.lists(
    st.fixed_dictionaries(
        {"metric": LABELS, "values": st.lists(POINT.map(list), max_size=6)},
    ),
    max_size=4,
)


def _body(result: object, **more: object) -> bytes:
    data = {"resultType": "matrix", "result": result}
    return json.dumps(
        {"status": "success", "data": data, **more}, separators=(",", ":"), ensure_ascii=False
    ).encode(errors="surrogatepass")


@given(RESULT)
def test_every_series_reads_as_python_s_json_reads_it(result: list[dict[str, object]]) -> None:
    body = _body(result)
    found = series_of(read_answer(200, "application/json", body, "here"), "here")
    for series, written in zip(found, json.loads(body)["data"]["result"], strict=True):
        points = written["values"]
        assert series.labels == tuple(sorted(written["metric"].items()))
        np.testing.assert_array_equal(series.times, np.array([p[0] for p in points], float))
        np.testing.assert_array_equal(series.values, np.array([float(p[1]) for p in points]))


@pytest.mark.parametrize(
    "label",
    [
        pytest.param('"values":[[1,"2"]]', id="a label that looks like samples"),
        pytest.param("values", id="a label that says values"),
        pytest.param('],["', id="a label with brackets"),
    ],
)
def test_a_label_is_never_taken_for_samples(label: str) -> None:
    body = _body([{"metric": {"a": label, "values": label}, "values": [[1, "2"], [3, "4"]]}])
    (series,) = series_of(read_answer(200, "application/json", body, "here"), "here")
    assert dict(series.labels) == {"a": label, "values": label}
    assert series.values.tolist() == [2, 4]


def test_samples_in_another_place_stay_what_they_were() -> None:
    answer = read_answer(200, "", b'{"status":"success","data":{"values":[[1,"2"]]}}', "here")
    assert answer.data == {"values": [[1, "2"]]}


def test_samples_with_spaces_between_are_read_too() -> None:
    body = json.dumps(
        {"status": "success", "data": {"result": [{"metric": {}, "values": [[1, "2"]]}]}}, indent=1
    ).encode()
    (series,) = series_of(read_answer(200, "application/json", body, "here"), "here")
    assert series.values.tolist() == [2]


@pytest.mark.parametrize("length", [60, 95, 105])
def test_an_answer_that_was_cut_off_is_no_answer(length: int) -> None:
    body = _body([{"metric": {"a": "b"}, "values": [[1, "2"], [3, "4"]]}])[:length]
    with pytest.raises(BadAnswer, match="not with the Prometheus API"):
        read_answer(200, "application/json", body, "here")
