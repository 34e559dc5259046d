"""Everything that a report asks of the source, in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from slo_reports.collect.alerts import alert_incidents
from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.counting import Progress
from slo_reports.collect.coverage import scrape_interval, source_was_there
from slo_reports.collect.families import families, needs_of
from slo_reports.collect.grid import Grid
from slo_reports.collect.histograms import Buckets, bucket_totals
from slo_reports.collect.past import histories
from slo_reports.collect.plan import Plan
from slo_reports.collect.provenance import history_entry
from slo_reports.collect.recalling import Recall
from slo_reports.collect.survey import Survey, Surveyed
from slo_reports.errors import (
    BadAnswer,
    NothingMeasured,
    SourceError,
    SourceRefused,
    SourceUnavailable,
)
from slo_reports.history import History
from slo_reports.model import (
    Exclusion,
    Incident,
    LatencyIndicator,
    Measurement,
    Provenance,
    QueryIndicator,
    Slices,
    Slo,
    Totals,
)
from slo_reports.periods import Period


@dataclass(frozen=True)
class Collected:
    """What the source knew about a period."""

    measurements: Mapping[str, Measurement]
    incidents: tuple[Incident, ...]
    provenance: tuple[Provenance, ...]


def slices_to_count(
    slos: Sequence[Slo],
    period: Period,
    *,
    trend: int,
    step: timedelta,
    exclusions: Sequence[Exclusion] = (),
) -> int:
    """How much work ``collect`` will tell its progress about [slices of a family of series]."""
    slos = _asked_for(slos)
    plan = Plan.of(slos, period, trend=trend, step=step, exclusions=exclusions)
    fine = [slo for slo in slos if slo.id in plan.fine]
    coarse = [slo for slo in slos if slo.id not in plan.fine]
    return (
        _counted_rows(slos) * plan.grid.count
        + _counted_rows(coarse) * plan.past_grid.count
        + _counted_rows(fine) * plan.fine_past_grid.count
    )


def _asked_for(slos: Sequence[Slo]) -> tuple[Slo, ...]:
    """The SLOs that the source is asked for: a user journey is made of its steps later."""
    return tuple(slo for slo in slos if not slo.steps)


def _counted_rows(slos: Sequence[Slo]) -> int:
    shared = len(families([need for slo in slos for need in needs_of(slo)]))
    alone = sum(not needs_of(slo) for slo in slos)
    return shared + alone + sum(isinstance(slo.indicator, QueryIndicator) for slo in slos)


def collect(  # noqa: PLR0913  # what a report asks for, whom it asks, and who is told
    slos: Sequence[Slo],
    period: Period,
    client: PrometheusClient,
    *,
    trend: int,
    now: datetime,
    exclusions: Sequence[Exclusion] = (),
    progress: Progress = lambda _slices: None,
    say: Callable[[str], None] = lambda _text: None,
    history: History | None = None,
    brief: bool = False,
) -> Collected:
    """Measure SLOs over a period and the ``trend`` − 1 periods before it, and read its incidents.

    Days that the history holds come from there; the others are asked of the source, and kept.

    Args:
        slos: what to measure; of a user journey, its steps are among them.
        period: the reported period; judged up to its ``data_end``.
        client: the source.
        trend: how many periods the trend shows, the reported one included.
        now: the present instant, noted as when the source was asked.
        exclusions: what is taken out of the earlier periods' totals.
        progress: told of counted slices, see ``slices_to_count``.
        say: told what is being done, a few words each.
        history: the kept days; None: everything is asked of the source.
        brief: only slices, neither percentiles nor alerts; nothing measured is an answer, too.

    Raises:
        HistoryError: a kept day is damaged.
        SourceError: the source could not be reached, broke off, or measured nothing at all. One
            SLO's own fault is no error: its measurement then says the reason.
    """
    say("asking the source who it is")
    version = client.version()
    step = client.settings.slice
    asked = _asked_for(slos)
    plan = Plan.of(asked, period, trend=trend, step=step, exclusions=exclusions)
    with ThreadPoolExecutor(client.settings.concurrency) as pool:

        def ask(grid: Grid, wanted: Sequence[Slo]) -> dict[str, Surveyed]:
            return survey(client, grid, wanted, pool, progress, by_day=history is not None)

        recall = None if history is None else Recall(client, history, ask, now, version)
        say(f"measuring {period.id}")
        now_surveyed = _judged(
            ask(plan.grid, asked) if recall is None else recall.survey(plan.grid, asked)
        )
        if not brief or not now_surveyed:
            _refuse_nothing(now_surveyed, period, client)
        recalled = recall is not None and bool(recall.stamps)
        say("adding up the histograms")
        buckets = {} if brief else _buckets(client, plan.grid, slos, now_surveyed, exclusions, pool)
        say(f"measuring the {len(plan.past)} periods before it")
        edges = [one.start for one in plan.past]

        def ask_past(grid: Grid, some: Sequence[Slo]) -> dict[str, Surveyed]:
            return _judged(
                ask(grid, some) if recall is None else recall.survey(grid, some, edges=edges)
            )

        past = histories(plan, asked, ask_past, reported=period, exclusions=exclusions)

    say("reading the alert history")
    incidents, alerts_note = ((), ()) if brief else _incidents(client, slos, period)
    if recalled and not source_was_there(client, period.start, period.data_end):
        alerts_note += (
            "the source no longer holds the whole period: alerts that fired in it may be missing",
        )
    measurements = {
        slo.id: _measurement(
            now_surveyed[slo.id], past.get(slo.id, ()), plan, buckets.get(slo.id, ())
        )
        for slo in asked
    }
    measurements |= {slo.id: Measurement(None) for slo in slos if slo.steps}
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
        ()
        if recall is None
        else history_entry(
            recall.history, recall.stamps, sum(recall.series.values()), recall.warnings, now
        )
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
    if not grid.count or not slos:
        return {}
    interval = scrape_interval(client, (grid.end, grid.start + (grid.end - grid.start) / 2))
    return Survey(client, grid, interval=interval, pool=pool, progress=progress, by_day=by_day).run(
        slos
    )


def _buckets(
    client: PrometheusClient,
    grid: Grid,
    slos: Sequence[Slo],
    surveyed: Mapping[str, Surveyed],
    exclusions: Sequence[Exclusion],
    pool: ThreadPoolExecutor,
) -> dict[str, Buckets]:
    latencies = [
        slo
        for slo in slos
        if isinstance(slo.indicator, LatencyIndicator)
        and not slo.indicator.native
        and surveyed[slo.id].reason is None
    ]
    if not latencies:
        return {}
    interval = scrape_interval(client, (grid.end, grid.start + (grid.end - grid.start) / 2))
    return bucket_totals(client, latencies, grid, exclusions, interval=interval, pool=pool)


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
            f"{client.url}; the first: {reasons[0]} (is it past the source's retention, or "
            "did its data begin a moment ago?)"
        )
        raise NothingMeasured(msg)


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


def _measurement(
    now: Surveyed, history: tuple[Totals, ...], plan: Plan, buckets: Buckets
) -> Measurement:
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
        buckets=buckets,
        interpolated=now.interpolated,
    )
