"""Counters that began again inside a slice: found by the hour, recounted from their raw samples.

A counter that is lower than a slice before was reset, and anybody sees it. One that has passed its
old value within the slice hides its reset; only the source, which holds every sample, can tell. It
is asked in hours, not in slices: the same samples, a twelfth of the answers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.answers import Labels, Series
from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.counters import last_value, recount
from slo_reports.collect.families import Family
from slo_reports.collect.grid import Grid
from slo_reports.collect.looking_back import one_spelling
from slo_reports.collect.spans import over
from slo_reports.model import Matcher
from slo_reports.promql import duration, just_under, one_of, selector

_HOUR = timedelta(hours=1)
Columns = Mapping[Labels, NDArray[np.float64]]
"""A counter's values at the end of each slice, NaN where there is none, by its labels."""


@dataclass(frozen=True, eq=False)
class Restarts:
    """Finds and mends the restarts of one family's counters.

    Attributes:
        scrape_interval: the longest between two samples that follow one another.
        pool: for questions at once.
    """

    client: PrometheusClient
    family: Family
    scrape_interval: timedelta
    pool: Executor

    def find(self, part: Grid) -> list[Series]:
        """The hours of some slices in which a counter was reset."""
        hours = hours_of(part)
        window = hours.step + 1.5 * self.scrape_interval
        expression = f"resets({self.family.restarts.selector}[{duration(window)}]) > 0"
        return list(over(self.client, expression, hours))

    def mend(
        self,
        part: Grid,
        columns: Columns,
        before: Mapping[Labels, float],
        counted: MutableMapping[Labels, NDArray[np.float64]],
        *,
        resets: Iterable[Series],
        found_at: Mapping[Labels, int],
    ) -> None:
        """Recount, in place, the hours in which a counter was reset, or found running.

        Args:
            part: the slices.
            columns: what the counters stood at.
            before: what they stood at before the first slice, where that is known.
            counted: events per slice.
            resets: what ``find`` found.
            found_at: the slice in which a counter begins that begins with the source itself, and
                counts from its first sample on.
        """
        asked = list(self._asked(part, counted, resets, found_at))
        answers = self.pool.map(lambda one: self._raw(part, *one), asked)
        for (inside, wanted), answer in zip(asked, answers, strict=True):
            first = inside.start
            for labels, samples in _samples(answer).items():
                if labels in wanted:
                    stood = last_value(columns[labels][:first], before.get(labels))
                    if found_at.get(labels, -1) in inside:
                        stood = float(samples.values[0])
                    counted[labels][first : inside.stop] = recount(
                        samples.values, part.holding(samples.times) - first, len(inside), stood
                    )

    def _asked(
        self,
        part: Grid,
        counted: Collection[Labels],
        resets: Iterable[Series],
        found_at: Mapping[Labels, int],
    ) -> Iterator[tuple[range, set[Labels]]]:
        """The slices of each hour in question, and the counters to recount in it.

        The buckets of a histogram begin again together, so those that were not asked for their
        resets follow the one that was.
        """
        hours = hours_of(part)
        each = hours.step // part.step
        begun: dict[Labels, set[int]] = defaultdict(set)
        for series in resets:
            begun[_without_le(series.labels)].update(hours.place(series)[0].tolist())
        wanted: dict[int, set[Labels]] = defaultdict(set)
        for labels in counted if begun else ():
            for hour in begun.get(_without_le(labels), ()):
                wanted[hour].add(labels)
        for labels, index in found_at.items():
            if labels in counted:
                wanted[index // each].add(labels)
        for hour, some in sorted(wanted.items()):
            yield range(each * hour, min(each * (hour + 1), part.count)), some

    def _raw(self, part: Grid, inside: range, wanted: Iterable[Labels]) -> list[Series]:
        """The samples of some counters in some slices."""
        matchers = (*_any_of(wanted), *self.family.chosen_buckets)
        chosen = selector(self.family.metric, matchers)
        expression = f"{chosen}[{just_under(len(inside) * part.step)}]"
        return self.client.query(expression, part.slice_end(inside[-1]))


def hours_of(part: Grid) -> Grid:
    """The hours that hold some slices; the slices themselves where they do not fit into hours."""
    if _HOUR % part.step:
        return part
    return Grid(part.start, _HOUR, -(-part.count * part.step // _HOUR))


def _without_le(labels: Labels) -> Labels:
    return tuple(pair for pair in labels if pair[0] != "le")


def _samples(answer: Iterable[Series]) -> dict[Labels, Series]:
    """Raw samples per series in order of time, NaN left out, spellings of ``le`` laid together."""
    parts: dict[Labels, list[Series]] = defaultdict(list)
    for series in answer:
        parts[one_spelling(series.labels)].append(series)
    found = {labels: _in_order(labels, some) for labels, some in parts.items()}
    return {labels: series for labels, series in found.items() if len(series.values)}


def _in_order(labels: Labels, parts: Sequence[Series]) -> Series:
    times = np.concatenate([one.times for one in parts])
    values = np.concatenate([one.values for one in parts])
    order = np.argsort(times, kind="stable")
    known = order[~np.isnan(values[order])]
    return Series(labels, times[known], values[known])


def _any_of(wanted: Iterable[Labels]) -> Iterator[Matcher]:
    """Matchers that hold for all the given series, ``le`` apart."""
    by_name = [dict(labels) for labels in wanted]
    for name in sorted({name for labels in by_name for name in labels} - {"le"}):
        yield one_of(name, (labels.get(name, "") for labels in by_name))
