"""How exact the numbers are, on real servers, beside two usual ways of asking for them.

A month of services whose every event is known: steady, silent at night, with resets, with replaced
instances, with error series that are born late, with scrape gaps, with little traffic, with a late
start. Writes docs/accuracy.md; ends with 1 where a count is not what the samples allow.

Usage: PYTHONPATH=tests python benchmarks/accuracy.py
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from support.tsdb import prometheus_with
from support.victoria import find_victoria_metrics, victoria_metrics_with

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.collecting import collect
from slo_reports.errors import SourceError
from slo_reports.model import Matcher, Objective, RatioIndicator, Slo
from slo_reports.periods import month
from slo_reports.promql import duration
from slo_reports.settings.schema import SourceSettings

PERIOD = month(2026, 9, "UTC")
START = PERIOD.start.timestamp()
MINUTES = PERIOD.length // timedelta(minutes=1)
TARGET = Decimal("0.999")
DAY = 1440
OUT = Path(__file__).parent.parent / "docs" / "accuracy.md"
Counts = NDArray[np.int64]


@dataclass
class Service:
    """One service: its samples, and what really happened."""

    name: str
    samples: dict[str, list[tuple[float, int]]] = field(default_factory=dict)
    true: dict[str, int] = field(default_factory=lambda: {"200": 0, "500": 0})
    seen: dict[str, int] = field(default_factory=lambda: {"200": 0, "500": 0})

    def instance(
        self,
        code: str,
        events: Counts,
        *,
        number: int = 1,
        first: int = 0,
        restarts: tuple[int, ...] = (),
        gaps: tuple[tuple[int, int], ...] = (),
        born: bool = False,
    ) -> None:
        """One process's counter.

        Args:
            code: ``200`` or ``500``.
            events: per minute, from the minute ``first`` of the month on.
            number: which instance it is.
            first: its first minute.
            restarts: minutes in whose middle the process restarts: half of their events are lost.
            gaps: minutes, first and last, without a scrape.
            born: whether the series exists only from its first event on.
        """
        value, points = 0, []
        for minute, count in enumerate(events.tolist(), first):
            value = count // 2 if minute in restarts else value + count
            scraped = not any(low <= minute <= high for low, high in gaps)
            if scraped and (value or not born):
                points.append((START + 60 * (minute + 1), value))
        name = f'http_requests_total{{job="{self.name}",code="{code}",instance="{number}"}}'
        self.samples[name] = points
        self.true[code] += int(events.sum())
        self.seen[code] += allowed(points)

    def up(self, first: int = 0, gaps: tuple[tuple[int, int], ...] = ()) -> None:
        """The scrapes of its target."""
        self.samples[f'up{{job="{self.name}",instance="1"}}'] = [
            (START + 60 * (minute + 1), 1)
            for minute in range(first, MINUTES)
            if not any(low <= minute <= high for low, high in gaps)
        ]

    def consumed(self, counts: dict[str, int]) -> float:
        """Used budget [ratio]."""
        return counts["500"] / sum(counts.values()) / float(1 - TARGET)


def allowed(points: list[tuple[float, int]]) -> int:
    """Events that a counter's samples tell of: it began at zero, and falls only by a restart."""
    total, before = 0, 0
    for _, value in points:
        total += value - before if value >= before else value
        before = value
    return total


def shape(kind: str) -> NDArray[np.float64]:
    """Requests a minute over the month [1/min]."""
    minute = np.arange(MINUTES) % DAY
    busy = 60 * (1.1 - np.cos(2 * np.pi * minute / DAY))
    night = minute < 6 * 60
    return {
        "busy": busy,
        "silent nights": np.where(night, 0.0, busy),
        "quiet nights": np.where(night, 0.05, busy),
        "little": np.full(MINUTES, 0.1),
    }[kind]


def world() -> list[Service]:
    """The services, the same each time."""
    rng = np.random.default_rng(2026)

    def traffic(kind: str, bad: float) -> tuple[Counts, Counts]:
        rates = shape(kind)
        return rng.poisson(rates * (1 - bad)), rng.poisson(rates * bad)

    def plain(name: str, kind: str = "busy", bad: float = 0.0008) -> Service:
        one = Service(name)
        for code, events in zip(("200", "500"), traffic(kind, bad), strict=True):
            one.instance(code, events)
        one.up()
        return one

    return [
        plain("steady"),
        plain("silent at night", "silent nights"),
        plain("low traffic", "little", 0.01),
        failing_at_night(rng),
        restarting(rng, traffic),
        replaced(traffic),
        born_late(rng, traffic),
        with_gaps(traffic),
        starting_late(traffic),
    ]


Traffic = Callable[[str, float], tuple[Counts, Counts]]


def failing_at_night(rng: np.random.Generator) -> Service:
    """Few requests at night, and half of them fail."""
    rates = shape("quiet nights")
    share = np.where(np.arange(MINUTES) % DAY < 6 * 60, 0.5, 0.0003)
    one = Service("failing at night")
    one.instance("200", rng.poisson(rates * (1 - share)))
    one.instance("500", rng.poisson(rates * share))
    one.up()
    return one


def restarting(rng: np.random.Generator, traffic: Traffic) -> Service:
    """Forty restarts, some of them minutes apart."""
    one = Service("restarts")
    base = rng.integers(60, MINUTES - 60, 20)
    times = tuple(int(minute) for first in base for minute in (first, first + 3))
    for code, events in zip(("200", "500"), traffic("busy", 0.0008), strict=True):
        one.instance(code, events, restarts=times)
    one.up()
    return one


def replaced(traffic: Traffic) -> Service:
    """A new instance each day."""
    one = Service("replaced daily")
    good, bad = traffic("busy", 0.0008)
    for day in range(MINUTES // DAY):
        own = slice(day * DAY, (day + 1) * DAY)
        one.instance("200", good[own], number=day, first=day * DAY)
        one.instance("500", bad[own], number=day, first=day * DAY)
    one.up()
    return one


def born_late(rng: np.random.Generator, traffic: Traffic) -> Service:
    """Errors come in five bursts, each of a series that was not there before."""
    one = Service("born with an error")
    good, _ = traffic("busy", 0.0)
    one.instance("200", good)
    for number, first in enumerate(rng.integers(0, MINUTES - 60, 5).tolist(), 1):
        events = np.zeros(MINUTES - first, dtype=np.int64)
        events[:3] = rng.poisson([400.0, 20.0, 5.0])
        one.instance("500", events, number=number, first=first, born=True)
    one.up()
    return one


def with_gaps(traffic: Traffic) -> Service:
    """Three spans without a scrape, of 25 minutes to 8 hours."""
    one = Service("scrape gaps")
    gaps = ((5000, 5025), (15_000, 15_119), (30_000, 30_479))
    for code, events in zip(("200", "500"), traffic("busy", 0.0008), strict=True):
        one.instance(code, events, gaps=gaps)
    one.up(gaps=gaps)
    return one


def starting_late(traffic: Traffic) -> Service:
    """Nothing before the 17th."""
    one, first = Service("late start"), 16 * DAY + 37
    for code, events in zip(("200", "500"), traffic("busy", 0.0008), strict=True):
        one.instance(code, events[first:], first=first)
    one.up(first)
    return one


def slo(service: Service) -> Slo:
    """Its availability."""
    own = (Matcher("job", "=", service.name),)
    good = (Matcher("code", "!~", "5.."),)
    slug = service.name.replace(" ", "-")
    return Slo(
        f"month/{slug}", slug, "month", service.name, "Availability", "Team",
        RatioIndicator("http_requests_total", own, good),
        (Objective(TARGET, "month", timedelta(days=30)),),
    )  # fmt: skip


# --- measuring ---


@dataclass(frozen=True)
class Row:
    """One service on one server; budgets are used shares [ratio]."""

    service: Service
    bad: float
    valid: float
    ours: float
    averaged: float | None
    increased: float | None


def measure(url: str, services: list[Service]) -> Iterator[Row]:
    """All services, by our method and by two others."""
    with PrometheusClient(SourceSettings(url=url, timeout="2m")) as client:
        found = collect([slo(one) for one in services], PERIOD, client, trend=1, now=PERIOD.end)
        for one in services:
            slices = found.measurements[slo(one).id].slices
            if slices is None:
                msg = f"{one.name} could not be measured"
                raise SourceError(msg)
            bad = float((slices.valid - slices.good).sum())
            valid = float(slices.valid.sum())
            all_ = f'http_requests_total{{job="{one.name}"}}'
            failed = f'http_requests_total{{job="{one.name}",code="500"}}'
            span = duration(PERIOD.length)
            ratio = f"sum(rate({failed}[5m])) / sum(rate({all_}[5m]))"
            averages = asked(client, f"avg_over_time(({ratio})[{span}:5m])")
            increase = asked(
                client, f"sum(increase({failed}[{span}])) / sum(increase({all_}[{span}]))"
            )
            yield Row(one, bad, valid, bad / valid / float(1 - TARGET), averages, increase)


def asked(client: PrometheusClient, expression: str) -> float | None:
    """The used budget that an expression of the error ratio makes; None where it is no number."""
    found = client.query(expression, PERIOD.end)
    if not found or np.isnan(found[0].values[-1]):
        return None
    return float(found[0].values[-1]) / float(1 - TARGET)


def table(rows: list[Row]) -> Iterator[str]:
    """A server's services as Markdown."""
    yield (
        "| service | bad events, true | in the samples | counted | budget used | error of ours "
        "| against the samples | mean of 5-minute ratios | increase over the month |"
    )
    yield "| --- |" + " ---: |" * 8
    for row in rows:
        true, seen = row.service.consumed(row.service.true), row.service.consumed(row.service.seen)
        yield (
            f"| {row.service.name} | {row.service.true['500']} | {row.service.seen['500']} "
            f"| {row.bad:.0f} | {true * 100:.2f} % | {points(row.ours, true)} "
            f"| {points(row.ours, seen)} | {points(row.averaged, true)} "
            f"| {points(row.increased, true)} |"
        )


def points(found: float | None, true: float) -> str:
    """A difference in percentage points of the budget."""
    return (
        "no number" if found is None else f"{(found - true) * 100:+.2f}".replace("-0.00", "+0.00")
    )


def is_exact(row: Row) -> bool:
    """Whether the counts are those of the samples, to the event."""
    seen = row.service.seen
    return (row.bad, row.valid) == (seen["500"], sum(seen.values()))


INTRODUCTION = """\
# How exact the numbers are

Written by `make accuracy`. A month (September 2026) of services whose every event is known, scraped
once a minute by real servers; target 99.9 %, slices of five minutes.

*In the samples* is what the stored samples allow anyone to know: what a process counted between its
last scrape and its end is in no sample. *Counted* is our number; it must equal that to the event.
Errors are in percentage points of the error budget: against what really happened, and, for ours,
also against the samples.

Beside it stand two usual ways of asking: the mean of the five-minute error ratios, in which a quiet
bad hour weighs as much as a busy good one (and which is no number on Prometheus once five minutes
had no traffic), and `increase` over the whole month, which loses the first value of a series that
was born inside it.
"""


def main() -> int:
    """Measure on each server that is here, and write the tables."""
    services = world()
    samples = {name: points for one in services for name, points in one.samples.items()}
    servers = {"Prometheus": prometheus_with}
    if find_victoria_metrics() is not None:
        servers["VictoriaMetrics"] = victoria_metrics_with
    text, exact = [INTRODUCTION], True
    for name, serving in servers.items():
        with TemporaryDirectory() as folder, serving(samples, Path(folder)) as url:
            rows = list(measure(url, services))
        exact = exact and all(map(is_exact, rows))
        text += [f"\n## {name}\n\n", "\n".join(table(rows)), "\n"]
    OUT.write_text("".join(text), encoding="utf-8")
    sys.stdout.write("".join(text[1:]))
    return 0 if exact else 1


if __name__ == "__main__":
    sys.exit(main())
