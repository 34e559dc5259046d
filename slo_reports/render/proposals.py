"""What next quarter's targets could be, and why; a proposal is for people to agree to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from slo_reports.language import tr, trn
from slo_reports.model import Outcome, Report, SloResult
from slo_reports.numbers import count_text, date_text, percent_text
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
        return Proposal(result, "measure", now, tr("Without a verdict; measure it first."))
    if why := _too_tight(result, months, report):
        below = [one for one in USUAL_TARGETS if one < now and float(one) <= min(slis)]
        lower = below[-1] if below else now
        kept = percent_text(lower, kind="target")
        more = tr("{target} would have been kept in every month.", target=kept)
        return Proposal(result, "lower", lower, f"{why} {more}" if below else why)
    if why := _too_loose(result, months):
        higher = _with_room(now, min(slis))
        if higher > now:
            told = percent_text(higher, kind="target")
            more = tr("{target} would have left half of its budget in every month.", target=told)
            return Proposal(result, "raise", higher, f"{why} {more}")
    return Proposal(result, "keep", now, _fits(result, months))


def _phase(result: SloResult) -> str:
    coming = result.next_phase
    if coming is None:
        return ""
    day = date_text(coming.start, with_year=True)
    match coming.outcome:
        case Outcome.MET:
            return tr("Its next phase begins on {day}; this time it would have been met.", day=day)
        case Outcome.MISSED:
            return tr(
                "Its next phase begins on {day}; this time it would have been missed.", day=day
            )
        case _:
            return tr("Its next phase begins on {day}.", day=day)


def _too_tight(result: SloResult, months: Sequence[MonthFigures], report: Report) -> str:
    asked = [
        one.evidence
        for one in report.recommendations
        if one.kind == "loosen-target" and one.slo == result.slo.id
    ]
    missed = sum(one.consumed is not None and one.consumed > 1 for one in months)
    if missed >= TIGHT_MONTHS:
        told = {"count": count_text(missed), "total": count_text(len(months))}
        return tr("Missed in {count} of {total} months.", **told)
    return asked[0] if asked else ""


def _too_loose(result: SloResult, months: Sequence[MonthFigures]) -> str:
    used = [one.consumed for one in months]
    used += [one.consumed for one in result.history]
    known = [one for one in used if one is not None]
    if len(result.history) < LOOSE_PERIODS or len(known) < len(used) or max(known) > LOOSE:
        return ""
    most = percent_text(max(known), kind="consumption")
    return tr("Never more than {share} of the budget used, in any month or period before.",
              share=most)  # fmt: skip


def _with_room(now: Decimal, worst: float) -> Decimal:
    """The highest usual target that the worst month would have left room under."""
    fitting = [one for one in USUAL_TARGETS if one > now and 1 - worst <= ROOM * float(1 - one)]
    return fitting[-1] if fitting else now


def _fits(result: SloResult, months: Sequence[MonthFigures]) -> str:
    used = [one.consumed for one in months if one.consumed is not None]
    if not used:
        return tr("It allows no failure; nothing to weigh.")
    if result.outcome is Outcome.MISSED:
        kept = sum(one <= 1 for one in used)
        return trn(
            "Missed, and kept in {count} of {total} month: mend the cause before the target.",
            "Missed, and kept in {count} of {total} months: mend the cause before the target.",
            len(used),
            count=count_text(kept),
            total=count_text(len(used)),
        )
    told = percent_text(max(used), kind="consumption")
    return tr("At most {share} of a month's budget was used.", share=told)
