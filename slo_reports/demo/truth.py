"""What really happened, and what the stored samples allow to know of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import numpy as np

from slo_reports.demo.samples import DURATION, REQUESTS, RUNS, Series, counted
from slo_reports.demo.scenery import Promise, Service, Shop
from slo_reports.demo.traffic import Counts, Events, Seconds, sample_times, seconds, summed
from slo_reports.periods import Period


@dataclass(frozen=True)
class Tally:
    """Events of one objective in one period."""

    good: int
    valid: int

    @property
    def bad(self) -> int:
        """Valid events that did not meet the criterion."""
        return self.valid - self.good


@dataclass(frozen=True)
class PeriodTruth:
    """One objective in one period.

    Attributes:
        happened: every event of the period.
        sampled: the events that the stored samples allow to count.
        budget_remaining: error budget left, from ``sampled``, of the whole period; None without
            traffic [ratio].
        coverage: share of the service's own life in the period with scrapes [ratio].
        since: when its samples began, where that is inside the period.
    """

    period: str
    happened: Tally
    sampled: Tally
    budget_remaining: float | None
    coverage: float
    since: datetime | None


@dataclass(frozen=True)
class ObjectiveTruth:
    """One objective: the reported period, and those before it, oldest first."""

    slo: str
    service: str
    target: float
    reported: PeriodTruth
    history: tuple[PeriodTruth, ...]


def is_bad(code: str) -> bool:
    """Whether a request's answer code or a batch run's status is a failure."""
    return code.startswith("5") or code == "failure"


def bad_and_valid(promise: Promise, events: Events) -> tuple[Counts, Counts]:
    """Bad and valid events of one process in each of its cells, as a promise counts them."""
    valid = summed(events.by_code.values())
    if promise.boundary is not None:
        return valid - events.by_boundary[promise.boundary], valid
    bad = [counts for code, counts in events.by_code.items() if is_bad(code)]
    return summed(bad), valid


def truth_of(
    shop: Shop, service: Service, processes: tuple[Events, ...], series: tuple[Series, ...]
) -> tuple[ObjectiveTruth, ...]:
    """The truth about each objective of a service."""
    scrapes = sample_times(shop, service)
    found = []
    for promise in service.promises:
        reported, *history = (
            _judge(promise, period, processes, series, scrapes)
            for period in (shop.month, *shop.history)
        )
        slo, target = shop.slo_id(promise), float(promise.target) / 100
        found.append(ObjectiveTruth(slo, service.name, target, reported, tuple(history)))
    return tuple(found)


def _judge(
    promise: Promise,
    period: Period,
    processes: tuple[Events, ...],
    series: tuple[Series, ...],
    scrapes: Seconds,
) -> PeriodTruth:
    sampled = _sampled(promise, period, series)
    coverage, since = _coverage(period, series, scrapes)
    remaining = budget_remaining(sampled, float(promise.target) / 100)
    happened = _happened(promise, period, processes)
    return PeriodTruth(period.id, happened, sampled, remaining, coverage, since)


def budget_remaining(tally: Tally, target: float) -> float | None:
    """Share of a whole period's error budget that is left; None without traffic."""
    if tally.valid == 0:
        return None
    return 1 - tally.bad / tally.valid / (1 - target)


def _happened(promise: Promise, period: Period, processes: tuple[Events, ...]) -> Tally:
    bad = valid = 0
    for events in processes:
        cells = events.between(period.start, period.end)
        some_bad, some_valid = bad_and_valid(promise, events)
        bad, valid = bad + int(some_bad[cells].sum()), valid + int(some_valid[cells].sum())
    return Tally(valid - bad, valid)


def _sampled(promise: Promise, period: Period, series: tuple[Series, ...]) -> Tally:
    good = valid = 0
    for one in series:
        events = counted(one, period.start, period.end)
        if promise.boundary is None and one.name in (REQUESTS, RUNS):
            valid += events
            good += 0 if is_bad(one.label("code") or one.label("status")) else events
        elif promise.boundary is not None and one.name == f"{DURATION}_count":
            valid += events
        elif one.label("le") == promise.boundary:
            good += events
    return Tally(good, valid)


def _coverage(
    period: Period, series: tuple[Series, ...], scrapes: Seconds
) -> tuple[float, datetime | None]:
    """Share of the scrapes due in the service's life that were made, and when they began inside."""
    made = np.unique(np.concatenate([one.times for one in series if one.name == "up"]))
    due = _inside(period, scrapes)
    own = due[due >= made[0]]
    if not len(own):
        return 0.0, None
    since = datetime.fromtimestamp(int(own[0]), UTC) if own[0] > due[0] else None
    return len(_inside(period, made)) / len(own), since


def _inside(period: Period, times: Seconds) -> Seconds:
    return times[(times >= seconds(period.start)) & (times < seconds(period.end))]


def truth_document(shop: Shop, objectives: tuple[ObjectiveTruth, ...]) -> str:
    """The truth as JSON for ``truth.json``."""
    document = {
        "period": shop.month.id,
        "timezone": shop.month.zone,
        "start": shop.month.start,
        "end": shop.month.end,
        "objectives": [asdict(one) for one in objectives],
    }
    return json.dumps(document, indent=1, default=_instant) + "\n"


def _instant(value: datetime) -> str:
    return value.isoformat()
