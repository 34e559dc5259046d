"""What rules in Pyrra's style are made of, taken from a file of Pyrra's or from any definition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from slo_reports.generate.bad_share import Unsayable, opposite, within_limit
from slo_reports.generate.rules import Pairs, Surroundings
from slo_reports.generate.spelling import duration_name, shortest
from slo_reports.model import (
    CountersIndicator,
    GaugeIndicator,
    Indicator,
    JourneyIndicator,
    LatencyIndicator,
    Matcher,
    Method,
    PyrraWritten,
    RatioIndicator,
    Series,
    Slo,
)
from slo_reports.promql import selector

SLO = "slo"
"""The label by which Pyrra tells its objectives apart."""
_ENDS = ("_total", "_count")


@dataclass(frozen=True)
class PyrraSlo:
    """One objective as Pyrra would know it.

    Attributes:
        written: names, labels and series.
        target: what is promised [ratio], in the double that Pyrra computes with.
        window: what it is promised over.
        more: labels that everything carries beside.
        derived: whether it was made of another format's definition, not of a file of Pyrra's.
    """

    written: PyrraWritten
    target: float
    window: timedelta
    more: Pairs = ()
    derived: bool = False

    @property
    def labels(self) -> Pairs:
        """What every rule of it carries."""
        return pairs((SLO, self.written.name), *self.written.labels, *self.more)

    @property
    def boundary(self) -> str:
        """The label by which what was within the limit is told from everything."""
        if self.written.limit is not None:
            return shortest(float(self.written.limit))
        return next((one.value for one in self.part.matchers if one.label == "le"), "")

    @property
    def part(self) -> Series:
        """The series of its good or bad events, where there are two series."""
        return self.written.part or self.written.total

    def recorded(self, series: Series, *more: Matcher) -> tuple[Matcher, ...]:
        """The matchers that find what was recorded of a series."""
        return (*series.matchers, *more, Matcher(SLO, "=", self.written.name))


def pyrra_slos(slo: Slo, around: Surroundings) -> Iterator[PyrraSlo]:
    """What Pyrra would make of a definition: one for each objective.

    Raises:
        Unsayable: it cannot be said with bare selectors, as Pyrra's files do.
    """
    derived = not isinstance(slo.written, PyrraWritten)
    written = _derived(slo) if not isinstance(slo.written, PyrraWritten) else slo.written
    for number, objective in enumerate(slo.objectives):
        named = written
        if number:
            name = f"{written.name}-{objective.window}"
            named = replace(written, name=name, burn_rates=False, absent=False)
        if not around.no_data:
            named = replace(named, absent=False)
        percent = float(objective.target_on(around.day).scaleb(2))
        yield PyrraSlo(named, percent / 100, objective.length, around.labels, derived)


def _derived(slo: Slo) -> PyrraWritten:
    if slo.method is not Method.OCCURRENCES:
        msg = f"Pyrra weighs by events, and its method is {slo.method.value}"
        raise Unsayable(msg)
    name = slo.name if slo.namespace == "default" else f"{slo.namespace}-{slo.name}"
    return replace(
        _of(slo.indicator, name),
        labels=_labels(slo),
        burn_rates=bool(slo.burn_rates),
        alert=slo.alerting.name,
        annotations=_links(slo),
    )


def _of(indicator: Indicator, name: str) -> PyrraWritten:
    match indicator:
        case RatioIndicator(metric=metric, filters=filters, good=(one,)):
            bad = Series(metric, (*filters, opposite(one)))
            return PyrraWritten(name, "ratio", Series(metric, filters), bad)
        case RatioIndicator(metric=metric, filters=filters, good=good):
            part = Series(metric, (*filters, *good))
            return PyrraWritten(name, "success", Series(metric, filters), part)
        case CountersIndicator():
            return _counters(indicator, name)
        case LatencyIndicator():
            return _latency(indicator, name)
        case GaugeIndicator(metric=metric, filters=filters, op="==", limit=limit) if limit == 1:
            return PyrraWritten(name, "bool_gauge", Series(metric, filters))
        case GaugeIndicator():
            msg = "Pyrra knows only gauges that are 1 where all is well"
        case JourneyIndicator():
            msg = "a journey is made of other objectives' slices"
        case _:
            msg = "Pyrra's records are named after a metric, and its query is an expression"
    raise Unsayable(msg)


def _counters(counters: CountersIndicator, name: str) -> PyrraWritten:
    total = Series(counters.valid_metric, counters.valid)
    if counters.bad_metric is not None:
        written = PyrraWritten(name, "ratio", total, Series(counters.bad_metric, counters.bad))
    else:
        good = Series(counters.good_metric or "", counters.good)
        bucket_too = any(one.label == "le" and one.op == "=" for one in good.matchers)
        written = PyrraWritten(name, "latency" if bucket_too else "success", total, good)
    _check_names(written)
    return written


def _check_names(written: PyrraWritten) -> None:
    """Two series that would be recorded as one, as only a latency's are told apart."""
    names = [one.metric for one in (written.total, written.part) if one is not None]
    recorded = {base_name(one, "_bucket") for one in names}
    if written.kind != "latency" and len(recorded) < len(set(names)):
        msg = f"Pyrra would record {' and '.join(names)} under one name, {recorded.pop()}"
        raise Unsayable(msg)


def _latency(latency: LatencyIndicator, name: str) -> PyrraWritten:
    if latency.native:
        total = Series(latency.histogram, latency.filters)
        return PyrraWritten(name, "latencyNative", total, limit=latency.threshold)
    total = Series(f"{latency.histogram}_count", latency.filters)
    within = Series(f"{latency.histogram}_bucket", (*latency.filters, within_limit(latency)))
    return PyrraWritten(name, "latency", total, within, latency.threshold)


def _labels(slo: Slo) -> Pairs:
    """Service, owner, tier and the definition's own labels, under names that Prometheus takes."""
    tier = () if slo.tier is None else (("tier", slo.tier.value),)
    own = ((re.sub(r"[^A-Za-z0-9_]", "_", name), value) for name, value in slo.labels)
    return pairs(("service", slo.service), ("owner", slo.owner), *tier, *own)


def _links(slo: Slo) -> Pairs:
    links = (("dashboard_url", slo.dashboard), ("runbook_url", slo.runbook))
    return tuple((name, link) for name, link in links if link is not None)


def pairs(*some: tuple[str, str]) -> Pairs:
    """Names and values by name; of several with one name the last."""
    return tuple(sorted(dict(some).items()))


# --- names and selectors ---


def base_name(metric: str, *ends: str) -> str:
    """A metric's name without what says how it counts."""
    for end in (*_ENDS, *ends):
        metric = metric.removesuffix(end)
    return metric


def increase_name(metric: str, window: timedelta) -> str:
    """Where the increase of a counter over a window is recorded."""
    return f"{base_name(metric, '_bucket')}:increase{duration_name(window)}"


def burn_rate_name(metric: str, window: timedelta) -> str:
    """Where the share of bad events over a window is recorded."""
    return f"{base_name(metric)}:burnrate{duration_name(window)}"


def select(metric: str, matchers: tuple[Matcher, ...]) -> str:
    """A selector with its matchers in the order in which Prometheus prints them."""
    return selector(metric, sorted(matchers, key=lambda one: f"{one.label}{one.op}{one.value}"))


def summed(inner: str, grouping: tuple[str, ...]) -> str:
    """A sum, for each set of values of some labels."""
    return f"sum by ({', '.join(grouping)}) ({inner})" if grouping else f"sum({inner})"


def over(function: str, series: Series, window: timedelta, grouping: tuple[str, ...] = ()) -> str:
    """A function of a series over a window, summed."""
    chosen = select(series.metric, series.matchers)
    return summed(f"{function}({chosen}[{duration_name(window)}])", grouping)
