"""Collecting days for the history before the source forgets them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.collecting import survey
from slo_reports.collect.counting import Progress
from slo_reports.collect.families import families, needs_of
from slo_reports.collect.grid import Grid
from slo_reports.collect.grouping import groups_of
from slo_reports.collect.recalling import Recall
from slo_reports.collect.survey import Surveyed
from slo_reports.history import History
from slo_reports.history.days import DAY, day_start
from slo_reports.model import Slo

AT_ONCE = 4000
"""Objectives of which a day is in memory at once: about 0.2 GB."""


@dataclass(frozen=True)
class DayCollected:
    """What collecting one UTC day came to.

    Attributes:
        kept: objectives whose day was kept now.
        known: objectives whose day was settled before, so nobody asked for it.
        seen: share of the day for which the source had any data [ratio]; None: nobody asked.
        settled: whether what was kept now is final.
        not_measured: ``id: reason`` of each objective that could not be measured.
    """

    day: date
    kept: int
    known: int
    seen: float | None
    settled: bool
    not_measured: tuple[str, ...]

    @staticmethod
    def together(parts: Sequence[DayCollected]) -> DayCollected:
        """What several groups of objectives of one day came to."""
        return DayCollected(
            parts[0].day,
            kept=sum(one.kept for one in parts),
            known=sum(one.known for one in parts),
            seen=max((one.seen for one in parts if one.seen is not None), default=None),
            settled=all(one.settled for one in parts),
            not_measured=tuple(text for one in parts for text in one.not_measured),
        )

    @property
    def out_of_reach(self) -> bool:
        """Whether the source has nothing of this day, and something was missing of it."""
        return self.seen == 0


def slices_of_days(slos: Sequence[Slo], days: Sequence[date], step: timedelta) -> int:
    """How much ``collect_days`` tells its progress about, at most [slices of a family]."""
    shared = len(families([need for slo in slos for need in needs_of(slo)]))
    return shared * (DAY // step) * len(days)


def collect_days(
    slos: Sequence[Slo],
    days: Sequence[date],
    client: PrometheusClient,
    history: History,
    *,
    now: datetime,
    progress: Progress = lambda _slices: None,
) -> Iterator[DayCollected]:
    """Collect what the history lacks of some days, oldest first; each is kept when it is done.

    Days that are not over are left out.

    Raises:
        SourceError: the source could not be reached or broke off; the days before are kept.
        HistoryError: the history cannot be read or written.
    """
    version = client.version()
    with ThreadPoolExecutor(client.settings.concurrency) as pool:

        def ask(grid: Grid, wanted: Sequence[Slo]) -> dict[str, Surveyed]:
            return survey(client, grid, wanted, pool, progress, by_day=True)

        recall = Recall(client, history, ask, now, version)
        for day in sorted(days):
            if day_start(day) + DAY <= now:
                groups = groups_of(slos, AT_ONCE) or [slos]
                yield DayCollected.together([_collect_day(recall, day, one) for one in groups])


def _collect_day(recall: Recall, day: date, slos: Sequence[Slo]) -> DayCollected:
    lacking = _lacking(recall, day, slos)
    known = len(slos) - len(lacking)
    if not lacking:
        return DayCollected(day, 0, known, None, settled=True, not_measured=())
    grid = Grid(day_start(day), recall.step, DAY // recall.step)
    asked = recall.ask_for(grid, (day,), lacking)
    faults = tuple(
        f"{slo}: {one.reason}"
        for slo, one in asked.found.items()
        if one.reason is not None and not one.absent
    )
    return DayCollected(
        day,
        kept=recall.keep(asked, lacking),
        known=known,
        seen=asked.seen[day],
        settled=recall.is_settled(day, asked.seen[day]),
        not_measured=faults,
    )


def _lacking(recall: Recall, day: date, slos: Sequence[Slo]) -> list[Slo]:
    """The SLOs whose day is not settled in the history."""
    settled = recall.history.settled(day, recall.step, recall.fingerprints(slos))
    return [slo for slo in slos if slo.id not in settled]
