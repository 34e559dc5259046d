"""The whole monthly job in one run: collecting, judging, HTML and PDF of each service, filing.

Nothing is kept yet: ``slo-reports run-due`` collects the month from a real Prometheus, makes one
report for each service and a portfolio of all, and files them on a share. Measured are wall time,
CPU time, and the memory of the whole tree of processes (PSS: shared pages count once), each second
and told for each quarter of the reports: what grows with their number is seen there.

Usage: python benchmarks/whole_job.py [SERVICES] [--jobs 2] [--keep FOLDER]    (default: 20)
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from estate import Estate, calendar_estate

from slo_reports.definitions.writing import to_yaml
from slo_reports.demo.places import find_tools
from slo_reports.demo.prometheus import running_prometheus
from slo_reports.ledger import Ledger
from slo_reports.model import DeliveryState

_TICKS = os.sysconf("SC_CLK_TCK")
_MB = 1024
SETTINGS = """\
version: 1
definitions: [definitions]
executor: {{kind: processes, jobs: {jobs}, time_limit: 1h}}
collect_at: "23:59"
source: {{url: {url}}}
destinations:
  archive: {{kind: share, path: share}}
reports:
  - {{name: portfolio, title: All services, kind: portfolio, schedule: {{every: month}}, \
formats: [html, pdf], destinations: [archive]}}
"""
REPORT = """\
  - {{name: {name}, title: {name}, schedule: {{every: month}}, select: {{services: [{name}]}}, \
formats: [html, pdf], destinations: [archive]}}
"""


@dataclass(frozen=True)
class Sample:
    """The job at one instant.

    Attributes:
        at: since the job's start [s].
        coordinator: memory of the process that hands out, records and files [kB].
        tree: of it and of all processes below it [kB].
        reports: PDFs that are filed.
        cpu: what each process has used so far [s], by what it is and its id.
    """

    at: float
    coordinator: int
    tree: int
    reports: int
    cpu: dict[tuple[str, int], float]


@dataclass(frozen=True)
class Run:
    """What a run of the job came to.

    Attributes:
        wall: from its start to its end [s].
        cpu: of its processes, by what they are [s].
        source_cpu: of the metrics server [s].
        output: what it said.
    """

    wall: float
    cpu: dict[str, float]
    source_cpu: float
    exit_code: int
    samples: Sequence[Sample]
    output: str


def prepare(folder: Path, data: Estate, url: str, jobs: int) -> Path:
    """Settings, and a file of definitions for each service."""
    names = list(dict.fromkeys(slo.service for slo in data.slos))
    text = SETTINGS.format(url=url, jobs=jobs)
    text += "".join(REPORT.format(name=name) for name in names)
    (folder / "definitions").mkdir()
    (folder / "share").mkdir()
    documents: dict[str, list[str]] = {name: [] for name in names}
    for slo in data.slos:
        documents[slo.service].append(to_yaml(slo))
    for name, written in documents.items():
        path = folder / "definitions" / f"{name}.yaml"
        path.write_text("---\n".join(written), encoding="utf-8")
    settings = folder / "slo_reports.yaml"
    settings.write_text(text, encoding="utf-8")
    return settings


def run_job(settings: Path, source: int) -> Run:
    """Run the command and watch it, once a second.

    Args:
        settings: its settings.
        source: process id of the metrics server.
    """
    command = [sys.executable, "-m", "slo_reports", "run-due", "--config", settings]
    log, before = settings.with_name("log"), cpu_of(source)
    began = time.monotonic()
    with log.open("wb") as output:
        job = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        samples = []
        while True:
            if job.poll() is not None:
                break
            samples.append(sample(job.pid, time.monotonic() - began, settings.parent))
            time.sleep(1)
    return Run(
        wall=time.monotonic() - began,
        cpu=cpu_seen(samples),
        source_cpu=cpu_of(source) - before,
        exit_code=job.returncode,
        samples=samples,
        output=log.read_text(encoding="utf-8"),
    )


def sample(job: int, at: float, folder: Path) -> Sample:
    tree = tree_of(job)
    sizes = {pid: memory_of(pid) for pid in tree}
    spent = {(role_of(pid, job), pid): cpu_of(pid) for pid in tree}
    return Sample(at, sizes.get(job, 0), sum(sizes.values()), len(filed(folder, "pdf")), spent)


def role_of(pid: int, job: int) -> str:
    """What a process of the job is: a worker's own child sets its PDFs."""
    stat = stat_of(pid)
    if pid == job:
        return "coordinator"
    return "workers" if stat and int(stat[1]) == job else "PDFs"


def cpu_seen(samples: Sequence[Sample]) -> dict[str, float]:
    """CPU time by role [s]: what each process had used when it was last seen.

    Processes that are killed with their parent are waited for by nobody, so the system's own sum
    lacks them.
    """
    last: dict[tuple[str, int], float] = {}
    for one in samples:
        last |= {who: spent for who, spent in one.cpu.items() if spent}
    found: dict[str, float] = {}
    for (role, _), spent in last.items():
        found[role] = found.get(role, 0.0) + spent
    return found


def tree_of(root: int) -> list[int]:
    """A process and all below it."""
    below: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal() and (stat := stat_of(int(entry.name))):
            below.setdefault(int(stat[1]), []).append(int(entry.name))
    found = [root]
    for one in found:
        found += below.get(one, ())
    return found


def stat_of(pid: int) -> list[str]:
    """The fields of a process from its state on; none where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def cpu_of(pid: int) -> float:
    """CPU time of one process [s]."""
    stat = stat_of(pid)
    return (int(stat[11]) + int(stat[12])) / _TICKS if stat else 0.0


def memory_of(pid: int) -> int:
    """Proportional share of memory [kB]; 0 where it is gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def filed(folder: Path, ending: str) -> list[Path]:
    """The documents on the share."""
    return list((folder / "share").glob(f"*/*/*.{ending}"))


def kept_days(folder: Path) -> list[Path]:
    return list((folder / "state" / "history").rglob("*.parquet"))


# --- what is told of it ---


def tell(run: Run, folder: Path, data: Estate) -> None:
    pdfs = filed(folder, "pdf")
    count = data.services + 1
    print(
        f"\n{data.services} services, {len(data.slos)} objectives, {data.period.id}; "
        f"{len(pdfs)} reports\n"
    )
    for what, text in figures(run, folder, count):
        print(f"{what:44}{text:>16}")
    print(f"\n{'memory, median of each quarter of the reports':44}{'whole':>12}{'coordinator':>14}")
    for quarter, (tree, coordinator) in enumerate(quarters(run.samples, count), 1):
        print(f"{f'  up to {25 * quarter} %':44}{tree / _MB:>9.0f} MB{coordinator / _MB:>11.0f} MB")
    print()
    for what, holds in checks(folder, data):
        print(f"{what:44}{'yes' if holds else 'NO':>16}")


def figures(run: Run, folder: Path, count: int) -> Iterator[tuple[str, str]]:
    peak = max(run.samples, key=lambda one: one.tree)
    yield "wall time", f"{run.wall:.1f} s"
    for what, seconds in phases(run, folder):
        yield f"  {what}", f"{seconds:.1f} s"
    spent = sum(run.cpu.values())
    yield "CPU time, all processes of the job", f"{spent:.1f} s"
    for role, seconds in sorted(run.cpu.items()):
        yield f"  {role}", f"{seconds:.1f} s"
    yield "CPU time of the metrics server", f"{run.source_cpu:.1f} s"
    yield "CPU time a report", f"{spent / count:.2f} s"
    yield "reports a minute, everything included", f"{60 * count / run.wall:.1f}"
    yield "peak memory", f"{peak.tree / _MB:.0f} MB"
    yield f"  reached after {peak.at:.0f} s, with reports filed", f"{peak.reports}"


def phases(run: Run, folder: Path) -> Iterator[tuple[str, float]]:
    """How long each lasted, told from the instants at which files appeared."""
    ended = time.time()
    began = ended - run.wall
    planned = (folder / "state" / "ledger.db").stat()
    marks = (
        ("settings, definitions, plan", getattr(planned, "st_birthtime", None)),
        ("collecting the month", max(one.stat().st_mtime for one in kept_days(folder))),
        ("reports: judged, set, filed", max(one.stat().st_mtime for one in filed(folder, "pdf"))),
        ("the share's page, and the end", ended),
    )
    for what, mark in marks:
        if mark is not None:
            yield what, mark - began
            began = mark


def quarters(samples: Sequence[Sample], count: int) -> Iterator[tuple[float, float]]:
    for quarter in range(4):
        low, high = quarter * count / 4, (quarter + 1) * count / 4
        inside = [one for one in samples if max(1, low) <= one.reports <= high] or samples[-1:]
        yield median(one.tree for one in inside), median(one.coordinator for one in inside)


def checks(folder: Path, data: Estate) -> Iterator[tuple[str, bool]]:
    count = data.services + 1
    yield (
        f"{count} HTML, {count} PDF, their hashes",
        all(len(filed(folder, ending)) == count for ending in ("html", "pdf", "sha256")),
    )
    yield "the share's page", (folder / "share" / "index.html").is_file()
    with Ledger.open(folder / "state") as ledger:
        found = [one for run in ledger.history() for one in ledger.deliveries(run)]
    arrived = [one for one in found if one.state is DeliveryState.DELIVERED]
    yield "the ledger says that all arrived", len(arrived) == len(found) == 3 * count


@contextmanager
def folder_at(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True)
        yield kept
        return
    with TemporaryDirectory(prefix="slo-reports-bench-") as name:
        yield Path(name)


def process_serving(url: str) -> int:
    """The process of a server that we started, told by its port."""
    port = url.rpartition(":")[2]
    for pid in tree_of(os.getpid()):
        words = Path(f"/proc/{pid}/cmdline").read_bytes()
        if f"--web.listen-address=127.0.0.1:{port}".encode() in words:
            return pid
    raise LookupError(url)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("services", type=int, nargs="?", default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="a new folder for all that is made")
    wanted = parser.parse_args()
    tools = find_tools()
    data = calendar_estate(wanted.services, tools)
    with running_prometheus(tools.prometheus, data.blocks) as url, folder_at(wanted.keep) as folder:
        settings = prepare(folder, data, url, wanted.jobs)
        run = run_job(settings, process_serving(url))
        if run.exit_code or not filed(folder, "pdf"):
            wrong = [
                line for line in run.output.splitlines() if line.startswith(("slo-rep", "  ✗"))
            ]
            sys.exit("\n".join([f"the job ended with {run.exit_code}:", *wrong[-20:]]))
        tell(run, folder, data)
        held = all(holds for _, holds in checks(folder, data))
    sys.exit(0 if held else 1)


if __name__ == "__main__":
    main()
