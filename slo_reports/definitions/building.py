"""From a valid definition, as it was written, to the model's ``Slo``."""

from __future__ import annotations

from decimal import Decimal

from slo_reports.definitions.burn_rates import default_burn_rates
from slo_reports.definitions.comparisons import GaugeSpec, ThresholdSpec, comparison, words
from slo_reports.definitions.journeys import JourneySpec
from slo_reports.definitions.native import (
    AlertingSpec,
    BurnRateSpec,
    Definition,
    IndicatorSpec,
    LatencySpec,
    ObjectiveSpec,
    RatioSpec,
    method_in_force,
)
from slo_reports.definitions.values import Filters, matcher, ratio, selector, window_length
from slo_reports.model import (
    Alerting,
    AlertWords,
    BurnRateAlert,
    Characteristics,
    CountersIndicator,
    GaugeIndicator,
    Indicator,
    JourneyIndicator,
    JourneyStep,
    LatencyIndicator,
    Matcher,
    Objective,
    Origin,
    Phase,
    QueryIndicator,
    RatioIndicator,
    RatioQueryIndicator,
    Slo,
    ThresholdIndicator,
)


def slo_id(definition: Definition) -> str:
    """``namespace/name``, by which an SLO is known everywhere."""
    return f"{definition.metadata.namespace}/{definition.metadata.name}"


def build_slo(definition: Definition, origin: Origin) -> Slo:
    """The service level objective that a definition describes."""
    spec, metadata = definition.spec, definition.metadata
    objectives = tuple(_objective(one) for one in spec.objectives)
    written = spec.alerting.burn_rates
    return Slo(
        id=slo_id(definition),
        name=metadata.name,
        namespace=metadata.namespace,
        service=spec.service,
        title=spec.title if spec.title is not None else default_title(spec.indicator),
        owner=spec.owner,
        indicator=_indicator(spec.indicator),
        objectives=objectives,
        tier=spec.tier,
        description=spec.description.strip(),
        burn_rates=default_burn_rates(objectives[0].length)
        if written is None
        else tuple(_burn_rate(one) for one in written),
        minimum_coverage=float(ratio(spec.minimum_coverage)),
        runbook=metadata.annotations.runbook,
        dashboard=metadata.annotations.dashboard,
        origin=origin,
        method=method_in_force(spec.method, spec.indicator),
        slice_target=None if spec.slice_target is None else ratio(spec.slice_target),
        slice_window=spec.slice_window,
        impact=spec.impact or "",
        labels=tuple(sorted(metadata.labels.items())),
        alerting=_alerting(spec.alerting),
        characteristics=None
        if spec.characteristics is None
        else Characteristics(**spec.characteristics.model_dump()),
    )


def default_title(indicator: IndicatorSpec) -> str:
    """What a page calls an objective that has no title of its own."""
    if isinstance(indicator, RatioSpec):
        return "Availability"
    if isinstance(indicator, GaugeSpec):
        return f"{indicator.metric} {words(indicator.good)}"
    if isinstance(indicator, ThresholdSpec):
        return f"Value {words(indicator.good)}"
    if isinstance(indicator, JourneySpec):
        return "User journey"
    seconds = indicator.threshold
    number, unit = (seconds * 1000, "ms") if seconds < 1 else (seconds, "s")
    return f"Latency under {_shortest(number)} {unit}"


def _shortest(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _objective(spec: ObjectiveSpec) -> Objective:
    phases = tuple(Phase(ratio(one.target), one.start) for one in spec.phases or ())
    target = phases[0].target if spec.target is None else ratio(spec.target)
    return Objective(target, spec.window, window_length(spec.window), phases)


def _alerting(spec: AlertingSpec) -> Alerting:
    words = AlertWords(_pairs(spec.labels), _pairs(spec.annotations))
    by_severity = {
        severity: AlertWords(_pairs(one.labels), _pairs(one.annotations), one.disabled)
        for severity, one in spec.severities.items()
    }
    said = {severity: one for severity, one in by_severity.items() if one != AlertWords()}
    return Alerting(spec.name or "", words, tuple(sorted(said.items())))


def _pairs(written: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(written.items()))


def _burn_rate(spec: BurnRateSpec) -> BurnRateAlert:
    short, long = sorted((spec.short, spec.long))
    return BurnRateAlert(spec.severity, long, short, spec.threshold)


def _indicator(spec: IndicatorSpec) -> Indicator:
    if isinstance(spec, LatencySpec):
        return LatencyIndicator(
            spec.histogram, _matchers(spec.filters), spec.threshold, spec.interpolate, spec.native
        )
    if isinstance(spec, GaugeSpec):
        return GaugeIndicator(spec.metric, _matchers(spec.filters), *comparison(spec.good))
    if isinstance(spec, ThresholdSpec):
        return ThresholdIndicator(spec.query, *comparison(spec.good))
    if isinstance(spec, JourneySpec):
        steps = tuple(JourneyStep(one.slo, one.critical) for one in spec.steps)
        return JourneyIndicator(steps, spec.combine)
    if spec.ratio is not None:
        return RatioQueryIndicator(spec.ratio, "good")
    if spec.bad_ratio is not None:
        return RatioQueryIndicator(spec.bad_ratio, "bad")
    if spec.metric is not None and isinstance(spec.good, dict):
        return RatioIndicator(spec.metric, _matchers(spec.filters or {}), _matchers(spec.good))
    return _queries(str(spec.valid), None if spec.good is None else str(spec.good), spec.bad)


def _queries(valid: str, good: str | None, bad: str | None) -> Indicator:
    counted = selector(valid)
    if counted is None:
        return QueryIndicator(good=str(good), valid=valid)
    part = selector(str(good if good is not None else bad))
    if part is None:
        msg = "a validated ratio has two selectors or two expressions"
        raise AssertionError(msg)
    if good is not None:
        return CountersIndicator(
            counted.metric, counted.matchers, good_metric=part.metric, good=part.matchers
        )
    return CountersIndicator(
        counted.metric, counted.matchers, bad_metric=part.metric, bad=part.matchers
    )


def _matchers(filters: Filters) -> tuple[Matcher, ...]:
    return tuple(matcher(label, text) for label, text in filters.items())
