"""Pyrra's format ``pyrra.dev/v1alpha1``: bare selectors, counted over a window.

A grouping makes one objective for each set of label values. Reports have no place for those; rules
do, so they are kept only where rules are what is wanted (``Context.grouped``).
"""

from __future__ import annotations

from dataclasses import replace

from slo_reports.definitions.assembling import (
    Identity,
    Promise,
    assemble,
    name_of,
    read_labels,
    title_of,
)
from slo_reports.definitions.foreign import (
    Context,
    Imported,
    Place,
    percent_target,
    prometheus_duration,
    whole_days,
)
from slo_reports.definitions.pyrra_indicators import read_indicator
from slo_reports.definitions.pyrra_words import PREFIX, burn_rates, read_alerting, written_of
from slo_reports.model import Objective, Slo

FORMAT = "pyrra.dev/v1alpha1"


def read_pyrra(root: Place, context: Context) -> Imported:
    """The SLO of one document."""
    found = root.notes.attempt(lambda: _slo(root, context))
    kept = found is not None and not root.notes.problems
    return Imported((found,) if found is not None and kept else (), root.notes)


def _slo(root: Place, context: Context) -> Slo | None:
    notes = root.notes
    root.only(["apiVersion", "kind", "metadata", "spec", "status"])
    root.need("kind").one_of(["ServiceLevelObjective"])
    metadata, spec = root.need("metadata"), root.need("spec")
    _say_annotations(metadata.get("annotations"))
    spec.only(
        [
            "description",
            "target",
            "window",
            "indicator",
            "alerting",
            "partial_response_strategy",
            "performanceOverAccuracy",
            "ruleOutput",
        ]
    )
    _say_rules(spec)
    promise = notes.attempt(lambda: _promise(spec))
    measured = notes.attempt(
        lambda: read_indicator(spec.need("indicator"), grouped=context.grouped)
    )
    alerts = notes.attempt(lambda: () if promise is None else burn_rates(spec, promise.objective))
    name = notes.attempt(lambda: name_of(metadata.need("name")))
    if promise is None or measured is None or alerts is None or name is None:
        return None
    alerting = read_alerting(metadata, spec)
    written = written_of(metadata, spec, measured)
    namespace, described = metadata.get("namespace"), spec.get("description")
    labels = metadata.get("labels")
    service, taken = _service(metadata)
    identity = Identity(
        namespace="default" if namespace is None else name_of(namespace),
        name=name,
        service=service,
        title=title_of(metadata.need("name").line_text()),
        description="" if described is None else described.text(),
    )
    found = assemble(
        root,
        FORMAT,
        identity,
        read_labels((labels,), labels or metadata, taken | _for_rules(labels)),
        measured.indicator,
        promise,
        alerts,
    )
    return replace(found, alerting=alerting, written=written)


def _for_rules(labels: Place | None) -> frozenset[str]:
    """Keys of the labels or annotations that go into rules."""
    keys = () if labels is None else labels.mapping()
    return frozenset(one for one in map(str, keys) if one.startswith(PREFIX))


def _say_annotations(annotations: Place | None) -> None:
    if annotations is None:
        return
    unused = [one for one in map(str, annotations.mapping()) if not one.startswith(PREFIX)]
    if unused:
        annotations.remark(f"annotations without effect here: {', '.join(unused)}")


def _service(metadata: Place) -> tuple[str, frozenset[str]]:
    """The service, and the label that names it."""
    labels = metadata.get("labels")
    for key in ("pyrra.dev/service", "service", "app.kubernetes.io/name", "app"):
        found = None if labels is None else labels.get(key)
        if found is not None:
            return found.line_text(), frozenset({key})
    name = metadata.need("name")
    name.remark("no label pyrra.dev/service names the service: the objective's name is taken")
    return name.line_text(), frozenset()


def _say_rules(spec: Place) -> None:
    spec.ignore("partial_response_strategy", why="for Thanos' rules, no effect here")
    output = spec.get("ruleOutput")
    if output is not None:
        output.ignore("shortRulesLabels", "longRulesLabels", why="for two objects, no effect here")


def _promise(spec: Place) -> Promise:
    target = percent_target(spec.need("target"))
    window = spec.need("window")
    length = prometheus_duration(window)
    whole_days(window, length)
    weeks = window.text().strip() if window.text().strip().endswith("w") else ""
    named = weeks if weeks[:-1].isdigit() and weeks[0] != "0" else whole_days(window, length)
    return Promise(Objective(target, named, length))
