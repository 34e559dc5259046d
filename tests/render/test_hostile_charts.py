"""Charts of awkward data: nothing collides, nothing unknown looks known, values for a pointer."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import numpy as np
import pytest
from support.snapshots import COMMERCE, INCIDENTS, OCTOBER, ODD, Promise, Service, a_snapshot

from slo_reports.compute import build_report
from slo_reports.model import Curve, Incident, Report
from slo_reports.numbers import percent_text
from slo_reports.periods import Period, between, quarter, to_date, year
from slo_reports.render import charts
from slo_reports.render.axes import Frame
from slo_reports.render.plot import COLUMNS, Series, plot

from .test_charts import labels_of, overlaps, title_of

CHECKOUT = COMMERCE[0]
AVAILABILITY = CHECKOUT.promises[0]
TWINS = tuple(
    replace(INCIDENTS[2], id=f"T{n}", start=INCIDENTS[2].start + timedelta(minutes=10 * n))
    for n in range(2)
)
ONE_DAY = between(date(2026, 10, 19), date(2026, 10, 20), "Europe/Berlin")
EARLY = to_date(OCTOBER, datetime(2026, 10, 2, 9, tzinfo=UTC))


def judged(
    promise: Promise, period: Period = OCTOBER, incidents: Sequence[Incident] = INCIDENTS
) -> Report:
    service: Service = replace(CHECKOUT, promises=(promise,))
    return build_report(a_snapshot([service], period=period, incidents=incidents))


AWKWARD = {
    "two incidents at once": judged(
        replace(AVAILABILITY, cost={"T0": 0.5, "T1": 0.4}), incidents=TWINS
    ),
    "a day": judged(AVAILABILITY, ONE_DAY, INCIDENTS[2:3]),
    "a quarter": judged(AVAILABILITY, quarter(2026, 4, "Europe/Berlin")),
    "a year": judged(AVAILABILITY, year(2026, "Europe/Berlin")),
    "five nines": judged(replace(AVAILABILITY, target="0.99999")),
    "overspent forty times": judged(replace(AVAILABILITY, background=41.0), incidents=()),
    "nothing used": judged(replace(AVAILABILITY, background=0.0), incidents=()),
    "a period of a day and a half": judged(AVAILABILITY, EARLY),
    "gaps and nothing": build_report(a_snapshot(ODD)),
}


@pytest.mark.parametrize("name", AWKWARD)
def test_no_labels_collide_in_any_chart_at_any_size(name: str) -> None:
    report = AWKWARD[name]
    for result in report.results:
        pictures = (
            charts.burn_down(result, report.incidents, report.period),
            charts.burn_down(result, report.incidents, report.period, width=400, height=170),
            charts.burn_rate_chart(result, report.period, report.incidents, height=136),
            charts.day_calendar(result, report.period),
            charts.waterfall(result, report.incidents, report.period, height=162),
            charts.trend(result, height=162),
        )
        for picture in pictures:
            assert overlaps(picture) == [], title_of(picture)
            assert len(title_of(picture)) > 30


def texts(picture: str) -> list[str]:
    return [one.text for one in labels_of(picture)]


def test_what_is_not_known_is_not_drawn_as_known() -> None:
    report = AWKWARD["gaps and nothing"]
    unknown = [one for one in report.results if one.budget.remaining is None]
    assert unknown
    for result in unknown:
        told = texts(charts.waterfall(result, report.incidents, report.period))
        assert told == ["Nothing is known of this budget: nothing was measured."]
    blind = next(one for one in unknown if not one.valid)
    assert texts(charts.burn_rate_chart(blind, report.period)) == [
        "No burn rate: nothing was measured."
    ]


def test_spans_without_data_are_hatched_and_told() -> None:
    report = AWKWARD["gaps and nothing"]
    gappy = next(one for one in report.results if one.missing and one.sli is not None)
    late = next(one for one in report.results if one.since is not None)
    for draw in (charts.burn_down, charts.burn_rate_chart):
        assert "no data" in texts(draw(gappy, incidents=(), period=report.period))
        assert "before its first data" in texts(draw(late, incidents=(), period=report.period))
    words = title_of(charts.burn_down(gappy, (), report.period))
    assert re.search(r"No data from \d+ Oct \d\d:\d\d to \d+ Oct", words)


def test_a_cause_that_took_nothing_has_no_bar() -> None:
    report = AWKWARD["overspent forty times"]
    assert "−0 %" not in charts.waterfall(report.results[0], report.incidents, report.period)


def plotted(picture: str) -> dict[str, Any]:
    found = re.search(' data-plot="([^"]*)"', picture)
    assert found is not None
    told: dict[str, Any] = json.loads(unescape(found[1]))
    return told


def test_the_values_of_a_pointer_are_those_of_the_curve() -> None:
    report = AWKWARD["a quarter"]
    result = report.results[0]
    curve = result.remaining_curve
    assert curve is not None
    told = plotted(charts.burn_down(result, (), report.period))
    instants = told["first"] + np.cumsum(told["steps"]) * told["unit"]
    ((name, values),) = told["series"]
    assert name == "budget left"
    assert len(values) == len(instants) == COLUMNS
    for instant, said in zip(instants, values, strict=True):
        value = float(curve.values[curve.times == instant][0])
        assert said == percent_text(value, kind="remaining")
    assert instants[-1] == curve.times[-1]


def test_no_peak_of_a_burn_rate_is_missed_by_a_pointer() -> None:
    times = np.arange(9000.0) * 300
    values = np.full(9000, 0.5)
    values[4321] = 99.0
    values[100:200] = np.nan
    series = [Series("over 1 h", Curve(times, values), lambda rate: f"{rate:g}")]
    told = json.loads(plot(series, OCTOBER, Frame(0, 0, 9, 9), peaks=True))
    said = told["series"][0][1]
    assert "99" in said
    assert said[3] == ""


def test_a_picture_without_a_curve_tells_a_pointer_nothing() -> None:
    assert plot([], OCTOBER, Frame(0, 0, 9, 9)) == ""
    empty = Curve(np.empty(0), np.empty(0))
    assert plot([Series("x", empty, str)], OCTOBER, Frame(0, 0, 9, 9)) == ""


def test_hostile_titles_are_text_in_what_a_pointer_is_told() -> None:
    bad = replace(INCIDENTS[2], title='"><script>alert(1)</script>\u202e&')
    report = judged(AVAILABILITY, incidents=(bad,))
    picture = charts.burn_down(report.results[0], report.incidents, report.period)
    assert "<script" not in picture
    assert "\u202e" not in picture
    assert 'data-tip="A: &quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;, 19 Oct' in picture
