"""Pyrra's four kinds of indicators: bare selectors, counted over a window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from slo_reports.definitions.foreign import Place, prometheus_duration
from slo_reports.definitions.queries import bare_selector, boundary, counters
from slo_reports.definitions.selectors import BadMatcher, Selector
from slo_reports.model import GaugeIndicator, Indicator, LatencyIndicator, PyrraKind, Series


@dataclass(frozen=True)
class Measured:
    """An indicator, and the series that the file names.

    Attributes:
        kind: the file's word for it.
        indicator: what reports measure: all label sets together, where there is a grouping.
        total: all events, or the gauge.
        part: bad ones of a ratio, good ones of a latency.
        grouping: labels that make one objective for each set of values.
        limit: what good events of a native histogram stay within [s].
    """

    kind: PyrraKind
    indicator: Indicator
    total: Series
    part: Series | None = None
    grouping: tuple[str, ...] = ()
    limit: Decimal | None = None


def read_indicator(place: Place, *, grouped: bool) -> Measured:
    """The indicator of a file.

    Args:
        place: where it stands.
        grouped: whether one with a grouping is kept.
    """
    place.only(_READ)
    kinds = [one for one in map(place.get, _READ) if one is not None]
    if not kinds:
        place.refuse("indicator needs one of ratio, latency, latencyNative and bool_gauge")
    if [one.loc[-1] for one in kinds][:2] == ["ratio", "latency"]:
        place.refuse("ratio and latency exclude each other")
    first = kinds[0]
    for other in kinds[1:]:
        other.remark(f"{other.loc[-1]} has no effect beside {first.loc[-1]}")
    grouping = _grouping(first, grouped=grouped)
    return _READ[str(first.loc[-1])](first, grouping)


def _grouping(kind: Place, *, grouped: bool) -> tuple[str, ...]:
    grouping = kind.get("grouping")
    if grouping is None or grouping.value == []:
        return ()
    if not grouped:
        grouping.refuse(
            "grouping makes one SLO per label set, which is not supported in reports; "
            "write one SLO for each, with the label in its selectors"
        )
    return tuple(sorted({one.text() for one in grouping.items()}))


def _ratio(place: Place, grouping: tuple[str, ...]) -> Measured:
    place.only(["errors", "total", "grouping"])
    valid, bad = _selector(place.need("total")), _selector(place.need("errors"))
    return Measured("ratio", counters(valid, bad, "bad"), _series(valid), _series(bad), grouping)


def _latency(place: Place, grouping: tuple[str, ...]) -> Measured:
    place.only(["success", "total", "grouping"])
    success = place.need("success")
    valid, good = _selector(place.need("total")), _selector(success)
    if boundary(good.matchers) is None:
        success.need("metric").refuse('the metric of success needs an le="..." matcher')
    indicator = counters(valid, good, "good")
    return Measured("latency", indicator, _series(valid), _series(good), grouping)


def _native(place: Place, grouping: tuple[str, ...]) -> Measured:
    place.only(["latency", "total", "grouping"])
    total, within = place.need("total"), prometheus_duration(place.need("latency"))
    found = _selector(total)
    if found.metric.endswith("_bucket"):
        total.need("metric").refuse(
            "latencyNative needs the name of a native histogram, without _bucket"
        )
    threshold = Decimal(within // timedelta(milliseconds=1)) / 1000
    indicator = LatencyIndicator(found.metric, found.matchers, threshold, native=True)
    series = _series(found)
    return Measured("latencyNative", indicator, series, grouping=grouping, limit=threshold)


def _gauge(place: Place, grouping: tuple[str, ...]) -> Measured:
    place.only(["metric", "grouping"])
    found = _parsed(place.need("metric"))
    indicator = GaugeIndicator(found.metric, found.matchers, "==", Decimal(1))
    return Measured("bool_gauge", indicator, _series(found), grouping=grouping)


_READ: dict[str, Callable[[Place, tuple[str, ...]], Measured]] = {
    "ratio": _ratio,
    "latency": _latency,
    "latencyNative": _native,
    "bool_gauge": _gauge,
}
"""By the file's words, in the order in which Pyrra looks for them."""


def _series(selector: Selector) -> Series:
    return Series(selector.metric, selector.matchers)


def _selector(place: Place) -> Selector:
    place.only(["metric"])
    return _parsed(place.need("metric"))


def _parsed(place: Place) -> Selector:
    try:
        found = bare_selector(place.text())
    except BadMatcher as fault:
        place.refuse(str(fault))
    if found is None:
        message = 'metric must be a bare selector, such as requests_total{job="shop"}'
        place.refuse(message)
    return found
