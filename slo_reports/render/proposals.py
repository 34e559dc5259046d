"""What next quarter's targets could be, and why; a proposal is for people to agree to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from slo_reports.model import Outcome, Report, SloResult
from slo_reports.numbers import count_text, counted, date_text, percent_text
from slo_reports.periods import following
from slo_reports.render.months import MonthFigures

USUAL_TARGETS = tuple(
    map(Decimal, ("0.9", "0.95", "0.97", "0.98", "0.99", "0.995", "0.999", "0.9995", "0.9999"))
)
"""Targets that people choose from [ratio]."""
TIGHT_MONTHS = 2
"""Missed in so many months of one period, a target is too tight."""
LOOSE = 0.1
"""Never more than this used, a target is too loose [ratio]."""
LOOSE_PERIODS = 2
ROOM = 0.5
"""A raised target must have left this much of the budget in every month [ratio]."""


@dataclass(frozen=True)
class Proposal:
    """One objective's target for the next period.

    Attributes:
        verdict: ``raise``, ``lower``, ``measure`` or ``keep``.
        target: what is proposed [ratio].
        why: the numbers that it rests on.
    """

    result: SloResult
    verdict: str
    target: Decimal
    why: str

    @property
    def changes(self) -> bool:
        """Whether another target is proposed."""
        return self.target != self.result.objective.target


def proposal(result: SloResult, months: Sequence[MonthFigures], report: Report) -> Proposal:
    """A target for the next period, from the months of this one and the periods before."""
    now = result.objective.target
    phase = result.next_phase
    if phase is not None and phase.start <= following(report.period).last_day:
        verdict = "raise" if phase.target > now else "lower"
        return Proposal(result, verdict, phase.target, _phase(result))
    slis = [one.sli for one in months if one.sli is not None]
    if result.outcome not in (Outcome.MET, Outcome.MISSED) or not slis:
        return Proposal(result, "measure", now, "Without a verdict; measure it first.")
    if why := _too_tight(result, months, report):
        below = [one for one in USUAL_TARGETS if one < now and float(one) <= min(slis)]
        lower = below[-1] if below else now
        kept = percent_text(lower, kind="target")
        more = f" {kept} would have been kept in every month." if below else ""
        return Proposal(result, "lower", lower, why + more)
    if why := _too_loose(result, months):
        higher = _with_room(now, min(slis))
        if higher > now:
            told = percent_text(higher, kind="target")
            more = f" {told} would have left half of its budget in every month."
            return Proposal(result, "raise", higher, why + more)
    return Proposal(result, "keep", now, _fits(result, months))


def _phase(result: SloResult) -> str:
    coming = result.next_phase
    if coming is None:
        return ""
    head = f"Its next phase begins on {date_text(coming.start, with_year=True)}"
    if coming.outcome not in (Outcome.MET, Outcome.MISSED):
        return f"{head}."
    return f"{head}; this time it would have been {coming.outcome}."


def _too_tight(result: SloResult, months: Sequence[MonthFigures], report: Report) -> str:
    asked = [
        one.evidence
        for one in report.recommendations
        if one.kind == "loosen-target" and one.slo == result.slo.id
    ]
    missed = sum(one.consumed is not None and one.consumed > 1 for one in months)
    if missed >= TIGHT_MONTHS:
        return f"Missed in {count_text(missed)} of {counted(len(months), 'month', 'months')}."
    return asked[0] if asked else ""


def _too_loose(result: SloResult, months: Sequence[MonthFigures]) -> str:
    used = [one.consumed for one in months]
    used += [one.consumed for one in result.history]
    known = [one for one in used if one is not None]
    if len(result.history) < LOOSE_PERIODS or len(known) < len(used) or max(known) > LOOSE:
        return ""
    most = percent_text(max(known), kind="consumption")
    return f"Never more than {most} of the budget used, in any month or period before."


def _with_room(now: Decimal, worst: float) -> Decimal:
    """The highest usual target that the worst month would have left room under."""
    fitting = [one for one in USUAL_TARGETS if one > now and 1 - worst <= ROOM * float(1 - one)]
    return fitting[-1] if fitting else now


def _fits(result: SloResult, months: Sequence[MonthFigures]) -> str:
    used = [one.consumed for one in months if one.consumed is not None]
    if not used:
        return "It allows no failure; nothing to weigh."
    if result.outcome is Outcome.MISSED:
        kept = sum(one <= 1 for one in used)
        months_told = counted(len(used), "month", "months")
        return (
            f"Missed, and kept in {count_text(kept)} of {months_told}: mend the cause before the "
            "target."
        )
    told = percent_text(max(used), kind="consumption")
    return f"At most {told} of a month's budget was used."
