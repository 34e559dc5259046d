"""One SLO, judged: all its numbers put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

from slo_reports import numbers
from slo_reports.compute import (
    attribution,
    budget,
    burn,
    curves,
    days,
    gaps,
    methods,
    phases,
    trend,
)
from slo_reports.compute.attribution import Lettered
from slo_reports.compute.budget import Ratio
from slo_reports.compute.grid import Grid, Life, lay, life_of
from slo_reports.compute.percentiles import percentiles
from slo_reports.exclusions import concerning, touching
from slo_reports.language import tr
from slo_reports.methods import unit_of
from slo_reports.model import (
    BeforeExclusions,
    Budget,
    BudgetStatus,
    Curve,
    Exclusion,
    Exhaustion,
    NextPhase,
    Outcome,
    PastPeriod,
    Phase,
    Slo,
    SloResult,
    Subject,
)
from slo_reports.periods import Period


def judge(
    subject: Subject,
    period: Period,
    incidents: Sequence[Lettered],
    lookback: timedelta | None,
    exclusions: Sequence[Exclusion] = (),
    steps: Sequence[Slo] = (),
) -> SloResult:
    """One SLO's result for a period.

    Args:
        subject: the SLO with all that was measured of it.
        period: what it is judged on.
        incidents: those of the period, in order of time.
        lookback: trailing look-back of the burn rate; None: by the period's length.
        exclusions: all there are; those that concern other SLOs or times change nothing.
        steps: critical steps of a user journey, whose exclusions and incidents are its own too.
    """
    span = burn.default_lookback(period.length) if lookback is None else lookback
    grid = lay(subject.measurement, period)
    if grid is None:
        return _not_measured(subject, period, span)
    own = concerning(exclusions, subject.slo, *steps)
    applied = touching(own, period.start, period.data_end)
    left = methods.without(grid, applied)
    result = _measured(subject, left, period, incidents, span, steps)
    if not applied:
        return result
    gone = bool(left.excluded[left.first :].all())
    return replace(
        result,
        exclusions=applied,
        before_exclusions=_before(subject, grid, period),
        reason=tr("Exclusions take out all of the period.") if gone else result.reason,
    )


def _before(subject: Subject, grid: Grid, period: Period) -> BeforeExclusions:
    """The numbers with nothing taken out."""
    slo, parts = subject.slo, subject.slo.objective_for(period).parts(period)
    counted = methods.in_parts(grid, slo, parts)
    target = phases.effective_target(parts, phases.part_sizes(counted, parts), period)
    good, valid = counted.events()
    life = life_of(subject.measurement.since, period)
    return BeforeExclusions(
        budget.sli(good, valid),
        budget.error_budget(good, valid, target, life).remaining,
        budget.outcome(good, valid, target, grid.mean_coverage(), slo.minimum_coverage),
    )


def _measured(
    subject: Subject,
    measured: Grid,
    period: Period,
    incidents: Sequence[Lettered],
    lookback: timedelta,
    steps: Sequence[Slo],
) -> SloResult:
    slo, measurement = subject.slo, subject.measurement
    objective = slo.objective_for(period)
    parts = objective.parts(period)
    life = life_of(measurement.since, period)
    grid = methods.in_parts(measured, slo, parts)
    target = phases.effective_target(parts, phases.part_sizes(grid, parts), period)
    coverage = measured.mean_coverage()
    good, valid = grid.events()
    bad = valid - good
    unit = unit_of(slo, grid.step)
    outcome = budget.outcome(good, valid, target, coverage, slo.minimum_coverage)
    spent = budget.error_budget(good, valid, target, life)
    rate = burn.trailing_burn(grid, lookback, target)
    pace = burn.burn_rate(bad, valid, target)
    left = _left(bad, valid, target, life)
    shares = attribution.shares(grid, slo, incidents, spent.consumed, steps)
    sli = budget.sli(good, valid)
    missing = days.missing(measured)
    hidden = gaps.could_hide_a_miss(outcome, good, valid, target, coverage, has_gap=bool(missing))
    return SloResult(
        slo=slo,
        objective=phases.shown(objective, target, parts),
        outcome=outcome,
        status=burn.believed(burn.budget_status(left, pace, rate), outcome),
        good=good,
        valid=valid,
        sli=sli,
        coverage=coverage,
        since=life.start if life.start > period.start else None,
        reason=_reason(outcome, subject),
        budget=spent,
        burn=_float(rate),
        lookback=lookback,
        pace=_float(pace),
        exhaustion=_exhaustion(grid, left, rate, spent, life),
        verdict_exact=budget.verdict_exact(
            good, valid, target, unit, numbers.target_words(parts, period.zone)
        ),
        remaining_curve=_remaining_curve(grid, spent),
        burn_curves=curves.burn_curves(grid, target),
        days=days.days(grid, period),
        history=trend.trend(
            measurement.history,
            slo,
            objective,
            PastPeriod(period, sli, spent.consumed, outcome, float(target)),
        ),
        incidents=shares,
        unattributed=attribution.unattributed(spent.consumed, shares),
        missing=missing,
        notes=(
            *measurement.notes,
            *([f"{slo.title}: {gaps.doubt()}."] if hidden else []),
        ),
        queries=measurement.queries,
        method=slo.method,
        unit=unit,
        attribution=attribution.attribution(bad, spent.consumed, shares),
        bounds=gaps.bounds(good, valid, coverage),
        parts=parts if len(parts) > 1 else (),
        percentiles=percentiles(measurement.buckets),
        interpolated=measurement.interpolated,
        next_phase=_next_phase(slo, objective.next_phase(period), measured, life),
    )


def _next_phase(slo: Slo, phase: Phase | None, measured: Grid, life: Life) -> NextPhase | None:
    if phase is None:
        return None
    counted = methods.by_method(measured, slo, phase.target).events()
    return phases.would_have_said(phase, counted, measured.mean_coverage(), slo, life)


def _not_measured(subject: Subject, period: Period, lookback: timedelta) -> SloResult:
    slo, measurement = subject.slo, subject.measurement
    objective = slo.objective_for(period)
    nothing = budget.error_budget(0.0, 0.0, objective.target, life_of(None, period))
    present = PastPeriod(period, None, None, Outcome.NOT_MEASURED, float(objective.target))
    return SloResult(
        slo=slo,
        objective=objective,
        outcome=Outcome.NOT_MEASURED,
        status=BudgetStatus.UNKNOWN,
        good=0.0,
        valid=0.0,
        sli=None,
        coverage=0.0,
        since=None,
        reason=_reason(Outcome.NOT_MEASURED, subject),
        budget=nothing,
        burn=None,
        lookback=lookback,
        pace=None,
        exhaustion=None,
        verdict_exact=tr("not measured"),
        remaining_curve=None,
        burn_curves=(),
        days=(),
        history=trend.trend(measurement.history, slo, objective, present),
        incidents=(),
        unattributed=None,
        missing=(),
        notes=measurement.notes,
        queries=measurement.queries,
        method=slo.method,
    )


def _left(bad: float, valid: float, target: Ratio, life: Life) -> Fraction | None:
    """Budget left, exact; a target of 100 % has all of it until the first bad event."""
    if valid == 0:
        return None
    if target >= 1:
        return Fraction(0 if bad > 0 else 1)
    consumed = budget.consumed_fraction(bad, valid, target, life.elapsed)
    return None if consumed is None else 1 - consumed


def _exhaustion(
    grid: Grid, left: Fraction | None, rate: Fraction | None, spent: Budget, life: Life
) -> Exhaustion | None:
    if left is None:
        return None
    if left <= 0:
        return Exhaustion("spent", burn.spent_at(grid, spent.events))
    return burn.projection(left, rate, life)


def _remaining_curve(grid: Grid, spent: Budget) -> Curve | None:
    if spent.remaining is None:
        return None
    return curves.remaining_curve(grid, spent.events, spent.remaining)


def _reason(outcome: Outcome, subject: Subject) -> str | None:
    if outcome is Outcome.NOT_MEASURED:
        return subject.measurement.reason or tr("The source gave no slices for it.")
    return subject.measurement.reason


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
