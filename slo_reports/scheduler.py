"""The alarm clock: wakes the job when a report falls due, and from time to time for retries.

APScheduler keeps nothing here that matters: what is due is asked of the ledger at each tick and
at the start, so a missed, doubled or lost tick loses and doubles nothing.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from datetime import UTC
from types import FrameType
from zoneinfo import ZoneInfo

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from slo_reports.settings.schema import ReportSettings, Schedule, Settings

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

logging.getLogger("apscheduler").setLevel(logging.WARNING)


def keep_time(settings: Settings, tick: Callable[[], None], *, retry_minutes: int) -> None:
    """Call ``tick`` now, whenever a report falls due, and every few minutes; until stopped.

    SIGTERM and SIGINT stop it; a tick that is under way is finished first.

    Args:
        settings: whose reports' schedules are kept.
        tick: does what is due; must not raise.
        retry_minutes: how often to look for what could not be done before.
    """
    clock = BlockingScheduler(
        job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
    )
    for report in settings.reports:
        if report.schedule is not None:
            zone = report.timezone or settings.timezone
            clock.add_job(tick, cron_trigger(report.schedule, zone), name=report.name)
    clock.add_job(tick, daily_trigger(settings), name="history")
    clock.add_job(tick, IntervalTrigger(minutes=retry_minutes), name="retries")

    def stop(_number: int, _frame: FrameType | None) -> None:
        clock.shutdown(wait=False)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    tick()
    clock.start()


def cron_trigger(schedule: Schedule, zone: str) -> CronTrigger:
    """The ticks of a schedule; weekdays by name, because numbers mean other days here."""
    at = {"hour": schedule.at.hour, "minute": schedule.at.minute, "timezone": ZoneInfo(zone)}
    if schedule.every == "week":
        return CronTrigger(day_of_week=_WEEKDAYS[schedule.day - 1], **at)
    return CronTrigger(day=schedule.day, **at)


def daily_trigger(settings: Settings) -> CronTrigger:
    """The tick at which the days before are collected."""
    at = settings.collect_at
    return CronTrigger(hour=at.hour, minute=at.minute, timezone=UTC)


def scheduled(settings: Settings) -> tuple[ReportSettings, ...]:
    """The reports that have a schedule."""
    return tuple(report for report in settings.reports if report.schedule is not None)
