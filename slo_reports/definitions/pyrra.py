"""Pyrra's format ``pyrra.dev/v1alpha1``: bare selectors, counted over a window.

Pyrra's alerts have fixed factors; their windows scale with the objective's and are rounded to a
minute, halves up, as Go does.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

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
from slo_reports.definitions.queries import bare_selector, boundary, counters
from slo_reports.definitions.selectors import BadMatcher, Selector
from slo_reports.model import (
    BurnRateAlert,
    GaugeIndicator,
    Indicator,
    LatencyIndicator,
    Objective,
    Slo,
)

FORMAT = "pyrra.dev/v1alpha1"
_KINDS = ("ratio", "latency", "latencyNative", "bool_gauge")
_BASE = 28 * 24 * 60
_RULES = (
    ("fastBurn", "critical", 14, 60, 5),
    ("mediumBurn", "critical", 7, 6 * 60, 30),
    ("slowBurn", "warning", 2, 24 * 60, 120),
    ("longTermBurn", "warning", 1, 4 * 24 * 60, 360),
)
"""Key of the severity, its default, burn rate, and the two windows at 28 days [min]."""
_SEVERITIES = {"critical": "page", "warning": "ticket"}
_GROUPING = (
    "grouping makes one SLO per label set, which is not supported; "
    "write one SLO for each, with the label in its selectors"
)


def read_pyrra(root: Place, _context: Context) -> Imported:
    """The SLO of one document."""
    found = root.notes.attempt(lambda: _slo(root))
    kept = found is not None and not root.notes.problems
    return Imported((found,) if found is not None and kept else (), root.notes)


def _slo(root: Place) -> Slo | None:
    notes = root.notes
    root.only(["apiVersion", "kind", "metadata", "spec", "status"])
    root.need("kind").one_of(["ServiceLevelObjective"])
    metadata, spec = root.need("metadata"), root.need("spec")
    metadata.ignore("annotations")
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
    indicator = notes.attempt(lambda: _indicator(spec.need("indicator")))
    alerts = notes.attempt(
        lambda: () if promise is None else _alerts(spec.get("alerting"), promise.objective.length)
    )
    name = notes.attempt(lambda: name_of(metadata.need("name")))
    if promise is None or indicator is None or alerts is None or name is None:
        return None
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
    return assemble(
        root,
        FORMAT,
        identity,
        read_labels((labels,), labels or metadata, taken),
        indicator,
        promise,
        alerts,
    )


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
    spec.ignore("performanceOverAccuracy", "ruleOutput", why="for recording rules, no effect here")


def _promise(spec: Place) -> Promise:
    target = percent_target(spec.need("target"))
    window = spec.need("window")
    length = prometheus_duration(window)
    whole_days(window, length)
    weeks = window.text().strip() if window.text().strip().endswith("w") else ""
    named = weeks if weeks[:-1].isdigit() and weeks[0] != "0" else whole_days(window, length)
    return Promise(Objective(target, named, length))


def _indicator(place: Place) -> Indicator:
    place.only(_KINDS)
    kinds = [one for one in map(place.get, _KINDS) if one is not None]
    if not kinds:
        place.refuse("indicator needs one of ratio, latency, latencyNative and bool_gauge")
    if [one.loc[-1] for one in kinds][:2] == ["ratio", "latency"]:
        place.refuse("ratio and latency exclude each other")
    for other in kinds[1:]:
        other.remark(f"{other.loc[-1]} has no effect beside {kinds[0].loc[-1]}")
    grouping = kinds[0].get("grouping")
    if grouping is not None and grouping.value != []:
        grouping.refuse(_GROUPING)
    read = {
        "ratio": _ratio,
        "latency": _latency,
        "latencyNative": _native,
        "bool_gauge": _gauge,
    }
    return read[str(kinds[0].loc[-1])](kinds[0])


def _ratio(place: Place) -> Indicator:
    place.only(["errors", "total", "grouping"])
    valid, bad = _selector(place.need("total")), _selector(place.need("errors"))
    return counters(valid, bad, "bad")


def _latency(place: Place) -> Indicator:
    place.only(["success", "total", "grouping"])
    success = place.need("success")
    valid, good = _selector(place.need("total")), _selector(success)
    if boundary(good.matchers) is None:
        success.need("metric").refuse('the metric of success needs an le="..." matcher')
    return counters(valid, good, "good")


def _native(place: Place) -> Indicator:
    place.only(["latency", "total", "grouping"])
    total, within = place.need("total"), prometheus_duration(place.need("latency"))
    found = _selector(total)
    if found.metric.endswith("_bucket"):
        total.need("metric").refuse(
            "latencyNative needs the name of a native histogram, without _bucket"
        )
    threshold = Decimal(within // timedelta(milliseconds=1)) / 1000
    return LatencyIndicator(found.metric, found.matchers, threshold, native=True)


def _gauge(place: Place) -> Indicator:
    place.only(["metric", "grouping"])
    found = _parsed(place.need("metric"))
    return GaugeIndicator(found.metric, found.matchers, "==", Decimal(1))


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


def _alerts(alerting: Place | None, window: timedelta) -> tuple[BurnRateAlert, ...]:
    severities: dict[str, str] = {}
    if alerting is not None:
        alerting.only(["disabled", "burnrates", "absent", "name", "absentName", "severities"])
        alerting.ignore("absent", "name", "absentName")
        severities = _severities(alerting.get("severities"))
        disabled, wanted = alerting.get("disabled"), alerting.get("burnrates")
        off = disabled is not None and disabled.flag()
        if off or (wanted is not None and not wanted.flag()):
            return ()
    return tuple(
        BurnRateAlert(
            severities.get(key) or _SEVERITIES[usual],
            timedelta(minutes=long),
            timedelta(minutes=short),
            float(factor),
        )
        for key, usual, factor, long_28, short_28 in _RULES
        if (long := _scaled(long_28, window)) > (short := _scaled(short_28, window)) > 0
    )


def _severities(place: Place | None) -> dict[str, str]:
    if place is None:
        return {}
    keys = [key for key, *_ in _RULES]
    place.only([*keys, "absent"])
    place.ignore("absent")
    found = {key: one.line_text() for key in keys if (one := place.get(key)) is not None}
    return {key: _SEVERITIES.get(word, word) for key, word in found.items()}


def _scaled(minutes: int, window: timedelta) -> int:
    """Minutes at 28 days, for another window: a whole number, halves up."""
    have = int(window.total_seconds()) // 60
    return (2 * minutes * have + _BASE) // (2 * _BASE)
