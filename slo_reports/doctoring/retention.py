"""How far back the source and the history reach, against how far back the reports look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.plan import earlier_periods
from slo_reports.deliver.contract import Check
from slo_reports.errors import HistoryError
from slo_reports.job import World
from slo_reports.periods import PeriodKind, last_complete
from slo_reports.settings.values import parse_duration

_DAY = timedelta(days=1)
_SHORT = timedelta(days=2)
_STATED = r"\b((?:[0-9]+(?:ms|[smhdwy]))+)\b"


def examine_retention(client: PrometheusClient, world: World) -> Iterator[Check]:
    """Which days the reports look at are nowhere, and which are only in the source.

    Raises:
        SourceError: it could not be asked.
    """
    now = world.now()
    wanted = _looked_back_to(world, now)
    stated = str(client.status("runtimeinfo").get("storageRetention") or "")
    kept = _kept(world)
    oldest = oldest_sample(client, wanted, now)
    yield _retention(wanted, oldest, stated, kept, now)
    if oldest is not None and world.history is not None:
        yield _collected(oldest, kept, now)


def _looked_back_to(world: World, now: datetime) -> datetime:
    """The first instant of the longest trend of any report."""
    starts = []
    for report in world.settings.reports:
        period = last_complete(PeriodKind(report.period), now, world.zone(report))
        starts.append((*earlier_periods(period, report.trend - 1), period)[0].start)
    return min(starts)


def _kept(world: World) -> frozenset[date]:
    try:
        return frozenset() if world.history is None else world.history.days(
            world.settings.source.slice
        )  # fmt: skip
    except HistoryError:
        return frozenset()  # the history's own check tells of it


def oldest_sample(client: PrometheusClient, wanted: datetime, now: datetime) -> datetime | None:
    """About the oldest sample of `up`, to the day, by halving; ``wanted`` where it is older.

    Returns:
        None where there is none in the last hour: nothing can be told then.
    """
    if not _has_data(client, now):
        return None
    if _has_data(client, wanted):
        return wanted
    low, high = wanted, now
    while high - low > _DAY / 4:
        middle = low + (high - low) / 2
        if _has_data(client, middle):
            high = middle
        else:
            low = middle
    return high


def _has_data(client: PrometheusClient, at: datetime) -> bool:
    return bool(client.query("count(last_over_time(up[1h]))", at))


def stated_retention(text: str) -> timedelta | None:
    """What ``15d``, ``1y`` or ``15d or 10GiB`` says of time; None where it says nothing."""
    found = re.search(_STATED, text)
    if found is None:
        return None
    years = sum(int(one) for one in re.findall(r"([0-9]+)y", found[1]))
    rest = re.sub(r"[0-9]+y", "", found[1])
    return timedelta(days=365 * years) + (parse_duration(rest) if rest else timedelta())


def _retention(
    wanted: datetime, oldest: datetime | None, stated: str, kept: frozenset[date], now: datetime
) -> Check:
    days = (now - wanted).days
    said = f"it says {stated}, " if stated else ""
    if oldest is None:
        seen = f"{said}and nothing can be told: there is no `up` in the last hour"
        return Check("retention", is_fine=None, seen=seen, mend="does the server scrape anything?")
    reach = round((now - oldest) / _DAY)
    lost = [one for one in _days(wanted, oldest) if one not in kept]
    seen = f"{said}reaches back {reach}{' or more' if oldest == wanted else ''} days, "
    seen += f"the history holds {len(kept)}; reports look back {days} days"
    short = stated_retention(stated)
    if short is not None and short < _SHORT:
        mend = "raise it to 15d: a day that is not collected within it is lost"
        return Check("retention", is_fine=False, seen=seen, mend=mend)
    if not lost:
        return Check("retention", is_fine=True, seen=seen)
    mend = f"{len(lost)} days are nowhere and stay gaps in the trend; from now on each day is kept"
    return Check("retention", is_fine=None, seen=seen, mend=mend)


def _collected(oldest: datetime, kept: frozenset[date], now: datetime) -> Check:
    """Whether what the source has, and will forget, is in the history already."""
    there = _days(oldest, now - _DAY)
    missing = [one for one in there if one not in kept]
    if not missing:
        return Check("days collected", is_fine=True, seen=f"all {len(there)} that the source has")
    back = (now.astimezone(UTC).date() - missing[0]).days
    seen = f"{len(there) - len(missing)} of the {len(there)} days that the source still has"
    mend = f"slo-reports collect --days {back} keeps the rest before they are forgotten"
    return Check("days collected", is_fine=None, seen=seen, mend=mend)


def _days(start: datetime, end: datetime) -> list[date]:
    """The UTC days from the first that begins after an instant to the last before another."""
    first = (start + _DAY).astimezone(UTC).date()
    last = end.astimezone(UTC).date()
    return [first + timedelta(days=n) for n in range(max(0, (last - first).days))]
