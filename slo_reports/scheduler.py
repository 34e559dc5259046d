"""The alarm clock: wakes the job when a report falls due, and from time to time for retries.

APScheduler keeps nothing here that matters: what is due is asked of the ledger at each tick and
at the start, so a missed, doubled or lost tick loses and doubles nothing.
"""

from __future__ import annotations

import logging
import random
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import FrameType

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from slo_reports.settings.schedules import Schedule
from slo_reports.settings.schema import ReportSettings, Settings
from slo_reports.stopping import Stop
from slo_reports.ticks import next_tick

logging.getLogger("apscheduler").setLevel(logging.WARNING)


class TickTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler is not annotated
    """Fires at the very instants by which the planner reckons, at most ``jitter`` later."""

    def __init__(self, schedule: Schedule, zone: str, jitter: timedelta) -> None:
        self._schedule = schedule
        self._zone = zone
        self._jitter = jitter

    def get_next_fire_time(
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        """The next tick after the one that fired last."""
        after = now
        if previous_fire_time is not None:
            after = max(now, previous_fire_time + timedelta(seconds=1))
        tick = next_tick(self._schedule, self._zone, after.astimezone(UTC))
        return tick + self._jitter * random.random()  # noqa: S311  # spreads load, hides nothing


def keep_time(
    settings: Settings, tick: Callable[[], None], stop: Stop, *, retry_minutes: int
) -> None:
    """Call ``tick`` now, whenever a report falls due, and every few minutes; until stopped.

    SIGTERM and SIGINT stop it. A delivery that is under way is finished and recorded first; a
    second signal does not wait.

    Args:
        settings: whose reports' schedules are kept.
        tick: does what is due; must not raise.
        stop: told of the signals.
        retry_minutes: how often to look for what could not be done before.
    """
    jitter = settings.jitter or timedelta()
    clock = BlockingScheduler(
        executors={"default": {"type": "threadpool", "max_workers": 1}},  # one tick after another
        job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
    )
    clock.add_job(tick, name="start")
    for report in scheduled(settings):
        assert report.schedule is not None  # noqa: S101  # scheduled() says so
        zone = report.timezone or settings.timezone
        clock.add_job(tick, TickTrigger(report.schedule, zone, jitter), name=report.name)
    clock.add_job(tick, daily_trigger(settings), name="history")
    every = IntervalTrigger(minutes=retry_minutes, jitter=jitter.total_seconds() or None)
    clock.add_job(tick, every, name="retries")

    def on_signal(number: int, frame: FrameType | None) -> None:
        if stop.requested:
            stop.leave()
        stop.on_signal(number, frame)
        clock.shutdown(wait=False)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    clock.start()


def longest_silence(settings: Settings, retry_minutes: int) -> timedelta:
    """How long the clock may be still between two ticks, with some minutes to spare."""
    return timedelta(minutes=retry_minutes + 5) + (settings.jitter or timedelta())


def daily_trigger(settings: Settings) -> CronTrigger:
    """The tick at which the days before are collected."""
    at = settings.collect_at
    return CronTrigger(hour=at.hour, minute=at.minute, timezone=UTC)


def scheduled(settings: Settings) -> tuple[ReportSettings, ...]:
    """The reports that have a schedule."""
    return tuple(report for report in settings.reports if report.schedule is not None)
