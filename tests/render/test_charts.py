"""Charts: right places, words that say the numbers, labels that stay apart."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import numpy as np
import pytest
from support.snapshots import COMMERCE, INCIDENTS, OCTOBER, a_snapshot

from slo_reports.compute import build_report
from slo_reports.model import Curve, Incident, Report, SloResult
from slo_reports.periods import between, quarter, year
from slo_reports.render import charts
from slo_reports.render.axes import Frame, TimeAxis, nice_step, percent_ticks
from slo_reports.render.curves import BUCKETS, stretches
from slo_reports.render.labels import Label, spread
from slo_reports.render.marks import Mark
from slo_reports.render.svg import Drawing, number, shorten, text_width
from slo_reports.render.waterfall import causes


def title_of(svg: str) -> str:
    found = re.search("<title>(.*?)</title>", svg)
    assert found is not None
    return found[1].replace("\u202f", " ")


def labels_of(svg: str) -> list[Label]:
    root = ElementTree.fromstring(svg)  # noqa: S314 drawn by ourselves
    return [
        Label(
            float(one.attrib["x"]),
            float(one.attrib["y"]),
            one.text or "",
            float(one.attrib["font-size"]),
            one.attrib.get("text-anchor", "start"),  # type: ignore[arg-type]  # as drawn
            "font-weight" in one.attrib,
        )
        for one in root.iter("{http://www.w3.org/2000/svg}text")
    ]


def overlaps(svg: str) -> list[tuple[str, str]]:
    labels = labels_of(svg)
    return [
        (one.text, other.text)
        for n, one in enumerate(labels)
        for other in labels[n + 1 :]
        if one.box.overlap(other.box) > 12
    ]


def checkout(report: Report) -> SloResult:
    return next(one for one in report.results if one.slo.id == "commerce/checkout-availability")


def test_the_burn_down_says_what_was_left_when_it_was_spent_and_by_what(report: Report) -> None:
    words = title_of(charts.burn_down(checkout(report), report.incidents[1:], report.period))
    assert "−18 % of the budget was left at the end" in words
    assert "It was used up on 21 Oct 21:25" in words
    assert "Incident C on 19 Oct 14:05 used 49 %" in words


@pytest.mark.parametrize("name", ["report", "odd_report", "running_report", "weekly_report"])
def test_labels_of_no_chart_collide(request: pytest.FixtureRequest, name: str) -> None:
    report: Report = request.getfixturevalue(name)
    for result in report.results:
        pictures = (
            charts.burn_down(result, report.incidents, report.period),
            charts.burn_rate_chart(result, report.period),
            charts.day_calendar(result, report.period),
            charts.waterfall(result, report.incidents, report.period),
            charts.trend(result),
        )
        for picture in pictures:
            assert overlaps(picture) == [], title_of(picture)


def test_incidents_close_together_keep_their_letters_apart() -> None:
    start = datetime(2026, 10, 13, 10, tzinfo=UTC)
    crowd = tuple(
        Incident(
            start + timedelta(minutes=40 * n),
            start + timedelta(minutes=40 * n + 30),
            f"I-{n}",
            "crowd",
            "Checkout",
            "page",
            "alert",
        )
        for n in range(30)
    )
    costs = {one.id: 0.01 for one in crowd}
    services = [
        replace(COMMERCE[0], promises=(replace(COMMERCE[0].promises[0], cost=costs),)),
    ]
    report = build_report(a_snapshot(services, incidents=crowd))
    picture = charts.burn_down(report.results[0], report.incidents, report.period)
    assert overlaps(picture) == []
    assert picture.count('r="7.2"') >= 3


def test_a_budget_overspent_nine_times_is_drawn_to_the_edge_and_told() -> None:
    deep = replace(COMMERCE[0], promises=(replace(COMMERCE[0].promises[0], background=9.0),))
    report = build_report(a_snapshot([deep], incidents=()))
    picture = charts.burn_down(report.results[0], (), report.period)
    told = [one.text.replace("\u202f", " ") for one in labels_of(picture)]
    assert "−800 % at close, below this scale" in told
    assert overlaps(picture) == []


def test_a_period_to_date_ends_its_line_at_the_as_of_instant(running_report: Report) -> None:
    result, period = checkout(running_report), running_report.period
    picture = charts.burn_down(result, (), period)
    assert period.as_of is not None
    frame = Frame(40, 24, 661, 168)
    limit = TimeAxis(frame, period).of(period.as_of)
    lines = re.findall(r'd="(M[^"]+)" fill="none" stroke="#0b5cad"', picture)
    assert lines
    points = [float(pair.split()[0]) for d in lines for pair in d[1:].split("L")]
    assert max(points) <= limit + 0.1
    assert "as of 22 Oct 11:00" in [one.text for one in labels_of(picture)]


def test_a_gap_breaks_the_line() -> None:
    values = np.linspace(1, 0, 400)
    values[100:150] = math.nan
    curve = Curve(np.arange(400.0), values)
    runs = stretches(curve, lambda x: x, lambda y: y * 100)
    assert len(runs) == 2
    assert runs[0][-1][0] == 99
    assert runs[1][0][0] == 150


def test_a_thinned_line_keeps_every_peak() -> None:
    values = np.zeros(9000)
    values[4321] = 50.0
    runs = stretches(Curve(np.arange(9000.0), values), lambda x: x, lambda y: y)
    assert (4321.0, 50.0) in runs[0]
    assert len(runs[0]) <= 4 * BUCKETS


def test_a_quarter_and_a_year_become_columns_of_weeks(report: Report) -> None:
    for period in (quarter(2026, 3, "Europe/Berlin"), year(2026, "Europe/Berlin")):
        picture = charts.day_calendar(checkout(report), period)
        assert overlaps(picture) == []
        assert "Mon" in [one.text for one in labels_of(picture)]


def test_a_single_day_has_hours_on_its_axis(report: Report) -> None:
    day = datetime(2026, 10, 6, tzinfo=UTC).date()
    period = between(day, day + timedelta(days=1), "Europe/Berlin")
    told = [one.text for one in labels_of(charts.burn_rate_chart(checkout(report), period))]
    assert "6 Oct" in told
    assert "12:00" in told


def test_days_below_the_objective_are_named_in_words(report: Report) -> None:
    words = title_of(charts.day_calendar(checkout(report), report.period))
    assert "3 days were below 99.9 %: 13 October (99.012%)" in words


def test_the_waterfall_ends_where_the_budget_did(report: Report) -> None:
    result = checkout(report)
    steps = causes(result, report.incidents, OCTOBER)
    assert [one.letter for one in steps] == ["", "B", "C", "D"]
    assert result.budget.remaining is not None
    assert steps[-1].after == pytest.approx(result.budget.remaining, abs=1e-9)


def test_many_small_causes_share_a_bar() -> None:
    costs = {one.id: 0.1 for one in INCIDENTS}
    more = tuple(
        replace(one, id=f"{one.id}-{n}", start=one.start + timedelta(hours=4 * n + 4),
                end=one.end + timedelta(hours=4 * n + 4), service="Checkout")
        for n in range(3)
        for one in INCIDENTS
    )  # fmt: skip
    costs |= {one.id: 0.02 for one in more}
    service = replace(COMMERCE[0], promises=(replace(COMMERCE[0].promises[0], cost=costs),))
    report = build_report(a_snapshot([service], incidents=(*INCIDENTS, *more)))
    steps = causes(report.results[0], report.incidents, OCTOBER)
    assert len(steps) == 7
    assert steps[-1].label.startswith("+")


def test_an_overspent_bar_says_so_and_points_left() -> None:
    picture = charts.budget_bar(-0.18, Mark.MISSED)
    assert title_of(picture) == "overspent by 18 % of the budget"
    assert charts.budget_bar(0.0, Mark.MISSED) != charts.budget_bar(None, Mark.MISSED)


def test_each_outcome_has_a_shape_of_its_own() -> None:
    shapes = {re.sub(r"(#\w+|<title>.*?</title>)", "", charts.status_mark(mark)) for mark in Mark}
    assert len(shapes) == len(Mark)


def test_text_in_a_drawing_is_escaped_and_cleaned() -> None:
    drawing = Drawing(10, 10, "<b>&\x00\u202e")
    drawing.text(1, 1, "</text><script>\u2066")
    picture = drawing.markup()
    assert "<script" not in picture
    assert "<title>&lt;b&gt;&amp;</title>" in picture
    assert "\u2066" not in picture


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_no_drawing_takes_a_number_that_is_none(value: float) -> None:
    with pytest.raises(ValueError, match="was given the coordinate"):
        number(value)


def test_labels_are_spread_only_as_far_as_needed() -> None:
    assert spread([10, 12, 50], 10, 0, 100) == [10, 20, 50]
    assert spread([98, 99, 100], 10, 0, 100) == [80, 90, 100]
    assert spread([1, 1, 1], 60, 0, 100) == [0, 50, 100]
    assert spread([], 10, 0, 100) == []


def test_steps_of_an_axis_are_round() -> None:
    assert nice_step(1.0, 5) == pytest.approx(0.2)
    assert nice_step(0.0, 5) == 1.0
    assert [label.replace("\u202f", " ") for _, label in percent_ticks(-0.25, 1.0, 5)] == [
        "−25 %", "0 %", "25 %", "50 %", "75 %", "100 %",
    ]  # fmt: skip


def test_a_shortened_label_fits() -> None:
    assert shorten("Recommendations", 8, 40).endswith("…")
    assert text_width(shorten("Recommendations", 8, 40), 8) <= 40
    assert shorten("Ok", 8, 40) == "Ok"
