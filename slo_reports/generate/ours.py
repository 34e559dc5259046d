"""Rules in our own style: every event weighs the same, every text is computed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from slo_reports.generate.alert_text import span
from slo_reports.generate.alerts import burn_alert, missing_alert, rows_of
from slo_reports.generate.cases import answers_always, tests_of
from slo_reports.generate.measures import Counted, Valued, measure_of
from slo_reports.generate.recording import (
    by_time,
    recorded_later,
    recorded_now,
    slice_length,
)
from slo_reports.generate.rules import AlertRule, Generated, Group, Surroundings
from slo_reports.generate.windows import BASE, windows_of
from slo_reports.model import GaugeIndicator, LatencyIndicator, Method, Slo

_SLOWLY = timedelta(minutes=2)
"""Between two evaluations of long windows: under the five minutes after which a series is gone."""


def rules_of(slo: Slo, around: Surroundings) -> Generated:
    """The recording rules and alerts of one SLO."""
    rows, left_out = rows_of(slo, around)
    groups = [
        Group(f"{slo.id} records", recorded_now(slo, around), around.interval),
        Group(f"{slo.id} long", recorded_later(slo, around), max(around.interval, _SLOWLY)),
    ]
    alerts = [*(burn_alert(one) for one in rows), *_missing(slo, around)]
    if alerts:
        groups.append(Group(f"{slo.id} alerts", tuple(alerts), around.interval))
    return Generated(
        tuple(groups),
        left_out,
        tuple(notes(slo, around)),
        tests_of(slo, around),
        tuple(groups[2:]) if answers_always(slo) else None,
    )


def _missing(slo: Slo, around: Surroundings) -> Iterator[AlertRule]:
    alert = missing_alert(slo) if around.no_data else None
    if alert is not None:
        yield alert


def notes(slo: Slo, around: Surroundings) -> Iterator[str]:
    """How the live numbers of an SLO differ from those of its reports."""
    measure = measure_of(slo, around)
    if by_time(slo, measure):
        yield _time_note(slo, around, events=not isinstance(measure, Valued))
    if isinstance(slo.indicator, GaugeIndicator):
        every = span(around.interval)
        yield f"samples are looked at every {every}; reports count each that is stored"
    if isinstance(slo.indicator, LatencyIndicator) and slo.indicator.interpolate:
        yield "a threshold between two buckets is interpolated, within each five minutes"
    if slo.steps:
        yield "made of its steps' records, five minutes by five minutes, as reports do it by slices"
    short = [one for one in windows_of(slo) if one < BASE]
    if short and not isinstance(measure, Counted):
        yield f"windows under {span(BASE)} are made of records of {span(BASE)}, so they lag"
    yield from _calendar(slo)
    yield from _phases(slo, around)


def _time_note(slo: Slo, around: Surroundings, *, events: bool) -> str:
    length = span(slice_length(slo, around))
    said = f"the mean of the ratio of the last {length}"
    if slo.method is Method.TIMESLICES:
        said = f"the share of the time in which the last {length} were good"
    why = "" if events else "; there are no events that could weigh"
    return (
        f"the SLI is {said}{why}; reports cut slices of {length} at fixed times"
        ", and so do windows of a day and more"
    )


def _calendar(slo: Slo) -> Iterator[str]:
    for one in slo.objectives:
        if one.window.isalpha():
            yield (
                f"the budget of a {one.window} is that of the last {one.length.days} days here; "
                f"reports judge the {one.window} of the calendar"
            )


def _phases(slo: Slo, around: Surroundings) -> Iterator[str]:
    """Said without the day itself, so that the file stays the same until the target changes."""
    for one in slo.objectives:
        begun = [phase for phase in one.phases if phase.start <= around.day]
        coming = [phase for phase in one.phases if phase.start > around.day]
        if begun:
            target = f"{(begun[-1].target * 100).normalize():f} %"
            yield f"the target is {target}, which holds since {begun[-1].start}"
        if coming:
            yield f"write the rules again on {coming[0].start}, when the target changes"
