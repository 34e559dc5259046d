"""A grid from the days that are kept and from those that were asked for just now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.grid import Grid
from slo_reports.collect.parts import Part, part_of_asked, part_of_row
from slo_reports.collect.sheets import Index, Sheet
from slo_reports.collect.survey import Surveyed
from slo_reports.errors import HistoryError
from slo_reports.history import Batch, History, Known, Stamp, known_of
from slo_reports.history.days import WHOLE, day_start


@dataclass(frozen=True, eq=False)
class Asked:
    """One unbroken span of days that some SLOs lacked, as the source answered.

    Attributes:
        seen: share of each day for which the source had any data [ratio].
    """

    span: Grid
    days: tuple[date, ...]
    found: Mapping[str, Surveyed]
    seen: Mapping[date, float]


@dataclass(frozen=True, eq=False)
class Kept:
    """What the history holds of some days, before anything is asked.

    Attributes:
        step: grain at which days are kept.
        wanted: fingerprint by SLO id.
        days: UTC days, oldest first.
        opened: of each day, whether its slices are needed, or only their sums.
        settled: whether a day of an SLO is final; a row per SLO in their order, a column per day.
        known: of the others what is known, for each day.
    """

    history: History
    step: timedelta
    wanted: Mapping[str, str]
    days: Sequence[date]
    opened: Sequence[bool]
    settled: NDArray[np.bool_]
    known: Sequence[Mapping[str, Known]]

    @staticmethod
    def of(
        history: History,
        step: timedelta,
        wanted: Mapping[str, str],
        days: Sequence[date],
        opened: Sequence[bool],
    ) -> Kept:
        """Look which days are final, and read what is known of the others.

        Raises:
            HistoryError: what is kept cannot be read.
        """
        settled = np.zeros((len(wanted), len(days)), np.bool_)
        known: list[Mapping[str, Known]] = [{}] * len(days)
        there = history.days_among(days, step)
        for number, day in enumerate(days):
            if day not in there:
                continue
            final = history.settled(day, step, wanted)
            settled[:, number] = [slo in final for slo in wanted]
            open_ones = {slo: one for slo, one in wanted.items() if slo not in final}
            if open_ones:
                known[number] = history.read(day, step, open_ones, slices=opened[number])
        return Kept(history, step, wanted, days, opened, settled, known)

    def runs(self) -> dict[tuple[date, ...], list[str]]:
        """Unbroken spans of days that have to be asked for, each with the SLOs that lack them."""
        runs: dict[tuple[date, ...], list[str]] = defaultdict(list)
        slos = list(self.wanted)
        for row in np.flatnonzero(~self.settled.all(axis=1)):
            lacking = np.flatnonzero(~self.settled[row])
            for run in np.split(lacking, np.flatnonzero(np.diff(lacking) > 1) + 1):
                runs[tuple(self.days[number] for number in run)].append(slos[row])
        return runs


@dataclass(eq=False)
class Filled:
    """What a survey of a whole grid would have said.

    Attributes:
        stamps: how and when the days of the history were collected that were used.
        series: the most series that were counted on a kept day, by SLO.
    """

    found: dict[str, Surveyed] = field(default_factory=dict)
    stamps: set[Stamp] = field(default_factory=set)
    series: dict[str, int] = field(default_factory=dict)


def filled(grid: Grid, kept: Kept, asked: Sequence[Asked]) -> Filled:
    """Put a grid together; days of the history are read now, one after the other.

    Args:
        grid: at the history's grain, or a multiple of it.
        kept: what the history holds.
        asked: what it lacked.

    Raises:
        HistoryError: what is kept cannot be read.
    """
    answers = _answers(asked)
    done = {slo: one for slo, one in answers.items() if (one.fault or one.is_all_of(slo, kept))}
    result = Filled({slo: done[slo].answer for slo in done})
    rest = np.array(
        [number for number, slo in enumerate(kept.wanted) if slo not in done], dtype=np.intp
    )
    if len(rest):
        _fill(grid, kept, answers, rest, result)
    return result


@dataclass(eq=False)
class _Answers:
    """What the source said of one SLO, by day."""

    slo: str
    by_day: dict[date, Asked] = field(default_factory=dict)

    @property
    def surveyed(self) -> list[Surveyed]:
        return [one.found[self.slo] for one in dict.fromkeys(self.by_day.values())]

    @property
    def fault(self) -> Surveyed | None:
        return next((one for one in self.surveyed if one.reason and not one.absent), None)

    @property
    def answer(self) -> Surveyed:
        return self.fault or self.surveyed[0]

    def is_all_of(self, slo: str, kept: Kept) -> bool:
        """Whether one answer is the whole grid, and nothing is kept."""
        return (
            len(self.by_day) == len(kept.days)
            and len(self.surveyed) == 1
            and not any(slo in one for one in kept.known)
        )


def _answers(asked: Sequence[Asked]) -> dict[str, _Answers]:
    found: dict[str, _Answers] = {}
    for one in asked:
        for slo in one.found:
            answers = found.setdefault(slo, _Answers(slo))
            answers.by_day |= dict.fromkeys(one.days, one)
    return found


def _fill(
    grid: Grid, kept: Kept, answers: Mapping[str, _Answers], rows: Index, result: Filled
) -> None:
    """Fill in some SLOs of what is kept."""
    names = list(kept.wanted)
    slos = [names[row] for row in rows]
    sheet = Sheet(grid, kept.days, len(slos))
    for number, day in enumerate(kept.days):
        settled = kept.settled[rows, number]
        _put_settled(sheet, grid, kept, number, [slos[n] for n in np.flatnonzero(settled)], slos)
        for slo in np.flatnonzero(~settled).tolist():
            name = slos[slo]
            answered = answers[name].by_day.get(day) if name in answers else None
            known = kept.known[number].get(name, Known())
            sheet.put_part(slo, number, _part(name, day, grid, known, answered))
    used = []
    for slo, name in enumerate(slos):
        if name in answers and sheet.is_asked(slo) and len(answers[name].surveyed) == 1:
            result.found[name] = answers[name].answer
        else:
            result.found[name] = sheet.surveyed(slo)
            used.append(slo)
    index = np.array(used, dtype=np.intp)
    result.stamps |= sheet.stamps(index)
    result.series |= zip([slos[n] for n in used], sheet.most_series(index), strict=True)


def _put_settled(  # one day of some of the SLOs
    sheet: Sheet, grid: Grid, kept: Kept, number: int, settled: list[str], slos: Sequence[str]
) -> None:
    """Put a day of those SLOs for which it is final; a choice is made only where there is one."""
    if not settled:
        return
    day, place = kept.days[number], {slo: n for n, slo in enumerate(slos)}
    wanted = {slo: kept.wanted[slo] for slo in settled}
    batches = kept.history.batches(day, kept.step, wanted, slices=kept.opened[number])
    indices = [np.array([place[slo] for slo in one.slos], dtype=np.intp) for one in batches]
    times = np.bincount(np.concatenate(indices), minlength=len(slos)) if indices else np.zeros(0)
    if np.count_nonzero(times) != len(settled):
        msg = f"days of {day} vanished from the history {kept.history.url} while it was read"
        raise HistoryError(msg)
    choices: dict[int, list[tuple[Batch, int]]] = defaultdict(list)
    for batch, index in zip(batches, indices, strict=True):
        alone = times[index] == 1
        sheet.put_batch(number, batch, np.flatnonzero(alone), index[alone])
        for row in np.flatnonzero(~alone).tolist():
            choices[int(index[row])].append((batch, row))
    for slo, rows in choices.items():
        name = slos[slo]
        known = known_of((batch.row(row) for batch, row in rows), kept.wanted[name])
        sheet.put_part(slo, number, _part(name, day, grid, known, None))


def _part(slo: str, day: date, grid: Grid, known: Known, asked: Asked | None) -> Part:
    """The best that is known of a day: the first of the candidates that has any data."""
    candidates = []
    if known.settled is not None:
        candidates.append(part_of_row(known.settled, grid))
    if asked is not None:
        candidates.append(_asked_part(asked, slo, day, grid))
    if known.current is not None and known.settled is None:
        candidates.append(part_of_row(known.current, grid))
    if known.earlier is not None:
        candidates.append(part_of_row(known.earlier, grid, outdated=True))
    return next((one for one in candidates if one.coverage.any()), candidates[0])


def _asked_part(asked: Asked, slo: str, day: date, grid: Grid) -> Part:
    found = asked.found[slo]
    there = asked.seen.get(day, 0.0) >= WHOLE or (
        found.since is not None and day_start(day) < found.since
    )
    return part_of_asked(found, asked.span, grid, day, source_was_there=there)
