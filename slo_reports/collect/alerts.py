"""Incidents from the source's own alert history, the ALERTS series."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.answers import Labels, Series
from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.grid import Grid
from slo_reports.collect.spans import over
from slo_reports.model import Incident, Slo, content_hash
from slo_reports.numbers import listed, sentence
from slo_reports.promql import just_under

_GRAIN = timedelta(minutes=1)
_ONE_PAGE = timedelta(minutes=10)  # pages of one service this close together are one incident
_ONE_TICKET = timedelta(hours=6)  # a ticket looks back for hours and may flap around its limit
_AFTERMATH = timedelta(hours=4)  # a ticket waits up to three hours before it fires
_KEPT = (
    "alertname",
    "severity",
    "service",
    "slo",
    "job",
    "sloth_service",
    "sloth_slo",
    "sloth_severity",
)
_RANKS = {"page": 0, "critical": 0, "error": 1, "ticket": 2, "warning": 2}
_IGNORED = frozenset({"none", "info"})


@dataclass(frozen=True, order=True)
class Firing:
    """One unbroken span of one alert."""

    start: datetime
    end: datetime
    alert: str
    severity: str
    service: str
    slo: str | None


def alert_incidents(
    client: PrometheusClient, slos: Sequence[Slo], start: datetime, end: datetime
) -> tuple[Incident, ...]:
    """Spans in which alerts of the SLOs' services fired, alerts that belong together merged.

    An alert belongs to a service by its label ``service``, ``sloth_service`` or ``job``. Pages of
    one service that overlap or nearly touch are one incident; a ticket that fires during a page or
    soon after it belongs to it and does not lengthen it, because a ticket's windows are long and
    it fires after the trouble. Tickets without a page are incidents of their own.

    Raises:
        SourceError: the source could not answer.
    """
    grid = Grid.over(start, end, _GRAIN)
    expression = (
        f"count by ({', '.join(_KEPT)}) "
        f'(count_over_time(ALERTS{{alertstate="firing"}}[{just_under(_GRAIN)}]))'
    )
    minutes: dict[Labels, list[Series]] = defaultdict(list)
    for series in over(client, expression, grid, shared=True):
        minutes[series.labels].append(series)
    spans = [
        span
        for labels, parts in minutes.items()
        if (who := owner_of(dict(labels), slos))
        for span in _spans(dict(labels), *who, np.concatenate([one.times for one in parts]))
    ]
    return merge_firings(spans, {slo.id: slo.title for slo in slos}, end)


def owner_of(labels: dict[str, str], slos: Sequence[Slo]) -> tuple[str, str | None] | None:
    """The service that an alert is about, and the SLO where it names one."""
    named = labels.get("service") or labels.get("sloth_service") or labels.get("job") or ""
    of_service = [slo for slo in slos if _plain(named) == _plain(slo.service)]
    if not of_service or labels.get("severity", "").casefold() in _IGNORED:
        return None
    wanted = labels.get("slo") or labels.get("sloth_slo")
    found = [slo for slo in of_service if wanted in (slo.id, slo.name)]
    return of_service[0].service, found[0].id if found else None


@lru_cache(maxsize=10_000)
def _plain(name: str) -> str:
    """A service's name without what labels and titles write differently."""
    return re.sub(r"[\s_-]+", "", name).casefold()


def _spans(
    labels: dict[str, str], service: str, slo: str | None, ends: NDArray[np.float64]
) -> Iterable[Firing]:
    """Unbroken runs of minutes; short holes, as a slow rule evaluation leaves them, are closed."""
    severity = labels.get("severity") or labels.get("sloth_severity") or "unknown"
    holes = np.flatnonzero(np.diff(ends) > 5 * _GRAIN.total_seconds()) + 1
    for run in np.split(ends, holes):
        yield Firing(
            datetime.fromtimestamp(run[0], UTC) - _GRAIN,
            datetime.fromtimestamp(run[-1], UTC),
            labels.get("alertname", "alert"),
            severity,
            service,
            slo,
        )


def merge_firings(
    spans: Iterable[Firing], titles: Mapping[str, str], until: datetime
) -> tuple[Incident, ...]:
    """Alerts that belong together as one incident each, in order of time.

    Args:
        spans: when which alert fired.
        titles: the SLOs' titles by id.
        until: what ends here or later goes on.
    """
    by_service: dict[str, list[Firing]] = defaultdict(list)
    for span in sorted(spans):
        by_service[span.service].append(span)
    incidents = [
        _incident(group, titles, until) for found in by_service.values() for group in _groups(found)
    ]
    return tuple(sorted(incidents))


def _groups(spans: Sequence[Firing]) -> list[list[Firing]]:
    """Pages that belong together, each with its tickets; then the tickets on their own."""
    urgent = _chains([one for one in spans if _rank(one) < 2], _ONE_PAGE)
    alone = []
    for ticket in (one for one in spans if _rank(one) >= 2):
        home = [group for group in urgent if _touches(group, ticket)]
        if home:
            home[0].append(ticket)
        else:
            alone.append(ticket)
    return urgent + _chains(alone, _ONE_TICKET)


def _chains(spans: Sequence[Firing], gap: timedelta) -> list[list[Firing]]:
    chains: list[list[Firing]] = []
    for span in sorted(spans):
        if chains and span.start - max(one.end for one in chains[-1]) <= gap:
            chains[-1].append(span)
        else:
            chains.append([span])
    return chains


def _touches(group: Sequence[Firing], ticket: Firing) -> bool:
    start, end = min(one.start for one in group), max(one.end for one in group)
    return ticket.start <= end + _AFTERMATH and ticket.end >= start


def _rank(span: Firing) -> int:
    return _RANKS.get(span.severity.casefold(), 1)


def _incident(group: Sequence[Firing], titles: Mapping[str, str], until: datetime) -> Incident:
    worst = min(_rank(one) for one in group)
    leading = sorted(one for one in group if _rank(one) == worst or (worst < 2 and _rank(one) < 2))
    first, end = leading[0], max(one.end for one in leading)
    slos = {one.slo for one in group}
    key = f"{first.service}|{first.start.isoformat()}|{first.alert}"
    return Incident(
        start=first.start,
        end=end,
        id=content_hash(key.encode())[:12],
        title=_title(leading, titles),
        service=first.service,
        severity=min(leading, key=_rank).severity,
        source="alert",
        slo=slos.pop() if len(slos) == 1 else None,
        ongoing=end >= until,
        alerts=tuple(sorted({one.alert for one in group})),
    )


def _title(leading: Sequence[Firing], titles: Mapping[str, str]) -> str:
    """What fired, on what: ``Availability and latency under 1 s: error budget burn fast``."""
    words = _words(leading[0].alert)
    on = list(dict.fromkeys(titles[one.slo] for one in leading if one.slo is not None))
    if not on:
        return words
    named = [on[0], *(title[:1].lower() + title[1:] for title in on[1:])]
    return f"{listed(named)}: {words[:1].lower()}{words[1:]}"


def _words(alert: str) -> str:
    """``CheckoutErrorBudgetBurn`` as ``Checkout error budget burn``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_-]+", " ", alert).split()
    return sentence(" ".join(word if word.isupper() else word.lower() for word in words))
