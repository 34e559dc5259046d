"""The service level indicators of OpenSLO: thresholds, ratios and raw ratios of Prometheus."""

from __future__ import annotations

from collections.abc import Callable

from slo_reports.definitions.foreign import Place
from slo_reports.definitions.queries import (
    Counted,
    Part,
    bare_selector,
    counters,
    events,
    has_window,
    over_slices,
    prepared,
    written,
)
from slo_reports.definitions.selectors import BadMatcher, NotASelector, Selector, parse_selector
from slo_reports.model import (
    Comparison,
    GaugeIndicator,
    Indicator,
    RatioQueryIndicator,
    ThresholdIndicator,
)

Resolve = Callable[[str, Place], Place]
"""The object of a kind that a place names."""

_ALIKE = {"prometheus", "promql", "sloth", "thanos", "cortex", "mimir", "victoriametrics"}
_OPS: dict[str, Comparison] = {"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_SAMPLED = "its samples within each slice are summed; numbers of events are approximate"


def threshold(metric: Place, objective: Place, resolve: Resolve) -> Indicator:
    """A value that is good or bad by comparison with the objective's."""
    query = prepared(_query(metric, resolve).text())
    op = _OPS[objective.need("op").one_of(_OPS)]
    limit = objective.need("value").number()
    try:
        found = bare_selector(query)
    except BadMatcher as fault:
        metric.refuse(str(fault))
    if found is not None:
        return GaugeIndicator(found.metric, found.matchers, op, limit)
    metric.remark("an expression is asked once at the end of each slice")
    return ThresholdIndicator(query, op, limit)


def ratio(metric: Place, resolve: Resolve, counter_key: str = "counter") -> Indicator:
    """Good (or bad) over all events, or a ratio that is ready made."""
    metric.only([counter_key, "good", "bad", "total", "raw", "rawType"], strict=True)
    raw = metric.get("raw")
    if raw is not None:
        return _raw(metric, raw, resolve)
    good, bad, total = metric.get("good"), metric.get("bad"), metric.need("total")
    part = good if good is not None else bad
    if part is None or (good is not None and bad is not None):
        metric.refuse(f"{metric.name} needs exactly one of good and bad beside total")
    kind: Part = "bad" if good is None else "good"
    told = metric.get(counter_key)
    counter = None if told is None else told.flag()
    valid = prepared(_query(total, resolve).text())
    some = prepared(_query(part, resolve).text())
    try:
        counted = _counted(metric, valid, some, kind, counter=counter)
    except BadMatcher as fault:
        part.refuse(str(fault))
    if counted.remark is not None:
        part.remark(counted.remark)
    return counted.indicator


def _raw(metric: Place, raw: Place, resolve: Resolve) -> Indicator:
    if metric.get("good") or metric.get("bad") or metric.get("total"):
        raw.refuse("raw excludes good, bad and total")
    kind = metric.need("rawType").one_of(["success", "failure"])
    query = prepared(_query(raw, resolve).text())
    return RatioQueryIndicator(query, of="good" if kind == "success" else "bad")


def _counted(metric: Place, valid: str, part: str, kind: Part, *, counter: bool | None) -> Counted:
    if has_window(valid) != has_window(part):
        metric.refuse("{{.window}} must stand in both queries, or in none")
    if has_window(valid):
        return events(valid, part, kind)
    sliced = over_slices(valid), over_slices(part)
    if sliced[0] is not None and sliced[1] is not None:
        metric.remark("the queries' own range gives way to the length of a slice")
        return events(sliced[0], sliced[1], kind)
    if counter is None:
        metric.refuse(
            "the queries have no window: say with 'counter' whether they are counters (true) or "
            "values of the moment (false)"
        )
    if not counter:
        return _wrapped("sum_over_time", valid, part, kind, _SAMPLED)
    named = _counter(valid), _counter(part)
    if named[0] is not None and named[1] is not None:
        return Counted(counters(named[0], named[1], kind))
    why = "increase() of an expression is taken; resets inside of it make its events approximate"
    return _wrapped("increase", valid, part, kind, why)


def _wrapped(function: str, valid: str, part: str, kind: Part, why: str) -> Counted:
    around = [f"{function}(({one})[$window:])" for one in (valid, part)]
    return Counted(written(around[0], around[1], kind).indicator, why)


def _counter(query: str) -> Selector | None:
    try:
        return parse_selector(query)
    except NotASelector:
        return None


def _query(metric: Place, resolve: Resolve) -> Place:
    """The PromQL of a metric, in the words of any version of the format."""
    if metric.get("query") is not None:
        metric.only(["source", "queryType", "query"], strict=True)
        _check_type(metric.need("source"))
        kind = metric.get("queryType")
        if kind is not None and kind.text().lower() != "promql":
            kind.refuse(f"queryType {kind.text()[:60]!r} is not promql")
        return _not_empty(metric.need("query"))
    old, inline = metric.get("metricSource"), metric.get("dataSourceSpec")
    if old is None:
        metric.only(["dataSourceRef", "dataSourceSpec", "spec"], strict=True)
        _check_source(metric, metric.get("dataSourceRef"), inline, resolve)
        return _in_spec(metric.need("spec"))
    metric.only(["metricSource"], strict=True)
    old.only(["metricSourceRef", "type", "spec"], strict=True)
    _check_source(old, old.get("metricSourceRef"), old, resolve)
    return _in_spec(old.need("spec"))


def _check_source(at: Place, ref: Place | None, inline: Place | None, resolve: Resolve) -> None:
    kinds = []
    if ref is not None:
        kinds.append(_type_of(resolve("DataSource", ref).need("spec")))
    if inline is not None:
        kinds.append(_type_of(inline))
    told = [one for one in kinds if one is not None]
    for one in told:
        _check_type(one)
    if not told:
        at.remark("nothing says that the source is Prometheus; it is taken for one")


def _type_of(spec: Place) -> Place | None:
    """Where a data source says what it is; v2alpha has a key of that name instead of ``type``."""
    found = spec.get("type")
    if found is not None:
        return found
    return next((spec.get(key) for key in spec.mapping() if key.lower() in _ALIKE), None)


def _check_type(place: Place) -> None:
    if isinstance(place.value, dict):
        return
    word = place.text()
    if word.lower().replace("-", "").replace(" ", "") not in _ALIKE:
        place.refuse(f"the source {word[:60]!r} is not Prometheus and cannot be asked")


def _in_spec(spec: Place) -> Place:
    spec.only(["query", "promql"])
    found = spec.get("query") or spec.get("promql")
    if found is None:
        spec.refuse("no 'query' is in the spec of the metric")
    return _not_empty(found)


def _not_empty(query: Place) -> Place:
    if not prepared(query.text()):
        query.refuse(f"{query.name} must not be empty")
    return query
