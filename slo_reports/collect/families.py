"""Which counters the SLOs need, and which of them one query can fetch together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

from slo_reports.model import (
    CountersIndicator,
    GaugeIndicator,
    JourneyIndicator,
    LatencyIndicator,
    Matcher,
    QueryIndicator,
    RatioIndicator,
    RatioQueryIndicator,
    Slo,
    ThresholdIndicator,
)
from slo_reports.promql import matches, one_of, re2_escape, selector

INFINITE = Decimal("Infinity")

Weights = tuple[float, float]
"""What one counted event adds to (good, valid) events."""


@dataclass(frozen=True, eq=False)
class Need:
    """The series of one metric that one SLO counts, and what they count for.

    Attributes:
        weigh: labels to what one event of that series adds; only asked of matching series.
        threshold: boundary of a histogram [s]; its buckets are chosen by value, not by text.
        interpolate: whether a threshold off the boundaries is interpolated.
        between: the boundaries around such a threshold [s]; None below the first one.
    """

    slo: str
    metric: str
    matchers: tuple[Matcher, ...]
    weigh: Callable[[Mapping[str, str]], Weights]
    threshold: Decimal | None = None
    interpolate: bool = False
    between: tuple[Decimal | None, Decimal] | None = None

    @property
    def boundaries(self) -> tuple[Decimal, ...]:
        """The boundaries of a histogram whose buckets hold the good events [s]."""
        around = (self.threshold,) if self.between is None else self.between
        return tuple(one for one in around if one is not None)

    def bracketed(self, texts: Iterable[str]) -> Need:
        """The same, interpolating between the neighbours of a threshold off the boundaries.

        Args:
            texts: the texts of ``le`` that the histogram has. Where no boundary is above the
                threshold there is nothing to interpolate towards, and the need stays as it is.
        """
        known = {boundary_of(text) for text in texts}
        there = sorted(one for one in known if one is not None and one.is_finite())
        wanted = self.threshold
        if not self.interpolate or wanted is None or wanted in there:
            return self
        above = [one for one in there if one > wanted]
        if not above:
            return self
        lower = max((one for one in there if one < wanted), default=None)
        return replace(self, between=(lower, above[0]), weigh=_around(wanted, lower, above[0]))

    def weights(self, labels: Mapping[str, str]) -> Weights | None:
        """What one event of a series adds, or None where the series is not needed."""
        return self.weigh(labels) if matches(self.matchers)(labels) else None


@dataclass(frozen=True, eq=False)
class Family:
    """Needs of one metric that one selector fetches.

    Attributes:
        buckets: the texts of ``le`` that are asked for; none where all series are.
    """

    metric: str
    matchers: tuple[Matcher, ...]
    needs: tuple[Need, ...]
    buckets: tuple[str, ...] = ()

    @property
    def selector(self) -> str:
        """The selector of all series that the needs ask for; it may hold a few more."""
        return selector(self.metric, (*self.matchers, *self.chosen_buckets))

    @property
    def chosen_buckets(self) -> tuple[Matcher, ...]:
        """What chooses the buckets that are asked for."""
        return (one_of("le", self.buckets),) if self.buckets else ()

    @property
    def restarts(self) -> Family:
        """The series in which every restart is seen.

        A histogram's buckets begin again together, so the one that holds all events tells of the
        others. Where it is not known to be there, they are all asked.
        """
        infinite = tuple(text for text in self.buckets if boundary_of(text) == INFINITE)
        return replace(self, buckets=infinite) if infinite else self

    @property
    def thresholds(self) -> frozenset[Decimal]:
        """The histogram boundaries that the needs ask for."""
        return frozenset(boundary for one in self.needs for boundary in one.boundaries)

    def with_buckets(self, spellings: Iterable[str]) -> Family:
        """The same family, asking only for the given texts of ``le``."""
        return replace(self, buckets=tuple(spellings))

    def serving(self, needs: Sequence[Need]) -> Family:
        """The same family, asking only for what some of its needs count; at least one."""
        return replace(_family(needs), buckets=self.buckets)


def needs_of(slo: Slo) -> tuple[Need, ...]:
    """The counters of one SLO; none for one that is asked in another way."""
    match slo.indicator:
        case RatioIndicator() as ratio:
            return (Need(slo.id, ratio.metric, ratio.filters, _good_among_valid(ratio.good)),)
        case LatencyIndicator(native=True):
            return ()
        case LatencyIndicator() as latency:
            return (
                Need(
                    slo.id,
                    f"{latency.histogram}_bucket",
                    latency.filters,
                    _bucket(latency.threshold),
                    latency.threshold,
                    latency.interpolate,
                ),
            )
        case CountersIndicator() as counters:
            return _counter_needs(slo.id, counters)
        case QueryIndicator() | GaugeIndicator() | ThresholdIndicator() | RatioQueryIndicator():
            return ()
        case JourneyIndicator():
            return ()


def covering_needs(slo: Slo) -> tuple[Need, ...]:
    """The series by which one tells the targets that serve an SLO."""
    match slo.indicator:
        case GaugeIndicator(metric=metric, filters=filters):
            return (Need(slo.id, metric, filters, _always((1, 1))),)
        case LatencyIndicator(histogram=histogram, filters=filters, native=True):
            return (Need(slo.id, histogram, filters, _always((1, 1))),)
        case _:
            return needs_of(slo)


def _counter_needs(slo: str, counters: CountersIndicator) -> tuple[Need, ...]:
    if counters.good_metric is not None:
        return (
            _counter_need(slo, counters.valid_metric, counters.valid, (0, 1)),
            _counter_need(slo, counters.good_metric, counters.good, (1, 0)),
        )
    valid = _counter_need(slo, counters.valid_metric, counters.valid, (1, 1))
    if counters.bad_metric is None:
        return (valid,)
    return (valid, _counter_need(slo, counters.bad_metric, counters.bad, (-1, 0)))


def _counter_need(slo: str, metric: str, matchers: tuple[Matcher, ...], weights: Weights) -> Need:
    """One counter; where it is a bucket named by ``le="..."``, that one by value."""
    named = [one for one in matchers if one.label == "le" and one.op == "="]
    boundary = boundary_of(named[0].value) if len(named) == 1 else None
    if boundary is None or not metric.endswith("_bucket"):
        return Need(slo, metric, matchers, _always(weights))
    others = tuple(one for one in matchers if one not in named)
    return Need(slo, metric, others, _only_bucket(boundary, weights), boundary)


def _only_bucket(boundary: Decimal, weights: Weights) -> Callable[[Mapping[str, str]], Weights]:
    return lambda labels: weights if boundary_of(labels.get("le", "")) == boundary else (0, 0)


def _always(weights: Weights) -> Callable[[Mapping[str, str]], Weights]:
    return lambda _labels: weights


def _good_among_valid(good: tuple[Matcher, ...]) -> Callable[[Mapping[str, str]], Weights]:
    is_good = matches(good)
    return lambda labels: (1, 1) if is_good(labels) else (0, 1)


def _bucket(threshold: Decimal) -> Callable[[Mapping[str, str]], Weights]:
    def weigh(labels: Mapping[str, str]) -> Weights:
        boundary = boundary_of(labels.get("le", ""))
        return (int(boundary == threshold), int(boundary == INFINITE))

    return weigh


def _around(
    threshold: Decimal, lower: Decimal | None, upper: Decimal
) -> Callable[[Mapping[str, str]], Weights]:
    """Events up to a threshold, spread evenly between two boundaries; 0 lies below the first."""
    floor = lower or Decimal(0)
    share = float((threshold - floor) / (upper - floor))

    def weigh(labels: Mapping[str, str]) -> Weights:
        boundary = boundary_of(labels.get("le", ""))
        good = {lower: 1 - share, upper: share}.get(boundary, 0.0) if boundary is not None else 0.0
        return (good, float(boundary == INFINITE))

    return weigh


def boundary_of(text: str) -> Decimal | None:
    """A bucket boundary by value: ``0.5``, ``0.50`` and ``5e-01`` are one [s]."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return None if value.is_nan() else value


def spellings(texts: Iterable[str], thresholds: Iterable[Decimal]) -> tuple[str, ...]:
    """The texts of ``le`` that stand for one of the thresholds or for infinity."""
    wanted = {INFINITE, *thresholds}
    return tuple(text for text in texts if boundary_of(text) in wanted)


def families(needs: Sequence[Need]) -> tuple[Family, ...]:
    """Needs grouped so that many SLOs share one query.

    Needs of one metric go together where they narrow the same labels; the family then asks for
    any of their values.
    """
    groups: dict[object, list[Need]] = defaultdict(list)
    for need in needs:
        narrowing = frozenset(one.label for one in need.matchers if _narrows(one))
        alone = None if narrowing else need.matchers
        groups[need.metric, narrowing, alone].append(need)
    return tuple(_family(members) for members in groups.values())


def _narrows(matcher: Matcher) -> bool:
    return matcher.op in ("=", "=~") and matcher.value != ""


def _family(members: Sequence[Need]) -> Family:
    shared = set(members[0].matchers).intersection(*(one.matchers for one in members))
    narrowed = {one.label for one in members[0].matchers if _narrows(one) and one not in shared}
    unions = [_any_value(label, members) for label in sorted(narrowed)]
    return Family(members[0].metric, (*sorted(shared), *unions), tuple(members))


def _any_value(label: str, members: Iterable[Need]) -> Matcher:
    found = {one for need in members for one in need.matchers if one.label == label}
    wanted = {one for one in found if _narrows(one)}
    if all(one.op == "=" for one in wanted):
        return one_of(label, (one.value for one in wanted))
    patterns = (re2_escape(one.value) if one.op == "=" else f"(?:{one.value})" for one in wanted)
    return Matcher(label, "=~", "|".join(sorted(patterns)))
