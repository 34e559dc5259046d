"""An SLO's earlier periods, judged by the objective of today in its phase of then."""

from __future__ import annotations

from fractions import Fraction

from slo_reports.compute import budget, phases
from slo_reports.model import Objective, Outcome, PastPeriod, Slo, Totals
from slo_reports.periods import Period


def past_period(totals: Totals, slo: Slo, objective: Objective) -> PastPeriod:
    """One earlier period, judged."""
    good, valid = min(totals.good, totals.valid), totals.valid
    parts = objective.parts(totals.period)
    sizes = totals.valid_parts if len(totals.valid_parts) == len(parts) else (0.0,) * len(parts)
    target = phases.effective_target(parts, sizes, totals.period)
    consumed = budget.consumed_fraction(valid - good, valid, target, Fraction(1))
    return PastPeriod(
        totals.period,
        budget.sli(good, valid),
        None if consumed is None else float(consumed),
        budget.outcome(good, valid, target, totals.coverage, slo.minimum_coverage),
        float(target),
    )


def trend(
    history: tuple[Totals, ...], slo: Slo, objective: Objective, present: PastPeriod
) -> tuple[PastPeriod, ...]:
    """The periods before the reported one, oldest first, and then the reported one."""
    earlier = (one for one in history if one.period.start < present.period.start)
    ordered = sorted(earlier, key=lambda one: one.period.start)
    return (*(past_period(one, slo, objective) for one in ordered), present)


def just_before(history: tuple[PastPeriod, ...], period: Period) -> PastPeriod | None:
    """The period that ends where the reported one begins, where it is known and was judged."""
    known = (Outcome.MET, Outcome.MISSED)
    for one in history:
        if one.period.end == period.start and one.outcome in known:
            return one
    return None
