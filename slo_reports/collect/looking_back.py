"""What a counter stood at before the first slice, however long it was silent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from datetime import datetime, timedelta

import numpy as np

from slo_reports.collect.answers import Labels
from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.families import Family, boundary_of
from slo_reports.collect.grouping import groups_of
from slo_reports.model import Matcher
from slo_reports.promql import duration, just_under, selector

RECENT = timedelta(hours=1)
"""How long before the first slice nearly every counter that runs was seen last."""
LOOK_BACK = timedelta(days=1)
"""How long before the first slice a counter may have been seen last and still go on."""
FAR = timedelta(days=14)
"""The same for a day that is collected on its own: a counter that comes back after an outage of
days goes on, where it would otherwise be taken for new and counted from zero."""

_ONE_BY_ONE = 500  # series; more are looked up by the family's own selector
_AT_ONCE = 50


def last_values(
    client: PrometheusClient,
    selectors: Sequence[str],
    start: datetime,
    length: timedelta,
    *,
    until: timedelta = timedelta(0),
) -> dict[Labels, float]:
    """What counters stood at when they were last seen in a span before the first slice.

    Args:
        client: the source.
        selectors: of the counters, which are asked for together.
        start: the first slice's start.
        length: the span's; one that ends before the start is open on its left.
        until: how long before the start it ends.
    """
    window = f"[{duration(length)}]"
    if until:
        window = f"[{just_under(length)}] offset {duration(until)}"
    expression = " or ".join(f"last_over_time({one}{window})" for one in selectors)
    found: dict[Labels, float] = {}
    for series in client.query(expression, start):
        if not np.isnan(series.values[-1]):
            labels = one_spelling(series.labels)
            found[labels] = max(float(series.values[-1]), found.get(labels, 0.0))
    return found


def long_silent(
    client: PrometheusClient,
    family: Family,
    born: Sequence[Labels],
    start: datetime,
    *,
    reach: timedelta,
) -> dict[Labels, float]:
    """The last values of those series that look new and are not.

    Only the server's index is asked for nearly all of them; samples are read of those that it
    knows from before.

    Args:
        client: the source.
        family: whose series they are.
        born: series that were not seen recently.
        start: the first slice's start.
        reach: how long before it they may have been seen last; a day at least.
    """
    wanted = frozenset(born)
    known = wanted.intersection(
        one_spelling(labels)
        for selectors in _selectors(family, born)
        for labels in client.series(selectors, start - reach, start - RECENT)
    )
    found = _last_of(client, family, known, start, LOOK_BACK)
    if reach > LOOK_BACK:
        rest, further = known - found.keys(), reach - LOOK_BACK
        found |= _last_of(client, family, rest, start, further, until=LOOK_BACK)
    return found


def _last_of(
    client: PrometheusClient,
    family: Family,
    wanted: Set[Labels],
    start: datetime,
    length: timedelta,
    *,
    until: timedelta = timedelta(0),
) -> dict[Labels, float]:
    return {
        labels: value
        for selectors in _selectors(family, sorted(wanted))
        for labels, value in last_values(client, selectors, start, length, until=until).items()
        if labels in wanted
    }


def _selectors(family: Family, some: Sequence[Labels]) -> Iterator[Sequence[str]]:
    """Selectors of some series, in groups that are asked for together."""
    if len(some) > _ONE_BY_ONE:
        yield [family.selector]
        return
    exact = list(dict.fromkeys(_exact(family, labels) for labels in some))
    yield from groups_of(exact, _AT_ONCE)


def _exact(family: Family, labels: Labels) -> str:
    """A selector of one series in all its spellings of ``le``."""
    return selector(
        family.metric, [Matcher(name, "=", value) for name, value in labels if name != "le"]
    )


def one_spelling(labels: Labels) -> Labels:
    """The labels with ``le`` by value: a server's upgrade turns ``1`` into ``1.0``, one series."""
    return tuple((name, _plain(value) if name == "le" else value) for name, value in labels)


def _plain(le: str) -> str:
    boundary = boundary_of(le)
    return le if boundary is None else str(boundary.normalize())
