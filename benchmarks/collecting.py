"""What collecting a month of many services costs, beside the server's own work and slo-generator.

Three objectives of each service (availability, two latencies). "One pass" is the server reading
each sample of the month once, which is the least that any exact method can cost it. Cold: nothing
is kept yet. Warm: the history holds all days. slo-generator (where pip can install it, into a
virtual environment of its own) computes one number per objective over the same days.

Usage: python benchmarks/collecting.py [SERVICES ...]     (default: 30 100)
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import numpy as np
from estate import DAYS, DURATION, REQUESTS, Estate, estate

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
    """Wall time [s], CPU time of this process [s], and the most memory it held so far [MB]."""

    wall: float
    cpu: float
    memory: float


def timed(work: Callable[[], T]) -> tuple[Cost, T]:
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    spent = time.perf_counter() - wall, time.process_time() - cpu
    return Cost(*spent, most_memory()), found


def most_memory() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


def one_pass(client: PrometheusClient, data: Estate) -> int:
    """Have the server read every sample of the period once, as many days at once as it has cores.

    Returns:
        How many there are.
    """
    metrics = f"{REQUESTS}|{DURATION}_bucket"
    days = Grid.over(data.period.start, data.period.end, timedelta(days=1))
    counted = f'sum(count_over_time({{__name__=~"{metrics}"}}[1d]))'
    found = 0.0
    for first in range(days.count):
        for series in over(client, counted, days.part(first, 1)):
            found += np.sum(series.values)
    return int(found)


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
        config = CONFIG.format(url=url, window=DAYS * 86400)
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


def row(what: str, seconds: float, base: float, more: str = "") -> None:
    print(f"{what:34}{seconds:9.2f}{seconds / base:11.2f}×  {more}", flush=True)


def compare(services: int) -> None:
    data = estate(services, find_tools())
    with running_prometheus(find_tools().prometheus, data.blocks) as url:
        source = SourceSettings(url=url, timeout=timedelta(minutes=5))
        with PrometheusClient(source) as client, TemporaryDirectory() as place:
            one_pass(client, data)  # the files are in the page cache now
            base, samples = timed(lambda: one_pass(client, data))
            print(
                f"\n{services} services, {len(data.slos)} objectives, {DAYS} days, "
                f"{samples:,} samples\n\n{'':34}{'seconds':>9}{'one pass':>12}"
            )
            row("one pass of the server", base.wall, base.wall)
            history = History(place)
            asked = client.queries
            cold, found = timed(lambda: measured(data, client, history))
            said = f"CPU {cold.cpu:.1f} s, {client.queries - asked} queries, {cold.memory:.0f} MB"
            row("slo-reports, nothing kept", cold.wall, base.wall, said)
            asked = client.queries
            warm, again = timed(lambda: measured(data, client, history))
            said = f"CPU {warm.cpu:.1f} s, {client.queries - asked} queries"
            row("slo-reports, days kept", warm.wall, base.wall, said)
            exact = counted(data, found) == counted(data, again) == truth(data, client)
            print(f"{'events equal the stored samples':34}{'yes' if exact else 'NO':>9}")
            if not exact:
                print(counted(data, found), counted(data, again), truth(data, client))
        program = peer()
        if program is None:
            print("slo-generator could not be installed; left out")
            return
        theirs, _ = timed(lambda: by_peer(program, data, url))
        row("slo-generator, one number each", theirs.wall, base.wall)


def main() -> None:
    for services in map(int, sys.argv[1:] or ("30", "100")):
        compare(services)


if __name__ == "__main__":
    main()
