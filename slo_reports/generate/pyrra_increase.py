"""Pyrra's increases over the whole window, and its alerts on missing series."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from slo_reports.definitions.pyrra_alerts import pyrra_alerts, to_minutes
from slo_reports.generate.pyrra_words import (
    PyrraSlo,
    increase_name,
    over,
    pairs,
    select,
    summed,
)
from slo_reports.generate.rules import AlertRule, Pairs, RecordingRule, Rule
from slo_reports.generate.spelling import duration_name
from slo_reports.model import Matcher, Series

_STEP = timedelta(minutes=5)
_USUAL_ABSENT = "SLOMetricAbsent"
_REGEXES = ("=~", "!~")
Namer = Callable[[str, timedelta], str]
"""The record of a metric over a window."""


def increase_rules(one: PyrraSlo) -> Iterator[Rule]:
    """What was counted over the whole window, and alerts where there is nothing to count."""
    match one.written.kind:
        case "bool_gauge":
            yield from _gauge(one)
        case "latencyNative":
            yield from _native(one)
        case "latency":
            yield from _latency(one)
        case _:
            yield from _ratio(one)


def _ratio(one: PyrraSlo) -> Iterator[Rule]:
    total, part = one.written.total, one.part
    yield from _increase(one, total, _labels(one))
    yield from _absent(one, total, _labels(one))
    if part.metric != total.metric:
        yield from _increase(one, part, _labels(one))
    if part.metric != total.metric and not one.derived:  # ours: no series of errors is no error
        yield from _absent(one, part, _labels(one))


def _latency(one: PyrraSlo) -> Iterator[Rule]:
    total, within = one.written.total, pairs(*_labels(one), ("le", one.boundary))
    yield from _increase(one, total, _labels(one), Matcher("le", "=", ""))
    yield from _increase(one, one.part, within)
    yield from _absent(one, total, _labels(one))
    yield from _absent(one, one.part, within)


def _increase(
    one: PyrraSlo, series: Series, labels: Pairs, *marks: Matcher
) -> Iterator[RecordingRule]:
    yield from _sums(one, series, "increase", increase_name, labels, *marks)


def _gauge(one: PyrraSlo) -> Iterator[Rule]:
    total = one.written.total
    for function, word in (("count_over_time", "count"), ("sum_over_time", "sum")):
        yield from _sums(one, total, function, _namer(word), _labels(one))
    yield from _absent(one, total, _labels(one))


def _namer(word: str) -> Namer:
    return lambda metric, window: f"{metric}:{word}{duration_name(window)}"


def _sums(  # one record: of what, how, called what, with which labels
    one: PyrraSlo,
    series: Series,
    function: str,
    named: Namer,
    labels: Pairs,
    *marks: Matcher,
) -> Iterator[RecordingRule]:
    """The long sum at once, or five minutes of it and the sum of those."""
    grouping = _grouping(one)
    record = named(series.metric, one.window)
    if not one.written.cheap:
        yield RecordingRule(record, over(function, series, one.window, grouping), labels)
        return
    short = named(series.metric, _STEP)
    yield RecordingRule(short, over(function, series, _STEP, grouping), labels)
    chosen = select(short, one.recorded(series, *marks))
    steps = f"[{duration_name(one.window)}:{duration_name(_STEP)}]"
    yield RecordingRule(record, summed(f"sum_over_time({chosen}{steps})", grouping), labels)


def _native(one: PyrraSlo) -> Iterator[Rule]:
    written = one.written
    limit = written.limit or 0
    record = increase_name(written.total.metric, one.window)
    events = over("increase", written.total, one.window, written.grouping)
    within = f"histogram_fraction(0, {limit:f}, {events}) * histogram_count({events})"
    yield RecordingRule(record, f"histogram_count({events})", _labels(one))
    yield RecordingRule(record, within, pairs(*_labels(one), ("le", one.boundary)))


def _grouping(one: PyrraSlo) -> tuple[str, ...]:
    """Labels that are kept: those asked for, and those that a reader selects by."""
    written = one.written
    total = {matcher.label for matcher in written.total.matchers}
    kept = {matcher.label for matcher in written.total.matchers if matcher.op in _REGEXES}
    part = {matcher.label for matcher in one.part.matchers} - total - {"le"}
    gauge = total if written.kind == "bool_gauge" else set()
    return tuple(sorted({*written.grouping, *kept, *part, *gauge}))


def _labels(one: PyrraSlo) -> Pairs:
    """What an increase carries: also what the selector fixes and the sum drops."""
    kept = set(one.written.grouping) if one.written.kind == "latencyNative" else {*_grouping(one)}
    fixed = (
        (matcher.label, matcher.value)
        for matcher in one.written.total.matchers
        if matcher.op == "=" and matcher.label not in kept
    )
    return pairs(*one.labels, *fixed)


# --- missing series ---


def _absent(one: PyrraSlo, series: Series, labels: Pairs) -> Iterator[AlertRule]:
    if not one.written.absent:
        return
    severity = dict(one.written.severities).get("absent", "critical")
    yield AlertRule(
        alert=one.written.absent_alert or _USUAL_ABSENT,
        expr=f"absent({select(series.metric, series.matchers)}) == 1",
        hold=_absent_for(one),
        labels=pairs(*labels, ("severity", severity)),
        annotations=one.written.annotations,
    )


def _absent_for(one: PyrraSlo) -> timedelta:
    """As long as the fastest alert would take to fire if everything were bad."""
    first, *_ = pyrra_alerts(one.window)
    seconds = int(first.factor * (1 - one.target) * first.long.total_seconds())
    return to_minutes(timedelta(seconds=seconds) + first.hold)
