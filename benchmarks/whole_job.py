"""The whole monthly job in one run: collecting, judging, HTML and PDF of each service, filing.

Nothing is kept yet: ``slo-reports run-due`` collects the month from a real Prometheus, makes one
report for each service and a portfolio of all, and files them on a share. Measured are wall time,
CPU time, and the memory of the whole tree of processes (PSS: shared pages count once), each second
and told for each quarter of the reports: what grows with their number is seen there.

Usage: python benchmarks/whole_job.py [SERVICES] [--jobs 2] [--keep FOLDER]    (default: 20)
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from estate import Estate, estate, last_month
from watching import Run, Sample, process_serving, watched

from slo_reports.definitions.writing import to_yaml
from slo_reports.demo.places import find_tools
from slo_reports.demo.prometheus import running_prometheus
from slo_reports.ledger import Ledger
from slo_reports.model import DeliveryState

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
    """Run the command and watch it, once a second; done is what is filed.

    Args:
        settings: its settings.
        source: process id of the metrics server.
    """

    def done() -> int:
        return len(filed(settings.parent, "pdf"))

    arguments = ["run-due", "--config", settings]
    return watched(arguments, settings.with_name("log"), source, done=done)


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
        print(f"{f'  up to {25 * quarter} %':44}{tree:>9.0f} MB{coordinator:>11.0f} MB")
    print()
    for what, holds in checks(folder, data):
        print(f"{what:44}{'yes' if holds else 'NO':>16}")


def figures(run: Run, folder: Path, count: int) -> Iterator[tuple[str, str]]:
    yield "wall time", f"{run.wall:.1f} s"
    for what, seconds in phases(run, folder):
        yield f"  {what}", f"{seconds:.1f} s"
    yield "CPU time, all processes of the job", f"{run.own_cpu:.1f} s"
    for role, seconds in sorted(run.cpu.items()):
        yield f"  {role}", f"{seconds:.1f} s"
    yield "CPU time of the metrics server", f"{run.source_cpu:.1f} s"
    yield "CPU time a report", f"{run.own_cpu / count:.2f} s"
    yield "reports a minute, everything included", f"{60 * count / run.wall:.1f}"
    yield "peak memory", f"{run.peak.tree:.0f} MB"
    yield f"  reached after {run.peak.at:.0f} s, with reports filed", f"{run.peak.done}"


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
        inside = [one for one in samples if max(1, low) <= one.done <= high] or samples[-1:]
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


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("services", type=int, nargs="?", default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="a new folder for all that is made")
    wanted = parser.parse_args()
    tools = find_tools()
    data = estate(wanted.services, tools, last_month())
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
