"""What reports cost as PDFs: CPU time, pages, size and memory, and beside it headless Chromium's.

``PYTHONPATH=tests python benchmarks/rendering.py``; made-up data (tests/support), so nothing else
is needed. Each report is set in a process of its own, as in a real run; its first round warms it.
Chromium prints the HTML document of the same report and is skipped where there is none; what it
costs is that of its whole tree of processes. Seconds are of CPU time. Compare within one run only:
ratios hold on a slower machine, too.
"""

from __future__ import annotations

import io
import pickle
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pypdf import PdfReader
from support.estate import a_portfolio
from support.snapshots import COMMERCE, INCIDENTS, Service, a_snapshot
from targets import at_most
from watching import cpu_of, memory_of, tree_of

from slo_reports.compute import build_report
from slo_reports.model import Report
from slo_reports.render import mail_body, render_html
from slo_reports.render.pdf import pdf_job
from slo_reports.resources import resources

ROUNDS = 5
TARGETS = {"1 objective, quiet": (0.4, 300), "portfolio of 200": (10, 300)}
"""CPU time [s] and memory [MB] of a PDF."""


@dataclass(frozen=True)
class Cost:
    """What one PDF cost: CPU time [s], pages, size [kB], and the most memory held [MB]."""

    seconds: float
    pages: int
    kilobytes: float
    megabytes: float


def cost(seconds: float, content: bytes, megabytes: float) -> Cost:
    return Cost(seconds, len(PdfReader(io.BytesIO(content)).pages), len(content) / 1024, megabytes)


def reports() -> Iterator[tuple[str, Report]]:
    checkout = COMMERCE[0]
    one = Service(checkout.name, checkout.owner, checkout.tier, checkout.promises[:1])
    yield "1 objective, quiet", build_report(a_snapshot([one], incidents=()))
    yield "1 objective", build_report(a_snapshot([one], incidents=INCIDENTS[1:3]))
    yield "1 service", build_report(a_snapshot(COMMERCE[:1], incidents=INCIDENTS[1:]))
    yield "6 services", build_report(a_snapshot())
    yield "portfolio of 50", build_report(a_portfolio(50))
    yield "portfolio of 200", build_report(a_portfolio(200))


# --- ours ---


def ours(report: Report) -> Cost:
    """In a process of its own, so that the memory is that of one kind of report."""
    job = pickle.dumps((pdf_job(report, resources()), ROUNDS))
    command = [sys.executable, Path(__file__).with_name("setting.py")]
    told = subprocess.run(command, input=job, stdout=subprocess.PIPE, check=True).stdout
    return cost(*pickle.loads(told))  # noqa: S301 our own process


# --- Chromium ---


def chromium(program: str, html: bytes) -> Cost:
    """The best of two rounds, as a service would call it: a process for each document."""
    with tempfile.TemporaryDirectory(prefix="slo-reports-bench-") as name:
        folder = Path(name)
        (folder / "report.html").write_bytes(html)
        found = [printed(program, folder) for _ in range(2)]
        return min(found, key=lambda one: one.seconds)


def printed(program: str, folder: Path) -> Cost:
    target = folder / "report.pdf"
    target.unlink(missing_ok=True)
    before = children_seconds()
    command = [program, "--headless", "--no-sandbox", "--no-pdf-header-footer"]
    command += [f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={target}"]
    with subprocess.Popen(
        [*command, (folder / "report.html").as_uri()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        seconds, memory = looked_at(process)
    # what was waited for, or what was seen alive: processes of a zygote are not always waited for
    seconds = max(seconds, children_seconds() - before)
    return cost(seconds, target.read_bytes(), memory)


def looked_at(process: subprocess.Popen[bytes]) -> tuple[float, float]:
    """CPU time [s] and the most memory [MB] of a tree of processes, looked at until it ends."""
    spent: dict[int, float] = {}
    most = 0.0
    while process.poll() is None:
        tree = tree_of(process.pid)
        for one in tree:
            spent[one] = max(spent.get(one, 0.0), cpu_of(one))
        most = max(most, sum(map(memory_of, tree)))
        time.sleep(0.1)
    return sum(spent.values()), most


def children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# --- the table ---


def row(name: str, who: str, found: Cost, than: Cost | None = None) -> str:
    figures = (
        f"{found.seconds:8.2f}{found.pages:7}{found.kilobytes:8.0f}{found.megabytes:8.0f}"
        f"{found.seconds / found.pages:9.3f}"
    )
    if than is None:
        return f"{name:20}{who:10}{figures}"
    seconds, memory = found.seconds / than.seconds, found.megabytes / than.megabytes
    return f"{name:20}{who:10}{figures}{seconds:9.1f}×{memory:8.1f}×"


def main() -> None:
    program = shutil.which("chromium")
    print(f"best of {ROUNDS} rounds, warm; Chromium: best of 2 processes")
    print(
        f"{'report':20}{'':10}{'CPU s':>8}{'pages':>7}{'kB':>8}{'MB':>8}"
        f"{'s/page':>9}{'CPU':>10}{'memory':>9}"
    )
    sizes = []
    for name, report in reports():
        html = render_html(report)
        own = ours(report)
        print(row(name, "ours", own), flush=True)
        if program:
            print(row("", "Chromium", chromium(program, html), own), flush=True)
        if name in TARGETS:
            seconds, megabytes = TARGETS[name]
            at_most(f"{name}: CPU", own.seconds, seconds, "s")
            at_most(f"{name}: memory", own.megabytes, megabytes, "MB")
        sizes.append((name, len(html) / 1024, len(mail_body(report).html.encode()) / 1024))
    if not program:
        print("no Chromium on this machine: nothing to compare with")
    print(f"\n{'':20}{'HTML kB':>10}{'mail kB':>10}")
    for name, document, mail in sizes:
        print(f"{name:20}{document:10.0f}{mail:10.0f}")


if __name__ == "__main__":
    main()
