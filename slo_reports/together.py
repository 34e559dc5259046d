"""Collecting once what many due reports need, before the first of them is made.

Reports of one period share their days, and objectives share series: the source is asked for a day
of all of them at once, and the reports find it in the history.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from slo_reports.batch import MANY
from slo_reports.collect.recalling import is_asked_afresh
from slo_reports.daily import collect_for
from slo_reports.errors import ConfigurationError, SloReportsError, SourceUnavailable
from slo_reports.history import History
from slo_reports.history.days import days_touched
from slo_reports.job import World
from slo_reports.ledger import Ledger
from slo_reports.model import Slo
from slo_reports.periods import Period
from slo_reports.settings.schema import ReportSettings


def collect_together(world: World, ledger: Ledger) -> SourceUnavailable | None:
    """Collect the days of all planned reports that the history lacks.

    Fewer than ``batch.MANY`` reports collect for themselves. Whatever else than a lost source
    stands in the way is left to the reports, each of which says what it means for it.

    Args:
        world: what to work with.
        ledger: locked by the caller.

    Returns:
        Why no report can be made now; None where they can be tried.
    """
    planned = ledger.planned()
    reports = [one for one in world.settings.reports if one.name in planned]
    if world.history is None or sum(len(planned[one.name]) for one in reports) < MANY:
        return None
    wanted = [
        (period, report)
        for report in reports
        for run in planned[report.name]
        if (period := run.whole_period) is not None
    ]
    for period in dict.fromkeys(one for one, _ in wanted):
        slos = _covered((report for one, report in wanted if one == period), world)
        lost = _collect(slos, period, world, world.history)
        if lost is not None:
            return lost
    return None


def _covered(reports: Iterable[ReportSettings], world: World) -> Sequence[Slo]:
    """What reports need that can be kept, each once."""
    found: dict[str, Slo] = {}
    for report in reports:
        try:
            found |= {one.id: one for one in world.files.catalogue.select(report.select)}
        except ConfigurationError:  # the report says so itself
            continue
    return [slo for slo in found.values() if not is_asked_afresh(slo)]


def _collect(
    slos: Sequence[Slo], period: Period, world: World, history: History
) -> SourceUnavailable | None:
    days = days_touched(period.start, period.data_end)
    try:
        for _ in collect_for(world, slos, days, history):
            if world.stop.requested:
                break
    except SourceUnavailable as error:
        return error
    except SloReportsError:
        return None
    return None
