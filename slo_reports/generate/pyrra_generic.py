"""Pyrra's generic series, which have the same names whatever an objective measures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from slo_reports.generate.pyrra_words import (
    PyrraSlo,
    increase_name,
    over,
    pairs,
    select,
)
from slo_reports.generate.rules import RecordingRule
from slo_reports.generate.spelling import duration_name, shortest
from slo_reports.model import Matcher, Series

_REQUESTS = "pyrra_requests:rate5m"
_ERRORS = "pyrra_errors:rate5m"
_FIVE = timedelta(minutes=5)


def generic_rules(one: PyrraSlo) -> Iterator[RecordingRule]:
    """Target, window, availability and what was asked and failed."""
    described = one.written.described
    labels = pairs(*one.labels, *([("description", described)] if described else []))
    for record, expr in _series(one):
        yield RecordingRule(record, expr, labels)


def _series(one: PyrraSlo) -> Iterator[tuple[str, str]]:
    yield "pyrra_objective", shortest(one.target)
    yield "pyrra_window", str(one.window // timedelta(seconds=1))
    yield "pyrra_availability", _availability(one)
    yield from _flow(one)


def _availability(one: PyrraSlo) -> str:
    total, part = one.written.total, one.part
    match one.written.kind:
        case "ratio":
            return f"1 - sum({_increase(one, part)} or vector(0)) / sum({_increase(one, total)})"
        case "success":
            return f"sum({_increase(one, part)} or vector(0)) / sum({_increase(one, total)})"
        case "latency":
            whole = _increase(one, total, Matcher("le", "=", ""))
            return f"sum({_increase(one, part)} or vector(0)) / sum({whole})"
        case "latencyNative":
            within = _increase(
                one, total, Matcher("le", "=", shortest(float(one.written.limit or 0)))
            )
            whole = _increase(one, total, Matcher("le", "=", ""))
            return f"sum({within} or vector(0)) / sum({whole})"
        case "bool_gauge":
            return f"sum({_counted(one, 'sum')}) / sum({_counted(one, 'count')})"


def _flow(one: PyrraSlo) -> Iterator[tuple[str, str]]:
    """Requests and errors; Pyrra has none for native histograms."""
    total, part = one.written.total, one.part
    requests = over("rate", total, _FIVE)
    match one.written.kind:
        case "ratio":
            yield _REQUESTS, requests
            yield _ERRORS, f"{over('rate', part, _FIVE)} or vector(0)"
        case "latency" | "success":
            yield _REQUESTS, requests
            yield _ERRORS, f"{requests} - {over('rate', part, _FIVE)}"
        case "bool_gauge":
            samples = f"sum({_counted(one, 'count')})"
            yield _REQUESTS, samples
            yield _ERRORS, f"{samples} - sum({_counted(one, 'sum')})"


def _increase(one: PyrraSlo, series: Series, *more: Matcher) -> str:
    """What was recorded of a series over the window."""
    return select(increase_name(series.metric, one.window), one.recorded(series, *more))


def _counted(one: PyrraSlo, word: str) -> str:
    total = one.written.total
    return select(f"{total.metric}:{word}{duration_name(one.window)}", one.recorded(total))
