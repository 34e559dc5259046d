"""The recorded series of one SLO: events, SLI, burn rates, budget left, percentiles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from slo_reports.generate import names
from slo_reports.generate.expressions import NOISE, number, rate, share, within
from slo_reports.generate.measures import Counted, Measure, Sampled, Valued, measure_of
from slo_reports.generate.rules import Pairs, RecordingRule, Surroundings
from slo_reports.generate.windows import BASE, DAY, windows_of
from slo_reports.model import LatencyIndicator, Method, Objective, Slo
from slo_reports.promql import duration

PERCENTILES = ("0.5", "0.95", "0.99")
_LONGEST_STEPPED = timedelta(days=100)
"""Beyond, the steps are more than some servers take (VictoriaMetrics: 30,000)."""


def recorded_now(slo: Slo, around: Surroundings) -> tuple[RecordingRule, ...]:
    """The series of the windows under a day, each after those that it is made of."""
    measure = measure_of(slo, around)
    windows = [one for one in windows_of(slo) if one < DAY]
    return (
        *_facts(slo, around),
        *_base(slo, measure, around),
        *(_sli(slo, measure, one, around) for one in windows),
        *(rule for one in windows for rule in _burns(slo, one, around)),
        *_percentiles(slo),
    )


def recorded_later(slo: Slo, around: Surroundings) -> tuple[RecordingRule, ...]:
    """The series of the windows from a day on, made of those of five minutes."""
    measure = measure_of(slo, around)
    windows = [one for one in windows_of(slo) if one >= DAY]
    return (
        *(_sli(slo, measure, one, around) for one in windows),
        *(rule for one in windows for rule in _burns(slo, one, around)),
        *_remaining(slo, around),
    )


def target_of(objective: Objective, around: Surroundings) -> Decimal:
    """The target in force on the day that is meant."""
    return objective.target_on(around.day)


def _facts(slo: Slo, around: Surroundings) -> Iterator[RecordingRule]:
    """What is promised, and what the SLO is called."""
    yield RecordingRule(names.INFO, "vector(1)", info_labels(slo, around))
    for objective in slo.objectives:
        target = number(target_of(objective, around))
        yield RecordingRule(names.TARGET, f"vector({target})", names.budget_labels(slo, objective))


def info_labels(slo: Slo, around: Surroundings) -> Pairs:
    """What one may join to any other series of the SLO; its own labels where their names fit."""
    first = slo.objectives[0]
    known = {
        **dict(names.labels_of(slo)),
        "owner": slo.owner,
        "tier": "" if slo.tier is None else slo.tier.value,
        "title": slo.title,
        "namespace": slo.namespace,
        "name": slo.name,
        "window": first.window,
        "objective": f"{(target_of(first, around) * 100).normalize():f}",
        "runbook": slo.runbook or "",
        "dashboard": slo.dashboard or "",
    }
    own = {re.sub(r"[^A-Za-z0-9_]", "_", key): value for key, value in slo.labels}
    return tuple((key, value) for key, value in {**own, **known}.items() if value)


# --- what everything else is made of ---


def _base(slo: Slo, measure: Measure, around: Surroundings) -> Iterator[RecordingRule]:
    labels = names.labels_of(slo)
    if isinstance(measure, Sampled):
        yield from (RecordingRule(name, expr, labels) for name, expr in measure.before)
    if isinstance(measure, Counted):
        yield RecordingRule(names.VALID, measure.valid(BASE), labels)
        yield RecordingRule(names.GOOD, measure.good(BASE), labels)
    if isinstance(measure, Sampled):
        yield RecordingRule(names.VALID, measure.valid, labels)
        yield RecordingRule(names.GOOD, measure.good, labels)
    if by_time(slo, measure):
        yield RecordingRule(slice_record(slo), _slice(slo, measure, around), labels)


def by_time(slo: Slo, measure: Measure) -> bool:
    """Whether the SLI is a share of time rather than of events."""
    return slo.method is not Method.OCCURRENCES or isinstance(measure, Valued)


def slice_record(slo: Slo) -> str:
    """The series whose mean over time is the SLI of an SLO that is judged by time."""
    return names.SLICE_GOOD if slo.method is Method.TIMESLICES else names.SLICE


def slice_length(slo: Slo, around: Surroundings) -> timedelta:
    """How long a slice of the SLO's method is."""
    return around.piece if slo.slice_window is None else slo.slice_window


def _slice(slo: Slo, measure: Measure, around: Surroundings) -> str:
    """The ratio of the slice that ends now, or whether it is good."""
    ratio = _slice_ratio(slo, measure, slice_length(slo, around), around)
    if slo.method is not Method.TIMESLICES:
        return ratio
    target = target_of(slo.objectives[0], around)
    limit = target if slo.slice_target is None else slo.slice_target
    return f"({ratio}) >= bool ({number(limit)} - {NOISE})"


def _slice_ratio(slo: Slo, measure: Measure, length: timedelta, around: Surroundings) -> str:
    match measure:
        case Counted() as counted:
            return _bounded(counted, share(counted.good(length), counted.valid(length)))
        case Sampled():
            return _summed(slo, length) if length > BASE else _latest(slo)
        case Valued(ratio=ratio) if length > around.piece:
            steps = f"[{duration(length)}:{duration(around.piece)}]"
            return f"avg_over_time(({ratio}){steps})"
        case Valued(ratio=ratio):
            return ratio


def _bounded(counted: Counted, ratio: str) -> str:
    return ratio if counted.exact else within(ratio)


def _latest(slo: Slo) -> str:
    return share(names.recorded(names.GOOD, slo.id), names.recorded(names.VALID, slo.id))


def _summed(slo: Slo, window: timedelta) -> str:
    """Each event counts once, whenever it happened: sums are divided, not ratios averaged."""
    good, valid = (
        f"sum_over_time({names.recorded(one, slo.id)}{_range(window, BASE)})"
        for one in (names.GOOD, names.VALID)
    )
    return share(good, valid)


def _range(window: timedelta, step: timedelta) -> str:
    """A range of records: from a day on one for each step, however often they were recorded."""
    if DAY <= window <= _LONGEST_STEPPED:
        return f"[{duration(window)}:{duration(step)}]"
    return f"[{duration(window)}]"


# --- SLI, burn rate, budget ---


def _sli(slo: Slo, measure: Measure, window: timedelta, around: Surroundings) -> RecordingRule:
    ratio = _ratio(slo, measure, window, around)
    return RecordingRule(names.sli_record(window), ratio, names.labels_of(slo))


def _ratio(slo: Slo, measure: Measure, window: timedelta, around: Surroundings) -> str:
    if by_time(slo, measure):
        slices = _range(window, max(BASE, slice_length(slo, around)))
        return f"avg_over_time({names.recorded(slice_record(slo), slo.id)}{slices})"
    if not isinstance(measure, Counted):
        return _latest(slo) if window == BASE else _summed(slo, window)
    if window == BASE:
        return _bounded(measure, _latest(slo))
    if window < DAY:
        return _bounded(measure, share(measure.good(window), measure.valid(window)))
    return _bounded(measure, _summed(slo, window))


def _burns(slo: Slo, window: timedelta, around: Surroundings) -> Iterator[RecordingRule]:
    """How fast the budget of each objective burns; a target of 100 % has none."""
    for objective in slo.objectives:
        budget = 1 - target_of(objective, around)
        if budget:
            yield RecordingRule(
                names.burn_record(window),
                f"(1 - {names.recorded(names.sli_record(window), slo.id)}) / {number(budget)}",
                names.budget_labels(slo, objective),
            )


def _remaining(slo: Slo, around: Surroundings) -> Iterator[RecordingRule]:
    for objective in slo.objectives:
        if target_of(objective, around) < 1:
            burnt = names.recorded(names.burn_record(objective.length), slo.id, objective.window)
            yield RecordingRule(
                names.REMAINING, f"1 - {burnt}", names.budget_labels(slo, objective)
            )


def _percentiles(slo: Slo) -> Iterator[RecordingRule]:
    if not isinstance(slo.indicator, LatencyIndicator):
        return
    latency = slo.indicator
    events = rate(latency.histogram, latency.filters, BASE)
    if not latency.native:
        events = rate(f"{latency.histogram}_bucket", latency.filters, BASE)
        events = events.replace("sum(", "sum by (le) (", 1)
    for quantile in PERCENTILES:
        yield RecordingRule(
            names.PERCENTILE,
            f"histogram_quantile({quantile}, {events}) >= 0",  # NaN without traffic
            (*names.labels_of(slo), ("quantile", quantile)),
        )
