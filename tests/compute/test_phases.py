from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.snapshots import COMMERCE, OCTOBER, a_snapshot

from slo_reports.compute import build_report
from slo_reports.compute.phases import effective_target, shown_target
from slo_reports.model import (
    Measurement,
    Method,
    Objective,
    Outcome,
    Phase,
    Report,
    Slices,
    SloResult,
    Subject,
    Totals,
)
from slo_reports.periods import Period, midnight, month, to_date
from slo_reports.render.mail_text import mail_text
from slo_reports.render.rows import objective_row, target_text
from slo_reports.render.story import story
from slo_reports.render.trend import trend

SLO = a_snapshot(COMMERCE[:1]).subjects[0].slo
STEP = timedelta(hours=1)
SPLIT = date(2026, 10, 15)


def progressive(*phases: tuple[str, date]) -> Objective:
    made = tuple(Phase(Decimal(target), start) for target, start in phases)
    return Objective(made[0].target, "month", timedelta(days=30), made)


LADDER = progressive(("0.99", date(2026, 9, 1)), ("0.995", SPLIT), ("0.999", date(2026, 12, 1)))


def slices(bad_before: float, bad_after: float, period: Period = OCTOBER) -> Slices:
    """1 000 valid events an hour; so many bad ones in the first hour of each part."""
    count = (period.data_end - period.start) // STEP
    bad = np.zeros(count)
    bad[0] = bad_before
    bad[(midnight(SPLIT, period.zone) - period.start) // STEP] = bad_after
    return Slices(period.start, STEP, 1000.0 - bad, np.full(count, 1000.0), np.ones(count))


def report_of(
    one: Slices,
    objective: Objective = LADDER,
    *,
    period: Period = OCTOBER,
    history: tuple[Totals, ...] = (),
    **changes: object,
) -> Report:
    slo = replace(SLO, objectives=(objective,), **changes)  # type: ignore[arg-type] -- any field
    base = a_snapshot(())
    subject = Subject(slo, Measurement(one, history=history))
    return build_report(replace(base, period=period, subjects=(subject,), incidents=()))


def judged(one: Slices, objective: Objective = LADDER) -> SloResult:
    return report_of(one, objective).results[0]


# 14 days of 24 h and 16 days of 24 h and one of 25 h (clocks go back on the 25th).
HOURS = (336, 409)
BUDGET = Fraction(1, 100) * HOURS[0] * 1000 + Fraction(5, 1000) * HOURS[1] * 1000


def test_the_budget_of_a_split_month_is_the_sum_of_its_parts() -> None:
    assert BUDGET == 5405
    result = judged(slices(0, 0))
    assert result.budget.events == 5405


@pytest.mark.parametrize(
    ("period", "target"),
    [
        pytest.param(month(2026, 8, "UTC"), "0.99", id="before the first phase, its target"),
        pytest.param(month(2026, 9, "UTC"), "0.99", id="the phase that begins with the month"),
        pytest.param(month(2026, 10, "UTC"), "0.99", id="the phase at the month's start"),
        pytest.param(month(2026, 11, "UTC"), "0.995", id="the second phase"),
        pytest.param(month(2027, 3, "UTC"), "0.999", id="the last phase goes on"),
    ],
)
def test_the_target_is_the_one_in_force_at_the_start(period: Period, target: str) -> None:
    objective = replace(SLO, objectives=(LADDER,)).objective_for(period)
    assert objective.target == Decimal(target)
    assert objective.parts(period)[0] == (period.start, Decimal(target))


def test_a_split_month_is_met_to_the_last_event_of_both_budgets() -> None:
    few = slices(1000, 1000)
    bad = few.valid - few.good
    bad[1:5] = 1000, 1000, 1000, 405
    full = replace(few, good=few.valid - bad)
    assert judged(full).outcome is Outcome.MET
    assert judged(full).budget.remaining == 0
    bad[4] += 1
    assert judged(replace(few, good=few.valid - bad)).outcome is Outcome.MISSED


def test_one_part_may_lend_to_the_other() -> None:
    result = judged(slices(1000, 900))
    assert result.outcome is Outcome.MET
    assert result.budget.consumed == pytest.approx(1900 / 5405)


def test_the_words_name_both_targets_and_the_day() -> None:
    report = report_of(slices(900, 100))
    (result,) = report.results
    assert target_text(result).replace("\u202f", " ") == "99 % until 14 Oct, then 99.5 %"
    assert "99 % until 14 Oct, then 99.5 % asks for" in result.verdict_exact.replace("\u202f", " ")
    assert objective_row(result).target == "99.275"
    assert "99 % until 14 Oct, then 99.5 %" in " ".join(mail_text(report, {}).split())


def test_the_shown_target_is_rounded_up() -> None:
    parts = OCTOBER_PARTS
    exact = effective_target(parts, (1.0, 2.0), OCTOBER)
    assert exact == 1 - Fraction(1, 150)
    assert isinstance(exact, Fraction)
    assert shown_target(exact, parts) == Decimal("0.99334")


OCTOBER_PARTS = LADDER.parts(OCTOBER)


def test_without_traffic_the_parts_weigh_by_their_time() -> None:
    exact = effective_target(OCTOBER_PARTS, (0.0, 0.0), OCTOBER)
    assert exact == 1 - (Fraction(1, 100) * 336 + Fraction(1, 200) * 409) / 745


def test_a_running_month_is_judged_by_the_parts_that_have_begun() -> None:
    running = to_date(OCTOBER, OCTOBER.start + timedelta(days=7))
    count = 7 * 24
    one = Slices(running.start, STEP, np.full(count, 990.0), np.full(count, 1000.0), np.ones(count))
    (result,) = report_of(one, period=running).results
    assert result.outcome is Outcome.MET
    assert result.pace == 1


def test_each_slice_is_judged_by_the_phase_it_begins_in() -> None:
    one = slices(0, 0)
    one = replace(one, good=np.full(len(one), 993.0))
    (result,) = report_of(one, method=Method.TIMESLICES).results
    assert (result.good, result.valid) == (*HOURS[:1], sum(HOURS))


def test_past_months_are_judged_by_the_phase_of_their_time() -> None:
    old = [month(2026, number, OCTOBER.zone) for number in (9, 10)]
    november = month(2026, 11, OCTOBER.zone)
    september = Totals(old[0], 99_200, 100_000, 1.0)
    even = Totals(old[1], 99_200, 100_000, 1.0, valid_parts=(50_000, 50_000))
    late = replace(even, valid_parts=(10_000, 90_000))
    count = november.length // STEP
    one = Slices(november.start, STEP, np.full(count, 992.0), np.full(count, 1e3), np.ones(count))

    def history(october: Totals) -> list[Outcome]:
        (result,) = report_of(one, period=november, history=(september, october)).results
        return [past.outcome for past in result.history]

    assert history(replace(even, good=99_250)) == ["met", "met", "missed"]
    assert history(even) == ["met", "missed", "missed"]
    assert history(replace(late, good=99_250)) == ["met", "missed", "missed"]


def test_the_next_phase_says_what_it_would_have_said() -> None:
    report = report_of(slices(100, 200))
    (result,) = report.results
    assert result.next_phase is not None
    assert result.next_phase.outcome is Outcome.MET
    told = {one.lead: one.text for one in story(result, report)}
    assert told["The next phase,"].replace("\u202f", " ") == (
        "99.9 % from 1 December, would have been met with 59 % of its budget left."
    )
    report = report_of(slices(800, 800))
    told = {one.lead: one.text for one in story(report.results[0], report)}
    assert "would have been missed, 115" in told["The next phase,"]


def test_after_the_last_phase_nothing_comes() -> None:
    objective = progressive(("0.99", date(2026, 9, 1)), ("0.995", date(2026, 10, 1)))
    result = judged(slices(0, 0), objective)
    assert result.parts == ()
    assert result.next_phase is None


@given(
    st.lists(st.integers(0, 1000), min_size=2, max_size=2),
    st.sampled_from(["0.5", "0.99", "0.9995", "1"]),
    st.sampled_from(["0.5", "0.99", "0.9995", "1"]),
)
def test_met_is_bad_events_within_the_sum_of_the_budgets(
    bad: list[int], first: str, second: str
) -> None:
    objective = progressive((first, date(2026, 9, 1)), (second, SPLIT))
    result = judged(slices(*bad), objective)
    allowed = sum(
        (1 - Fraction(target)) * 1000 * hours
        for target, hours in zip((first, second), HOURS, strict=True)
    )
    assert (result.outcome is Outcome.MET) == (sum(bad) <= allowed)
    assert result.objective.target >= min(Decimal(first), Decimal(second))
    assert result.objective.target <= max(Decimal(first), Decimal(second))


def test_the_trend_draws_the_objective_in_steps() -> None:
    september = Totals(month(2026, 9, OCTOBER.zone), 99_200, 100_000, 1.0)
    objective = progressive(("0.99", date(2026, 9, 1)), ("0.995", date(2026, 10, 1)))
    plain = replace(objective, phases=())

    def dashes(one: Objective) -> int:
        (result,) = report_of(slices(0, 0), one, history=(september,)).results
        return trend(result).count("stroke-dasharray")

    assert dashes(objective) == dashes(plain) + 1


def test_nobody_is_asked_to_raise_a_target_that_rises_anyway() -> None:
    past = tuple(
        Totals(month(2026, number, OCTOBER.zone), 99_990, 100_000, 1.0) for number in range(2, 10)
    )

    def kinds(*phases: tuple[str, date]) -> set[str]:
        report = report_of(slices(1, 1), progressive(*phases), history=past)
        return {one.kind for one in report.recommendations}

    now = ("0.99", date(2026, 1, 1))
    assert "tighten-target" in kinds(now)
    assert "tighten-target" not in kinds(now, ("0.995", date(2026, 12, 1)))
