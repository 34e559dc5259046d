"""What a counter stood at before the first slice, however long it was silent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np

from slo_reports.collect.answers import Labels
from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.families import Family, boundary_of
from slo_reports.collect.grouping import groups_of
from slo_reports.model import Matcher
from slo_reports.promql import duration, just_under, selector

LOOK_BACK = timedelta(days=1)
"""How long before the first slice a counter may have been seen last and still go on."""
FAR = timedelta(days=14)
"""The same for a day that is collected on its own: a counter that comes back after an outage of
days goes on, where it would otherwise be taken for new and counted from zero."""

_ONE_BY_ONE = 500  # series; more are looked up by the family's own selector
_AT_ONCE = 50


def long_silent(
    client: PrometheusClient, family: Family, born: Sequence[Labels], start: datetime
) -> dict[Labels, float]:
    """The last values of those series that look new and are not.

    Only the server's index is asked for nearly all of them; samples are read of those that it
    knows from before.

    Args:
        client: the source.
        family: whose series they are.
        born: series without a sample in the usual look-back.
        start: the first slice's start.
    """
    wanted = frozenset(born)
    known = {
        one_spelling(labels)
        for selectors in _selectors(family, born)
        for labels in client.series(selectors, start - FAR, start - LOOK_BACK)
    }
    found: dict[Labels, float] = {}
    for labels in sorted(known & wanted):
        expression = f"last_over_time({_exact(family, labels)}[{just_under(FAR - LOOK_BACK)}]"
        for series in client.query(f"{expression} offset {duration(LOOK_BACK)})", start):
            if one_spelling(series.labels) == labels and not np.isnan(series.values[-1]):
                found[labels] = max(float(series.values[-1]), found.get(labels, 0.0))
    return found


def _selectors(family: Family, born: Sequence[Labels]) -> Iterator[Sequence[str]]:
    if len(born) > _ONE_BY_ONE:
        yield [family.selector]
        return
    exact = list(dict.fromkeys(_exact(family, labels) for labels in born))
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
