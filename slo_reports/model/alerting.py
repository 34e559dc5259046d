"""What a definition says about its alerts: their numbers, their names and what they carry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

Pairs = tuple[tuple[str, str], ...]
"""Names and values, each name once, by name."""


@dataclass(frozen=True)
class BurnRateAlert:
    """One multi-window burn-rate alert that the service's owners are paged or ticketed by."""

    severity: str
    long: timedelta
    short: timedelta
    threshold: float


@dataclass(frozen=True)
class AlertWords:
    """What is added to an alert that fires.

    Attributes:
        labels: what Alertmanager routes by.
        annotations: what people read.
        disabled: whether such alerts are not wanted at all.
    """

    labels: Pairs = ()
    annotations: Pairs = ()
    disabled: bool = False


@dataclass(frozen=True)
class Alerting:
    """How the alerts of one SLO are called and what they carry.

    Attributes:
        name: of the alerts; empty: as the style of the rules has it.
        words: of all of them.
        by_severity: what those of one severity carry beside, each severity once.
    """

    name: str = ""
    words: AlertWords = AlertWords()
    by_severity: tuple[tuple[str, AlertWords], ...] = ()

    def of(self, severity: str) -> AlertWords:
        """What an alert of a severity carries: its own words over those of all."""
        own = dict(self.by_severity).get(severity, AlertWords())
        return AlertWords(
            labels=_over(self.words.labels, own.labels),
            annotations=_over(self.words.annotations, own.annotations),
            disabled=self.words.disabled or own.disabled,
        )


USUAL_ALERTING = Alerting()
"""Of a definition that says nothing about it."""


def _over(usual: Pairs, own: Pairs) -> Pairs:
    return tuple(sorted({**dict(usual), **dict(own)}.items()))
