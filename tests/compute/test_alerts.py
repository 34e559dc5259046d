"""Alerts held against the budget: right, late, useless, missed, and those that never fire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from support.grids import DAY, START, hours
from support.snapshots import COMMERCE, a_slo, a_snapshot

from slo_reports.compute import build_report
from slo_reports.compute.replay import can_never_fire, replay
from slo_reports.model import (
    AlertFinding,
    AlertQuality,
    AlertWord,
    BurnRateAlert,
    Exclusion,
    Incident,
    Measurement,
    Objective,
    SloResult,
    Snapshot,
    Subject,
)

MINUTES = timedelta(minutes=1)
PAGE = BurnRateAlert("page", timedelta(hours=1), timedelta(minutes=5), 14.4)
TICKET = BurnRateAlert("ticket", timedelta(days=3), timedelta(hours=6), 1.0)
SLO = replace(a_slo(COMMERCE[0], COMMERCE[0].promises[0]), burn_rates=(PAGE,))


def at(slice_number: int, minutes: int = 0) -> datetime:
    return START + (5 * slice_number + minutes) * MINUTES


def subject(
    bad: dict[int, float], *, target: str = "0.999", alerts: Sequence[BurnRateAlert] = (PAGE,)
) -> Subject:
    """A day of 5-minute slices with 1000 events each: 288 events of budget at 99.9 %."""
    slices = hours([bad.get(i, 0.0) for i in range(288)], 1000.0, step=5 * MINUTES)
    objective = Objective(Decimal(target), "day", timedelta(days=1))
    return Subject(
        replace(SLO, objectives=(objective,), burn_rates=tuple(alerts)), Measurement(slices)
    )


def snapshot(
    one: Subject, incidents: Sequence[Incident] = (), exclusions: Sequence[Exclusion] = ()
) -> Snapshot:
    return replace(
        a_snapshot(incidents=()),
        period=DAY,
        subjects=(one,),
        incidents=tuple(incidents),
        exclusions=tuple(exclusions),
    )


def quality(one: Subject, *incidents: Incident) -> AlertQuality:
    insight = build_report(snapshot(one, incidents)).insight
    assert insight is not None
    assert insight.alerts is not None
    return insight.alerts


def result_of(one: Subject) -> SloResult:
    return build_report(snapshot(one)).results[0]


def fired(start: datetime, *, minutes: int = 30, severity: str = "page") -> Incident:
    end = start + minutes * MINUTES
    return Incident(
        start, end, f"{start}", "Budget burn fast", "Checkout", severity, "alert", slo=SLO.id
    )


def the(found: AlertQuality) -> AlertFinding:
    (one,) = found.findings
    return one


@pytest.mark.parametrize(
    ("bad", "due"),
    [
        pytest.param({100: 172.0}, [], id="172 of 12 000: exactly as fast is not faster"),
        pytest.param({100: 173.0}, [(101, 101)], id="173 of 12 000 in an hour are 14.4 times"),
        pytest.param({0: 173.0}, [(1, 1)], id="what lies before the day counts as flawless"),
        pytest.param({0: 172.0}, [], id="and does not accuse at the day's beginning"),
        pytest.param({100: 90.0, 101: 90.0}, [(102, 102)], id="both windows must burn"),
        pytest.param(dict.fromkeys(range(100, 288), 10.0), [], id="ten times is below it"),
    ],
)
def test_a_page_is_due_where_both_windows_burn(
    bad: dict[int, float], due: list[tuple[int, int]]
) -> None:
    one = subject(bad)
    found = replay(one, result_of(one), DAY)
    assert [(each.start, each.end) for each in found] == [(at(a), at(b)) for a, b in due]


def test_a_ticket_waits_for_three_hours() -> None:
    short = dict.fromkeys(range(100, 130), 100.0)
    one = subject(short, alerts=(TICKET,))
    (found,) = replay(one, result_of(one), DAY)
    # 3 d are 864 slices: 864 events are allowed, and the ninth bad slice goes over them.
    assert found.start == at(109)
    assert found.due == at(109) + timedelta(hours=3)
    assert found.consumed == pytest.approx(3000 / 288)


@pytest.mark.parametrize(("count", "due"), [(2, 0), (3, 1)])
def test_two_failures_of_a_quiet_night_are_chance(count: int, due: int) -> None:
    """One event in each slice: even the first failure is 83 times the sustainable rate."""
    bad = [float(100 <= i < 100 + count) for i in range(288)]
    quiet = Measurement(hours(bad, 1.0, step=5 * MINUTES))
    one = replace(subject({}), measurement=quiet)
    assert len(replay(one, result_of(one), DAY)) == due


def test_nothing_is_due_where_an_exclusion_lies() -> None:
    one = subject({100: 900.0})
    out = Exclusion(at(100), at(101), "Maintenance", "Ada")
    report = build_report(snapshot(one, (), [out]))
    assert replay(one, report.results[0], DAY, [out]) == []


def test_an_alert_in_time_is_right() -> None:
    found = quality(subject({100: 500.0}), fired(at(101, minutes=4)))
    assert (the(found).word, the(found).letter, found.recorded) == (AlertWord.RIGHT, "A", True)


def test_an_alert_that_comes_late_says_by_how_much() -> None:
    found = the(quality(subject(dict.fromkeys(range(100, 112), 500.0)), fired(at(106, minutes=2))))
    assert found.word is AlertWord.LATE
    assert found.late == timedelta(minutes=25)  # due two minutes after the first slice


def test_ten_minutes_are_in_time() -> None:
    burst = dict.fromkeys(range(100, 112), 500.0)
    assert the(quality(subject(burst), fired(at(103, minutes=2)))).word is AlertWord.RIGHT
    assert the(quality(subject(burst), fired(at(103, minutes=3)))).word is AlertWord.LATE


def test_an_alert_that_no_budget_was_spent_for_is_useless() -> None:
    found = the(quality(subject({}), fired(at(50))))
    assert (found.word, found.slo, found.consumed) == (AlertWord.USELESS, None, 0.0)


def test_an_alert_that_was_not_due_is_right_where_a_hundredth_of_the_budget_went() -> None:
    assert the(quality(subject({51: 2.0}), fired(at(50)))).word is AlertWord.USELESS
    assert the(quality(subject({51: 3.0}), fired(at(50)))).word is AlertWord.RIGHT


def test_what_nobody_was_called_for_is_missed() -> None:
    found = quality(subject({100: 500.0, 200: 500.0}), fired(at(101)))
    assert [one.word for one in found.findings] == [AlertWord.RIGHT, AlertWord.MISSED]
    missed = found.findings[1]
    assert (missed.start, missed.letter) == (at(201), "B")  # the episode of the slices
    assert missed.consumed == pytest.approx(500 / 288)


def test_a_ticket_does_not_answer_for_a_page() -> None:
    found = quality(subject({100: 500.0}), fired(at(101), severity="ticket"))
    assert {one.word for one in found.findings} == {AlertWord.RIGHT, AlertWord.MISSED}


def test_where_no_alert_is_on_record_it_was_due_and_not_missed() -> None:
    found = quality(subject({100: 500.0}))
    assert not found.recorded
    assert the(found).word is AlertWord.DUE


def test_a_page_and_the_ticket_that_it_leaves_behind_are_one_trouble() -> None:
    found = quality(subject({100: 900.0}, alerts=(PAGE, TICKET)))
    assert [one.severity for one in found.findings] == ["page"]


def test_a_miss_below_every_threshold_is_told() -> None:
    found = the(quality(subject(dict.fromkeys(range(288), 2.0))))
    assert (found.word, found.severity, found.consumed) == (AlertWord.MISSED, "", 2.0)


@pytest.mark.parametrize(
    ("target", "needed"),
    [
        pytest.param("0.9", 1.44, id="a tenth of all events may be bad, and 14.4 times that"),
        pytest.param("0.99", None, id="14.4 % of the events can be bad"),
    ],
)
def test_an_alert_that_asks_for_more_than_all_events_never_fires(
    target: str, needed: float | None
) -> None:
    one = subject({}, target=target)
    found = can_never_fire(PAGE, result_of(one))
    assert (None if found is None else float(found)) == needed


def test_alerts_that_never_fire_are_in_the_report() -> None:
    (silent,) = quality(subject({}, target="0.9")).silent
    assert (silent.title, silent.needed) == ("Checkout availability", 1.44)


def test_without_alerts_and_troubles_there_is_nothing_to_say() -> None:
    insight = build_report(snapshot(subject({}))).insight
    assert insight is not None
    assert insight.alerts is None
