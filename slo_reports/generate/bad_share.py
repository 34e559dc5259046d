"""The share of bad events of any indicator as PromQL, for styles that are made of queries.

``$window`` stands for the look-back. Bad events without a series are none as long as there are
valid ones; without those there is no answer either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Literal

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
from slo_reports.promql import duration, one_of, selector

SLICE = timedelta(minutes=5)
"""What timeslices are asked in: the shortest window that anything is alerted on."""
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


def bad_share(slo: Slo, target: Decimal) -> BadShare:
    """The queries of an SLO.

    Args:
        slo: whose they are.
        target: what a timeslice must reach where nothing else is said [ratio].

    Raises:
        Unsayable: no single query answers it.
    """
    share = _of(slo.indicator)
    if slo.method is Method.OCCURRENCES:
        return share
    if isinstance(slo.indicator, RatioQueryIndicator) and slo.slice_window is None:
        return share
    return _by_slices(slo, target if slo.slice_target is None else slo.slice_target, share.ratio)


def _by_slices(slo: Slo, target: Decimal, ratio: str) -> BadShare:
    """The mean over the slices of a window: of their shares, or of which of them are bad."""
    if slo.slice_window is not None and slo.slice_window > SLICE:
        msg = "its slices are longer than the shortest window, five minutes"
        raise Unsayable(msg)
    step = duration(slo.slice_window or SLICE)
    share = ratio.replace("$window", step)
    if slo.method is Method.TIMESLICES and not isinstance(slo.indicator, ThresholdIndicator):
        share = f"({share}) > bool {1 - target:f}"
    return BadShare(f"avg_over_time(({share})[$window:{step}])")


def _of(indicator: Indicator) -> BadShare:
    match indicator:
        case RatioIndicator(metric=metric, filters=filters, good=good):
            return _ratio(metric, filters, good)
        case CountersIndicator(valid_metric=metric, valid=matchers):
            return _counters(indicator, rate(metric, matchers))
        case QueryIndicator(good=good, valid=valid):
            return BadShare(f"({valid}) - ({good})", valid)
        case LatencyIndicator():
            return _latency(indicator)
        case GaugeIndicator(metric=metric, filters=filters, op=op, limit=limit):
            series = selector(metric, filters)
            good = f"sum(sum_over_time(({series} {op} bool {limit.normalize():f})[$window:]))"
            total = f"sum(count_over_time(({series})[$window:]))"
            return BadShare(f"{total} - {good}", total)
        case ThresholdIndicator(query=query, op=op, limit=limit):
            return BadShare(f"1 - (({query}) {op} bool {limit.normalize():f})")
        case RatioQueryIndicator(query=query, of=of):
            return BadShare(query if of == "bad" else f"1 - ({query})")
        case JourneyIndicator():
            msg = "a journey is made of other objectives' slices, which no single query answers"
            raise Unsayable(msg)


def rate(metric: str, matchers: Iterable[Matcher]) -> str:
    """The events a second of a counter over ``$window``, summed over its series."""
    return f"sum(rate({selector(metric, matchers)}[$window]))"


def _ratio(metric: str, filters: tuple[Matcher, ...], good: tuple[Matcher, ...]) -> BadShare:
    total = rate(metric, filters)
    if len(good) == 1:
        return BadShare(_or_none(rate(metric, (*filters, opposite(good[0]))), total), total)
    return BadShare(_rest(total, rate(metric, (*filters, *good))), total)


def opposite(matcher: Matcher) -> Matcher:
    """The matcher of exactly the other label values."""
    return replace(matcher, op=_OPPOSITE[matcher.op])


def _counters(counters: CountersIndicator, total: str) -> BadShare:
    if counters.bad_metric is not None:
        return BadShare(_or_none(rate(counters.bad_metric, counters.bad), total), total)
    return BadShare(_rest(total, rate(counters.good_metric or "", counters.good)), total)


def _latency(latency: LatencyIndicator) -> BadShare:
    if latency.native:
        histogram = rate(latency.histogram, latency.filters)
        return BadShare(f"1 - histogram_fraction(0, {latency.threshold:f}, {histogram})")
    total = rate(f"{latency.histogram}_count", latency.filters)
    within = rate(f"{latency.histogram}_bucket", (*latency.filters, bucket(latency)))
    return BadShare(_rest(total, within), total)


def bucket(latency: LatencyIndicator) -> Matcher:
    """The matcher of the bucket of a threshold, in the spellings of Prometheus 2 and 3.

    Raises:
        Unsayable: the threshold may lie between two buckets.
    """
    if latency.interpolate:
        msg = (
            "its threshold may lie between two buckets of the histogram (interpolate: true), and "
            "only the server knows which ones there are"
        )
        raise Unsayable(msg)
    return one_of("le", _spellings(latency.threshold))


def _spellings(threshold: Decimal) -> list[str]:
    plain = f"{threshold.normalize():f}"
    return [plain] if "." in plain else [plain, f"{plain}.0"]


def _or_none(bad: str, total: str) -> str:
    return f"{bad} or 0 * {total}"


def _rest(total: str, good: str) -> str:
    return f"{total} - ({good} or 0 * {total})"
