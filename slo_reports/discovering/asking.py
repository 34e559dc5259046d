"""What discovery asks of a source: names, labels, boundaries, and counts over the past weeks.

Events are counted by the exact differences that reports are counted by, hour by hour, many
services in one query: the same cost as one monthly report, and the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.collecting import survey
from slo_reports.collect.families import boundary_of, families, needs_of
from slo_reports.collect.grid import Grid, common_step
from slo_reports.collect.spans import columns
from slo_reports.collect.survey import Surveyed
from slo_reports.discovering.families import of_metric
from slo_reports.discovering.nouns import Candidate, Count, LabelSet, Observation
from slo_reports.model import Slo
from slo_reports.periods import Period, PeriodKind, last_complete
from slo_reports.promql import selector

_STEPS = (timedelta(hours=1), timedelta(minutes=30), timedelta(minutes=15))
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)
METHOD = (
    "counted hour by hour from the counters' own values, as reports are counted; "
    "ages and backlogs by their value at the end of each hour"
)


@dataclass(frozen=True)
class Span:
    """What is looked at.

    Attributes:
        grid: the slices that are counted.
        weeks: the past weeks, as slices of the grid, oldest first.
        month: the last calendar month before the instant.
        inside: that month, as slices of the grid.
    """

    grid: Grid
    weeks: tuple[slice, ...]
    month: Period
    inside: slice

    @staticmethod
    def before(at: datetime, weeks: int, zone: str) -> Span:
        """So many weeks up to an instant, and the last calendar month before it."""
        month = last_complete(PeriodKind.MONTH, at, zone)
        step = common_step((month.start, month.end), _STEPS)
        end = at - timedelta(seconds=at.timestamp() % step.total_seconds())
        begin = min(month.start, end - weeks * _WEEK)
        first = (end - begin) // step
        grid = Grid(end - first * step, step, first)

        def between(start: datetime, until: datetime) -> slice:
            return slice((start - grid.start) // step, (until - grid.start) // step)

        spans = [(end - (n + 1) * _WEEK, end - n * _WEEK) for n in reversed(range(weeks))]
        return Span(
            grid,
            tuple(between(*one) for one in spans),
            month,
            between(month.start, month.end),
        )


# --- names, labels, boundaries -------------------------------------------------------------------


def label_sets(
    client: PrometheusClient, span: Span, pool: ThreadPoolExecutor, say: Callable[[str], None]
) -> dict[str, list[LabelSet]]:
    """The label sets of every metric that a family knows; reads no samples.

    Raises:
        SourceError: the source could not answer.
    """
    say("asking which metrics there are")
    start, end = span.grid.start, span.grid.end
    names = client.label_values("__name__", "", start, end)
    known = [one for one in names if of_metric(one)]
    say(f"reading the labels of {len(known)} of {len(names)} metrics")
    asked = {one: pool.submit(client.series, [one], start, end) for one in known}
    return {name: [dict(labels) for labels in one.result()] for name, one in asked.items()}


def boundaries(
    client: PrometheusClient, candidates: Iterable[Candidate], span: Span, pool: ThreadPoolExecutor
) -> dict[Candidate, tuple[Decimal, ...]]:
    """The boundaries of each histogram, in its own unit.

    Raises:
        SourceError: the source could not answer.
    """
    grid = span.grid
    asked = {
        one: pool.submit(
            client.label_values,
            "le",
            selector(f"{one.metric}_bucket", one.filters),
            grid.start,
            grid.end,
        )
        for one in candidates
    }
    return {
        one: tuple(edge for text in texts.result() if (edge := boundary_of(text)) is not None)
        for one, texts in asked.items()
    }


def values_of(
    client: PrometheusClient,
    expressions: Mapping[Candidate, str],
    span: Span,
    pool: ThreadPoolExecutor,
) -> dict[Candidate, NDArray[np.float64]]:
    """The value of one expression for each candidate at the end of each slice.

    Raises:
        SourceError: the source could not answer.
    """
    asked = {
        one: pool.submit(columns, client, expression, span.grid)
        for one, expression in expressions.items()
    }
    nothing = np.full(span.grid.count, np.nan)
    return {one: next(iter(rows.result().values()), nothing) for one, rows in asked.items()}


# --- counts --------------------------------------------------------------------------------------


def work(slos: Sequence[Slo], span: Span) -> int:
    """How much ``observe`` will tell its progress about [slices of a family of series]."""
    shared = len(families([need for slo in slos for need in needs_of(slo)]))
    alone = sum(not needs_of(slo) for slo in slos)
    return (shared + alone) * span.grid.count


def observe(
    client: PrometheusClient,
    slos: Sequence[Slo],
    span: Span,
    pool: ThreadPoolExecutor,
    progress: Callable[[int], None],
) -> dict[str, Observation]:
    """What the weeks and the month held for each SLO, by its id.

    Raises:
        SourceError: the source could not be reached or broke off.
    """
    if not slos:
        return {}
    surveyed = survey(client, span.grid, slos, pool, progress, by_day=False)
    return {name: _observation(one.judged(), span) for name, one in surveyed.items()}


def _observation(seen: Surveyed, span: Span) -> Observation:
    whole = slice(span.weeks[0].start, span.weeks[-1].stop)
    covered = np.flatnonzero(seen.coverage > 0)
    last = None
    if len(covered):
        last = span.grid.slice_end(int(covered[-1]))
    return Observation(
        weeks=tuple(_count(seen, one) for one in span.weeks),
        total=_count(seen, whole),
        month=_count(seen, span.inside),
        month_period=span.month,
        since=seen.since,
        last=last,
        reason=seen.reason or "",
    )


def _count(seen: Surveyed, part: slice) -> Count:
    coverage = seen.coverage[part]
    return Count(
        good=float(seen.good[part].sum()),
        valid=float(seen.valid[part].sum()),
        coverage=float(coverage.mean()) if len(coverage) else 0.0,
    )


def still_there(seen: Observation, newest: datetime | None) -> bool:
    """Whether something had data within a day of the newest data of all."""
    return seen.last is None or newest is None or newest - seen.last <= _DAY
