"""Progressive objectives: a period is judged by the phase in force at its start."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from support.grids import DAY, hours
from support.snapshots import a_snapshot

from slo_reports.compute import build_report
from slo_reports.model import (
    Measurement,
    Objective,
    Outcome,
    Phase,
    SloResult,
    Subject,
    Totals,
)
from slo_reports.periods import Period, between, previous

SLO = a_snapshot().subjects[0].slo
PHASES = (
    Phase(Decimal("0.9"), date(2026, 9, 1)),
    Phase(Decimal("0.95"), date(2026, 9, 3)),
    Phase(Decimal("0.99"), date(2026, 9, 4)),
)


def judged(period: Period = DAY, **more: object) -> SloResult:
    objective = Objective(Decimal("0.995"), "day", timedelta(days=1), PHASES)
    slices = replace(hours([4.0] * 24, 100), start=period.start)
    measurement = Measurement(slices, **more)  # type: ignore[arg-type]  # fields by name
    slo = replace(SLO, objectives=(objective,))
    snapshot = replace(
        a_snapshot(()), period=period, subjects=(Subject(slo, measurement),), incidents=()
    )
    (result,) = build_report(snapshot).results
    return result


def day(number: int) -> Period:
    return between(date(2026, 9, number), date(2026, 9, number + 1), "UTC")


@pytest.mark.parametrize(
    ("number", "target", "outcome"),
    [
        (1, "0.95", Outcome.MET),
        (2, "0.95", Outcome.MET),
        (3, "0.99", Outcome.MISSED),
        (4, "0.995", Outcome.MISSED),
    ],
)
def test_each_day_has_the_target_of_its_phase(number: int, target: str, outcome: Outcome) -> None:
    result = judged(day(number))
    assert (result.objective.target, result.outcome) == (Decimal(target), outcome)


def test_the_report_says_what_the_next_phase_would_have_said() -> None:
    (note,) = judged(day(1)).notes
    assert note.replace("\u202f", " ") == (
        "the target is 95 % until 3 September 2026, then 99 %, which would have been missed"
    )
    assert judged(day(4)).notes == ()


def test_a_change_inside_the_period_is_said() -> None:
    (note,) = judged(between(date(2026, 9, 2), date(2026, 9, 4), "UTC")).notes
    assert note.endswith("it changes inside the period, which is judged by the target at its start")


def test_earlier_periods_are_judged_by_their_own_phase() -> None:
    yesterday = previous(DAY)
    result = judged(DAY, history=(Totals(yesterday, 92, 100, 1.0),))
    assert [one.outcome for one in result.history] == [Outcome.MET, Outcome.MET]
    result = judged(day(4), history=(Totals(day(3), 98, 100, 1.0),))
    assert result.history[0].consumed == pytest.approx(2.0)
