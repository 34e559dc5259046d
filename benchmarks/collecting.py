"""What collecting a month of many services costs, beside the server's own work and slo-generator.

Three objectives of each service (availability, two latencies). "One pass" is the server reading
each sample of the month once, on all its cores, which is the least that any exact method can cost
it. Cold: nothing is kept yet. Warm: the history holds all days. slo-generator (where pip can
install it, into a virtual environment of its own) computes one number per objective over the same
month.

Usage: python benchmarks/collecting.py [SERVICES ...]     (default: 30 100)
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from estate import DURATION, REQUESTS, Estate, estate, last_month
from targets import at_least, at_most
from watching import cpu_of, most_memory, process_serving

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.collecting import Collected, collect
from slo_reports.collect.grid import Grid
from slo_reports.collect.spans import over
from slo_reports.demo.places import find_tools, work_folder
from slo_reports.demo.prometheus import running_prometheus
from slo_reports.history import History
from slo_reports.settings.schema import SourceSettings

PEER = "slo-generator[prometheus]==2.6.0"
T = TypeVar("T")


@dataclass(frozen=True)
class Cost:
    """Wall time, CPU time of this process and of the server [s]; the most memory so far [MB]."""

    wall: float
    cpu: float
    server: float
    memory: float


def timed(work: Callable[[], T], server: int) -> tuple[Cost, T]:
    """What some work costs here and at a server, told by its process id."""
    wall, cpu, theirs = time.perf_counter(), time.process_time(), cpu_of(server)
    found = work()
    spent = time.perf_counter() - wall, time.process_time() - cpu, cpu_of(server) - theirs
    return Cost(*spent, most_memory()), found


def one_pass(client: PrometheusClient, data: Estate) -> int:
    """Have the server read every sample of the period once, as many days at once as it has cores.

    Returns:
        How many there are.
    """
    chosen = ",".join(
        f'{name}=~"{text}"'
        for name, text in (
            ("__name__", f"{REQUESTS}|{DURATION}_bucket"),
            ("job", "|".join(dict.fromkeys(slo.service for slo in data.slos))),
        )
    )
    days = Grid.over(data.period.start, data.period.end, timedelta(days=1))

    def read(day: int) -> int:
        counted = over(client, f"sum(count_over_time({{{chosen}}}[1d]))", days.part(day, 1))
        return sum(int(series.values.sum()) for series in counted)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return sum(pool.map(read, range(days.count)))


def measured(data: Estate, client: PrometheusClient, history: History) -> Collected:
    now = datetime.now(UTC)
    return collect(data.slos, data.period, client, trend=1, now=now, history=history, brief=True)


def truth(data: Estate, client: PrometheusClient) -> tuple[int, int]:
    """Good and valid requests of the availabilities by what is stored at both ends."""

    def at(instant: datetime, code: str) -> float:
        found = client.query(f"sum({REQUESTS}{{code=~'{code}'}})", instant)
        return float(found[0].values[0])

    ends = data.period.start, data.period.end
    good, valid = (at(ends[1], code) - at(ends[0], code) for code in ("200", ".*"))
    return int(good), int(valid)


def counted(data: Estate, found: Collected) -> tuple[int, int]:
    slices = [found.measurements[slo.id].slices for slo in data.slos if slo.title == "availability"]
    return (
        int(sum(one.good.sum() for one in slices)),
        int(sum(one.valid.sum() for one in slices)),
    )


# --- slo-generator ---


def peer() -> Path | None:
    """slo-generator's program, installed now unless it is there; None where pip has it not."""
    place = work_folder() / "slo-generator"
    program = place / "bin" / "slo-generator"
    if not program.exists():
        venv.create(place, with_pip=True)
        with suppress(subprocess.CalledProcessError):
            subprocess.run(
                [place / "bin/pip", "install", "--quiet", PEER, "setuptools<81"], check=True
            )
    return program if program.exists() else None


CONFIG = """\
backends: {{prometheus: {{url: {url}}}}}
error_budget_policies:
  default:
    steps:
      - {{name: all, window: {window}, burn_rate_threshold: 1, alert: false, message_alert: a, \
message_ok: o}}
"""
AVAILABILITY = """\
apiVersion: sre.google.com/v2
kind: ServiceLevelObjective
metadata: {{name: {name}, labels: {{service_name: {service}, feature_name: x, slo_name: {name}}}}}
spec:
  description: x
  backend: prometheus
  method: good_bad_ratio
  exporters: []
  service_level_indicator:
    filter_good: '{requests}{{job="{service}",code!~"5.."}}'
    filter_valid: '{requests}{{job="{service}"}}'
  goal: 0.999
"""
LATENCY = """\
apiVersion: sre.google.com/v2
kind: ServiceLevelObjective
metadata: {{name: {name}, labels: {{service_name: {service}, feature_name: x, slo_name: {name}}}}}
spec:
  description: x
  backend: prometheus
  method: distribution_cut
  exporters: []
  service_level_indicator:
    expression: '{duration}_bucket{{job="{service}"}}'
    threshold_bucket: {threshold}
  goal: 0.9
"""


def by_peer(program: Path, data: Estate, url: str) -> None:
    with TemporaryDirectory() as place:
        folder = Path(place)
        config = CONFIG.format(url=url, window=round(data.period.length.total_seconds()))
        (folder / "config.yaml").write_text(config, encoding="utf-8")
        (folder / "slos").mkdir()
        for slo in data.slos:
            given = {"name": slo.name, "service": slo.service}
            if slo.title == "availability":
                text = AVAILABILITY.format(requests=REQUESTS, **given)
            else:
                threshold = slo.indicator.threshold
                text = LATENCY.format(duration=DURATION, threshold=threshold, **given)
            (folder / "slos" / f"{slo.name}.yaml").write_text(text, encoding="utf-8")
        subprocess.run(
            [program, "compute", "-f", folder / "slos", "-c", folder / "config.yaml"],
            check=True,
            capture_output=True,
            env={**os.environ, "NO_PROXY": "*", "PYTHONWARNINGS": "ignore"},
        )


# --- the table ---


def row(what: str, cost: Cost, base: Cost, more: str = "") -> None:
    print(
        f"{what:32}{cost.wall:7.1f}{cost.wall / base.wall:7.2f}×"
        f"{cost.server:10.1f}{cost.server / base.server:7.2f}×{cost.cpu:7.1f}  {more}",
        flush=True,
    )


def compare(services: int) -> None:
    tools = find_tools()
    data = estate(services, tools, last_month())
    with running_prometheus(tools.prometheus, data.blocks) as url:
        server = process_serving(url)
        with PrometheusClient(source(url)) as client:
            one_pass(client, data)  # the files are in the page cache now
            base, samples = timed(lambda: one_pass(client, data), server)
        print(
            f"\n{services} services, {len(data.slos)} objectives, {data.period.id}, "
            f"{samples:,} samples\n\n"
            f"{'seconds':32}{'wall':>7}{'pass':>8}{'server CPU':>10}{'pass':>8}{'own':>7}"
        )
        row("one pass of the server", base, base)
        cold, warm = ours(data, url, server, base)
        program = peer()
        theirs = None
        if program is None:
            print("slo-generator could not be installed; left out")
        else:
            theirs, _ = timed(lambda: by_peer(program, data, url), server)
            row("slo-generator, one number each", theirs, base, "(its own CPU time is not told)")
    at_most(f"{services} services, nothing kept: of one pass", cold.wall / base.wall, 1.25, "×")
    at_most(f"{services} services, days kept: queries and all", warm.wall, 1, "s")
    at_least(f"{services} services, days kept: faster by", cold.wall / warm.wall, 50, "×")
    if theirs is not None:
        at_least(f"{services} services: slo-generator takes", theirs.wall / cold.wall, 5, "×")


def ours(data: Estate, url: str, server: int, base: Cost) -> tuple[Cost, Cost]:
    """Collect a month of which nothing is kept, and again where all is; then in other ways.

    Returns:
        What the first and the second cost.
    """
    costs, answers = [], []
    with TemporaryDirectory() as place:
        for what, kept, settings in (
            ("slo-reports, nothing kept", "as it is", source(url)),
            ("slo-reports, days kept", "as it is", source(url)),
            ("nothing kept, 15 minutes a slice", "coarse", source(url, minutes=15)),
            ("nothing kept, samples not read", "asked", source(url, raw_samples=False)),
        ):
            with PrometheusClient(settings) as client:
                work = partial(measured, data, client, History(f"{place}/{kept}"))
                cost, found = timed(work, server)
                row(what, cost, base, f"{client.queries} queries, {cost.memory:.0f} MB")
                costs.append(cost)
                answers.append(counted(data, found))
    with PrometheusClient(source(url)) as client:
        held = truth(data, client)
    exact = all(one == held for one in answers)
    print(f"events equal the stored samples: {'yes' if exact else f'NO: {answers}, {held}'}")
    return costs[0], costs[1]


def source(url: str, *, minutes: int = 5, raw_samples: bool = True) -> SourceSettings:
    """The server, in slices of so many minutes."""
    return SourceSettings(
        url=url,
        timeout=timedelta(minutes=5),
        slice=timedelta(minutes=minutes),
        raw_samples=raw_samples,
    )


def main() -> None:
    for services in map(int, sys.argv[1:] or ("30", "100")):
        compare(services)


if __name__ == "__main__":
    main()
