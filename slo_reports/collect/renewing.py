"""Measuring days again that the history holds already, to see whether the past changed."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.collecting import survey
from slo_reports.collect.counting import Progress
from slo_reports.collect.filling import Asked
from slo_reports.collect.grid import Grid
from slo_reports.collect.keeping import WholeDays
from slo_reports.collect.recalling import Recall, is_asked_afresh
from slo_reports.collect.survey import Surveyed
from slo_reports.history import History, SloDay, knows_less
from slo_reports.history.days import DAY, day_start
from slo_reports.model import Slo


@dataclass(frozen=True, eq=False)
class Renewal:
    """Days that were measured again.

    Attributes:
        rows: the SLOs' days that the source holds as well as they were kept, as it has them now.
        gone: UTC days that it no longer holds, or not all of: what was kept of them stands.
    """

    rows: tuple[SloDay, ...]
    gone: tuple[date, ...]


def renew(
    slos: Sequence[Slo],
    days: Sequence[date],
    client: PrometheusClient,
    history: History,
    *,
    now: datetime,
    progress: Progress = lambda _slices: None,
) -> Renewal:
    """Measure an unbroken run of days again, whatever the history holds of them.

    A counter whose past the source forgot would count from zero: a day is believed only where the
    source has some of the day before it, too. Nothing is kept.

    Args:
        slos: what to measure; user journeys, and what is never recalled, are left out.
        days: UTC days; those that are not over are left out.
        client: the source.
        history: tells what was kept of them.
        now: the present instant.
        progress: told of counted slices, see ``slices_of_days``.

    Raises:
        SourceError: the source could not be reached or broke off.
        HistoryError: the history cannot be read.
    """
    wanted = [slo for slo in slos if not slo.steps and not is_asked_afresh(slo)]
    over = [day for day in sorted(days) if day_start(day) + DAY <= now]
    if not wanted or not over:
        return Renewal((), ())
    version = client.version()
    rows: list[SloDay] = []
    gone: list[date] = []
    with ThreadPoolExecutor(client.settings.concurrency) as pool:

        def ask(grid: Grid, some: Sequence[Slo]) -> dict[str, Surveyed]:
            return survey(client, grid, some, pool, progress, by_day=True)

        recall = Recall(client, history, ask, now, version)
        was_there = bool(_ask(recall, over[0] - DAY, wanted[:1]).seen[over[0] - DAY])
        for day in over:
            asked = _ask(recall, day, wanted)
            found, lacks = _believed(recall, day, asked, wanted, was_there=was_there)
            rows += found
            gone += [day] if lacks else []
            was_there = bool(asked.seen[day])
    return Renewal(tuple(rows), tuple(gone))


def _ask(recall: Recall, day: date, slos: Sequence[Slo]) -> Asked:
    grid = Grid(day_start(day), recall.step, DAY // recall.step)
    return recall.ask_for(grid, (day,), slos)


def _believed(
    recall: Recall, day: date, asked: Asked, slos: Sequence[Slo], *, was_there: bool
) -> tuple[list[SloDay], bool]:
    """The rows that know no less than what was kept, and whether any other is wanting."""
    if not was_there or not asked.seen[day]:
        return [], True
    names = recall.fingerprints(slos)
    known = recall.history.read(day, recall.step, names, slices=False)
    rows = WholeDays.of(asked).batch(recall.stamp(asked, day), names).rows()
    kept = {slo: one.current for slo, one in known.items() if one.current is not None}
    poorer = {row.slo for row in rows if row.slo in kept and knows_less(row, kept[row.slo])}
    unanswered = kept.keys() - {row.slo for row in rows}
    return [row for row in rows if row.slo not in poorer], bool(poorer or unanswered)
