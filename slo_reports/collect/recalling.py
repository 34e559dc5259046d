"""Reading the history first: only what it lacks is asked of the source, and then kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.coverage import scraped_hours
from slo_reports.collect.filling import Asked, Kept, filled
from slo_reports.collect.grid import Grid
from slo_reports.collect.keeping import WholeDays
from slo_reports.collect.parts import span_in
from slo_reports.collect.survey import Surveyed
from slo_reports.errors import HistoryError
from slo_reports.history import (
    History,
    Stamp,
    fingerprint,
)
from slo_reports.history.days import DAY, day_start, days_touched
from slo_reports.model import LatencyIndicator, Slo

Ask = Callable[[Grid, Sequence[Slo]], dict[str, Surveyed]]
_HOUR = timedelta(hours=1)
_DAYS_AT_ONCE = 2
"""That are written: one is compressed and synced while the other is put together."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(eq=False)
class Recall:
    """Surveys a grid from the history, and from the source where that has gaps.

    Attributes:
        ask: surveys a grid at the source.
        now: the present instant.
        version: what the source calls itself.
        stamps: how and when the days of the history were collected that were used.
        series: the most series that were counted on a kept day, by SLO.
        warnings: what could not be kept.
    """

    client: PrometheusClient
    history: History
    ask: Ask
    now: datetime
    version: str
    stamps: set[Stamp] = field(default_factory=set)
    series: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    _prints: dict[str, tuple[Slo, str]] = field(default_factory=dict)

    @property
    def step(self) -> timedelta:
        """The grain at which days are kept."""
        return self.client.settings.slice

    def survey(
        self, grid: Grid, slos: Sequence[Slo], *, edges: Sequence[datetime] = ()
    ) -> dict[str, Surveyed]:
        """Measure SLOs over a grid.

        Args:
            grid: at the history's grain, or a multiple of it.
            slos: what to measure.
            edges: for a coarser grid: instants at which its sums will be parted. Days with none
                inside are not opened, and what is asked at that grain is not kept.

        Raises:
            HistoryError: what is kept cannot be read.
            SourceError: the source could not be reached or broke off.
        """
        if not grid.count or (grid.start - _EPOCH) % grid.step or DAY % grid.step:
            return self.ask(grid, slos)
        afresh = [slo for slo in slos if is_asked_afresh(slo)]
        found = self.ask(grid, afresh) if afresh else {}
        return found | self._recalled(grid, [slo for slo in slos if slo not in afresh], edges)

    def _recalled(
        self, grid: Grid, slos: Sequence[Slo], edges: Sequence[datetime]
    ) -> dict[str, Surveyed]:
        days = days_touched(grid.start, grid.end)
        inner = {one.astimezone(UTC).date() for one in (grid.start, *edges, grid.end)}
        opened = [grid.step == self.step or day in inner for day in days]
        kept = Kept.of(self.history, self.step, self.fingerprints(slos), days, opened)
        by_id = {slo.id: slo for slo in slos}
        asked = [
            self._ask_and_keep(grid, run, [by_id[slo] for slo in lacking])
            for run, lacking in kept.runs().items()
        ]
        result = filled(grid, kept, asked)
        self.stamps |= result.stamps
        for slo, series in result.series.items():
            self.series[slo] = max(series, self.series.get(slo, 0))
        return result.found

    def fingerprints(self, slos: Sequence[Slo]) -> dict[str, str]:
        """The fingerprint of each SLO by its id; made only once of each."""
        for slo in slos:
            if slo.id not in self._prints or self._prints[slo.id][0] is not slo:
                self._prints[slo.id] = slo, fingerprint(slo, self.step)
        return {slo.id: self._prints[slo.id][1] for slo in slos}

    def _ask_and_keep(self, grid: Grid, run: tuple[date, ...], slos: Sequence[Slo]) -> Asked:
        """Ask, and keep whole days; a history that cannot be written spoils no report."""
        if grid.step != self.step:
            return self._ask(grid, run, slos)
        asked = self.ask_for(grid, run, slos)
        try:
            self.keep(asked, slos)
        except HistoryError as error:
            self.warnings.append(f"what was measured could not be kept: {error}")
        return asked

    def ask_for(self, grid: Grid, run: tuple[date, ...], slos: Sequence[Slo]) -> Asked:
        """Ask the source for an unbroken span of days, as far as they lie in a grid."""
        asked = self._ask(grid, run, slos)
        return replace(asked, seen=self._seen(run, asked.span, asked.found))

    def _ask(self, grid: Grid, run: tuple[date, ...], slos: Sequence[Slo]) -> Asked:
        first = span_in(run[0], grid)[0]
        last, length = span_in(run[-1], grid)
        span = grid.part(first, last + length - first)
        return Asked(span, run, self.ask(span, slos), {})

    def _seen(
        self, run: Sequence[date], span: Grid, found: Mapping[str, Surveyed]
    ) -> dict[date, float]:
        """For how much of each day the source had any data [ratio]."""
        covered = np.zeros(span.count, np.bool_)
        for one in found.values():
            covered |= one.coverage > 0
        own = {day: _hours(covered[_day_of(day, span)], span.step) for day in run}
        if all(hours.all() for hours in own.values()):
            return dict.fromkeys(run, 1.0)
        hours = Grid(day_start(run[0]), _HOUR, 24 * len(run))
        scraped = scraped_hours(self.client, hours)
        of_days = scraped.reshape(-1, 24).mean(axis=1).tolist()
        return {
            day: max(share, float(own[day].mean())) for day, share in zip(run, of_days, strict=True)
        }

    def keep(self, asked: Asked, slos: Sequence[Slo]) -> int:
        """Keep the whole days of a span; how many SLOs' days that were new or better.

        Days that are not over, and those of which the source has nothing at all, are not kept.

        Raises:
            HistoryError: they could not be written.
        """
        if not self.history.writable:
            return 0
        whole, names = WholeDays.of(asked), self.fingerprints(slos)
        over = [day for day in whole.days if asked.seen[day] and day_start(day) + DAY <= self.now]

        def keep_day(day: date) -> int:
            return self.history.keep_batch(whole.batch(self.stamp(asked, day), names))

        with ThreadPoolExecutor(_DAYS_AT_ONCE) as pool:
            return sum(pool.map(keep_day, over))

    def is_settled(self, day: date, seen: float) -> bool:
        """Whether a day is final now; where the source warns, something may still be missing."""
        return self.history.is_settled(day, 0.0 if self.client.warnings else seen, self.now)

    def stamp(self, asked: Asked, day: date) -> Stamp:
        """How and when a day of a span was collected."""
        return Stamp(
            day=day,
            step=self.step,
            settled=self.is_settled(day, asked.seen[day]),
            collected_at=self.now,
            source=self.client.settings.name,
            url=self.client.url,
            version=self.version,
            seen=asked.seen[day],
            warnings=tuple(sorted(self.client.warnings)),
        )


def is_asked_afresh(slo: Slo) -> bool:
    """Whether its numbers need more than kept days hold, so that it is never recalled.

    Words about the interpolation; of a native histogram, what it stood at before a long silence.
    """
    latency = slo.indicator
    return isinstance(latency, LatencyIndicator) and (latency.interpolate or latency.native)


def _day_of(day: date, span: Grid) -> slice:
    first, count = span_in(day, span)
    return slice(first, first + count)


def _hours(covered: NDArray[np.bool_], step: timedelta) -> NDArray[np.bool_]:
    """The hours of a day in which any of its slices is covered; none where it is not whole."""
    hours = np.zeros(24, np.bool_)
    if len(covered) == DAY // step:
        hours |= covered.reshape(24, -1).any(axis=1)
    return hours
