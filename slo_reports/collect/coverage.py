"""For how much of the time the source had data, told apart from no traffic.

A target that Prometheus scraped has a sample of ``up`` per scrape, 1 where it answered; so a
service that nobody called is covered, and one that could not be scraped is not. Where a source
has no ``up`` for a service (pushed or remote-written data), the service's own series must do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.families import Need
from slo_reports.collect.grid import Grid
from slo_reports.collect.spans import over
from slo_reports.model import Matcher
from slo_reports.promql import duration, just_under, matches

_USUAL_INTERVAL = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_LOOKED_AT_WHOLE = timedelta(days=2)
_PROBED_EVERY = timedelta(hours=6)
_PROBE = timedelta(minutes=30)


@dataclass(frozen=True, eq=False)
class UpRow:
    """Successful scrapes per slice of the targets that share some labels, the best of them.

    Attributes:
        attempts: scrapes per slice that succeeded or failed; None where that was not asked.
    """

    labels: dict[str, str]
    scrapes: NDArray[np.float64]
    attempts: NDArray[np.float64] | None = None

    @property
    def usual(self) -> float:
        """How many scrapes a slice usually has, failed ones included where they are known."""
        return _usual(self.scrapes if self.attempts is None else self.attempts)


def scrape_interval(client: PrometheusClient, instants: Iterable[datetime]) -> timedelta:
    """The longest usual scrape interval of any job, from the samples of ``up``.

    Asked at each instant until one has samples; one minute where none has.
    """
    if client.settings.scrape_interval is not None:
        return client.settings.scrape_interval
    for instant in instants:
        if hourly := hourly_scrapes(client, instant):
            return _HOUR / min(hourly.values())
    return _USUAL_INTERVAL


def hourly_scrapes(client: PrometheusClient, instant: datetime) -> dict[str, float]:
    """How often a target of each job was scraped in the hour before an instant, failed or not."""
    expression = f"max by (job) (count_over_time(up[{just_under(_HOUR)}]))"
    found = client.query(expression, instant, shared=True)
    return {
        dict(series.labels).get("job", ""): float(series.values[-1])
        for series in found
        if series.values[-1] > 0
    }


def scraped_share(rows: Sequence[UpRow], expected: float | None) -> NDArray[np.float64] | None:
    """Share of each slice in which at least one target was scraped [ratio]; None without rows.

    Args:
        rows: the targets' successful scrapes.
        expected: scrapes that fit into a slice; None: each row's most frequent count.
    """
    shares = [row.scrapes / (expected or row.usual) for row in rows if row.scrapes.any()]
    return np.minimum(1.0, np.max(shares, axis=0)) if shares else None


def _usual(scrapes_per_slice: NDArray[np.float64]) -> float:
    """The most frequent positive count; the larger one on a tie."""
    found, counts = np.unique(scrapes_per_slice[scrapes_per_slice > 0], return_counts=True)
    return float(found[len(found) - 1 - np.argmax(counts[::-1])])


def rows_for(
    needs: Sequence[Need], jobs: Iterable[str], rows: Mapping[str, Sequence[UpRow]]
) -> list[UpRow]:
    """The targets that serve an SLO: its jobs, and no other value of a label it filters on."""
    return [row for job in sorted(jobs) for row in rows.get(job, ()) if _fits(needs, row)]


def _fits(needs: Sequence[Need], row: UpRow) -> bool:
    def shared(matchers: Iterable[Matcher]) -> list[Matcher]:
        return [one for one in matchers if row.labels.get(one.label)]

    return any(matches(shared(need.matchers))(row.labels) for need in needs)


def jobs_named(needs: Sequence[Need]) -> set[str]:
    """The jobs that an SLO's own filters name."""
    return {
        one.value for need in needs for one in need.matchers if one.label == "job" and one.op == "="
    }


def first_covered(coverage: NDArray[np.float64]) -> int | None:
    """Index of the first slice with any data."""
    found = np.flatnonzero(coverage > 0)
    return int(found[0]) if len(found) else None


def source_was_there(client: PrometheusClient, start: datetime, until: datetime) -> bool:
    """Whether the source scraped anything in nearly all of a span.

    What is missing from a source that was there had not begun; what is missing from one that was
    not there (out of retention, down) may well have been. Of a long span only a part of every few
    hours is looked at: a report whose days are kept asks for little else.
    """
    long = until - start > _LOOKED_AT_WHOLE
    step = _PROBED_EVERY if long else min(_HOUR, until - start)
    grid = Grid.over(start, until, step)
    window = _PROBE if long else step
    expression = f"count(count_over_time(up[{duration(window)}]))"
    seen = sum(len(series.values) for series in over(client, expression, grid, shared=True))
    return seen >= 0.95 * grid.count


def first_scrape(client: PrometheusClient, start: datetime, until: datetime) -> datetime | None:
    """The beginning of the first hour of a span in which the source scraped anything.

    None where it scraped nothing at all: it is pushed to, or down.
    """
    seen = np.flatnonzero(scraped_hours(client, Grid.over(start, until, _HOUR)))
    return start + int(seen[0]) * _HOUR if len(seen) else None


def scraped_hours(client: PrometheusClient, hours: Grid) -> NDArray[np.bool_]:
    """Whether the source scraped anything in each of some hours."""
    scraped = np.zeros(hours.count, np.bool_)
    expression = f"count(count_over_time(up[{just_under(hours.step)}]))"
    for series in over(client, expression, hours, shared=True):
        scraped[hours.place(series)[0]] = True
    return scraped
