"""The names and labels of the recorded series of our own style (docs/rules.md)."""

from __future__ import annotations

from datetime import timedelta

from slo_reports.generate.rules import Pairs
from slo_reports.model import Matcher, Objective, Slo
from slo_reports.promql import duration, selector

VALID = "slo:events_valid:rate5m"
GOOD = "slo:events_good:rate5m"
REMAINING = "slo:error_budget_remaining:ratio"
TARGET = "slo:target:ratio"
INFO = "slo:info"
PERCENTILE = "slo:latency_seconds:quantile_rate5m"
SLICE = "slo:slice:ratio"
SLICE_GOOD = "slo:slice_good:ratio"
BUCKETS = "slo:latency_buckets:rate5m"
BOUNDARIES = "slo:latency_boundary:seconds"


def sli_record(window: timedelta) -> str:
    """Where the SLI of a trailing window is recorded."""
    return f"slo:sli:ratio_rate{duration(window)}"


def burn_record(window: timedelta) -> str:
    """Where the burn rate of a trailing window is recorded."""
    return f"slo:burn_rate:ratio_rate{duration(window)}"


def labels_of(slo: Slo) -> Pairs:
    """The labels of every recorded series."""
    return (("slo", slo.id), ("service", slo.service))


def budget_labels(slo: Slo, objective: Objective) -> Pairs:
    """The labels of the series that one of the objectives is judged by."""
    return (*labels_of(slo), ("window", objective.window))


def recorded(name: str, slo: str, window: str | None = None) -> str:
    """The selector of a recorded series."""
    matchers = [Matcher("slo", "=", slo)]
    if window is not None:
        matchers.append(Matcher("window", "=", window))
    return selector(name, matchers)
