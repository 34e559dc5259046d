"""What a source is, how far its data go, and how often it scrapes, said in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.coverage import scrape_interval
from slo_reports.doctoring.source import product_of
from slo_reports.numbers import counted, listed
from slo_reports.periods import PeriodKind, containing, last_complete, local_date

_STEP = timedelta(hours=6)
_FARTHEST = timedelta(days=400)
_FRESH = timedelta(hours=1)
_FEW_DAYS = timedelta(days=3)
_JOBS_SHOWN = 6
_DAY = timedelta(days=1)
_LOOKED_BACK = timedelta(minutes=5)
"""How old a sample may be that a Prometheus still shows."""


@dataclass(frozen=True)
class Probe:
    """What was seen of a source.

    Attributes:
        product: what it is, with its version.
        retention: how long it says that it keeps data; empty where it does not say.
        first: the oldest instant with data that was seen, to six hours; None without ``up``.
        last: the newest.
        interval: how often it scrapes; None where that cannot be told.
        jobs: the jobs that it scraped at the newest instant.
    """

    url: str
    product: str
    retention: str = ""
    first: datetime | None = None
    last: datetime | None = None
    interval: timedelta | None = None
    jobs: tuple[str, ...] = ()


def probe(client: PrometheusClient, now: datetime) -> Probe:
    """Ask a source what it is and what it has; five questions.

    Raises:
        SourceError: it does not answer, or is no Prometheus.
    """
    product = product_of(client, now)
    told = str(client.status("runtimeinfo").get("storageRetention") or "")
    first, last = _span(client, now)
    interval = None
    if first is not None and last is not None and last - first > _FRESH:
        interval = scrape_interval(client, (last - _FRESH, last))
    jobs = () if last is None else _jobs(client, last - _FRESH) or _jobs(client, last)
    return Probe(client.url, product, told, first, last, interval, jobs)


def _span(client: PrometheusClient, now: datetime) -> tuple[datetime | None, datetime | None]:
    """The oldest and the newest instant at which something was scraped."""
    if client.query("count(up)", now):
        newest = now
    else:
        seen = _instants(client, now - _FARTHEST, now, _STEP)
        if not seen:
            return None, None
        late = _instants(client, seen[-1], min(now, seen[-1] + _STEP), timedelta(minutes=5))
        newest = (late or seen)[-1] - _LOOKED_BACK
    earlier = _instants(client, newest - _FARTHEST, newest, _STEP)
    oldest = earlier[0] if earlier else newest
    fine = _instants(client, oldest - _STEP, oldest, timedelta(minutes=5))
    return (fine or [oldest])[0], newest


def _instants(
    client: PrometheusClient, start: datetime, end: datetime, step: timedelta
) -> list[datetime]:
    """The instants of a grid at which there are samples of ``up``."""
    found = client.query_range("count(up)", start, end, step)
    return sorted(
        datetime.fromtimestamp(float(at), end.tzinfo) for one in found for at in one.times
    )


def _jobs(client: PrometheusClient, at: datetime) -> tuple[str, ...]:
    found = client.query("group by (job) (up)", at)
    return tuple(sorted({dict(one.labels).get("job", "") for one in found} - {""}))


def lines(found: Probe, now: datetime, zone: str) -> Iterator[str]:
    """What was seen, for a person who has just named the server."""
    yield f"{found.product} answers at {found.url}"
    if found.first is None or found.last is None:
        yield "it scrapes nothing that could be seen (no `up`): how far its data go cannot be told"
    else:
        yield _reach(found.first, found.last, now, zone)
    if found.retention:
        yield f"it keeps data for {found.retention}; slo-reports keeps each day for ever"
    if found.interval is not None:
        yield f"it scrapes every {found.interval.total_seconds():.0f} s"
    if found.jobs:
        more = len(found.jobs) - _JOBS_SHOWN
        named = [*found.jobs[:_JOBS_SHOWN], *([f"{more} more"] if more > 0 else [])]
        yield f"it scrapes {counted(len(found.jobs), 'job', 'jobs')}: {listed(named)}"


def _reach(first: datetime, last: datetime, now: datetime, zone: str) -> str:
    local = ZoneInfo(zone)
    begin, end = (f"{at.astimezone(local):%Y-%m-%d %H:%M}" for at in (first, last))
    if now - last > _FRESH:
        return f"its data go from {begin} to {end}, and nothing is newer"
    return f"its data go back to {begin}, {_length(last - first)}"


def _length(span: timedelta) -> str:
    if span >= 2 * _DAY:
        return f"{span // _DAY} days"
    if span >= timedelta(hours=2):
        return f"{span // timedelta(hours=1)} hours"
    return f"{max(1, span // timedelta(minutes=1))} minutes"


def first_period(found: Probe | None, now: datetime, zone: str) -> str:
    """The period that a first report can judge, as ``--period`` takes it.

    The last month where all its data are there; else this month to date, likewise; else as many
    whole days as there are. Where even one is not: this month. A month that is over is named.
    """
    if found is None or found.first is None or found.last is None:
        return "current"
    if now - found.last > _DAY:
        return f"{(found.last - _FEW_DAYS).astimezone(ZoneInfo(zone)):%Y-%m}"
    if found.first <= last_complete(PeriodKind.MONTH, now, zone).start + _DAY:
        return "last"
    today = local_date(now, zone)
    begun = containing(PeriodKind.MONTH, today, zone).start
    days = (today - local_date(found.first, zone)).days - 1
    if days < 1 or (found.first <= begun and now - begun >= _FEW_DAYS):
        return "current"
    return f"{min(28, days)}d"


def youth(found: Probe | None, now: datetime) -> str | None:
    """What is to be said where the data hardly begin; None where they reach back far enough."""
    if found is None or found.first is None or now - found.first >= 2 * _DAY:
        return None
    return (
        "its data have only begun: a verdict needs 95 % of a period, so a first report shows "
        "numbers without verdicts; --period 1d has them from the day after tomorrow"
    )
