"""Everything that a report asks of the source, in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from slo_reports.collect.alerts import alert_incidents
from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.counting import Progress
from slo_reports.collect.coverage import scrape_interval, source_was_there
from slo_reports.collect.families import families, needs_of
from slo_reports.collect.grid import Grid, common_step
from slo_reports.collect.provenance import history_entry
from slo_reports.collect.recalling import Recall
from slo_reports.collect.survey import Survey, Surveyed
from slo_reports.errors import BadAnswer, SourceError, SourceRefused, SourceUnavailable
from slo_reports.history import History
from slo_reports.model import Incident, Measurement, Provenance, QueryIndicator, Slices, Slo, Totals
from slo_reports.periods import Period, previous

_TREND_STEPS = (timedelta(hours=1), timedelta(minutes=30), timedelta(minutes=15))


@dataclass(frozen=True)
class Collected:
    """What the source knew about a period."""

    measurements: Mapping[str, Measurement]
    incidents: tuple[Incident, ...]
    provenance: tuple[Provenance, ...]


@dataclass(frozen=True)
class _Plan:
    """The spans that are asked for."""

    grid: Grid
    past: tuple[Period, ...]
    past_grid: Grid

    @staticmethod
    def of(period: Period, *, trend: int, step: timedelta) -> _Plan:
        past = earlier_periods(period, trend - 1)
        grid = Grid.over(period.start, period.data_end, step)
        if not past:
            return _Plan(grid, (), Grid(period.start, step, 0))
        boundaries = [one.start for one in past] + [period.start]
        coarse = max(step, common_step(boundaries, _TREND_STEPS))
        return _Plan(grid, past, Grid.over(past[0].start, period.start, coarse))


def earlier_periods(period: Period, count: int) -> tuple[Period, ...]:
    """The periods of the same kind before one, oldest first."""
    found: list[Period] = []
    for _ in range(count):
        found.append(previous(found[-1] if found else period))
    return tuple(reversed(found))


def slices_to_count(slos: Sequence[Slo], period: Period, *, trend: int, step: timedelta) -> int:
    """How much work ``collect`` will tell its progress about [slices of a family of series]."""
    plan = _Plan.of(period, trend=trend, step=step)
    shared = len(families([need for slo in slos for need in needs_of(slo)]))
    written = 2 * sum(isinstance(slo.indicator, QueryIndicator) for slo in slos)
    return (shared + written) * (plan.grid.count + plan.past_grid.count)


def collect(
    slos: Sequence[Slo],
    period: Period,
    client: PrometheusClient,
    *,
    trend: int,
    now: datetime,
    progress: Progress = lambda _slices: None,
    say: Callable[[str], None] = lambda _text: None,
    history: History | None = None,
) -> Collected:
    """Measure SLOs over a period and the ``trend`` − 1 periods before it, and read its incidents.

    Days that the history holds come from there; the others are asked of the source, and kept.

    Args:
        slos: what to measure.
        period: the reported period; judged up to its ``data_end``.
        client: the source.
        trend: how many periods the trend shows, the reported one included.
        now: the present instant, noted as when the source was asked.
        progress: told of counted slices, see ``slices_to_count``.
        say: told what is being done, a few words each.
        history: the kept days; None: everything is asked of the source.

    Raises:
        HistoryError: a kept day is damaged.
        SourceError: the source could not be reached, broke off, or measured nothing at all. One
            SLO's own fault is no error: its measurement then says the reason.
    """
    say("asking the source who it is")
    version = client.version()
    plan = _Plan.of(period, trend=trend, step=client.settings.slice)
    with ThreadPoolExecutor(client.settings.concurrency) as pool:

        def ask(grid: Grid, wanted: Sequence[Slo]) -> dict[str, Surveyed]:
            return survey(client, grid, wanted, pool, progress, by_day=history is not None)

        recall = None if history is None else Recall(client, history, ask, now, version)
        say(f"measuring {period.id}")
        now_surveyed = _judged(
            ask(plan.grid, slos) if recall is None else recall.survey(plan.grid, slos)
        )
        _refuse_nothing(now_surveyed, period, client)
        recalled = recall is not None and bool(recall.rows)
        say(f"measuring the {len(plan.past)} periods before it")
        edges = [one.start for one in plan.past]
        past_surveyed = _judged(
            ask(plan.past_grid, slos)
            if recall is None
            else recall.survey(plan.past_grid, slos, edges=edges)
        )
    say("reading the alert history")
    incidents, alerts_note = _incidents(client, slos, period)
    if recalled and not source_was_there(client, period.start, period.data_end):
        alerts_note += (
            "the source no longer holds the whole period: alerts that fired in it may be missing",
        )
    measurements = {
        slo.id: _measurement(now_surveyed[slo.id], past_surveyed.get(slo.id), plan) for slo in slos
    }
    provenance = Provenance(
        name=client.settings.name,
        used_for="days that the history lacks, and alerts"
        if recalled
        else "all ratios, latencies and alerts",
        url=client.url,
        version=version,
        asked_at=now,
        series=sum(one.series for one in now_surveyed.values()),
        queries=client.queries,
        warnings=(*sorted(client.warnings), *alerts_note),
    )
    kept = (
        () if recall is None else history_entry(recall.history, recall.rows, recall.warnings, now)
    )
    return Collected(measurements, incidents, (provenance, *kept))


def _judged(surveyed: Mapping[str, Surveyed]) -> dict[str, Surveyed]:
    return {slo: one.judged() for slo, one in surveyed.items()}


def survey(
    client: PrometheusClient,
    grid: Grid,
    slos: Sequence[Slo],
    pool: ThreadPoolExecutor,
    progress: Progress,
    *,
    by_day: bool,
) -> dict[str, Surveyed]:
    """What the source says of some SLOs over a grid; for ``by_day`` see ``Survey``."""
    if not grid.count:
        return {}
    interval = scrape_interval(client, (grid.end, grid.start + (grid.end - grid.start) / 2))
    return Survey(client, grid, interval=interval, pool=pool, progress=progress, by_day=by_day).run(
        slos
    )


def _refuse_nothing(
    surveyed: Mapping[str, Surveyed], period: Period, client: PrometheusClient
) -> None:
    """A report in which nothing was measured is not worth sending: better late than empty."""
    if not surveyed:
        msg = f"{period.id} is shorter than one slice: there is nothing to measure"
        raise SourceError(msg)
    reasons = [one.reason for one in surveyed.values()]
    if all(reasons):
        msg = (
            f"none of the {len(reasons)} objectives could be measured in {period.id} on "
            f"{client.url}; the first: {reasons[0]} (is it past the source's retention?)"
        )
        raise SourceError(msg)


def _incidents(
    client: PrometheusClient, slos: Sequence[Slo], period: Period
) -> tuple[tuple[Incident, ...], tuple[str, ...]]:
    """Incidents, and a note where the source keeps no alerts; only a lost source is an error."""
    try:
        return alert_incidents(client, slos, period.start, period.data_end), ()
    except (SourceUnavailable, SourceRefused, BadAnswer):
        raise
    except SourceError as error:
        return (), (f"the alert history could not be read: {error}",)


def _measurement(now: Surveyed, past: Surveyed | None, plan: _Plan) -> Measurement:
    history = () if past is None else tuple(_history(past, plan))
    if now.reason is not None:
        return Measurement(None, reason=now.reason, queries=now.queries, notes=now.notes)
    slices = Slices(plan.grid.start, plan.grid.step, now.good, now.valid, now.coverage)
    known_before = any(one.coverage > 0 for one in history)
    return Measurement(
        slices,
        since=None if known_before else now.since,
        queries=now.queries,
        notes=now.notes,
        history=history,
    )


def _history(past: Surveyed, plan: _Plan) -> list[Totals]:
    """The totals of earlier periods, from the first that has any data."""
    if past.reason is not None:
        return []
    grid = plan.past_grid
    found: list[Totals] = []
    for period in plan.past:
        first = max(0, (period.start - grid.start) // grid.step)
        last = min(grid.count, (period.end - grid.start) // grid.step)
        began = past.since if past.since and period.start < past.since < period.end else None
        born = first if began is None else (began - grid.start) // grid.step
        covered = past.coverage[born:last]
        if not np.any(covered > 0) and not found:
            continue
        found.append(
            Totals(
                period,
                float(past.good[first:last].sum()),
                float(past.valid[first:last].sum()),
                float(covered.mean()) if len(covered) else 0.0,
                began,
            )
        )
    return found
