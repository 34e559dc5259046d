"""Proposing a target from what was observed and what the tier asks. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from slo_reports.discovering.nouns import Basis, Count, Observation, Step, Target
from slo_reports.numbers import (
    counted,
    day_text,
    decimal_text,
    large_text,
    month_text,
    percent_text,
)
from slo_reports.periods import local_date

LADDER = tuple(
    Decimal(one)
    for one in ("0.9", "0.95", "0.97", "0.98", "0.99", "0.995", "0.999", "0.9995", "0.9999")
)
"""The targets that are proposed, softest first [ratio]."""
FAR = 5
"""A target is too far from what was seen where that spent this many times its budget."""
_ENOUGH_COVERAGE = 0.95
_MONTHS = {Decimal("0.99"): 1, Decimal("0.995"): 2, Decimal("0.999"): 3}
"""How long each phase of a progressive objective lasts [months]; others last one."""


@dataclass(frozen=True)
class Wish:
    """What is wanted of one objective.

    Attributes:
        target: what the tier asks [ratio].
        asked: the same as a clause, such as ``essential services usually promise 99.9 %``.
        noun: what is counted, such as ``requests``.
        slices: whether what is counted are spans of time rather than events.
        progressive: whether a target that was missed is proposed in steps.
        today: the local day of the proposal.
        zone: whose days are told.
    """

    target: Decimal
    asked: str
    noun: str
    today: date
    zone: str
    slices: bool = False
    progressive: bool = False


def proposed(seen: Observation, wish: Wish) -> Target | str:
    """The target that is proposed, or why none is.

    A target that the last month or the weeks seen missed is never proposed without saying so.
    """
    if seen.total.valid <= 0 and seen.month.valid <= 0:
        return Target(wish.target, Basis.UNSEEN, (_unseen(seen, wish),))
    target = wish.target if wish.slices else _affordable(seen, wish.target)
    if target is None:
        return (
            f"about {counted(round(monthly(seen)), 'event', 'events')} a month are too few to "
            f"promise a share of: a single failure would miss {percent_text(LADDER[0])}"
        )
    if _missed(seen, target):
        return _after_a_miss(seen, target, wish)
    basis = Basis.HELD if target == wish.target else Basis.LOWERED
    return Target(target, basis, tuple(_held(seen, target, wish)))


def monthly(seen: Observation) -> float:
    """Events in thirty days, from the weeks seen as far as they had data."""
    days = 7 * len(seen.weeks) * seen.total.coverage
    if seen.total.valid > 0 and days > 0:
        return seen.total.valid * 30 / days
    length = seen.month_period.length.total_seconds() / 86_400 * seen.month.coverage
    return seen.month.valid * 30 / length if length > 0 else seen.month.valid


def allowed(seen: Observation, target: Decimal) -> int:
    """Failures that a target allows in thirty days."""
    return int(Fraction(repr(monthly(seen))) * (1 - Fraction(target)))


def spent(count: Count, target: Decimal) -> Fraction:
    """How many times a span's budget was spent; 0 where nothing was served."""
    if count.sli is None or target == 1:
        return Fraction(0)
    return (1 - count.sli) / (1 - Fraction(target))


def rung_that_held(seen: Observation, below: Decimal) -> Decimal | None:
    """The highest rung under a target that both the month and the weeks would have met."""
    held = [one for one in LADDER if one < below and not _missed(seen, one)]
    return held[-1] if held else None


def _missed(seen: Observation, target: Decimal) -> bool:
    return not (seen.month.held(target) and seen.total.held(target))


def _affordable(seen: Observation, wanted: Decimal) -> Decimal | None:
    """The hardest target up to the wanted one that a single failure does not miss."""
    if allowed(seen, wanted) >= 1:
        return wanted
    softer = [one for one in LADDER if one < wanted and allowed(seen, one) >= 1]
    return softer[-1] if softer else None


# --- a target that was missed --------------------------------------------------------------------


def _after_a_miss(seen: Observation, target: Decimal, wish: Wish) -> Target:
    rung = rung_that_held(seen, target)
    too_far = max(spent(seen.month, target), spent(seen.total, target)) > FAR
    if wish.progressive and rung is not None:
        phases = _phases(rung, target, wish.today)
        rises = f"so it begins with {_target(rung)}, which was met, and rises month by month"
        reasons = (*_misses(seen, target, wish), rises, *_notes(seen, phases[0].target, wish))
        return Target(target, Basis.MISSED, reasons, phases)
    if too_far and rung is not None:
        why = f"too far for now: {_target(rung)} is the hardest usual target that was met"
        reasons = (*_misses(seen, target, wish), why, *_notes(seen, rung, wish))
        return Target(rung, Basis.LOWERED, reasons)
    hint = (
        f"{_target(rung)} would have been met (--progressive begins there)"
        if rung is not None
        else f"not even {_target(LADDER[0])} would have been met: mend the service, or look at "
        "what is counted"
    )
    reasons = (*_misses(seen, target, wish), hint, *_notes(seen, target, wish))
    return Target(target, Basis.MISSED, reasons)


def _misses(seen: Observation, target: Decimal, wish: Wish) -> Iterator[str]:
    yield _asked(target, wish)
    if not seen.month.held(target):
        yield (
            f"{_month(seen)} had {_sli(seen.month, target)} and would have missed it "
            f"({_times(spent(seen.month, target))} its budget)"
        )
    if not seen.total.held(target):
        yield (
            f"{_weeks(seen)} had {_sli(seen.total, target)} and would have missed it "
            f"({_times(spent(seen.total, target))} its budget)"
        )


def _phases(rung: Decimal, target: Decimal, today: date) -> tuple[Step, ...]:
    """Targets that rise from one that was met, each for its months, from this month on."""
    usual = [one for one in LADDER if rung <= one < target and one >= min(rung, Decimal("0.99"))]
    start, steps = today.replace(day=1), []
    for one in (*usual, target):
        steps.append(Step(one, start))
        start = _months_on(start, _MONTHS.get(one, 1))
    return tuple(steps)


def _months_on(day: date, count: int) -> date:
    years, month = divmod(day.month - 1 + count, 12)
    return day.replace(year=day.year + years, month=month + 1)


# --- in words ------------------------------------------------------------------------------------


def _held(seen: Observation, target: Decimal, wish: Wish) -> Iterator[str]:
    yield _asked(target, wish)
    parts = [
        f"{name} had {_sli(count, target)}"
        for name, count in ((_month(seen), seen.month), (_weeks(seen), seen.total))
        if count.sli is not None
    ]
    worst = max(spent(seen.month, target), spent(seen.total, target))
    yield f"{' and '.join(parts)}: met{_room(worst)}"
    yield from _notes(seen, target, wish)


def _room(worst: Fraction) -> str:
    if worst > Fraction(3, 4):
        return f", but {percent_text(worst, kind='consumption')} of the budget was spent: tight"
    return f" with {percent_text(worst, kind='consumption')} of the budget spent"


def _asked(target: Decimal, wish: Wish) -> str:
    if target == wish.target:
        return wish.asked
    return (
        f"{wish.asked}, but with so few {wish.noun} a single failure would miss that: "
        f"{_target(target)} allows one"
    )


def _notes(seen: Observation, target: Decimal, wish: Wish) -> Iterator[str]:
    if not wish.slices:
        yield _allowance(seen, target, wish)
    if seen.since is not None:
        day = day_text(local_date(seen.since, wish.zone), with_year=True)
        yield f"its data begin on {day}: little to promise from, look again in a month"
    elif seen.month.coverage < _ENOUGH_COVERAGE:
        covered = percent_text(seen.month.coverage, kind="coverage")
        yield f"{_month(seen)} had data for only {covered} of its time"
    weeks = [one for one in seen.weeks if not one.held(target)]
    if weeks and not _missed(seen, target):
        yield f"{len(weeks)} of the {len(seen.weeks)} weeks alone would have missed it"


def _allowance(seen: Observation, target: Decimal, wish: Wish) -> str:
    events, failures = monthly(seen), allowed(seen, target)
    many = large_text(round(events))
    return (
        f"about {many} {wish.noun} in 30 days: {_target(target)} allows {large_text(failures)} bad"
    )


def _unseen(seen: Observation, wish: Wish) -> str:
    return (
        f"no {wish.noun} were seen in {_weeks(seen)} or in {_month(seen)}: {_target(wish.target)} "
        f"is only what is usual ({wish.asked}); look again once there are some"
    )


def _target(target: Decimal) -> str:
    return percent_text(target, kind="target")


def _sli(count: Count, target: Decimal) -> str:
    return "nothing" if count.sli is None else percent_text(count.sli, target)


def _times(ratio: Fraction) -> str:
    return f"{decimal_text(ratio, 1, 'up')} times"


def _month(seen: Observation) -> str:
    return month_text(seen.month_period.first_day, with_year=True)


def _weeks(seen: Observation) -> str:
    return f"the past {counted(len(seen.weeks), 'week', 'weeks')}"


def with_reason(target: Target, reason: str) -> Target:
    """The same with another reason in front."""
    return replace(target, reasons=(reason, *target.reasons))
