"""The daily collection: wiring of the source, the history, and the day's mark."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from slo_reports.batch import Failure
from slo_reports.collect.daily import (
    AT_ONCE,
    DayCollected,
    collect_days,
    slices_of_days,
)
from slo_reports.collect.grouping import groups_of
from slo_reports.delivering import Receipt
from slo_reports.errors import HistoryError, SloReportsError, SourceError
from slo_reports.executing import Executor, Task, open_executor
from slo_reports.history import History
from slo_reports.history.days import DAY, day_start
from slo_reports.job import World
from slo_reports.making import Asking, asking
from slo_reports.model import Slo
from slo_reports.scheduler import scheduled

USUAL_DAYS = 14
"""How far back gaps are looked for: a day less than most sources keep."""

WORTH_IT = 10_000
"""From so many objectives' days on processes are started for them; below that one is quicker."""
_PARTS = 20
"""No task is smaller than such a part of that: what shares series is cheaper together."""
_PATIENCE = timedelta(seconds=0.5)


def days_before(now: datetime, count: int) -> list[date]:
    """The last days (UTC) that are over, oldest first."""
    today = now.astimezone(UTC).date()
    return [today - timedelta(days=back) for back in range(count, 0, -1)]


def collect_for(
    world: World,
    slos: Sequence[Slo],
    days: Sequence[date],
    history: History,
    *,
    worth_it: int = WORTH_IT,
) -> Iterator[DayCollected]:
    """Collect what the history lacks of some days, by tasks where it is much.

    Args:
        world: what to work with.
        slos: whose days.
        days: UTC days; those that are not over are left out.
        history: where they are kept.
        worth_it: what is much [objectives times days].

    Yields:
        The days, oldest first, each when it is kept.

    Raises:
        SourceError, HistoryError: see ``collect_days``; also where days after it are kept.
        ExecutorError: those who do the work were lost.
    """
    step, measured = world.settings.source.slice, [slo for slo in slos if not slo.steps]
    listener = world.listener
    listener.say("collecting")
    listener.expect(slices_of_days(measured, days, step))
    over = [day for day in sorted(days) if day_start(day) + DAY <= world.now()]
    count = len(over) * len(measured)
    if count >= worth_it and world.transport is None:
        least = max(1, worth_it // _PARTS)
        with open_executor(world.settings.executor, -(-count // least)) as executor:
            if not executor.is_here:
                yield from _handed_out(world, measured, over, executor, least)
                return
    with world.connect() as client:
        yield from collect_days(
            measured, over, client, history, now=world.now(), progress=listener.advance
        )


def _handed_out(
    world: World, slos: Sequence[Slo], days: Sequence[date], executor: Executor, least: int
) -> Iterator[DayCollected]:
    """Collect groups of objectives of each day by tasks, and tell the days in their order."""
    groups = _groups(slos, -(-executor.room // len(days)), least)
    waiting = deque((day, group) for day in days for group in groups)
    world.listener.expect(len(waiting))
    done: dict[date, list[DayCollected]] = {day: [] for day in days}
    running = 0
    for day in days:
        while len(done[day]) < len(groups):
            while waiting and running < executor.room:
                running += 1
                executor.submit(_task(world, *waiting.popleft(), executor))
            one = executor.next_done(_PATIENCE)
            if world.stop.requested:
                return
            if one is not None:
                if one.error is not None:
                    raise one.error
                running -= 1
                done[one.outcome.day].append(one.outcome)
                world.listener.advance(1)
        yield DayCollected.together(done.pop(day))


def _groups(slos: Sequence[Slo], count: int, least: int) -> list[Sequence[Slo]]:
    """About so many groups of neighbours in the files, none of them smaller than ``least``.

    There are more where that many objectives are too much at once.
    """
    return groups_of(slos, min(AT_ONCE, max(least, -(-len(slos) // count))))


def _task(world: World, day: date, slos: Sequence[Slo], executor: Executor) -> Task:
    order = (asking(world, executor), tuple(slos), day)
    return Task(f"collecting {day}", collect_day, order)


def collect_day(asking: Asking, slos: Sequence[Slo], day: date) -> DayCollected:
    """Collect a day of some objectives as a worker."""
    world = asking.world()
    assert world.history is not None  # noqa: S101  # a worker always has one
    with world.connect() as client:
        (one,) = collect_days(slos, [day], client, world.history, now=world.now())
    return one


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
