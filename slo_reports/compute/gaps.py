"""What the time without data could have done to a number."""

from __future__ import annotations

from fractions import Fraction

from slo_reports.compute import budget
from slo_reports.language import tr
from slo_reports.model import Outcome


def doubt() -> str:
    """What is said of an objective whose gap could hide a miss."""
    return tr("met on what was seen; the gap could hide a miss")


def bounds(good: float, valid: float, coverage: float) -> tuple[float, float] | None:
    """The SLI's range, had the time without data been all bad or all good.

    The events of a gap are taken at the mean rate of the covered time: valid × (1 − c) / c of them
    are missing, so V / c would have been valid in all.

    Args:
        good: good events that were seen [events].
        valid: valid events that were seen [events].
        coverage: share of the SLO's own life with data, c [ratio].

    Returns:
        Lowest and highest SLI [ratio], 1 − c apart; None where nothing is missing, or where
        without any traffic nothing can be told.
    """
    if valid == 0 or not 0 < coverage < 1:
        return None
    covered = Fraction(coverage)
    seen = min(Fraction(good) / Fraction(valid), Fraction(1)) * covered
    return float(seen), float(seen + 1 - covered)


def could_hide_a_miss(
    outcome: Outcome,
    good: float,
    valid: float,
    target: budget.Ratio,
    coverage: float,
    *,
    has_gap: bool,
) -> bool:
    """Whether a met objective would have been missed, had the gap been all bad.

    Args:
        outcome: the verdict on what was seen.
        good: good events that were seen [events].
        valid: valid events that were seen [events].
        target: promised share of good events [ratio].
        coverage: share of the SLO's own life with data [ratio].
        has_gap: whether any slice lost half of its data; less than that counters bridge.
    """
    if outcome is not Outcome.MET or not has_gap or bounds(good, valid, coverage) is None:
        return False
    return Fraction(good) * Fraction(coverage) < Fraction(target) * Fraction(valid)
