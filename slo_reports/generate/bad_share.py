"""The share of bad events of any indicator as PromQL, for styles that are made of queries.

``$window`` stands for the look-back. Bad events without a series are none as long as there are
valid ones; without those there is no answer either.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from slo_reports.generate.expressions import WINDOW, bucket, by_value, known, number, or_zero
from slo_reports.generate.windows import BASE
from slo_reports.model import (
    CountersIndicator,
    GaugeIndicator,
    Indicator,
    JourneyIndicator,
    LatencyIndicator,
    Matcher,
    Method,
    QueryIndicator,
    RatioIndicator,
    RatioQueryIndicator,
    Slo,
    ThresholdIndicator,
)
from slo_reports.promql import duration, selector

_OPPOSITE: dict[str, Literal["=", "!=", "=~", "!~"]] = {
    "=": "!=",
    "!=": "=",
    "=~": "!~",
    "!~": "=~",
}


class Unsayable(ValueError):
    """A definition that a style has no words for; the text says why."""


@dataclass(frozen=True)
class BadShare:
    """Queries over ``$window``.

    Attributes:
        bad: of the bad events; of their share where there is no total.
        total: of the valid events; empty where only the share can be asked for.
    """

    bad: str
    total: str = ""

    @property
    def ratio(self) -> str:
        """The share as one query."""
        return f"({self.bad}) / ({self.total})" if self.total else self.bad


def bad_share(slo: Slo, target: Decimal, piece: timedelta) -> BadShare:
    """The queries of an SLO.

    Args:
        slo: whose they are.
        target: what a timeslice must reach where nothing else is said [ratio].
        piece: a timeslice where nothing else is said.

    Raises:
        Unsayable: no single query answers it.
    """
    share = _of(slo.indicator)
    if slo.method is Method.OCCURRENCES:
        return share
    if isinstance(slo.indicator, RatioQueryIndicator) and slo.slice_window is None:
        return share
    limit = target if slo.slice_target is None else slo.slice_target
    return _by_slices(slo, share.ratio, limit, slo.slice_window or piece)


def _by_slices(slo: Slo, ratio: str, target: Decimal, piece: timedelta) -> BadShare:
    """The mean over the slices of a window: of their shares, or of which of them are bad."""
    if piece > BASE:
        msg = f"its slices are {duration(piece)} long, and the shortest window is {duration(BASE)}"
        raise Unsayable(msg)
    step = duration(piece)
    share = ratio.replace(WINDOW, step)
    if slo.method is Method.TIMESLICES and not isinstance(slo.indicator, ThresholdIndicator):
        share = f"({share}) > bool {number(1 - target)}"
    return BadShare(f"avg_over_time(({share})[{WINDOW}:{step}])")


def _of(indicator: Indicator) -> BadShare:
    match indicator:
        case RatioIndicator(metric=metric, filters=filters, good=good):
            return _ratio(metric, filters, good)
        case CountersIndicator(valid_metric=metric, valid=matchers):
            return _counters(indicator, _rate(metric, matchers))
        case QueryIndicator(good=good, valid=valid):
            return BadShare(f"({valid}) - ({good})", valid)
        case LatencyIndicator():
            return _latency(indicator)
        case GaugeIndicator():
            return _gauge(indicator)
        case ThresholdIndicator(query=query, op=op, limit=limit):
            return BadShare(f"1 - (({query}) {op} bool {number(limit)})")
        case RatioQueryIndicator(query=query, of=of):
            return BadShare(query if of == "bad" else f"1 - ({query})")
        case JourneyIndicator():
            msg = "a journey is made of other objectives' slices, which no single query answers"
            raise Unsayable(msg)


def _rate(metric: str, matchers: tuple[Matcher, ...]) -> str:
    """The events a second of a counter, summed over its series."""
    return f"sum(rate({selector(metric, by_value(metric, matchers))}[{WINDOW}]))"


def _ratio(metric: str, filters: tuple[Matcher, ...], good: tuple[Matcher, ...]) -> BadShare:
    total = _rate(metric, filters)
    if len(good) == 1:
        return BadShare(or_zero(_rate(metric, (*filters, opposite(good[0]))), total), total)
    return BadShare(_rest(total, _rate(metric, (*filters, *good))), total)


def opposite(matcher: Matcher) -> Matcher:
    """The matcher of exactly the other label values."""
    return replace(matcher, op=_OPPOSITE[matcher.op])


def _counters(counters: CountersIndicator, total: str) -> BadShare:
    if counters.bad_metric is not None:
        return BadShare(or_zero(_rate(counters.bad_metric, counters.bad), total), total)
    return BadShare(_rest(total, _rate(counters.good_metric or "", counters.good)), total)


def _latency(latency: LatencyIndicator) -> BadShare:
    if latency.native:
        histogram = _rate(latency.histogram, latency.filters)
        within = f"histogram_fraction(0, {number(latency.threshold)}, {histogram})"
        return BadShare(f"1 - {known(within)}")
    total = _rate(f"{latency.histogram}_count", latency.filters)
    within = _rate(f"{latency.histogram}_bucket", (*latency.filters, within_limit(latency)))
    return BadShare(_rest(total, within), total)


def within_limit(latency: LatencyIndicator) -> Matcher:
    """The matcher of the bucket of a threshold, however it is spelled.

    Raises:
        Unsayable: the threshold may lie between two buckets.
    """
    if latency.interpolate:
        msg = (
            "its threshold may lie between two buckets of the histogram (interpolate: true), and "
            "only the server knows which ones there are"
        )
        raise Unsayable(msg)
    return bucket(latency.threshold)


def _gauge(gauge: GaugeIndicator) -> BadShare:
    series = selector(gauge.metric, gauge.filters)
    good = f"sum(sum_over_time(({series} {gauge.op} bool {number(gauge.limit)})[{WINDOW}:]))"
    total = f"sum(count_over_time(({series})[{WINDOW}:]))"
    return BadShare(f"{total} - {good}", total)


def _rest(total: str, good: str) -> str:
    return f"{total} - {or_zero(good, total)}"
