"""Proposing a target from what was observed and what the tier asks. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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
    percent_number,
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
        usual: what it is usual for, such as ``its tier``.
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
    usual: str = "its tier"
    slices: bool = False
    progressive: bool = False


def proposed(seen: Observation, wish: Wish) -> Target | str:
    """The target that is proposed, or why none is.

    A target that the last month or the weeks seen missed is never proposed without saying so.
    """
    if seen.total.valid <= 0 and seen.month.valid <= 0:
        short = f"usual for {wish.usual}; no {wish.noun} were seen"
        return Target(wish.target, Basis.UNSEEN, short, (_unseen(seen, wish),))
    target = wish.target if wish.slices else _affordable(seen, wish.target)
    if target is None:
        return (
            f"about {counted(round(monthly(seen)), 'event', 'events')} a month are too few to "
            f"promise a share of: a single failure would miss {percent_text(LADDER[0])}"
        )
    if _missed(seen, target):
        return _after_a_miss(seen, target, wish)
    reasons = tuple(_held(seen, target, wish))
    if target == wish.target:
        short = f"usual for {wish.usual}, met{_room(_worst(seen, target))}{_caveat(seen, wish)}"
        return Target(target, Basis.HELD, short, reasons)
    short = f"{_target(wish.target)} is usual for {wish.usual}, but one failure would miss it"
    return Target(target, Basis.LOWERED, short, reasons)


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


def _worst(seen: Observation, target: Decimal) -> Fraction:
    return max(spent(seen.month, target), spent(seen.total, target))


def _affordable(seen: Observation, wanted: Decimal) -> Decimal | None:
    """The hardest target up to the wanted one that a single failure does not miss."""
    if allowed(seen, wanted) >= 1:
        return wanted
    softer = [one for one in LADDER if one < wanted and allowed(seen, one) >= 1]
    return softer[-1] if softer else None


# --- a target that was missed --------------------------------------------------------------------


def _after_a_miss(seen: Observation, target: Decimal, wish: Wish) -> Target:
    """What is proposed where a target would have been missed; each way says so."""
    rung = rung_that_held(seen, target)
    missed = tuple(_misses(seen, target, wish))
    if rung is None:
        hopeless = (
            f"not even {_target(LADDER[0])} would have been met: mend the service, or look at what "
            "is counted"
        )
        reasons = (*missed, hopeless, *_notes(seen, target, wish))
        return Target(
            target, Basis.MISSED, f"usual for {wish.usual}, but {_missed_by(seen, target)}", reasons
        )
    if wish.progressive:
        return _rising(seen, target, rung, missed, wish)
    if _worst(seen, target) > FAR:
        why = f"too far for now: {_target(rung)} is the hardest usual target that was met"
        short = (
            f"{_target(target)} is usual for {wish.usual}, but {_missed_by(seen, target)} by far"
        )
        return Target(rung, Basis.LOWERED, short, (*missed, why, *_notes(seen, rung, wish)))
    hint = f"{_target(rung)} would have been met (--progressive begins there)"
    missed_by = _missed_by(seen, target)
    short = f"usual for {wish.usual}, but {missed_by}; {_target(rung)} would have been met"
    return Target(target, Basis.MISSED, short, (*missed, hint, *_notes(seen, target, wish)))


def _rising(
    seen: Observation, target: Decimal, rung: Decimal, missed: tuple[str, ...], wish: Wish
) -> Target:
    phases = _phases(rung, target, wish.today)
    rises = f"so it begins with {_target(rung)}, which was met, and rises from month to month"
    short = f"rises from {_target(rung)}, which was met, to what is usual for {wish.usual}"
    reasons = (*missed, rises, *_notes(seen, rung, wish))
    return Target(target, Basis.MISSED, short, reasons, phases)


def _missed_by(seen: Observation, target: Decimal) -> str:
    """Who missed it, in a few words."""
    if seen.month.held(target):
        return f"{_weeks(seen)} missed it"
    return f"{_month(seen)} missed it"


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
        f"{name}: {_sli(count, target)}"
        for name, count in ((_month(seen), seen.month), (_weeks(seen), seen.total))
        if count.sli is not None
    ]
    yield f"{', '.join(parts)}; met{_room(_worst(seen, target))}"
    yield from _notes(seen, target, wish)


def _room(worst: Fraction) -> str:
    share = percent_text(worst, kind="consumption")
    tight = ": tight" if worst > Fraction(3, 4) else ""
    return f" with {share} of the budget spent{tight}"


def _asked(target: Decimal, wish: Wish) -> str:
    if target == wish.target:
        return wish.asked
    return (
        f"{wish.asked}, but with so few {wish.noun} a single failure would miss that: "
        f"{_target(target)} allows one"
    )


def _notes(seen: Observation, target: Decimal, wish: Wish) -> Iterator[str]:
    yield _week_by_week(seen, target)
    if not wish.slices:
        yield _allowance(seen, target, wish)
    if seen.since is not None:
        began = _since(seen, wish)
        yield f"its data begin on {began}: little to promise from, look again in a month"
    elif seen.month.coverage <= 0:
        yield f"the source has no data of it in {_month(seen)}: only the weeks speak for it"
    elif seen.month.coverage < _ENOUGH_COVERAGE:
        yield (
            f"{_month(seen)} has data for only {_covered(seen)} of its time, too little for a "
            "verdict: scrapes failed, or the source does not keep it that long"
        )


def _caveat(seen: Observation, wish: Wish) -> str:
    """What makes the numbers weak, in a few words."""
    if seen.since is not None:
        return f"; data only since {_since(seen, wish)}"
    if seen.month.coverage < _ENOUGH_COVERAGE:
        return f"; data for only {_covered(seen)} of {_month(seen)}"
    return ""


def _since(seen: Observation, wish: Wish) -> str:
    if seen.since is None:
        return ""
    return day_text(local_date(seen.since, wish.zone), with_year=True)


def _covered(seen: Observation) -> str:
    return percent_text(seen.month.coverage, kind="coverage")


def _week_by_week(seen: Observation, target: Decimal) -> str:
    """What each week had, oldest first; those that alone would have missed are told."""
    told = ", ".join(
        "nothing" if one.sli is None else percent_number(one.sli, target) for one in seen.weeks
    )
    missed = sum(not one.held(target) for one in seen.weeks)
    alone = f" ({missed} alone would have missed it)" if missed else ""
    return f"week by week in percent: {told}{alone}"


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
