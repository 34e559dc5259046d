"""slo-generator's format ``sre.google.com/v2``, with its shared config.

An SLO there has no window; the steps of its error budget policy have, and the longest of them is
taken for the objective's. Steps have no short window; a twelfth of the step's is taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from slo_reports.definitions.assembling import (
    Identity,
    Promise,
    assemble,
    burn_threshold,
    name_of,
    read_labels,
    single_window,
    title_of,
)
from slo_reports.definitions.foreign import (
    Context,
    Imported,
    Notes,
    Place,
    ratio_target,
    whole_days,
)
from slo_reports.definitions.queries import bare_selector, counters, quotient, written
from slo_reports.definitions.selectors import BadMatcher, Selector
from slo_reports.model import (
    BurnRateAlert,
    Indicator,
    LatencyIndicator,
    Method,
    Objective,
    RatioQueryIndicator,
    Slo,
)
from slo_reports.settings.problems import nearest

FORMAT = "sre.google.com/v2"
CONFIG_KEYS = frozenset({"error_budget_policies", "backends"})
_LABELS = frozenset({"service_name", "feature_name", "slo_name"})
_OPERATORS = ["increase", "sum"]
_METHODS = ("good_bad_ratio", "query_sli", "distribution_cut")
_MESSAGES = ("message_alert", "message_ok")
_LONGEST = timedelta(days=3660)


@dataclass(frozen=True)
class _Policy:
    """An error budget policy: the longest step's window, and the other steps as alerts."""

    period: timedelta
    alerts: tuple[BurnRateAlert, ...]


@dataclass(frozen=True)
class _Step:
    window: timedelta
    threshold: float
    alert: bool


def is_config(data: Mapping[str, Any]) -> bool:
    """Whether a document without ``apiVersion`` is slo-generator's shared config."""
    return bool(CONFIG_KEYS & data.keys()) and "kind" not in data


def read_slo_generator(objects: Sequence[Place], context: Context) -> Imported:
    """The SLOs of all documents; shared configs among them name their policies."""
    notes, found = Notes(), []
    configs = [one for one in objects if is_config(one.mapping())]
    for config in configs:
        config.notes.attempt(partial(_say_config, config))
    for root in objects:
        if root not in configs:
            own = Notes()
            resolved = _resolved(root.noting(own), context.environment)
            slo = own.attempt(partial(_slo, resolved, configs, context))
            if slo is not None and not own.problems:
                found.append(slo)
            notes.add(own)
    for config in configs:
        notes.add(config.notes)
    return Imported(tuple(found), notes)


def _say_config(config: Place) -> None:
    config.only(["backends", "default_exporters", "exporters", "error_budget_policies"])
    config.ignore("backends", why="no effect here: the settings name the source")
    config.ignore(
        "default_exporters", "exporters", why="no effect here: the settings name destinations"
    )


def _resolved(place: Place, environment: Mapping[str, str]) -> Place:
    """The same place with every ``${NAME}`` replaced from the environment."""
    return Place(place.document, place.loc, _replaced(place, environment), place.notes)


def _replaced(place: Place, environment: Mapping[str, str]) -> Any:
    if isinstance(place.value, dict):
        return {str(one.loc[-1]): _replaced(one, environment) for one in place.children()}
    if isinstance(place.value, list):
        return [_replaced(one, environment) for one in place.items()]
    if not isinstance(place.value, str):
        return place.value
    text = place.value
    for name in dict.fromkeys(re.findall(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}", text)):
        if name not in environment:
            place.problem(f"the environment variable {name} is not set")
        text = text.replace(f"${{{name}}}", environment.get(name, ""))
    return text


def _slo(root: Place, configs: Sequence[Place], context: Context) -> Slo | None:
    notes = root.notes
    root.only(["apiVersion", "kind", "metadata", "spec"])
    kind = root.need("kind")
    if kind.text() != "ServiceLevelObjective":
        kind.remark(f"kind {kind.text()[:60]!r} is skipped, as slo-generator does")
        return None
    metadata, spec = root.need("metadata"), root.need("spec")
    metadata.only(["name", "labels", "annotations"])
    metadata.ignore("annotations")
    spec.only(
        [
            "description",
            "backend",
            "method",
            "exporters",
            "service_level_indicator",
            "goal",
            "error_budget_policy",
        ]
    )
    spec.ignore("exporters", why="no effect here: the settings name destinations")
    target = notes.attempt(lambda: ratio_target(spec.need("goal")))
    policy = notes.attempt(lambda: _policy(spec, configs, context))
    indicator = notes.attempt(lambda: _indicator(spec))
    name = notes.attempt(lambda: name_of(metadata.need("name")))
    if target is None or policy is None or indicator is None or name is None:
        return None
    window = whole_days(spec, policy.period)
    raw = isinstance(indicator, RatioQueryIndicator)
    promise = Promise(
        Objective(target, window, policy.period),
        Method.RATIO_TIMESLICES if raw else Method.OCCURRENCES,
    )
    labels = metadata.get("labels")
    return assemble(
        root,
        FORMAT,
        _identity(metadata, spec, name),
        read_labels((labels,), labels or metadata, _LABELS),
        indicator,
        promise,
        policy.alerts,
    )


def _identity(metadata: Place, spec: Place, name: str) -> Identity:
    labels, described = metadata.get("labels"), spec.get("description")
    said = {
        key: place.line_text()
        for key in _LABELS
        if labels is not None and (place := labels.get(key)) is not None
    }
    if "service_name" not in said:
        metadata.remark("no label service_name names the service: the SLO's name is taken")
    words = [said[key] for key in ("feature_name", "slo_name") if key in said]
    return Identity(
        namespace="default",
        name=name,
        service=said.get("service_name", metadata.need("name").line_text()),
        title=title_of(" ".join(words) if "slo_name" in said else name),
        description="" if described is None else described.text(),
    )


# --- policies ---


def _policy(spec: Place, configs: Sequence[Place], context: Context) -> _Policy:
    named = spec.get("error_budget_policy")
    name = "default" if named is None else named.text()
    at = named or spec
    policies = [
        found
        for config in _nearest_configs(spec, configs)
        if (every := config.noting(spec.notes).get("error_budget_policies")) is not None
        and (found := every.get(name)) is not None
    ]
    if policies:
        return _read_policy(_resolved(policies[0], context.environment))
    if configs:
        known = [str(one.loc[-1]) for config in configs for one in _policies_of(config)]
        where = ", ".join(str(one.document.path) for one in configs)
        at.refuse(f"no policy {name!r} is in {where}{nearest(name, known)}")
    if named is not None and name != "default":
        at.refuse(f"the policy {name!r} is unknown: load the shared config that has it, too")
    spec.remark(f"no shared config is loaded: the period is {context.period.days}d, without alerts")
    return _Policy(context.period, ())


def _policies_of(config: Place) -> list[Place]:
    found = config.get("error_budget_policies")
    return [] if found is None else list(found.children())


def _nearest_configs(spec: Place, configs: Sequence[Place]) -> list[Place]:
    """Shared configs, those in the SLO's own folder first."""
    folder = spec.document.path.parent
    return sorted(configs, key=lambda one: one.document.path.parent != folder)


def _read_policy(policy: Place) -> _Policy:
    policy.only(["steps"])
    steps = [_step(one) for one in policy.need("steps").items()]
    if not steps:
        policy.refuse("the policy has no steps, so no window")
    period = max(one.window for one in steps)
    if period < timedelta(days=1):
        policy.refuse("the policy's longest step is shorter than a day: no report covers it")
    if any(step.get(key) for step in policy.need("steps").items() for key in _MESSAGES):
        policy.remark("the messages of the policy's steps: no effect here")
    shorter = [one for one in steps if one.window < period]
    if shorter:
        policy.remark("steps have no short window: a twelfth of each window is taken")
    return _Policy(
        period,
        tuple(
            single_window("page" if one.alert else "ticket", one.window, one.threshold)
            for one in shorter
        ),
    )


def _step(step: Place) -> _Step:
    step.only(["name", "window", "burn_rate_threshold", "alert", "message_alert", "message_ok"])
    window = step.need("window")
    seconds = window.number()
    if not 60 <= seconds <= int(_LONGEST.total_seconds()) or seconds % 1:
        window.refuse(f"{window.name} must be whole seconds, from 60 to 3660 days")
    alert = step.get("alert")
    return _Step(
        timedelta(seconds=int(seconds)),
        burn_threshold(step.need("burn_rate_threshold")),
        alert is not None and alert.flag(),
    )


# --- indicators ---


def _indicator(spec: Place) -> Indicator:
    backend = spec.need("backend")
    if backend.text().split("/")[0] != "prometheus":
        backend.refuse(f"the backend {backend.text()[:60]!r} is not Prometheus")
    method, sli = spec.need("method").one_of(_METHODS), spec.need("service_level_indicator")
    if method == "good_bad_ratio":
        return _good_bad_ratio(sli)
    return _distribution_cut(sli) if method == "distribution_cut" else _query_sli(sli)


def _good_bad_ratio(sli: Place) -> Indicator:
    sli.only(["filter_good", "filter_bad", "filter_valid", "operators"])
    good, bad, valid = map(sli.get, ("filter_good", "filter_bad", "filter_valid"))
    if good is None or (bad is None) == (valid is None):
        sli.refuse("good_bad_ratio needs filter_good, and one of filter_bad and filter_valid")
    listed = sli.get("operators")
    operators = _OPERATORS if listed is None else [_operator(one) for one in listed.items()]
    if valid is not None and operators in (["increase", "sum"], ["rate", "sum"]):
        return counters(_selector(valid), _selector(good), "good")
    some = _applied(good, operators)
    if valid is not None:
        counted = written(_applied(valid, operators), some, "good")
    else:
        rest = _applied(bad or good, operators)
        every = f"(({some}) or 0 * ({rest})) + (({rest}) or 0 * ({some}))"
        counted = written(every, f"({some}) or 0 * ({rest})", "good")
    if counted.remark is not None:
        sli.remark(counted.remark)
    return counted.indicator


def _operator(place: Place) -> str:
    word = place.text()
    if not re.fullmatch(r"[a-z_]{1,40}", word):
        place.refuse(f"{place.name} must be the name of a PromQL function")
    return word


def _applied(place: Place, operators: Sequence[str]) -> str:
    """The query that slo-generator makes of a filter: the first operator is the innermost."""
    _selector(place)
    text = f"{place.text().strip()}[$window]"
    for operator in operators:
        text = f"{operator}({text})"
    return text


def _query_sli(sli: Place) -> Indicator:
    sli.only(["expression"])
    expression = sli.need("expression")
    query = expression.text().strip().replace("[window", "[$window")
    try:
        exact = quotient(query)
    except BadMatcher as fault:
        expression.refuse(str(fault))
    if exact is not None:
        return exact
    if not query:
        expression.refuse("expression must not be empty")
    if "$window" not in query:
        expression.remark("the expression has no [window]: it is asked at the end of each slice")
    expression.remark("a ratio has no events: each slice weighs the same")
    return RatioQueryIndicator(query, of="good")


def _distribution_cut(sli: Place) -> Indicator:
    sli.only(["expression", "threshold_bucket"])
    expression, threshold = sli.need("expression"), sli.need("threshold_bucket")
    found, boundary = _selector(expression), threshold.number()
    if not found.metric.endswith("_bucket") or any(one.label == "le" for one in found.matchers):
        expression.refuse("expression must be a _bucket selector without le")
    if not 0 < boundary < 10**6 or len(boundary.as_tuple().digits) > 15:
        threshold.refuse(f"{threshold.name} must be a bucket boundary in seconds")
    return LatencyIndicator(found.metric.removesuffix("_bucket"), found.matchers, boundary)


def _selector(place: Place) -> Selector:
    try:
        found = bare_selector(place.text())
    except BadMatcher as fault:
        place.refuse(str(fault))
    if found is None:
        place.refuse(f"{place.name} must be a bare selector, without functions")
    return found
