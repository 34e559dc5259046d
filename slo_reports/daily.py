"""The daily collection: wiring of the source, the history, and the day's mark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.daily import DayCollected, collect_days, slices_of_days
from slo_reports.delivering import Receipt
from slo_reports.due import Failure
from slo_reports.errors import HistoryError, SloReportsError, SourceError
from slo_reports.history import History
from slo_reports.job import World
from slo_reports.model import Slo
from slo_reports.scheduler import scheduled

USUAL_DAYS = 14
"""How far back gaps are looked for: a day less than most sources keep."""


def days_before(now: datetime, count: int) -> list[date]:
    """The last days (UTC) that are over, oldest first."""
    today = now.astimezone(UTC).date()
    return [today - timedelta(days=back) for back in range(count, 0, -1)]


def collect_for(
    world: World, slos: Sequence[Slo], days: Sequence[date], history: History
) -> Iterator[DayCollected]:
    """Collect what the history lacks of some days.

    Raises:
        SourceError, HistoryError: see ``collect_days``.
    """
    step, measured = world.settings.source.slice, [slo for slo in slos if not slo.steps]
    with PrometheusClient(world.settings.source, transport=world.transport) as client:
        world.listener.say("collecting")
        world.listener.expect(slices_of_days(measured, days, step))
        yield from collect_days(
            measured, days, client, history, now=world.now(), progress=world.listener.advance
        )


def collect_once_a_day(world: World, results: Sequence[Receipt | Failure]) -> tuple[Failure, ...]:
    """Collect what is missing, unless that was done today, it is too early, or nobody needs it.

    A source that failed a report a moment ago is left alone; the next call tries again.

    Args:
        world: what to work with; its ledger is locked by the caller.
        results: what the due reports came to.

    Returns:
        What went wrong, if anything did.
    """
    now = world.now().astimezone(UTC)
    mark = world.settings.state / "collected"
    down = any(isinstance(one, Failure) and isinstance(one.error, SourceError) for one in results)
    if world.history is None or down or not scheduled(world.settings):
        return ()
    if now.time() < world.settings.collect_at or _marked(mark) == now.date().isoformat():
        return ()
    try:
        for _ in collect_for(world, world.slos, days_before(now, USUAL_DAYS), world.history):
            pass
        _write_mark(mark, now.date())
    except SloReportsError as error:
        return (Failure("history", "daily collection", error),)
    return ()


def _marked(mark: Path) -> str:
    try:
        return mark.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
    except OSError as error:
        msg = f"{mark} cannot be read: {error.strerror}"
        raise HistoryError(msg) from error


def _write_mark(mark: Path, day: date) -> None:
    beside = mark.with_name(".collected.part")
    try:
        beside.write_text(f"{day.isoformat()}\n", encoding="utf-8")
        beside.replace(mark)
    except OSError as error:
        msg = f"{mark} cannot be written: {error.strerror}"
        raise HistoryError(msg) from error
