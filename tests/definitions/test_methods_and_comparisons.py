"""Gauges, thresholds, ratios without events, and methods, as they are written."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from slo_reports.definitions.loading import load_definitions, load_everything
from slo_reports.errors import ConfigurationError
from slo_reports.model import (
    GaugeIndicator,
    Indicator,
    Matcher,
    Method,
    RatioQueryIndicator,
    Slo,
    ThresholdIndicator,
)

RATIO = "{type: ratio, metric: requests_total, good: {code: '!~5..'}}"
THRESHOLD = "{type: threshold, query: 'time() - max(last_run)', good: '<= 30m'}"
GAUGE = "{type: gauge, metric: queue, good: '<= 5'}"
BARE = "{type: ratio, ratio: 'job:good:ratio'}"


def text(indicator: str, more: str = "") -> str:
    """One document: the indicator at line 7, more from line 9 on."""
    return (
        "apiVersion: slo.dev/v1\nkind: ServiceLevelObjective\nmetadata: {name: a}\nspec:\n"
        f"  service: s\n  owner: o\n  indicator: {indicator}\n"
        f"  objectives: [{{window: 30d, target: 99.9}}]\n{more}"
    )


def loaded(tmp_path: Path, written: str) -> Slo:
    path = tmp_path / "a.yaml"
    path.write_text(written)
    (slo,) = load_definitions([path])
    return slo


def said_of(tmp_path: Path, written: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        loaded(tmp_path, written)
    return [f"{one.line}: {one.message}" for one in caught.value.problems]


@pytest.mark.parametrize(
    ("indicator", "expected", "title"),
    [
        (
            "{type: gauge, metric: queue, filters: {job: a}, good: '<= 5'}",
            GaugeIndicator("queue", (Matcher("job", "=", "a"),), "<=", Decimal(5)),
            "queue at most 5",
        ),
        (
            "{type: gauge, metric: healthy, good: '==1'}",
            GaugeIndicator("healthy", (), "==", Decimal(1)),
            "healthy equal to 1",
        ),
        (
            THRESHOLD,
            ThresholdIndicator("time() - max(last_run)", "<=", Decimal(1800)),
            "Value at most 30m",
        ),
        (
            "{type: threshold, query: rows, good: '> -1.5e3'}",
            ThresholdIndicator("rows", ">", Decimal(-1500)),
            "Value above -1.5e3",
        ),
        (BARE, RatioQueryIndicator("job:good:ratio", "good"), "Availability"),
        ("{type: ratio, bad_ratio: e}", RatioQueryIndicator("e", "bad"), "Availability"),
    ],
)
def test_indicators_without_counters_are_read(
    tmp_path: Path, indicator: str, expected: Indicator, title: str
) -> None:
    slo = loaded(tmp_path, text(indicator))
    assert (slo.indicator, slo.title) == (expected, title)


@pytest.mark.parametrize(
    ("indicator", "more", "method"),
    [
        (RATIO, "", Method.OCCURRENCES),
        (GAUGE, "", Method.OCCURRENCES),
        (THRESHOLD, "", Method.TIMESLICES),
        (BARE, "", Method.RATIO_TIMESLICES),
        (BARE, "  method: timeslices\n", Method.TIMESLICES),
        (RATIO, "  method: ratio timeslices\n", Method.RATIO_TIMESLICES),
    ],
)
def test_each_indicator_has_its_usual_method(
    tmp_path: Path, indicator: str, more: str, method: Method
) -> None:
    assert loaded(tmp_path, text(indicator, more)).method is method


def test_timeslices_have_a_target_and_a_window_of_their_own(tmp_path: Path) -> None:
    more = "  method: timeslices\n  slice_target: 99.5\n  slice_window: 1h\n"
    slo = loaded(tmp_path, text(RATIO, more))
    assert (slo.slice_target, slo.slice_window) == (Decimal("0.995"), timedelta(hours=1))


@pytest.mark.parametrize(
    ("indicator", "said"),
    [
        ("{type: gauge, metric: q, good: 5}", "7: good: '5' is no comparison; write one in quotes"),
        ("{type: gauge, metric: q, good: '5'}", "7: good: '5' is no comparison"),
        ("{type: gauge, metric: q, good: '=< 5'}", "7: good: '=< 5' is no comparison"),
        ("{type: gauge, metric: q, good: 'at most 5'}", "7: good: 'at most 5' is no comparison; '"),
        ("{type: gauge, metric: q, good: '<= x'}", "7: good: 'x' is neither a number nor a span"),
        ("{type: gauge, metric: q, good: '<= 5', query: a}", "7: the key 'query' does not go with"),
        ("{type: gage, metric: q, good: '<= 5'}", "7: spec.indicator.type must be ratio, latency"),
        ("{type: threshold, good: '<= 5'}", "7: 'query' is missing in spec.indicator"),
        ("{type: threshold, query: ' ', good: '<= 5'}", "7: query: a PromQL expression is expecte"),
        ("{type: ratio, ratio: a, bad_ratio: b}", "7: ratio and bad_ratio exclude each"),
        ("{type: ratio, ratio: a, metric: b}", "7: ratio and bad_ratio stand alone"),
    ],
)
def test_a_wrong_comparison_gets_one_sentence(tmp_path: Path, indicator: str, said: str) -> None:
    (problem,) = said_of(tmp_path, text(indicator))
    assert problem.startswith(said)


@pytest.mark.parametrize(
    ("indicator", "more", "said"),
    [
        (RATIO, "  method: timeslice\n", "9: spec.method must be occurrences, timeslices or rati"),
        (BARE, "  method: occurrences\n", "9: method occurrences needs events to count"),
        (THRESHOLD, "  method: occurrences\n", "9: method occurrences needs events to count"),
        (RATIO, "  slice_window: 5m\n", "9: slice_window does not go with method occurrences"),
        (RATIO, "\n  slice_target: 99\n", "10: slice_target does not go with method occurrences"),
        (BARE, "  slice_target: 99\n", "9: slice_target goes with method timeslices"),
        (THRESHOLD, "  slice_target: 0.99\n", "9: slice_target is in percent: 0.99 reads as a ra"),
        (THRESHOLD, "  slice_target: 0\n", "9: slice_target must be more than 0"),
        (THRESHOLD, "  slice_window: 7m\n", "9: slice_window must divide a day"),
        (THRESHOLD, "  slice_windw: 5m\n", "9: unknown key 'slice_windw' in spec; did you mean"),
    ],
)
def test_a_wrong_method_is_named_at_its_line(
    tmp_path: Path, indicator: str, more: str, said: str
) -> None:
    (problem,) = said_of(tmp_path, text(indicator, more))
    assert problem.startswith(said)


def test_a_slice_window_that_the_source_does_not_measure_is_named_at_its_line(
    tmp_path: Path,
) -> None:
    settings = tmp_path / "slo_reports.yaml"
    settings.write_text(
        "version: 1\ndefinitions: [a.yaml]\nsource: {url: 'http://localhost:9090', slice: 5m}\n"
        "reports: [{name: monthly, title: M}]\n"
    )
    (tmp_path / "a.yaml").write_text(text(THRESHOLD, "  slice_window: 1m\n"))
    with pytest.raises(ConfigurationError) as caught:
        load_everything(settings)
    (problem,) = caught.value.problems
    assert problem.line == 9
    assert problem.message == (
        "slice_window must be a multiple of the measured slice: 1m is none of 5m (source.slice)"
    )
