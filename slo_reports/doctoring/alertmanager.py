"""The Alertmanager, where the settings name one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from slo_reports.collect.alertmanager import ask_alertmanager
from slo_reports.deliver.contract import Check
from slo_reports.job import World
from slo_reports.periods import PeriodKind, last_complete

_PATIENCE = timedelta(seconds=10)


def examine(world: World) -> Iterator[Check]:
    """Whether it answers; a report does without it, and then says so."""
    settings, now = world.settings.alertmanager, world.now()
    assert settings is not None  # noqa: S101  # asked by the caller
    quick = settings.model_copy(update={"timeout": min(settings.timeout, _PATIENCE)})
    told = ask_alertmanager(quick, (), last_complete(PeriodKind.MONTH, now, "UTC"), now).provenance
    if told.warnings:
        seen = told.warnings[0].removeprefix("its alerts are not in this report: ")
        yield Check("answers", is_fine=False, seen=seen, mend="mend alertmanager, or remove it")
    else:
        seen = f"Alertmanager {told.version}, {told.series} alerts now"
        yield Check("answers", is_fine=True, seen=seen)
