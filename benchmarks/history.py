"""What the history costs: a day kept, a month opened and summed, and a report recalled from it.

Made-up days of 5-minute slices with whole counts, kept as every day is kept; three objectives of
each service, one in a hundred of which lacks an hour a day. A month is asked of all objectives and
of one service's three, first where the month is all that is kept, then with more months before it.
"Summed" opens all slices of the month day by day and adds them up; "recalled" is what a report
does, and holds all of them at once; "sums" opens no slice, as a trend does. Each question is a
process of its own. CPU time says more than wall time on a machine that does other things. More
months are kept for the least number of objectives only: making them takes long.

Usage: python benchmarks/history.py [OBJECTIVES ...] [--days 31] [--months 12]
                                                          (default: 1000 and 10000)
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from targets import at_most
from watching import most_memory

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.grid import Grid
from slo_reports.collect.recalling import Recall
from slo_reports.collect.survey import Surveyed
from slo_reports.demo.places import work_folder
from slo_reports.history import DaySlices, DaySums, History, SloDay, Stamp, fingerprint
from slo_reports.history.days import DAY, day_start
from slo_reports.model import Matcher, Objective, RatioIndicator, Slo
from slo_reports.settings.schema import SourceSettings

STEP = timedelta(minutes=5)
COUNT = DAY // STEP
LAST = date(2026, 10, 31)
CURVE = 1 + 0.6 * np.sin(np.arange(COUNT) / COUNT * 2 * np.pi)
REQUESTS = "http_requests_total"


@dataclass(frozen=True)
class Cost:
    """CPU and wall time [s], and the most memory that the process held [MB]; what it found."""

    cpu: float
    wall: float
    memory: float
    found: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Question:
    """Some objectives' days of a history."""

    folder: str
    slos: tuple[Slo, ...]
    days: tuple[date, ...]

    @property
    def wanted(self) -> dict[str, str]:
        return {slo.id: fingerprint(slo, STEP) for slo in self.slos}


# --- a made-up history ---


def an_slo(number: int) -> Slo:
    service, kind = f"service-{number // 3:05}", ("availability", "latency", "quality")[number % 3]
    matchers = (Matcher("job", "=", service), Matcher("kind", "=", kind))
    return Slo(
        id=f"bench/{service}-{kind}",
        name=f"{service}-{kind}",
        namespace="bench",
        service=service,
        title=kind,
        owner="Team",
        indicator=RatioIndicator(REQUESTS, matchers, (Matcher("code", "!~", "5.."),)),
        objectives=(Objective(Decimal("0.999"), "month", timedelta(days=30)),),
    )


def made_day(slos: tuple[Slo, ...], day: date) -> tuple[Stamp, list[SloDay]]:
    """The numbers hang on the day and on how many objectives there are."""
    random = np.random.default_rng([day.toordinal(), len(slos)])
    rates = np.random.default_rng(len(slos)).lognormal(4, 1.5, len(slos))
    valid = random.poisson(rates[:, np.newaxis] * CURVE)
    good = valid - random.binomial(valid, 0.0007)
    coverage = np.ones(valid.shape)
    gaps = random.choice(len(slos), -(-len(slos) // 100), replace=False)
    coverage[gaps, 100:112] = good[gaps, 100:112] = valid[gaps, 100:112] = 0
    collected = day_start(day) + DAY + timedelta(hours=3, minutes=30)
    told = {"source": "Prometheus", "url": "http://prometheus:9090", "version": "3.5.0"}
    stamp = Stamp(day, STEP, settled=True, collected_at=collected, seen=1.0, **told)
    rows = []
    for number, slo in enumerate(slos):
        slices = DaySlices(good[number] * 1.0, valid[number] * 1.0, coverage[number])
        query = f'last_over_time({REQUESTS}{{job="{slo.service}"}}[4m59s999ms])'
        sums, name = DaySums.of(slices), fingerprint(slo, STEP)
        told = {"series": 2, "seen_before": True, "notes": (), "queries": (query,), "stamp": stamp}
        rows.append(SloDay(slo.id, name, sums, slices, **told))
    return stamp, rows


def keep(folder: str, slos: tuple[Slo, ...], days: tuple[date, ...]) -> Cost:
    """Keep some days; what keeping alone cost."""
    history, cpu, wall = History(folder), 0.0, 0.0
    for day in days:
        stamp, rows = made_day(slos, day)
        began = time.process_time(), time.perf_counter()
        history.keep(stamp, rows)
        cpu += time.process_time() - began[0]
        wall += time.perf_counter() - began[1]
    return Cost(cpu, wall, most_memory())


def size(folder: str) -> float:
    """Bytes on disk [MB]."""
    return sum(one.stat().st_size for one in Path(folder).rglob("*.parquet")) / 1e6


# --- what is asked of it ---


def summed(question: Question) -> tuple[int, int]:
    """Good and valid events of all slices, one day in memory at a time."""
    history, wanted, total = History(question.folder), question.wanted, np.zeros(2, np.int64)
    for day in question.days:
        for batch in history.batches(day, STEP, wanted):
            assert batch.slices is not None  # noqa: S101
            good = batch.slices.good.sum(axis=1, dtype=np.int64)
            valid = batch.slices.valid.sum(axis=1, dtype=np.int64)
            total += good.sum(), valid.sum()
            del batch, good, valid  # before the next day is opened
    return int(total[0]), int(total[1])


def sums(question: Question) -> tuple[int, int]:
    """The same from the days' sums."""
    history, wanted, total = History(question.folder), question.wanted, np.zeros(2)
    for day in question.days:
        for batch in history.batches(day, STEP, wanted, slices=False):
            total += batch.good.sum(), batch.valid.sum()
    return int(total[0]), int(total[1])


def recalled(question: Question) -> tuple[int, int]:
    """The same as a report gets it: an array per objective; the source is never asked."""

    def ask(_grid: Grid, _slos: object) -> dict[str, Surveyed]:
        raise AssertionError

    days = question.days
    grid = Grid.over(day_start(days[0]), day_start(days[-1]) + DAY, STEP)
    history = History(question.folder)
    with PrometheusClient(SourceSettings(url="http://localhost:9")) as client:
        recall = Recall(client, history, ask, datetime.now(UTC), "3.5.0")
        found = recall.survey(grid, question.slos)
    return (
        int(sum(one.good.sum() for one in found.values())),
        int(sum(one.valid.sum() for one in found.values())),
    )


def cost(work: Callable[[Question], tuple[int, int]], question: Question) -> Cost:
    few = Question(question.folder, question.slos[:1], question.days[:1])
    work(few)  # libraries are loaded now
    cpu, wall = time.process_time(), time.perf_counter()
    found = work(question)
    spent = time.process_time() - cpu, time.perf_counter() - wall
    return Cost(*spent, most_memory(), found)


def apart(work: Callable[[], Cost]) -> Cost:
    """In a process of its own, so that memory is that of one question."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work)


# --- the table ---


def compare(objectives: int, days: int, months: int) -> Iterator[str]:
    slos = tuple(an_slo(number) for number in range(objectives))
    month = tuple(LAST - n * DAY for n in reversed(range(days)))
    earlier = tuple(month[0] - n * DAY for n in range(1, (months - 1) * days + 1))
    root = work_folder() / "bench-data"
    root.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=root, prefix="history-") as folder:
        kept = apart(partial(keep, folder, slos, month))
        yield (
            f"\n{objectives:,} objectives, {days} days of {COUNT} slices: {size(folder):.0f} MB on "
            f"disk, {size(folder) * 1e6 / objectives / days:.0f} bytes an objective and day\n"
            f"a day kept in {kept.cpu / days:.2f} s CPU, {kept.memory:.0f} MB held\n\n"
            f"{'one month':40}{'CPU s':>8}{'wall s':>8}{'of first':>10}{'MB held':>9}"
        )
        everything = Question(folder, slos, month)
        middle = objectives // 2 // 3 * 3
        one_service = Question(folder, slos[middle : middle + 3], month)
        asked = (
            ("all objectives, summed", summed, everything),
            ("all objectives, sums alone", sums, everything),
            ("all objectives, recalled", recalled, everything),
            ("one service, summed", summed, one_service),
            ("one service, recalled", recalled, one_service),
        )
        first = None
        truth = {}
        for name, work, question in asked:
            found = apart(partial(cost, work, question))
            if first is None:
                first = found
                at_most(f"a month of {objectives:,} objectives, summed", found.wall, 3, "s")
            yield row(name, found, first)
            expected = truth.setdefault(question, found.found)
            assert found.found == expected, (name, found.found, expected)  # noqa: S101
        if months > 1:
            apart(partial(keep, folder, slos, earlier))
            yield f"with {months} months kept, {size(folder):.0f} MB on disk"
            for name, work, question in (asked[0], asked[3]):
                yield row(name, apart(partial(cost, work, question)), first)


def row(name: str, found: Cost, first: Cost) -> str:
    ratio = found.cpu / first.cpu
    return f"{name:40}{found.cpu:8.2f}{found.wall:8.2f}{ratio:9.2f}×{found.memory:9.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("objectives", type=int, nargs="*", default=[1000, 10_000])
    parser.add_argument("--days", type=int, default=31, help="length of the month (default: 31)")
    parser.add_argument("--months", type=int, default=12, help="kept in the end (default: 12)")
    wanted = parser.parse_args()
    for objectives in wanted.objectives:
        months = wanted.months if objectives == min(wanted.objectives) else 1
        for line in compare(objectives, wanted.days, months):
            print(line, flush=True)


if __name__ == "__main__":
    main()
