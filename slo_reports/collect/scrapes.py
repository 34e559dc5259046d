"""How often targets were scraped in each slice: by the hour first, closer only where that tells.

Nearly all hours of nearly all targets are whole: as many successful scrapes as the job has in an
hour. Their slices need not be asked for, and asking for all of them costs the source more than
reading the counters themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.answers import Labels
from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.coverage import UpRow, hourly_scrapes
from slo_reports.collect.families import Family
from slo_reports.collect.grid import Grid
from slo_reports.collect.raw import choosing
from slo_reports.collect.spans import columns, over
from slo_reports.promql import just_under, one_of, selector

if TYPE_CHECKING:
    from slo_reports.collect.raw.reading import Reading

_HOUR = timedelta(hours=1)
_DAY = 24
"""Hours that are asked for together where one of them is not whole."""
_T = TypeVar("_T", bound=np.generic)


def scrapes(
    client: PrometheusClient,
    jobs: Collection[str],
    labels: Collection[str],
    grid: Grid,
    *,
    extent: choosing.Extent,
    pool: Executor,
    with_attempts: bool = False,
) -> dict[str, list[UpRow]]:
    """Successful scrapes per slice for some jobs, apart by the labels that SLOs filter on.

    In a single day most scrapes may fail, and failing would look usual: with attempts it does not.

    Args:
        client: the source.
        jobs: whose scrapes.
        labels: by which targets are told apart.
        grid: the slices.
        extent: how many targets there are, and how often they were scraped, about.
        pool: for work beside the reading.
        with_attempts: whether failed scrapes are counted, too.

    Returns:
        The rows by job.

    Raises:
        SourceError: the source could not be reached or broke off.
    """
    if not jobs or not grid.count:
        return {}
    asking = _Asking(client, tuple(sorted({"job", *labels})), grid)
    up = Family("up", (one_of("job", jobs),), ())
    reading = choosing.reading(client, up, grid, extent, pool)
    if reading is not None and asking.read(reading):
        return asking.rows(with_attempts=with_attempts)
    asking.ask_by_the_hour(jobs)
    for some, part, first in asking.spans_to_look_at(jobs):
        asking.look_at(some, part, first, with_attempts=with_attempts)
    return asking.rows(with_attempts=with_attempts)


@dataclass(frozen=True, eq=False)
class _Row:
    """The targets that share some labels.

    Attributes:
        scrapes: that succeeded, per slice; of the best of them.
        attempts: that succeeded or failed.
        unknown: slices that have to be asked for one by one.
    """

    scrapes: NDArray[np.float64]
    attempts: NDArray[np.float64]
    unknown: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Asking:
    """The rows while they are asked for.

    Attributes:
        kept: the labels by which targets are told apart.
    """

    client: PrometheusClient
    kept: tuple[str, ...]
    grid: Grid
    found: dict[Labels, _Row] = field(default_factory=dict)

    @property
    def each(self) -> int:
        """Slices in an hour; 0 where they do not fit into one."""
        return 0 if _HOUR % self.grid.step else _HOUR // self.grid.step

    @property
    def hours(self) -> Grid:
        """The whole hours of the grid."""
        return Grid(self.grid.start, _HOUR, self.grid.count // self.each if self.each else 0)

    def read(self, reading: Reading) -> bool:
        """Take every single scrape; False where the source does not hand them out."""
        try:
            for labels, (scrapes_, attempts) in reading.targets():
                if attempts.any():
                    row = self._row(self._kept_of(labels))
                    np.maximum(row.scrapes, scrapes_, out=row.scrapes)
                    np.maximum(row.attempts, attempts, out=row.attempts)
        except choosing.NotOffered:
            return False
        return True

    def ask_by_the_hour(self, jobs: Collection[str]) -> None:
        """Take the hours that are as usual; of the others, note that they are to be looked at."""
        if not self.hours.count:
            return
        usual = self._usual(jobs)
        expression = f"sum_over_time({_up(jobs)}[{just_under(_HOUR)}])"
        for series in over(self.client, expression, self.hours):
            labels = self._kept_of(series.labels)
            row, wanted = self._row(labels), usual.get(_job(labels), np.nan)
            hours, counts = self.hours.place(series)
            self._by_hour(row.unknown)[hours] = True
            self._by_hour(row.scrapes)[hours[counts == wanted]] = wanted / self.each
        for row in self.found.values():
            row.attempts[:] = row.scrapes
            row.unknown[row.scrapes > 0] = False

    def spans_to_look_at(
        self, jobs: Collection[str]
    ) -> Iterator[tuple[Collection[str], Grid, int]]:
        """Days with unknown slices, and what follows the last hour.

        Yields:
            Whose jobs, the slices, and the index of the first of them.
        """
        day, whole = _DAY * self.each, self.hours.count * self.each
        wanted: dict[int, set[str]] = defaultdict(set)
        for labels, row in self.found.items():
            for number in set((np.flatnonzero(row.unknown[:whole]) // day).tolist()) if day else ():
                wanted[number].add(_job(labels))
        for number, some in sorted(wanted.items()):
            first = number * day
            yield some, self.grid.part(first, min(day, whole - first)), first
        if whole < self.grid.count:
            yield jobs, self.grid.part(whole, self.grid.count - whole), whole

    def look_at(
        self, jobs: Collection[str], part: Grid, first: int, *, with_attempts: bool
    ) -> None:
        """Ask for some slices one by one, and take those that are not known."""
        inside = f"{_up(jobs)}[{just_under(part.step)}]"
        best = f"max by ({', '.join(self.kept)})"
        found = columns(self.client, f"{best} (sum_over_time({inside}))", part)
        tried = found
        if with_attempts:
            tried = columns(self.client, f"{best} (count_over_time({inside}))", part)
        place = slice(first, first + part.count)
        for labels in found:
            row = self._row(labels)
            for target, answer in ((row.scrapes, found), (row.attempts, tried)):
                values = np.nan_to_num(answer[labels])
                target[place] = np.where(row.unknown[place], values, target[place])

    def rows(self, *, with_attempts: bool) -> dict[str, list[UpRow]]:
        """What was found, by job."""
        rows: dict[str, list[UpRow]] = defaultdict(list)
        for labels, row in sorted(self.found.items()):
            attempts = row.attempts if with_attempts else None
            rows[_job(labels)].append(UpRow(dict(labels), row.scrapes, attempts))
        return rows

    def _usual(self, jobs: Collection[str]) -> Mapping[str, float]:
        """Scrapes of a target in a whole hour, by job, where they spread evenly over its slices."""
        found = hourly_scrapes(self.client, self.grid.end)
        if not found.keys() >= set(jobs):
            middle = self.grid.start + (self.grid.end - self.grid.start) / 2
            found = hourly_scrapes(self.client, middle) | found
        return {job: count for job, count in found.items() if count % self.each == 0}

    def _row(self, labels: Labels) -> _Row:
        if labels not in self.found:
            after_hours = np.arange(self.grid.count) >= self.hours.count * self.each
            empty = np.zeros(self.grid.count), np.zeros(self.grid.count)
            self.found[labels] = _Row(*empty, after_hours)
        return self.found[labels]

    def _kept_of(self, labels: Labels) -> Labels:
        return tuple(pair for pair in labels if pair[0] in self.kept)

    def _by_hour(self, row: NDArray[_T]) -> NDArray[_T]:
        """A view of a row in which an hour's slices lie beside each other."""
        return row[: self.hours.count * self.each].reshape(-1, self.each)


def _up(jobs: Collection[str]) -> str:
    return selector("up", (one_of("job", jobs),))


def _job(labels: Labels) -> str:
    return dict(labels).get("job", "")
