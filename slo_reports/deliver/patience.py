"""When a delivery that failed is tried again, and when a person must look."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from slo_reports.model import DeliveryState

_FAILED = {DeliveryState.DEFERRED, DeliveryState.UNCERTAIN}
_FEWEST = 10
"""So many failures at least are needed to give up: after a clock that jumped ahead, or a week in
which nothing ran, days have passed and hardly anything was tried."""


@dataclass(frozen=True)
class Patience:
    """Pauses between tries.

    Attributes:
        first: after the first failure; it doubles with each further one.
        longest: what it doubles up to.
        give_up: how long after the first try it is given up.
    """

    first: timedelta = timedelta(minutes=5)
    longest: timedelta = timedelta(hours=4)
    give_up: timedelta = timedelta(days=5)

    def next_try(
        self, tries: Iterable[tuple[datetime, DeliveryState]], now: datetime
    ) -> datetime | None:
        """The instant of the next try after one that has just failed; None: given up.

        Args:
            tries: when each was and how it ended, oldest first, the one just now left out; they
                count from where a person last sent the delivery on its way again.
            now: the present instant.
        """
        counted: list[tuple[datetime, DeliveryState]] = []
        for at, outcome in tries:
            counted = [] if outcome is DeliveryState.PENDING else [*counted, (at, outcome)]
        failures = 1 + sum(outcome in _FAILED for _, outcome in counted)
        began = min((at for at, _ in counted), default=now)
        if failures >= _FEWEST and now - began >= self.give_up:
            return None
        pause = self.first * float(2 ** min(failures - 1, 30))
        return now + min(pause, self.longest)

    def is_due(self, next_try_at: datetime | None, now: datetime) -> bool:
        """Whether a try is due; also where its instant is so far off that a clock was set back."""
        return next_try_at is None or not now < next_try_at <= now + self.longest
