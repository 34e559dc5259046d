from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.snapshots import COMMERCE, a_snapshot

from slo_reports.compute import build_report
from slo_reports.compute.gaps import bounds, could_hide_a_miss, doubt
from slo_reports.model import Outcome, SloResult, Snapshot
from slo_reports.render.mail_text import mail_text
from slo_reports.render.method import gap_rows


@pytest.mark.parametrize(
    ("good", "valid", "coverage", "expected"),
    [
        pytest.param(999, 1000, 0.5, (0.4995, 0.9995), id="half of the time is missing"),
        pytest.param(990, 1000, 0.96, (0.9504, 0.9904), id="the example of the docs"),
        pytest.param(0, 10, 0.75, (0.0, 0.25), id="all seen was bad"),
        pytest.param(10, 10, 1.0, None, id="nothing is missing"),
        pytest.param(0, 0, 0.5, None, id="no traffic tells nothing"),
        pytest.param(0, 0, 0.0, None, id="no data tell nothing"),
    ],
)
def test_the_range_takes_the_gap_at_the_mean_rate(
    good: float, valid: float, coverage: float, expected: tuple[float, float] | None
) -> None:
    assert bounds(good, valid, coverage) == (expected and pytest.approx(expected))


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2), st.data())
def test_losing_a_slice_not_busier_than_the_mean_never_raises_the_lowest_value(
    slices: list[tuple[int, int]], data: st.DataObject
) -> None:
    good, bad = (np.array(column, dtype=float) for column in zip(*slices, strict=True))
    valid, present = good + bad, np.ones(len(slices))
    before = bounds(good.sum(), valid.sum(), 1 - 1e-12)
    quiet = np.flatnonzero(valid <= valid.mean())
    present[data.draw(st.sampled_from([int(one) for one in quiet]))] = 0
    after = bounds((good * present).sum(), (valid * present).sum(), present.mean())
    if before is not None and after is not None:
        assert after[0] <= before[0] + 1e-9


def with_gap(slots: int, *, target: str = "0.999") -> Snapshot:
    snapshot = a_snapshot(COMMERCE[2:3])
    subject = snapshot.subjects[0]
    one = subject.measurement.slices
    assert one is not None
    present = np.ones(len(one))
    present[2184 : 2184 + slots] = 0
    slices = replace(
        one, good=one.good * present, valid=one.valid * present, coverage=one.coverage * present
    )
    objective = replace(subject.slo.objectives[0], target=Decimal(target))
    subject = replace(
        subject,
        slo=replace(subject.slo, objectives=(objective,)),
        measurement=replace(subject.measurement, slices=slices),
    )
    return replace(snapshot, subjects=(subject,))


def judged(snapshot: Snapshot) -> SloResult:
    return build_report(snapshot).results[0]


def test_a_gap_that_could_hide_a_miss_is_noted_and_changes_no_outcome() -> None:
    result = judged(with_gap(100))
    assert result.outcome is Outcome.MET
    assert result.bounds is not None
    assert result.bounds[0] < 0.999
    assert f"{result.slo.title}: {doubt()}." in result.notes


def test_a_gap_that_could_not_hide_a_miss_is_not_noted() -> None:
    result = judged(with_gap(100, target="0.95"))
    assert result.bounds is not None
    assert not any(doubt() in note for note in result.notes)


def test_a_lost_scrape_here_and_there_is_no_gap_that_hides_anything() -> None:
    assert not could_hide_a_miss(Outcome.MET, 999, 1000, Decimal("0.999"), 0.9999, has_gap=False)


def test_the_range_stands_in_the_table_of_gaps_and_in_the_mail() -> None:
    report = build_report(with_gap(100))
    (row,) = gap_rows(report)
    assert row.bounds.startswith("between 98.")
    assert row.bounds.endswith("if the gap was all bad or all good")
    text = " ".join(mail_text(report, {}).split())
    assert "if the gap was all bad or all good" in text


def test_too_little_data_says_between_what_the_value_lies() -> None:
    report = build_report(with_gap(3000))
    text = " ".join(mail_text(report, {}).split())
    assert "are needed. The value lies between" in text
    assert text.count("all bad or all good") == 1
