"""How each kind of indicator is measured by rules.

*Counted* indicators have events, whose rates any window can be asked for. *Sampled* ones have
events too, but only the 5-minute window asks for them; longer ones add up its records. *Valued*
ones have no events, so time is all that they weigh by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from slo_reports.generate import names
from slo_reports.generate.expressions import (
    NOISE,
    asked,
    bucket,
    by_value,
    known,
    number,
    or_zero,
    rate,
    within,
)
from slo_reports.generate.rules import Surroundings
from slo_reports.generate.windows import BASE
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
from slo_reports.promql import duration, selector

ALL = Matcher("le", "=", "+Inf")


@dataclass(frozen=True)
class Counted:
    """Events of any window.

    Attributes:
        good: good events per second of a window.
        valid: valid events per second of it.
        exact: whether good can never be more than valid, whatever is extrapolated.
    """

    good: Callable[[timedelta], str]
    valid: Callable[[timedelta], str]
    exact: bool = True


@dataclass(frozen=True)
class Sampled:
    """Events of the last five minutes.

    Attributes:
        before: series that ``good`` is made of, each with its expression.
        good: good events per second.
        valid: valid events per second.
    """

    good: str
    valid: str
    before: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Valued:
    """One ratio at each evaluation, 0 to 1; it has no events."""

    ratio: str


Measure = Counted | Sampled | Valued


def measure_of(slo: Slo, around: Surroundings) -> Measure:
    """What an SLO is measured by."""
    match slo.indicator:
        case GaugeIndicator() as gauge:
            return _gauge(gauge, around.interval)
        case ThresholdIndicator() as threshold:
            return _threshold(threshold, around.piece)
        case RatioQueryIndicator() as ratio:
            return _ratio_query(ratio, around.piece)
        case JourneyIndicator() as journey:
            return _journey(journey, around.slos)
        case LatencyIndicator(interpolate=True, native=False) as latency:
            return _interpolated(latency, slo.id)
        case counted:
            return _counted(counted)


def _counted(
    indicator: RatioIndicator | CountersIndicator | QueryIndicator | LatencyIndicator,
) -> Counted:
    match indicator:
        case RatioIndicator() as ratio:
            return _ratio(ratio)
        case CountersIndicator() as counters:
            return _counters(counters)
        case QueryIndicator() as query:
            return _query(query)
        case LatencyIndicator(native=True) as latency:
            return _native(latency)
        case LatencyIndicator() as latency:
            return _latency(latency)


def _ratio(ratio: RatioIndicator) -> Counted:
    def valid(window: timedelta) -> str:
        return rate(ratio.metric, ratio.filters, window)

    def good(window: timedelta) -> str:
        matchers = (*ratio.filters, *ratio.good)
        return or_zero(rate(ratio.metric, matchers, window), valid(window))

    return Counted(good, valid)


def _counters(counters: CountersIndicator) -> Counted:
    def valid(window: timedelta) -> str:
        return _rate(counters.valid_metric, counters.valid, window)

    def good(window: timedelta) -> str:
        if counters.good_metric is not None:
            part = _rate(counters.good_metric, counters.good, window)
            return or_zero(part, valid(window))
        if counters.bad_metric is None:
            return valid(window)
        bad = _rate(counters.bad_metric, counters.bad, window)
        return f"({valid(window)} - {or_zero(bad, valid(window))})"

    return Counted(good, valid, exact=False)


def _rate(metric: str, matchers: tuple[Matcher, ...], window: timedelta) -> str:
    return rate(metric, by_value(metric, matchers), window)


def _query(query: QueryIndicator) -> Counted:
    def per_second(text: str, window: timedelta) -> str:
        return f"{asked(text, window)} / {window / timedelta(seconds=1):g}"

    def valid(window: timedelta) -> str:
        return f"({per_second(query.valid, window)})"

    def good(window: timedelta) -> str:
        return or_zero(per_second(query.good, window), valid(window))

    return Counted(good, valid, exact=False)


def _latency(latency: LatencyIndicator) -> Counted:
    metric = f"{latency.histogram}_bucket"

    def valid(window: timedelta) -> str:
        return rate(metric, (*latency.filters, ALL), window)

    def good(window: timedelta) -> str:
        matchers = (*latency.filters, bucket(latency.threshold))
        return rate(metric, matchers, window)

    return Counted(good, valid)


def _native(latency: LatencyIndicator) -> Counted:
    def events(window: timedelta) -> str:
        return rate(latency.histogram, latency.filters, window)

    def valid(window: timedelta) -> str:
        return f"histogram_count({events(window)})"

    def good(window: timedelta) -> str:
        # without events the share is no number, and its product with none of them must be 0
        fraction = f"histogram_fraction(-Inf, {number(latency.threshold)}, {events(window)}) >= 0"
        return or_zero(f"({fraction}) * {valid(window)}", valid(window))

    return Counted(good, valid)


def _interpolated(latency: LatencyIndicator, slo: str) -> Sampled:
    """PromQL cannot read a label as a number, but a percentile of 100 % is a bucket's boundary."""
    metric, wanted = f"{latency.histogram}_bucket", number(latency.threshold)
    finite = Matcher("le", "!=", "+Inf")
    chosen = selector(metric, (*latency.filters, finite))
    events, edge = names.recorded(names.BUCKETS, slo), names.recorded(names.BOUNDARIES, slo)
    named = f'label_replace(0 * {events}, "boundary", "$1", "le", "(.*)")'
    whole = f'label_replace(1 + {named}, "le", "+Inf", "", "")'
    edges = f"histogram_quantile(1, {named} or {whole})"
    boundaries = f'sum by (le) (label_replace({edges}, "le", "$1", "boundary", "(.*)"))'
    high, above = f"min({edge} > {wanted})", f"min({events} and {edge} > {wanted})"
    low = f"(max({edge} < {wanted}) or 0 * {high})"
    below = f"(max({events} and {edge} < {wanted}) or 0 * {high})"
    good = (
        f"max({events} and {edge} == {wanted})\nor\n"
        f"{below} + ({above} - {below}) * ({wanted} - {low}) / ({high} - {low})"
    )
    valid = rate(metric, (*latency.filters, ALL), BASE)
    return Sampled(
        good,
        valid,
        (
            (names.BUCKETS, f"sum by (le) (rate({chosen}[{duration(BASE)}]))"),
            (names.BOUNDARIES, boundaries),
        ),
    )


def _threshold(threshold: ThresholdIndicator, piece: timedelta) -> Valued:
    value = known(asked(threshold.query, piece))
    return Valued(f"{value} {threshold.op} bool {number(threshold.limit)}")


def _ratio_query(query: RatioQueryIndicator, piece: timedelta) -> Valued:
    """What lies outside 0 to 1 is no ratio, and no answer."""
    ratio = within(f"({asked(query.query, piece)} >= {-NOISE}) <= {1 + NOISE}")
    return Valued(ratio if query.of == "good" else f"1 - {ratio}")


def _gauge(gauge: GaugeIndicator, interval: timedelta) -> Sampled:
    samples = selector(gauge.metric, gauge.filters)
    all_known = known(samples)
    inside = f"[{duration(BASE)}:{duration(interval)}]"
    seconds = int(BASE.total_seconds())
    compared = f"({all_known} {gauge.op} bool {number(gauge.limit)})"
    return Sampled(
        good=f"sum(sum_over_time({compared}{inside})) / {seconds}",
        valid=f"sum(count_over_time({all_known}{inside})) / {seconds}",
    )


def _journey(journey: JourneyIndicator, slos: Mapping[str, Slo]) -> Measure:
    steps = [slos[one.slo] for one in journey.steps if one.critical]
    ratios = [_step_ratio(one) for one in steps]
    ratio = _product(ratios) if journey.combine == "product" else _worst(ratios)
    if not has_events(steps[0]):
        return Valued(ratio)
    return Sampled(
        good=f"{_step_data(steps[0])} *\n{ratio}",
        valid=" and\n".join(_step_data(one) for one in steps),
    )


def _step_data(step: Slo) -> str:
    """A step's events, or its ratio where it has none: there is no answer where it has no data."""
    record = names.VALID if has_events(step) else names.sli_record(BASE)
    return f"sum({names.recorded(record, step.id)})"


def has_events(slo: Slo) -> bool:
    """Whether an SLO's events are recorded; a journey's are those of its first critical step."""
    return not isinstance(slo.indicator, ThresholdIndicator | RatioQueryIndicator)


def _step_ratio(step: Slo) -> str:
    """A step's ratio; without traffic it changes nothing, without data there is no answer."""
    if not has_events(step):
        return _step_data(step)
    good, valid = f"sum({names.recorded(names.GOOD, step.id)})", _step_data(step)
    return f"({good} / ({valid} > 0) or 1 + 0 * {valid})"


def _product(ratios: list[str]) -> str:
    return " *\n".join(ratios)


def _worst(ratios: list[str]) -> str:
    marked = [f'label_replace({one}, "step", "{n}", "", "")' for n, one in enumerate(ratios, 1)]
    all_there = " and\n".join(ratios)
    return "(min(" + " or\n".join(marked) + f") and\n{all_there})"
