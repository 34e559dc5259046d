"""Measuring many SLOs over one grid: events, coverage, and why something could not be measured."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect import coverage as covering
from slo_reports.collect import gauges, native_histograms, values
from slo_reports.collect.answers import Labels
from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.counting import Counting, Progress, Tally
from slo_reports.collect.families import (
    INFINITE,
    Family,
    Need,
    boundary_of,
    covering_needs,
    families,
    needs_of,
    spellings,
)
from slo_reports.collect.grid import Grid
from slo_reports.collect.native_histograms import NativeCounters
from slo_reports.collect.raw.choosing import Extent
from slo_reports.collect.scrapes import scrapes
from slo_reports.collect.spans import columns
from slo_reports.errors import QueryRejected
from slo_reports.methods import slice_window_fault
from slo_reports.model import (
    CountersIndicator,
    GaugeIndicator,
    JourneyIndicator,
    LatencyIndicator,
    QueryIndicator,
    RatioIndicator,
    RatioQueryIndicator,
    Slo,
    ThresholdIndicator,
)
from slo_reports.promql import duration, one_of, selector

_NOISE = 1e-9
"""By so much a sum of interpolated events may pass its whole without meaning it."""


@dataclass(frozen=True, eq=False)
class Surveyed:
    """What one SLO's grid holds.

    Attributes:
        good: good events per slice.
        valid: valid events per slice.
        coverage: share of each slice with data [ratio].
        since: when the service's data began, where it began inside the grid.
        reason: why nothing could be measured; the arrays are zero then.
        series: how many series were counted.
        seen_before: whether any of them had a sample in the day before the grid.
        absent: whether the reason is only that nothing of it is there.
        interpolated: the boundaries that good events were interpolated between [s].
    """

    good: NDArray[np.float64]
    valid: NDArray[np.float64]
    coverage: NDArray[np.float64]
    since: datetime | None
    reason: str | None
    notes: tuple[str, ...]
    queries: tuple[str, ...]
    series: int
    seen_before: bool = False
    absent: bool = False
    interpolated: tuple[float, float] | None = None

    def judged(self) -> Surveyed:
        """The same, with a reason where its sums cannot be an SLI."""
        good, valid = self.good.sum(), self.valid.sum()
        if self.reason is not None or good <= valid * (1 + _NOISE):
            return self
        reason = f"{good:.0f} good of {valid:.0f} valid events cannot be: check the two queries"
        return replace(self, reason=reason, since=None)


@dataclass(eq=False)
class _Work:
    """One SLO while it is being surveyed."""

    slo: Slo
    needs: tuple[Need, ...]
    """The counters that it needs."""
    targets: tuple[Need, ...]
    """The series by which its targets are told."""
    tally: Tally
    queries: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    reason: str | None = None
    between: tuple[Decimal, Decimal] | None = None
    """The boundaries that good events are interpolated between [s]."""

    def interpolate(self, need: Need) -> None:
        """Note that a need interpolates, once."""
        if need.between is None or need.threshold is None or self.between is not None:
            return
        lower, upper = need.between
        self.between = (lower or Decimal(0), upper)
        self.notes.append(
            f"{need.threshold:f} s is no bucket boundary: good events are interpolated between "
            f"{self.between[0]:f} s and {upper:f} s, as if spread evenly between them"
        )


class Survey:
    """Measures SLOs over a grid; one SLO's own fault leaves the others measured.

    With ``by_day``, counters that were silent for days before the grid are found, and failed
    scrapes are told from usual ones: days measured one by one add up to what they are together.
    """

    def __init__(
        self,
        client: PrometheusClient,
        grid: Grid,
        *,
        interval: timedelta,
        pool: Executor,
        progress: Progress,
        by_day: bool = False,
    ) -> None:
        self._client = client
        self._by_day = by_day
        self._grid = grid
        self._interval = interval
        self._pool = pool
        self._progress = progress

    def run(self, slos: Sequence[Slo]) -> dict[str, Surveyed]:
        """Measure.

        Raises:
            SourceError: the source could not be reached or broke off; nothing is kept then.
        """
        work = {slo.id: self._work(slo) for slo in slos}
        for family in families([need for one in work.values() for need in one.needs]):
            self._count_or_blame(family, work)
        for one in work.values():
            self._attempt(one)
        shares = self._scraped_shares(work.values())
        return {name: self._judge(one, shares[name]) for name, one in work.items()}

    def _work(self, slo: Slo) -> _Work:
        fault = slice_window_fault(slo, self._grid.step)
        tally = Tally.empty(self._grid.count)
        return _Work(slo, needs_of(slo), covering_needs(slo), tally, reason=fault)

    # --- events ---

    def _count_or_blame(self, family: Family, work: dict[str, _Work]) -> None:
        """Count a family; where the source refuses it, each of its SLOs on its own."""
        try:
            self._count(family, work)
        except QueryRejected as error:
            if len(family.needs) == 1:
                work[family.needs[0].slo].reason = str(error)
                return
            for need in family.needs:
                work[need.slo].tally = Tally.empty(self._grid.count)
            for slo in dict.fromkeys(need.slo for need in family.needs):
                for alone in families([one for one in family.needs if one.slo == slo]):
                    self._count_or_blame(alone, work)

    def _count(self, family: Family, work: dict[str, _Work]) -> None:
        texts: Sequence[str] = ()
        family = replace(family, needs=tuple(self._bracketed(one) for one in family.needs))
        if family.thresholds:
            texts = self._client.label_values(
                "le", family.selector, self._grid.start, self._grid.end
            )
            family = family.with_buckets(spellings(texts, family.thresholds) or ("+Inf",))
        for need in family.needs:
            work[need.slo].queries.append(_query_text(need, texts, self._grid.step))
            if need.between is not None:
                work[need.slo].interpolate(need)
        tallies = {need.slo: work[need.slo].tally for need in family.needs}
        counting = Counting(
            self._client,
            family,
            tallies,
            scrape_interval=self._interval,
            pool=self._pool,
            by_day=self._by_day,
        )
        counting.run(self._grid, self._progress)

    def _bracketed(self, need: Need) -> Need:
        if not need.interpolate:
            return need
        matched = selector(need.metric, need.matchers)
        return need.bracketed(
            self._client.label_values("le", matched, self._grid.start, self._grid.end)
        )

    def _attempt(self, one: _Work) -> None:
        """Measure an SLO that is not counted with its family; its own fault becomes its reason."""
        try:
            self._ask(one)
        except QueryRejected as error:
            one.reason = str(error)

    def _ask(self, one: _Work) -> None:
        match one.slo.indicator:
            case QueryIndicator() as query:
                self._ask_as_written(one, query)
            case GaugeIndicator() as gauge:
                one.queries.append(gauges.count_query(gauge, self._grid.step))
                one.notes.append(gauges.NOTE)
                gauges.count_samples(self._client, gauge, self._grid, one.tally, self._progress)
            case ThresholdIndicator() as threshold:
                self._note_value(one, threshold.query, values.THRESHOLD_NOTE)
                values.judge_values(self._client, threshold, self._grid, one.tally)
            case RatioQueryIndicator() as ratio:
                self._note_value(one, ratio.query, values.RATIO_NOTE)
                values.take_ratios(self._client, ratio, self._grid, one.tally)
            case LatencyIndicator(native=True) as latency:
                self._count_native(one, latency)
            case RatioIndicator() | CountersIndicator() | LatencyIndicator() | JourneyIndicator():
                return

    def _count_native(self, one: _Work, latency: LatencyIndicator) -> None:
        counters = NativeCounters.of(latency)
        one.queries.extend((counters.every, counters.good))
        one.notes.append(native_histograms.NOTE)
        native_histograms.count_native(
            self._client,
            latency,
            self._grid,
            one.tally,
            interval=self._interval,
            progress=self._progress,
        )

    def _note_value(self, one: _Work, query: str, note: str) -> None:
        one.queries.append(values.text_of(query, self._grid))
        one.notes.append(note)
        self._progress(self._grid.count)

    def _ask_as_written(self, one: _Work, indicator: QueryIndicator) -> None:
        one.notes.append(
            "counted by the definition's own queries, as they are written; rate() and increase() "
            "extrapolate and lose the first events of new series"
        )
        one.tally.valid, one.tally.present = self._written(one, indicator.valid)
        one.tally.good, _ = self._written(one, indicator.good)

    def _written(
        self, one: _Work, expression: str
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        text = expression.replace("$window", duration(self._grid.step))
        one.queries.append(text)
        found = columns(self._client, text, self._grid)
        if len(found) > 1:
            msg = f"a query answers {len(found)} series where one is wanted; sum them: {text}"
            raise QueryRejected(msg)
        one.tally.series.update(found)
        column = next(iter(found.values()), np.full(self._grid.count, np.nan))
        self._progress(self._grid.count)
        return np.nan_to_num(column), ~np.isnan(column)

    # --- coverage ---

    def _scraped_shares(self, work: Collection[_Work]) -> dict[str, NDArray[np.float64] | None]:
        jobs = {one.slo.id: one.tally.jobs | covering.jobs_named(one.targets) for one in work}
        labels = {m.label for one in work for need in one.targets for m in need.matchers}
        rows = scrapes(
            self._client,
            {job for some in jobs.values() for job in some},
            labels,
            self._grid,
            extent=self._extent([one.tally for one in work]),
            pool=self._pool,
            with_attempts=self._by_day,
        )
        known = self._client.settings.scrape_interval
        expected = self._grid.step / known if known else None
        return {
            one.slo.id: covering.scraped_share(
                covering.rows_for(one.targets, jobs[one.slo.id], rows), expected
            )
            for one in work
        }

    def _extent(self, tallies: Iterable[Tally]) -> Extent:
        """How many targets what was counted comes from, and over which time."""
        targets: set[Labels] = set()
        present = np.zeros(self._grid.count, np.bool_)
        for one in tallies:
            targets |= one.targets
            present |= one.present
        return Extent(len(targets), int(present.sum()), self._interval)

    # --- judgement of the measurement ---

    def _judge(self, one: _Work, share: NDArray[np.float64] | None) -> Surveyed:
        covered = self._covered(one.tally.present, share, one.slo)
        reason = one.reason or self._fault(one)
        absent = reason is None and self._is_absent(one, scraped=share is not None)
        if absent:
            reason = nothing_matched(one.queries)
        return Surveyed(
            good=one.tally.good,
            valid=one.tally.valid,
            coverage=covered,
            since=None if reason else self._since(one, covered),
            reason=reason,
            notes=tuple(one.notes),
            queries=tuple(dict.fromkeys(one.queries)),
            series=len(one.tally.series),
            seen_before=one.tally.seen_before,
            absent=absent,
            interpolated=one.between and (float(one.between[0]), float(one.between[1])),
        )

    def _covered(
        self, present: NDArray[np.bool_], share: NDArray[np.float64] | None, slo: Slo
    ) -> NDArray[np.float64]:
        """Share of each slice with data; a gauge that is gone is gone, though its target is up."""
        if share is None:
            return present.astype(np.float64)
        return share * present if isinstance(slo.indicator, GaugeIndicator) else share

    def _fault(self, one: _Work) -> str | None:
        """Why the counted events cannot be an SLI, if they cannot."""
        for need in one.needs:
            missing = self._missing_boundary(one, need)
            if missing:
                return missing
        return None

    def _is_absent(self, one: _Work, *, scraped: bool) -> bool:
        if one.tally.series or one.tally.seen_before:
            return False
        if scraped:
            one.notes.append("its target was scraped, but none of its series exists")
        return not scraped

    def _missing_boundary(self, one: _Work, need: Need) -> str | None:
        if need.threshold is None:
            return None
        matched = selector(need.metric, need.matchers)
        if one.tally.series and not one.tally.boundaries:
            return f"no series matched {matched} in this period"
        around = (need.threshold,) if one.between is None else one.between
        wanted: set[object] = {boundary for boundary in around if boundary}
        if isinstance(one.slo.indicator, LatencyIndicator):
            wanted.add(INFINITE)
        lacking = [have for have in one.tally.boundaries.values() if not wanted <= have]
        if not lacking:
            return None
        texts = self._client.label_values("le", matched, self._grid.start, self._grid.end)
        there = ", ".join(sorted(set(texts), key=lambda text: boundary_of(text) or Decimal(0)))
        asked = f"{need.threshold:f} s is no bucket boundary of {matched}"
        if len(lacking) < len(one.tally.boundaries):
            asked += f" on {len(lacking)} of its {len(one.tally.boundaries)} instances"
        hint = "" if need.interpolate else " (interpolate: true would take it between two)"
        return f"{asked}; the boundaries are {there}{hint}"

    def _since(self, one: _Work, covered: NDArray[np.float64]) -> datetime | None:
        """When the service's data began, if the source was there before it."""
        first = covering.first_covered(covered)
        if not first or one.tally.seen_before:
            return None
        began = self._grid.start + first * self._grid.step
        if covering.source_was_there(self._client, self._grid.start, began):
            return began
        return None


def nothing_matched(queries: Iterable[str]) -> str:
    """The reason of an SLO of which the source has nothing."""
    asked = " and ".join(dict.fromkeys(queries))
    return f"no series matched in this period; asked for: {asked}"


def _query_text(need: Need, texts: Iterable[str], step: timedelta) -> str:
    """The query that a person can paste to see one SLO's counters.

    Args:
        need: what is counted.
        texts: the texts of ``le`` that the histogram has.
        step: length of a slice.
    """
    wanted = spellings(texts, need.boundaries) or ("+Inf",) if need.boundaries else ()
    buckets = (one_of("le", wanted),) if wanted else ()
    chosen = selector(need.metric, (*need.matchers, *buckets))
    return f"last_over_time({chosen}[{duration(step)}])"
