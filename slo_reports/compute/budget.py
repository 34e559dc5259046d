"""Outcome and error budget, decided on exact numbers.

Counts are floats that hold whole events; they become fractions before anything is compared or
divided, so no verdict hangs on a rounding.
"""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

from slo_reports import numbers
from slo_reports.compute.grid import Life
from slo_reports.language import tr
from slo_reports.model import Budget, Outcome
from slo_reports.units import EVENTS, unit_words

_COVERAGE_NOISE = 1e-9
"""A mean of thousands of floats may miss the minimum by less than this without meaning it."""

Ratio = Decimal | Fraction
"""A target: as it was written, or the exact mean of several."""

_DIGITS = 9
"""Decimals of an event that can be meant: below that lies what floats add."""


def sli(good: float, valid: float) -> float | None:
    """Good over valid events, unrounded [ratio]; None without traffic."""
    return None if valid == 0 else float(Fraction(good) / Fraction(valid))


def is_met(good: float, valid: float, target: Ratio) -> bool:
    """Whether the good events reach the promised share of the valid ones, exactly."""
    return _told(good) >= Fraction(target) * Fraction(valid)


def _told(good: float) -> Fraction:
    """A count without the noise of its float; whole events stay what they are.

    A slice of 99 in 100 good adds 0.99, which no float holds: it must still reach 99 %.
    """
    return round(Fraction(good), _DIGITS)


def outcome(good: float, valid: float, target: Ratio, coverage: float, minimum: float) -> Outcome:
    """The verdict on a period.

    Args:
        good: good events [events].
        valid: valid events [events].
        target: promised share of good events [ratio, 0 < target <= 1].
        coverage: share of the SLO's own life with data [ratio].
        minimum: coverage below which nothing is judged [ratio].

    Returns:
        Too little data comes before no traffic, and that before met or missed.
    """
    if coverage < minimum - _COVERAGE_NOISE or coverage == 0:
        return Outcome.INSUFFICIENT_DATA
    if valid == 0:
        return Outcome.NO_TRAFFIC
    return Outcome.MET if is_met(good, valid, target) else Outcome.MISSED


def budget_events(valid: float, target: Ratio, elapsed: Fraction) -> Fraction:
    """The whole period's error budget, (1 − T) × V / f [events]; an estimate while f < 1."""
    return (1 - Fraction(target)) * Fraction(valid) / elapsed


def consumed_fraction(
    bad: float, valid: float, target: Ratio, elapsed: Fraction
) -> Fraction | None:
    """Used share of the whole period's budget, c = (B / V) / (1 − T) × f [ratio].

    Returns:
        Over 1 when overspent; None without traffic, or where a target of 100 % leaves no budget.
    """
    if valid == 0 or target >= 1:
        return None
    return Fraction(bad) / budget_events(valid, target, elapsed)


def error_budget(good: float, valid: float, target: Ratio, life: Life) -> Budget:
    """The error budget of one SLO's life, and what was used of it."""
    bad = Fraction(valid) - Fraction(good)
    consumed = consumed_fraction(float(bad), valid, target, life.elapsed)
    return Budget(
        events=float(budget_events(valid, target, life.elapsed)),
        minutes=float((1 - Fraction(target)) * life.minutes),
        consumed=None if consumed is None else float(consumed),
        remaining=None if consumed is None else float(1 - consumed),
        bad=float(bad),
    )


def verdict_exact(
    good: float, valid: float, target: Ratio, unit: str = EVENTS, promise: str = ""
) -> str:
    """The exact comparison as a sentence.

    Args:
        good: good events, or what else ``unit`` names.
        valid: valid events.
        target: promised share of good events [ratio].
        unit: what is counted; events are not named.
        promise: the target in words; empty: as a percentage.

    Returns:
        Such as ``19 998 000 of 20 000 000 good; 99.9 % asks for 19 980 000``. Where all counts
        are whole, what is asked for is the next whole event.
    """
    if valid == 0:
        return tr("no valid {unit}", unit=unit_words(unit))
    asked = Fraction(target) * Fraction(valid)
    if good == int(good) and valid == int(valid):
        asked = Fraction(math.ceil(asked))
    values = {
        "good": numbers.exact_text(_told(good)),
        "valid": numbers.exact_text(valid),
        "target": promise or numbers.percent_text(target, kind="target"),
        "asked": numbers.exact_text(asked),
    }
    if unit == EVENTS:
        return tr("{good} of {valid} good; {target} asks for {asked}", **values)
    return tr(
        "{good} of {valid} {unit} good; {target} asks for {asked}",
        unit=unit_words(unit),
        **values,
    )
