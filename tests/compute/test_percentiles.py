from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.snapshots import COMMERCE, a_snapshot

from slo_reports.compute import build_report
from slo_reports.compute.percentiles import percentiles
from slo_reports.model import Percentile, Report, Snapshot
from slo_reports.render.method import appendix_rows
from slo_reports.render.rows import objective_row, percentiles_text
from slo_reports.render.story import story

BUCKETS = ((0.1, 30.0), (0.25, 70.0), (0.5, 95.0), (1.0, 98.0), (None, 100.0))


def test_a_percentile_is_interpolated_inside_its_bucket() -> None:
    median, high, highest = percentiles(BUCKETS)
    assert median == Percentile(0.5, pytest.approx(0.1 + 0.15 * 20 / 40))
    assert high == Percentile(0.95, 0.5)
    assert highest == Percentile(0.99, 1.0, over=True)


@pytest.mark.parametrize(
    ("buckets", "expected"),
    [
        pytest.param((), [], id="no histogram"),
        pytest.param(((0.1, 0.0), (None, 0.0)), [], id="no events"),
        pytest.param(((None, 10.0),), [], id="no boundary"),
        pytest.param(((0.2, 10.0), (None, 10.0)), [0.1, 0.19, 0.198], id="the first bucket"),
        pytest.param(((0.0, 10.0), (1.0, 10.0), (None, 10.0)), [0.0] * 3, id="nothing above 0"),
        pytest.param(((0.1, 0.0), (1.0, 0.0), (None, 5.0)), [1.0] * 3, id="all beyond"),
        pytest.param(((0.1, 5.0), (0.2, 5.0), (0.4, 10.0), (None, 10.0)), [0.1, 0.38, 0.396],
                     id="an empty bucket between"),
    ],
)  # fmt: skip
def test_the_edges_are_those_of_histogram_quantile(
    buckets: tuple[tuple[float | None, float], ...], expected: list[float]
) -> None:
    assert [one.seconds for one in percentiles(buckets)] == pytest.approx(expected)


@example([111, 111])
@given(st.lists(st.integers(0, 1000), min_size=2, max_size=12))
def test_percentiles_rise_and_stay_inside_the_boundaries(counts: list[int]) -> None:
    whole = [float(one) for one in itertools.accumulate(counts)]
    buckets = [(0.1 * (n + 1), events) for n, events in enumerate(whole[:-1])]
    found = [one.seconds for one in percentiles([*buckets, (None, whole[-1])])]
    assert found == sorted(found)
    assert all(0 <= one <= buckets[-1][0] for one in found)


def with_buckets() -> Snapshot:
    snapshot = a_snapshot(COMMERCE[:1])
    first, second = snapshot.subjects
    measured = replace(second.measurement, buckets=BUCKETS, interpolated=(0.25, 0.5))
    return replace(snapshot, subjects=(first, replace(second, measurement=measured)))


def latency_report() -> Report:
    return build_report(Snapshot.from_json(with_buckets().to_json()))


def test_percentiles_stand_in_the_chapter_and_in_the_appendix() -> None:
    report = latency_report()
    result = next(one for one in report.results if one.percentiles)
    text = percentiles_text(result).replace("\u202f", " ")
    assert text == "p50 175 ms, p95 500 ms, p99 over 1 s"
    assert any(one.lead == "Percentiles." for one in story(result, report))
    notes = [note for row in appendix_rows(report) for note in row.notes]
    assert any("p99 over 1" in note and "summed buckets" in note for note in notes)
    assert b'"over": true' in report.to_json()


def test_interpolation_is_said_beside_the_number() -> None:
    result = next(one for one in latency_report().results if one.interpolated)
    text = objective_row(result).method.replace("\u202f", " ")
    assert text == "interpolated between 250 ms and 500 ms"
