"""Rules in the style of Pyrra: increases over the whole window, burn rates, generic series."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from slo_reports.definitions.pyrra_alerts import PyrraAlert, pyrra_alerts
from slo_reports.definitions.pyrra_words import our_severity
from slo_reports.generate.bad_share import Unsayable
from slo_reports.generate.pyrra_generic import generic_rules
from slo_reports.generate.pyrra_increase import increase_rules
from slo_reports.generate.pyrra_words import (
    PyrraSlo,
    burn_rate_name,
    over,
    pairs,
    pyrra_slos,
    select,
)
from slo_reports.generate.rules import (
    AlertRule,
    Generated,
    Group,
    LeftOut,
    Pairs,
    RecordingRule,
    Rule,
    Surroundings,
)
from slo_reports.generate.spelling import duration_name, shortest
from slo_reports.model import AlertWords, Matcher, Slo

_HALF_MINUTE = timedelta(seconds=30)
_USUAL_ALERT = "ErrorBudgetBurn"


def rules_of(slo: Slo, around: Surroundings) -> Generated:
    """The groups that Pyrra makes of a definition, one set for each of its objectives."""
    try:
        found = tuple(pyrra_slos(slo, around))
    except Unsayable as error:
        return Generated((), (LeftOut(slo.id, "the objective", str(error)),))
    return Generated(
        groups=tuple(group for one in found for group in _groups(one, slo)),
        left_out=tuple(left for one in found for left in _too_short(one, slo.id)),
        notes=tuple(note for one in found for note in _unfireable(one)),
        kubernetes=found[0].written.kubernetes,
    )


def _groups(one: PyrraSlo, slo: Slo) -> Iterator[Group]:
    name = one.written.name
    yield Group(f"{name}-increase", tuple(increase_rules(one)), _interval(one.window))
    burning: tuple[Rule, ...] = (*_burn_rates(one), *_alerts(one, slo))
    yield Group(name, burning, _HALF_MINUTE)
    if not one.written.grouping:
        yield Group(f"{name}-generic", tuple(generic_rules(one)), _HALF_MINUTE)


def _interval(window: timedelta) -> timedelta:
    """How often a long increase is asked for: half a minute more for each week, to four minutes."""
    return (min(window // timedelta(weeks=1), 7) + 1) * _HALF_MINUTE


# --- burn rates ---


def _burn_rates(one: PyrraSlo) -> Iterator[RecordingRule]:
    spans = {span for row in _rows(one) for span in (row.short, row.long)}
    for span in sorted(spans):
        record = burn_rate_name(one.written.total.metric, span)
        yield RecordingRule(record, _bad_share(one, span), _own_labels(one))


def _rows(one: PyrraSlo) -> list[PyrraAlert]:
    return [row for row in pyrra_alerts(one.window) if row.measurable]


def _bad_share(one: PyrraSlo, window: timedelta) -> str:
    written = one.written
    total, grouping = written.total, written.grouping
    match written.kind:
        case "ratio":
            all_events = over("rate", total, window, grouping)
            return f"{over('rate', one.part, window, grouping)} / {all_events}"
        case "latency" | "success":
            all_events = over("rate", total, window, grouping)
            return f"({all_events} - {over('rate', one.part, window, grouping)}) / {all_events}"
        case "latencyNative":
            events = over("rate", total, window, grouping)
            return f"1 - histogram_fraction(0, {written.limit:f}, {events})"
        case "bool_gauge":
            samples = over("count_over_time", total, window, grouping)
            return f"({samples} - {over('sum_over_time', total, window, grouping)}) / {samples}"


def _own_labels(one: PyrraSlo) -> Pairs:
    """Labels of a rule: also those that the selector fixes and the sum would drop."""
    written = one.written
    fixed = (
        (matcher.label, matcher.value)
        for matcher in written.total.matchers
        if matcher.op == "=" and matcher.label not in written.grouping
    )
    return pairs(*one.labels, *fixed)


# --- alerts ---


def _alerts(one: PyrraSlo, slo: Slo) -> Iterator[AlertRule]:
    if not one.written.burn_rates:
        return
    for row in _rows(one):
        words = slo.alerting.of(our_severity(row.severity))
        if words.disabled:
            continue
        yield AlertRule(
            alert=one.written.alert or _USUAL_ALERT,
            expr=_burning(one, row),
            hold=row.hold,
            labels=_alert_labels(one, row, words),
            annotations=pairs(
                *one.written.annotations, *(words.annotations if one.derived else ())
            ),
        )


def _burning(one: PyrraSlo, row: PyrraAlert) -> str:
    """Both windows of a row burn too fast."""
    limit = f"({row.factor} * (1-{shortest(one.target)}))"
    matchers = _alert_matchers(one)
    short, long = (
        f"{select(burn_rate_name(one.written.total.metric, span), matchers)} > {limit}"
        for span in (row.short, row.long)
    )
    return f"{short} and {long}"


def _alert_matchers(one: PyrraSlo) -> tuple[Matcher, ...]:
    """The matchers whose labels a burn rate has: fixed ones, and those it is grouped by."""
    kept = (
        matcher
        for matcher in one.written.total.matchers
        if matcher.op in ("=", "!=") or matcher.label in one.written.grouping
    )
    return (*kept, Matcher("slo", "=", one.written.name))


def _alert_labels(one: PyrraSlo, row: PyrraAlert, words: AlertWords) -> Pairs:
    severity = dict(one.written.severities).get(row.key, row.severity)
    exhausted = timedelta(seconds=one.window // timedelta(seconds=1) // row.factor)
    return pairs(
        *_own_labels(one),
        ("short", duration_name(row.short)),
        ("long", duration_name(row.long)),
        ("severity", severity),
        ("exhaustion", duration_name(exhausted)),
        *(words.labels if one.derived else ()),
    )


def _annotations(one: PyrraSlo, words: AlertWords) -> Pairs:
    return pairs(*one.written.annotations, *(words.annotations if one.derived else ()))


def _too_short(one: PyrraSlo, slo: str) -> Iterator[LeftOut]:
    for row in pyrra_alerts(one.window):
        if not row.measurable:
            what = f"the alert {row.key} of {one.written.name}"
            why = f"its windows, scaled to {duration_name(one.window)}, are shorter than a minute"
            yield LeftOut(slo, what, why)


def _unfireable(one: PyrraSlo) -> Iterator[str]:
    if not one.written.burn_rates:
        return
    for row in _rows(one):
        if row.factor * (1 - one.target) > 1:
            yield (
                f"the alert {row.key}, at {row.factor} times the budget, can never fire: "
                "that is more than all events"
            )
