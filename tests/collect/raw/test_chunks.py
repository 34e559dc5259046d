"""Chunks as a real Prometheus hands them out, and as nobody should."""

import math
import random
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.tsdb import prometheus_with

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.raw.chunks import samples_of
from slo_reports.collect.raw.frames import labels_of, series_in
from slo_reports.collect.raw.request import HEADERS, STREAMED, question
from slo_reports.model import Matcher
from slo_reports.periods import between
from slo_reports.settings.schema import SourceSettings

PERIOD = between(date(2026, 10, 5), date(2026, 10, 8), "UTC")
END = PERIOD.end.timestamp()
WAITS = {  # seconds from one sample to the next, in turn
    "steady": [15],
    "jittery": [15.004, 14.997, 15.001, 14.9],
    "halting": [15, 75, 15, 15, 300],
    "scattered": [1, 3_000, 7, 9_999, 2],
    "wild": [0.001, 40_000, 0.002, 3],
}
VALUES = {
    "constant": lambda _number: 42,
    "counting": lambda number: number * 3 + number % 7,
    "fractions": lambda number: number / 7,
    "noise": lambda number: random.Random(number).uniform(-1e300, 1e300),
    "extremes": lambda number: (0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324)[number % 6],
}


def samples():
    found = {}
    for wait, waits in WAITS.items():
        for value, make in VALUES.items():
            time, points = PERIOD.start.timestamp() + 0.123, []
            while time < END:
                points.append((round(time, 3), make(len(points))))
                time += waits[len(points) % len(waits)]
            found[f'odd{{wait="{wait}",value="{value}"}}'] = [
                (at, "NaN" if math.isnan(one) else repr(float(one)).replace("inf", "Inf"))
                for at, one in points
            ]
    return found


def only(chunks):
    ((times, values),) = samples_of([chunks])
    return times, values


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    with (
        prometheus_with(samples(), tmp_path_factory.mktemp("odd")) as url,
        PrometheusClient(SourceSettings(url=url)) as found,
    ):
        yield found


@pytest.fixture(scope="module")
def handed_out(client):
    first, last = (round(one.timestamp() * 1000) for one in (PERIOD.start, PERIOD.end))
    body = question([Matcher("__name__", "=", "odd")], first, last)
    with client.stream("read", body, HEADERS) as answer:
        assert answer.headers["content-type"].startswith(STREAMED)
        return {labels_of(fields): chunks for fields, chunks in series_in(answer.iter_bytes())}


@pytest.mark.e2e
def test_every_sample_is_the_one_that_a_query_gives(client, handed_out):
    asked = {one.labels: one for one in client.query("odd[3d]", PERIOD.end)}
    assert len(asked) == len(WAITS) * len(VALUES)
    assert handed_out.keys() == asked.keys()
    for labels, chunks in handed_out.items():
        times, values = only(chunks)
        assert times.tolist() == np.rint(asked[labels].times * 1000).tolist(), labels
        assert np.array_equal(values, asked[labels].values, equal_nan=True), labels


@pytest.mark.e2e
def test_damaged_chunks_give_other_samples_or_an_error_and_never_more(handed_out):
    chance = random.Random(7)
    refused = 0
    for chunks in handed_out.values():
        for _ in range(40):
            damaged = bytearray(chunks[: chance.randrange(1, 3_000)])
            for _ in range(chance.randrange(1, 4)):
                damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
            try:
                times, values = only(bytes(damaged))
            except ValueError:
                refused += 1
            else:
                assert len(times) == len(values) < 65_536
    assert refused > 500


@given(st.binary(max_size=300))
def test_any_bytes_give_samples_or_an_error(noise):
    try:
        times, values = only(noise)
    except ValueError as error:
        assert "chunk" in str(error)  # noqa: PT017  # both ends are right
    else:
        assert len(times) == len(values)


def test_nothing_holds_no_samples():
    times, values = only(b"")
    assert len(times) == len(values) == 0


def test_a_native_histogram_is_no_sample():
    histogram = bytes([8, 1, 16, 2, 24, 2, 34, 2, 0, 1])  # kind 2
    with pytest.raises(ValueError, match="something else than floating numbers"):
        only(bytes([18, len(histogram)]) + histogram)
