"""The series that a unit test feeds, so that an SLO has a certain share of bad events.

Where the labels of a counter can be made up, a test begins with the metrics themselves. What only
an expression of a person's own can tell begins with the first series that are recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from slo_reports.generate import names
from slo_reports.generate.examples import Labels, labels_for
from slo_reports.generate.measures import ALL, Counted, Measure, has_events, measure_of
from slo_reports.generate.recording import by_time, slice_record
from slo_reports.generate.rules import Surroundings
from slo_reports.generate.windows import BASE, DAY, windows_of
from slo_reports.model import (
    CountersIndicator,
    LatencyIndicator,
    Matcher,
    RatioIndicator,
    Slo,
)
from slo_reports.promql import selector

EVENTS = 60_000
"""Events between two samples of a test's counters."""


@dataclass(frozen=True)
class Fed:
    """One series of a test.

    Attributes:
        series: with its labels.
        amount: what it counts between two samples, or the value that it keeps.
        counts: whether it counts.
    """

    series: str
    amount: Fraction
    counts: bool = True


Feed = Callable[[Fraction], tuple[Fed, ...]]
"""The share of bad events to the series that say it [ratio]."""


@dataclass(frozen=True)
class Feeding:
    """How the tests of an SLO are fed.

    Attributes:
        feed: the series of any share of bad events.
        from_metrics: whether they are the metrics themselves, not what is recorded of them.
    """

    feed: Feed
    from_metrics: bool


def feeding_of(slo: Slo, around: Surroundings) -> Feeding:
    """How the tests of an SLO are fed: by its metrics, where that can be."""
    measure = measure_of(slo, around)
    feed = None if by_time(slo, measure) else _from_metrics(slo)
    if feed is not None:
        return Feeding(feed, from_metrics=True)
    return Feeding(_from_records(slo, measure, around.slos), from_metrics=False)


# --- from metrics ---


def _from_metrics(slo: Slo) -> Feed | None:
    match slo.indicator:
        case RatioIndicator() as ratio:
            return _ratio(ratio)
        case CountersIndicator() as counters:
            return _counters(counters)
        case LatencyIndicator(native=False) as latency:
            return _latency(latency)
        case _:
            return None


def _ratio(ratio: RatioIndicator) -> Feed | None:
    good = labels_for((*ratio.filters, *ratio.good))
    bad = labels_for(ratio.filters, ratio.good)
    return _two_of_one(ratio.metric, good, bad)


def _two_of_one(metric: str, good: Labels | None, bad: Labels | None) -> Feed | None:
    """Good and bad events of one counter; without bad events their series is not there at all."""
    if good is None or bad is None:
        return None
    good_series, bad_series = _series(metric, good), _series(metric, bad)

    def feed(share: Fraction) -> tuple[Fed, ...]:
        found = [Fed(good_series, EVENTS * (1 - share)), Fed(bad_series, EVENTS * share)]
        return tuple(found if share else found[:1])

    return feed


def _counters(counters: CountersIndicator) -> Feed | None:
    metric, valid = counters.valid_metric, counters.valid
    is_good = counters.good_metric is not None
    part_metric = counters.good_metric if is_good else counters.bad_metric
    part = counters.good if is_good else counters.bad
    if part_metric is None:
        return None
    if part_metric == metric:
        inside, outside = labels_for((*valid, *part)), labels_for(valid, part)
        if inside is not None and outside is not None:
            pair = (inside, outside) if is_good else (outside, inside)
            return _two_of_one(metric, *pair)
    whole, some = labels_for(valid), labels_for(part)
    if whole is None or some is None or (part_metric == metric and whole == some):
        return None
    return _whole_and_part(_series(metric, whole), _series(part_metric, some), good=is_good)


def _whole_and_part(whole: str, part: str, *, good: bool) -> Feed:
    def feed(share: Fraction) -> tuple[Fed, ...]:
        amount = EVENTS * (1 - share if good else share)
        found = (Fed(whole, Fraction(EVENTS)), Fed(part, amount))
        return found if amount else found[:1]

    return feed


def _latency(latency: LatencyIndicator) -> Feed | None:
    labels = labels_for(latency.filters)
    if labels is None:
        return None
    metric = f"{latency.histogram}_bucket"

    def bucket(boundary: str) -> str:
        return _series(metric, {**labels, "le": boundary})

    def feed(share: Fraction) -> tuple[Fed, ...]:
        all_events, good = Fraction(EVENTS), EVENTS * (1 - share)
        every = Fed(bucket(ALL.value), all_events)
        if not latency.interpolate:
            return (Fed(bucket(_text(latency.threshold)), good), every)
        # the threshold lies a third of the way from its half to its double
        step = (all_events - good) / 2
        low, high = bucket(_text(latency.threshold / 2)), bucket(_text(latency.threshold * 2))
        return (Fed(low, good - step), Fed(high, good + 2 * step), every)

    return feed


def _text(boundary: Decimal) -> str:
    return f"{boundary.normalize():f}"


def _series(name: str, labels: Mapping[str, str]) -> str:
    return selector(name, [Matcher(label, "=", value) for label, value in labels.items()])


# --- from what is recorded ---


def _from_records(slo: Slo, measure: Measure, slos: Mapping[str, Slo]) -> Feed:
    def feed(share: Fraction) -> tuple[Fed, ...]:
        return tuple(_records(slo, measure, slos, share))

    return feed


def _records(slo: Slo, measure: Measure, slos: Mapping[str, Slo], share: Fraction) -> Iterator[Fed]:
    if slo.steps:
        yield from _steps(slo, slos, share)
    elif by_time(slo, measure):
        yield _kept(slice_record(slo), slo, 1 - share)
        if has_events(slo):
            yield from _events(slo, share)
    else:
        yield from _events(slo, share)
        if isinstance(measure, Counted):
            between = (one for one in windows_of(slo) if one < DAY and one != BASE)
            yield from (_kept(names.sli_record(one), slo, 1 - share) for one in between)


def _steps(slo: Slo, slos: Mapping[str, Slo], share: Fraction) -> Iterator[Fed]:
    """All that is bad is the first critical step's."""
    critical = [slos[one.slo] for one in slo.steps if one.critical]
    for step in critical:
        bad = share if step is critical[0] else Fraction(0)
        if has_events(step):
            yield from _events(step, bad)
        else:
            yield _kept(names.sli_record(BASE), step, 1 - bad)


def _events(slo: Slo, share: Fraction) -> Iterator[Fed]:
    yield _kept(names.VALID, slo, Fraction(1000))
    yield _kept(names.GOOD, slo, 1000 * (1 - share))


def _kept(name: str, slo: Slo, value: Fraction) -> Fed:
    return Fed(_series(name, dict(names.labels_of(slo))), value, counts=False)
