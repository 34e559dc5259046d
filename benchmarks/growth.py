"""What grows with services, with the period and with processors, each in one run.

Services: one UTC day of so many, as the daily job collects it, beside one pass of the server over
the same samples. Period: the days of a year collected, then a report of a month, a quarter and a
year from them. Processors: the whole monthly job by one process and by several. Three objectives
of each service, scraped once a minute; every command is ``slo-reports`` itself, with the memory of
all its processes.

Usage: python benchmarks/growth.py [--services 100 300 1000 3000] [--year-of 10]
                                   [--reports 20] [--jobs 1 2]
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from collecting import one_pass, timed
from estate import Estate, estate, last_month
from targets import at_most
from watching import Run, process_serving, watched
from whole_job import filed, prepare, run_job

from slo_reports.collect.client import PrometheusClient
from slo_reports.demo.places import Tools, find_tools
from slo_reports.demo.prometheus import running_prometheus
from slo_reports.periods import Period, between, year
from slo_reports.settings.schema import SourceSettings


@contextmanager
def job_for(data: Estate, url: str, jobs: int) -> Iterator[Path]:
    """Settings of an installation that has done nothing yet."""
    with TemporaryDirectory(prefix="slo-reports-bench-") as name:
        yield prepare(Path(name), data, url, jobs)


def run(arguments: Sequence[str], settings: Path, server: int) -> Run:
    """A command that must succeed."""
    log = settings.with_name("log")
    found = watched([*arguments, "--config", settings], log, server, every=0.2)
    if found.exit_code:
        sys.exit(f"{' '.join(arguments)} ended with {found.exit_code}:\n{found.output}")
    return found


def by_services(counts: Sequence[int], tools: Tools) -> None:
    until = last_month().end.date()
    data = estate(max(counts), tools, between(until - timedelta(days=1), until, "UTC"))
    print(
        "\nservices, one day          one pass   server CPU       own CPU"
        "     wall   a service      memory"
    )
    with running_prometheus(tools.prometheus, data.blocks) as url:
        server = process_serving(url)
        for services in counts:
            tell_services(data.first(services), url, server)


def tell_services(data: Estate, url: str, server: int) -> None:
    source = SourceSettings(url=url, timeout=timedelta(minutes=5))
    with PrometheusClient(source) as client:
        one_pass(client, data)
        passed, samples = timed(lambda: one_pass(client, data), server)
    with job_for(data, url, os.cpu_count() or 1) as settings:
        found = run(["collect", *_days_of(data.period)], settings, server)
    print(
        f"{data.services:>7,} ({samples / 1e6:6.1f} M samples)"
        f"{passed.server:>10.2f} s{found.source_cpu:>11.2f} s{found.own_cpu:>12.2f} s"
        f"{found.wall:>8.1f} s{1000 * found.own_cpu / data.services:>9.1f} ms"
        f"{found.peak.tree:>9.0f} MB",
        flush=True,
    )
    each = found.peak.largest
    at_most(f"memory of a process that collects {data.services:,} services", each, 400, "MB")


def by_period(services: int, tools: Tools) -> None:
    whole = year(last_month().end.year - 1, "UTC")
    data = estate(services, tools, whole)
    print(f"\n{services} services               own CPU     wall      memory   server CPU")
    with (
        running_prometheus(tools.prometheus, data.blocks) as url,
        job_for(data, url, 2) as settings,
    ):
        server = process_serving(url)
        tell(
            f"{whole.length.days} days collected",
            run(["collect", *_days_of(whole)], settings, server),
        )
        for what, period in (
            ("month", f"{whole.id}-12"),
            ("quarter", f"{whole.id}-Q4"),
            ("year", whole.id),
        ):
            place = settings.with_name(what)
            made = ["make", "portfolio", "--period", period, "--output", str(place)]
            tell(f"report of a {what}", run(made, settings, server))


def tell(what: str, found: Run) -> None:
    print(
        f"{what:24}{found.own_cpu:>11.1f} s{found.wall:>7.1f} s{found.peak.tree:>9.0f} MB"
        f"{found.source_cpu:>11.1f} s",
        flush=True,
    )


def by_processors(reports: int, jobs: Sequence[int], tools: Tools) -> None:
    data = estate(reports, tools, last_month())
    print(f"\n{reports} services, whole job     own CPU     wall      memory   server CPU")
    with running_prometheus(tools.prometheus, data.blocks) as url:
        for count in jobs:
            with job_for(data, url, count) as settings:
                found = run_job(settings, process_serving(url))
                if found.exit_code or len(filed(settings.parent, "pdf")) != reports + 1:
                    sys.exit(found.output)
            tell(f"{count} at once", found)


def _days_of(period: Period) -> list[str]:
    return ["--from", str(period.start.date()), "--to", str(period.end.date())]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--services", type=int, nargs="*", default=[100, 300, 1000, 3000])
    parser.add_argument("--year-of", type=int, default=10, help="so many services")
    parser.add_argument("--reports", type=int, default=20)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    wanted = parser.parse_args()
    tools = find_tools()
    if wanted.services:
        by_services(wanted.services, tools)
    by_period(wanted.year_of, tools)
    by_processors(wanted.reports, wanted.jobs, tools)


if __name__ == "__main__":
    main()
