"""Rules in the style of Sloth: error ratios by window, metadata and a page and a ticket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from slo_reports.generate.bad_share import Unsayable
from slo_reports.generate.rules import (
    AlertRule,
    Generated,
    Group,
    LeftOut,
    Pairs,
    RecordingRule,
    Surroundings,
)
from slo_reports.generate.sloth_words import SlothSlo, factor, sloth_slos
from slo_reports.generate.spelling import duration_name, shortest
from slo_reports.model import AlertWords, BurnRateAlert, Slo, SlothWritten
from slo_reports.promql import quote

_OBJECTIVE, _BUDGET = "slo:objective:ratio", "slo:error_budget:ratio"
_PERIOD_BURN = "slo:period_burn_rate:ratio"
_VERSION = "slo-reports"
_OBJECT = (
    ("app.kubernetes.io/component", "SLO"),
    ("app.kubernetes.io/managed-by", "sloth"),
)
"""Labels that Sloth gives to its objects."""


def rules_of(slo: Slo, around: Surroundings) -> Generated:
    """The groups that Sloth makes of a definition, one set for each of its objectives."""
    try:
        found = tuple(sloth_slos(slo, around))
    except Unsayable as error:
        return Generated((), (LeftOut(slo.id, "the objective", str(error)),))
    groups = (group for one in found for group in _groups(one, slo, around))
    notes = (note for one in found for note in _unfireable(one))
    holder = slo.written.kubernetes if isinstance(slo.written, SlothWritten) else None
    marked = None if holder is None else replace(holder, labels=_sorted((*_OBJECT, *holder.labels)))
    return Generated(tuple(groups), notes=tuple(notes), kubernetes=marked)


def _groups(one: SlothSlo, slo: Slo, around: Surroundings) -> Iterator[Group]:
    sli = tuple(_sli_rules(one, around))
    yield Group(f"sloth-slo-sli-recordings-{one.id}", sli)
    yield Group(f"sloth-slo-meta-recordings-{one.id}", tuple(_meta_rules(one, around)))
    alerts = tuple(_alerts(one, slo))
    if alerts:
        yield Group(f"sloth-slo-alerts-{one.id}", alerts)


# --- recorded ---


def _record(window: timedelta) -> str:
    return f"slo:sli_error:ratio_rate{duration_name(window)}"


def _series(one: SlothSlo, record: str) -> str:
    return f"{record}{{{', '.join(f'{name}={quote(value)}' for name, value in one.identity)}}}"


def _labels(one: SlothSlo, around: Surroundings, *more: tuple[str, str]) -> Pairs:
    """Labels of a record; what a person wrote stands over what Sloth adds."""
    return _sorted((*one.identity, *more, *one.written.labels, *around.labels))


def _sorted(pairs: Pairs) -> Pairs:
    """By name; of several with one name the last."""
    return tuple(sorted(dict(pairs).items()))


def _sli_rules(one: SlothSlo, around: Surroundings) -> Iterator[RecordingRule]:
    for window in (*one.windows, one.period):
        expr = _whole_period(one) if window == one.period else one.share(window)
        labels = _labels(one, around, ("sloth_window", duration_name(window)))
        yield RecordingRule(_record(window), expr, labels)


def _whole_period(one: SlothSlo) -> str:
    """The mean of the shortest window's records, which is all that a long period needs to read."""
    series = f"{_series(one, _record(one.windows[0]))}[{duration_name(one.period)}]"
    return f"sum_over_time({series})\n/ ignoring (sloth_window)\ncount_over_time({series})\n"


def _meta_rules(one: SlothSlo, around: Surroundings) -> Iterator[RecordingRule]:
    labels = _labels(one, around)
    ratio = shortest(one.percent / 100)
    for record, expr in (
        (_OBJECTIVE, f"vector({ratio})"),
        (_BUDGET, f"vector(1-{ratio})"),
        ("slo:time_period:days", f"vector({shortest(one.period / timedelta(days=1))})"),
        ("slo:current_burn_rate:ratio", _burn_rate(one, one.windows[0])),
        (_PERIOD_BURN, _burn_rate(one, one.period)),
        ("slo:period_error_budget_remaining:ratio", f"1 - {_series(one, _PERIOD_BURN)}"),
    ):
        yield RecordingRule(record, expr, labels)
    yield RecordingRule("sloth_slo_info", "vector(1)", _sorted((*labels, *_info(one))))


def _burn_rate(one: SlothSlo, window: timedelta) -> str:
    return (
        f"{_series(one, _record(window))}\n"
        "/ on(sloth_id, sloth_slo, sloth_service) group_left\n"
        f"{_series(one, _BUDGET)}\n"
    )


def _info(one: SlothSlo) -> Pairs:
    return (
        ("sloth_mode", one.mode),
        ("sloth_objective", shortest(one.percent)),
        ("sloth_spec", one.written.form),
        ("sloth_version", _VERSION),
    )


# --- alerts ---


def _alerts(one: SlothSlo, slo: Slo) -> Iterator[AlertRule]:
    for severity in dict.fromkeys(alert.severity for alert in one.alerts):
        words = slo.alerting.of(severity)
        if not words.disabled:
            rows = [alert for alert in one.alerts if alert.severity == severity]
            yield _alert(one, slo, severity, rows, words)


def _alert(
    one: SlothSlo, slo: Slo, severity: str, rows: list[BurnRateAlert], words: AlertWords
) -> AlertRule:
    what = "{{$labels.sloth_service}} {{$labels.sloth_slo}} SLO error budget burn rate is"
    said = (
        ("summary", f"{what} over expected."),
        ("title", f"({severity}) {what} too fast."),
    )
    derived = not isinstance(slo.written, SlothWritten)
    named = (("sloth_id", one.id),) if derived else ()  # as the series, to tell the rules apart
    return AlertRule(
        alert=one.written.alert,
        expr="or\n".join(_both(one, row) for row in rows),
        labels=_sorted((("sloth_severity", severity), *named, *words.labels)),
        annotations=_sorted((*said, *(_links(slo) if derived else ()), *words.annotations)),
    )


def _links(slo: Slo) -> Pairs:
    links = (("dashboard_url", slo.dashboard), ("runbook_url", slo.runbook))
    return tuple((name, link) for name, link in links if link is not None)


def _both(one: SlothSlo, row: BurnRateAlert) -> str:
    """Both windows of a row burn too fast."""
    limit = f"({shortest(factor(row, one.period))} * {shortest((100 - one.percent) / 100)})"
    short, long = (
        f"    max({_series(one, _record(span))} > {limit}) without (sloth_window)\n"
        for span in (row.short, row.long)
    )
    return f"(\n{short}    and\n{long})\n"


def _unfireable(one: SlothSlo) -> Iterator[str]:
    budget = (100 - one.percent) / 100
    for row in one.alerts:
        if row.threshold * budget > 1:
            span = f"{duration_name(row.long)}/{duration_name(row.short)}"
            yield (
                f"the {row.severity} at {shortest(row.threshold)} times the budget "
                f"({span}) can never fire: that is more than all events"
            )
