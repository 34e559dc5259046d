"""An SLO's earlier periods, judged by the objective of today."""

from __future__ import annotations

from fractions import Fraction

from slo_reports.compute import budget
from slo_reports.model import Objective, Outcome, PastPeriod, Slo, Totals
from slo_reports.periods import Period


def past_period(totals: Totals, slo: Slo, objective: Objective) -> PastPeriod:
    """One earlier period, judged."""
    good, valid = min(totals.good, totals.valid), totals.valid
    consumed = budget.consumed_fraction(valid - good, valid, objective.target, Fraction(1))
    return PastPeriod(
        totals.period,
        budget.sli(good, valid),
        None if consumed is None else float(consumed),
        budget.outcome(good, valid, objective.target, totals.coverage, slo.minimum_coverage),
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
