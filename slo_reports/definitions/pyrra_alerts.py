"""Pyrra's four burn-rate alerts: fixed factors, and windows that scale with the objective's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

_WHOLE = 28 * 24 * 60
"""Minutes of the window that Pyrra's lengths are written for."""


@dataclass(frozen=True)
class PyrraAlert:
    """One alert of an objective.

    Attributes:
        key: by which a file names its severity.
        severity: where the file names none.
        factor: the burn rate.
        long: the longer window; whole minutes, as all three.
        short: the shorter one; nothing where the objective's own window is too short for it.
        hold: how long both must burn.
    """

    key: str
    severity: str
    factor: int
    long: timedelta
    short: timedelta
    hold: timedelta

    @property
    def measurable(self) -> bool:
        """Whether its windows are windows at all."""
        return self.long > self.short > timedelta(0)


_AT_28_DAYS = (
    ("fastBurn", "critical", 14, 60, 5, 2),
    ("mediumBurn", "critical", 7, 6 * 60, 30, 15),
    ("slowBurn", "warning", 2, 24 * 60, 120, 60),
    ("longTermBurn", "warning", 1, 4 * 24 * 60, 360, 180),
)
"""Key, severity, factor, and the three lengths at 28 days [min]."""


def pyrra_alerts(window: timedelta) -> tuple[PyrraAlert, ...]:
    """The alerts of an objective over ``window``."""
    return tuple(
        PyrraAlert(key, severity, factor, *(_scaled(one, window) for one in lengths))
        for key, severity, factor, *lengths in _AT_28_DAYS
    )


def _scaled(minutes: int, window: timedelta) -> timedelta:
    """Minutes at 28 days, for another window: a whole number, halves up, as Go rounds."""
    return to_minutes(minutes * (window // timedelta(minutes=1)) * timedelta(minutes=1) / _WHOLE)


def to_minutes(length: timedelta) -> timedelta:
    """A length in whole minutes, halves up."""
    return timedelta(minutes=(2 * length + timedelta(minutes=1)) // timedelta(minutes=2))
