"""The own definition format, ``slo.dev/v1``: what each key means.

These models are the reference that docs and the editors' JSON Schema are made from.
"""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import ConfigDict, Field, ValidationInfo, field_validator, model_validator

from slo_reports.definitions.comparisons import GaugeSpec, ThresholdSpec
from slo_reports.definitions.journeys import JourneySpec
from slo_reports.definitions.selectors import Selector
from slo_reports.definitions.values import (
    AlertName,
    BurnRate,
    Coverage,
    Day,
    Filters,
    Good,
    HistogramName,
    Labels,
    Line,
    MetricName,
    Name,
    Promql,
    Query,
    RuleLabels,
    Seconds,
    SliceTarget,
    SliceWindow,
    Target,
    Window,
    selector,
)
from slo_reports.model import Method, Tier
from slo_reports.settings.strict import Strict
from slo_reports.settings.values import Duration, WebAddress

API_VERSION = "slo.dev/v1"
T = TypeVar("T")


class RatioSpec(Strict):
    """Good over valid events, or a query that is a ratio already.

    Either ``metric`` with filters, or ``valid`` with good or bad, or ``ratio`` or ``bad_ratio``.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["metric", "good"]},
                {"required": ["valid", "good"]},
                {"required": ["valid", "bad"]},
                {"required": ["ratio"]},
                {"required": ["bad_ratio"]},
            ],
        }
    )

    type: Literal["ratio"] = Field(description="Good events over valid events.")
    metric: MetricName | None = Field(None, description="Counter of all events, by its name alone.")
    filters: Filters | None = Field(
        None, description="With metric: which events are valid, such as `handler: '!~/health'`."
    )
    valid: Query | None = Field(
        None, description="Counter selector, or PromQL with $window, of the valid events."
    )
    good: Good | None = Field(
        None, description="With metric: filters of the good events; with valid: as `valid`."
    )
    bad: Query | None = Field(None, description="Instead of good: counter selector of bad events.")
    ratio: Promql | None = Field(
        None, description="PromQL that is the share of good events already, from 0 to 1."
    )
    bad_ratio: Promql | None = Field(
        None, description="PromQL that is the share of bad events already, from 0 to 1."
    )

    @model_validator(mode="after")
    def _one_form(self) -> RatioSpec:
        if self.ratio is not None or self.bad_ratio is not None:
            fault = self._fault_with_ratio()
        elif self.metric is not None:
            fault = self._fault_with_metric()
        else:
            fault = self._fault_with_valid()
        if fault is not None:
            raise ValueError(fault)
        return self

    def _fault_with_ratio(self) -> str | None:
        if self.ratio is not None and self.bad_ratio is not None:
            return "ratio and bad_ratio exclude each other: give one, the other follows from it"
        events = (self.metric, self.filters, self.valid, self.good, self.bad)
        if any(one is not None for one in events):
            return (
                "ratio and bad_ratio stand alone: such a query has no events; leave out metric, "
                "filters, valid, good and bad"
            )
        return None

    def _fault_with_metric(self) -> str | None:
        if self.valid is not None:
            return "metric and valid exclude each other: give metric with filters, or two queries"
        if self.bad is not None:
            return "bad goes with valid; with metric, say in good which events are good"
        if self.good is None:
            return "good is missing: with metric, good says by label which events are good"
        if not self.good:
            return "good is empty, which would call every event good; name a label"
        if isinstance(self.good, str):
            return "with metric, good is a mapping such as 'code: \"!~5..\"', not a query"
        return None

    def _fault_with_valid(self) -> str | None:
        if self.valid is None:
            return (
                "a ratio needs metric (with filters and good) or valid (with good or bad), or ratio"
            )
        if self.filters is not None:
            return "filters go with metric; with valid, write the labels inside the braces"
        if self.good is not None and self.bad is not None:
            return "good and bad exclude each other: give one, the other follows from valid"
        if self.good is None and self.bad is None:
            return "good or bad is missing: say which of the valid events are good, or bad"
        if isinstance(self.good, dict):
            return 'with valid, good is a query such as requests_total{code!~"5.."}, no mapping'
        part = self.good if self.good is not None else self.bad
        return self._fault_with_queries(selector(self.valid), selector(str(part)))

    def _fault_with_queries(self, valid: Selector | None, part: Selector | None) -> str | None:
        if (valid is None) != (part is None):
            return "valid and good (or bad) must be of one form: selectors, or PromQL with $window"
        if valid is None and self.bad is not None:
            return (
                "bad cannot be PromQL with $window, where an empty answer would pass for no bad "
                "events; write good, such as (valid) - (bad)"
            )
        return None


class LatencySpec(Strict):
    """Events at or below a threshold, from a histogram."""

    type: Literal["latency"] = Field(description="Events that were fast enough.")
    histogram: HistogramName = Field(description="Name of the histogram, without _bucket.")
    filters: Filters = Field(default_factory=dict, description="Which events are valid.")
    threshold: Seconds = Field(description="The bucket boundary that good events stay within.")
    interpolate: bool = Field(
        default=False,
        description="Whether a threshold off the boundaries is taken between its neighbours.",
    )
    native: bool = Field(
        default=False, description="Whether it is a native histogram, without _bucket series."
    )

    @model_validator(mode="after")
    def _one_interpolation(self) -> LatencySpec:
        if self.native and self.interpolate:
            msg = "interpolate goes with classic buckets; native histograms always interpolate"
            raise ValueError(msg)
        return self


IndicatorSpec = Annotated[
    RatioSpec | LatencySpec | GaugeSpec | ThresholdSpec | JourneySpec, Field(discriminator="type")
]


class PhaseSpec(Strict):
    """A target that holds from a day on."""

    target: Target = Field(description="Promised share of good events, in percent.")
    start: Day = Field(
        alias="from", description="First day on which it holds, in the report's time zone."
    )


class ObjectiveSpec(Strict):
    """What is promised: one target, or targets that follow each other."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": ["target"]}, {"required": ["phases"]}]}
    )

    window: Window = Field(description="week, month, quarter, year, or days or weeks such as 30d.")
    target: Target | None = Field(None, description="Promised share of good events, in percent.")
    phases: list[PhaseSpec] | None = Field(
        None, min_length=1, description="Instead of target: targets, each from a day on."
    )

    @field_validator("phases")
    @classmethod
    def _ascending(cls, value: list[PhaseSpec] | None) -> list[PhaseSpec] | None:
        for before, after in itertools.pairwise(value or []):
            if after.start <= before.start:
                msg = f"phases must ascend: {after.start} does not come after {before.start}"
                raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _one_of_both(self) -> ObjectiveSpec:
        if self.target is not None and self.phases is not None:
            msg = "target and phases exclude each other: give one target, or phases"
            raise ValueError(msg)
        if self.target is None and self.phases is None:
            msg = "target is missing: give the promised percentage, or phases"
            raise ValueError(msg)
        return self


class BurnRateSpec(Strict):
    """One alert that fires while both windows burn faster than the threshold."""

    severity: Line = Field(description="Such as page or ticket.")
    long: Duration = Field(description="The longer look-back.")
    short: Duration = Field(description="The shorter look-back.")
    threshold: BurnRate = Field(description="Burn rate; 1 uses the budget up exactly in time.")

    @model_validator(mode="after")
    def _two_windows(self) -> BurnRateSpec:
        if self.long == self.short:
            msg = "long and short must differ"
            raise ValueError(msg)
        return self


class AlertWordsSpec(Strict):
    """What alerts carry."""

    labels: RuleLabels = Field(
        default_factory=dict, description="What Alertmanager routes by, such as `team: basket`."
    )
    annotations: RuleLabels = Field(
        default_factory=dict, description="What people read; Prometheus' templates may stand there."
    )
    disabled: bool = Field(default=False, description="Whether such alerts are not written.")


class AlertingSpec(Strict):
    """How the budget's burning is alerted on."""

    name: AlertName | None = Field(
        None, description="Of the alerts in generated rules. Default: SloBudgetBurn."
    )
    labels: RuleLabels = Field(
        default_factory=dict, description="What Alertmanager routes by, such as `team: basket`."
    )
    annotations: RuleLabels = Field(
        default_factory=dict, description="What people read; Prometheus' templates may stand there."
    )
    severities: dict[Line, AlertWordsSpec] = Field(
        default_factory=dict, description="What the alerts of one severity carry beside."
    )

    burn_rates: list[BurnRateSpec] | None = Field(
        None, description="Default: the usual four, scaled to the first objective's window."
    )


class Annotations(Strict):
    """Links for the reader."""

    runbook: WebAddress | None = Field(None, description="What to do when the budget burns.")
    dashboard: WebAddress | None = Field(None, description="Where to look.")


class Metadata(Strict):
    """Which objective this is."""

    name: Name = Field(description="Unique in its namespace.")
    namespace: Name = Field("default", description="A group of definitions, such as a product.")
    annotations: Annotations = Field(Annotations(), description="Links for the reader.")
    labels: Labels = Field(
        default_factory=dict, description="Names and values to group objectives by in a report."
    )


class CharacteristicsSpec(Strict):
    """What hangs on the service: a tier is recommended from it."""

    revenue: bool = Field(default=False, description="Whether money is lost while it fails.")
    safety: bool = Field(default=False, description="Whether people are in danger while it fails.")
    user_facing: bool = Field(default=False, description="Whether users meet it themselves.")
    dependants: int = Field(0, ge=0, description="How many other services need it.")
    traffic: Literal["low", "medium", "high"] = Field(
        "low", description="How much of it there is, beside the other services."
    )


def _template_fills_in(schema: dict[str, Any]) -> None:
    """In the schema for editors, what a template says already need not be written."""
    needed = ["indicator", "objectives"]
    indicator = schema["properties"]["indicator"]
    schema["required"] = [one for one in schema["required"] if one not in needed]
    schema["properties"]["indicator"] = {
        "description": indicator["description"],
        "type": "object",
    }
    schema["if"] = {"required": ["template"]}
    schema["else"] = {"required": needed, "properties": {"indicator": indicator}}


class Spec(Strict):
    """What is measured, and what is promised about it."""

    model_config = ConfigDict(json_schema_extra=_template_fills_in)

    service: Line = Field(description="What users depend on.")
    title: Line | None = Field(
        None, description="Default: Availability, or such as Latency under 500 ms."
    )
    owner: Line = Field(description="The team that answers for it.")
    tier: Tier | None = Field(None, description="How much depends on the service.")
    characteristics: CharacteristicsSpec | None = Field(
        None, description="Instead of a tier: what one is recommended from."
    )
    description: str = Field("", description="What the objective means to users.")
    impact: Line | None = Field(
        None, description="What it costs the business when it fails, in one sentence."
    )
    minimum_coverage: Coverage = Field(
        Decimal(95), description="Percent of the period with data that a verdict needs."
    )
    template: str | None = Field(
        None, description="A ready-made objective of the library, such as api-availability."
    )
    filters: Filters | None = Field(
        None, description="With template: which series are meant, such as `job: checkout`."
    )
    indicator: IndicatorSpec = Field(description="What is measured.")
    method: Method | None = Field(
        None,
        description="How slices become the SLI. Default: occurrences; timeslices for a threshold, "
        "ratio timeslices for a ratio without events.",
    )
    slice_target: SliceTarget | None = Field(
        None, description="With timeslices: percent from which a slice is good; default: target."
    )
    slice_window: SliceWindow | None = Field(
        None,
        description="With timeslices and ratio timeslices: length of a slice, a multiple of "
        "source.slice; default: source.slice.",
    )
    objectives: list[ObjectiveSpec] = Field(min_length=1, description="What is promised.")
    alerting: AlertingSpec = Field(AlertingSpec(), description="Burn-rate alerts.")

    @model_validator(mode="after")
    def _one_target_a_window(self) -> Spec:
        windows = [one.window for one in self.objectives]
        for window in windows:
            if windows.count(window) > 1:
                msg = f"two objectives have the window {window}; give one target for each"
                raise ValueError(msg)
        return self

    @field_validator("filters")
    @classmethod
    def _go_with_a_template(cls, value: Filters | None, info: ValidationInfo) -> Filters | None:
        if value is not None and info.data.get("template") is None:
            msg = "filters go with template here; without one they stand in the indicator"
            raise ValueError(msg)
        return value

    @field_validator("method")
    @classmethod
    def _method_fits(cls, value: Method | None, info: ValidationInfo) -> Method | None:
        indicator = info.data.get("indicator")
        if value is Method.OCCURRENCES and indicator is not None and without_events(indicator):
            msg = (
                "method occurrences needs events to count, and this indicator has none; write "
                "timeslices or ratio timeslices"
            )
            raise ValueError(msg)
        return value

    @field_validator("slice_target", "slice_window")
    @classmethod
    def _method_has_slices(cls, value: T, info: ValidationInfo) -> T:
        if value is None or not {"indicator", "method"} <= info.data.keys():
            return value
        method = method_in_force(info.data["method"], info.data["indicator"])
        if method is Method.OCCURRENCES:
            msg = f"{info.field_name} does not go with method occurrences; write method: timeslices"
            raise ValueError(msg)
        if method is Method.RATIO_TIMESLICES and info.field_name == "slice_target":
            msg = "slice_target goes with method timeslices; ratio timeslices takes each ratio"
            raise ValueError(msg)
        return value


def method_in_force(written: Method | None, indicator: IndicatorSpec) -> Method:
    """The method that is written, or the one that goes with the indicator."""
    if written is not None:
        return written
    if isinstance(indicator, ThresholdSpec):
        return Method.TIMESLICES
    return Method.RATIO_TIMESLICES if without_events(indicator) else Method.OCCURRENCES


def without_events(indicator: IndicatorSpec) -> bool:
    """Whether an indicator counts nothing and can only be weighed by time."""
    if isinstance(indicator, RatioSpec):
        return indicator.ratio is not None or indicator.bad_ratio is not None
    return isinstance(indicator, ThresholdSpec)


class Definition(Strict):
    """A service level objective, in the form slo.dev/v1."""

    api_version: Literal["slo.dev/v1"] = Field(
        alias="apiVersion", description="Version of this form."
    )
    kind: Literal["ServiceLevelObjective"] = Field(description="What this document is.")
    metadata: Metadata = Field(description="Which objective this is.")
    spec: Spec = Field(description="What is measured and promised.")
