"""What a portfolio of 200 services costs as a PDF, against a service report in the same run.

Made-up data (tests/support/estate.py), so nothing else is needed. Ratios say more than seconds:
they hold on a slower machine, too. Memory is the most that the process which sets the page ever
held.
"""

import io
import multiprocessing
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup
from pypdf import PdfReader
from support.estate import a_portfolio
from support.snapshots import a_snapshot

from slo_reports.compute import build_report
from slo_reports.model import Report
from slo_reports.render import mail_body, render_html
from slo_reports.render.html import page
from slo_reports.render.layouts import LAYOUTS
from slo_reports.render.pdf import attached_data, pdf_job
from slo_reports.resources import resources
from slo_reports.typesetting.finishing import Finish
from slo_reports.typesetting.worker import PdfJob, prepare, typeset

ROUNDS = 3
SIZES = (50, 200, 500)


@dataclass(frozen=True)
class Cost:
    """Best CPU time of a few rounds, and what came out."""

    name: str
    seconds: float
    pages: int
    kilobytes: float
    megabytes: float


def job_of(report):
    return pdf_job(report, resources())


def cost(name: str, job: PdfJob) -> Cost:
    """In this process: the first round warms it."""
    typeset(job)
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        content = typeset(job).content
        times.append(time.process_time() - start)
    held = most_memory()
    pages = len(PdfReader(io.BytesIO(content)).pages)
    return Cost(name, min(times), pages, len(content) / 1024, held)


def most_memory() -> float:
    """The most that this process held [MB]; what `getrusage` tells begins with the parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


def apart(name: str, job: PdfJob) -> Cost:
    """In a process of its own, so that memory is that of one kind of report."""
    with multiprocessing.get_context("spawn").Pool(1, prepare, (3 * 1024**3,)) as pool:
        return pool.apply(cost, (name, job))


def reports() -> Iterator[tuple[str, Report]]:
    yield "service report", build_report(a_snapshot())
    for size in SIZES:
        yield f"portfolio of {size}", build_report(a_portfolio(size))


def main() -> None:
    print(f"{'PDF':20}{'CPU s':>8}{'of first':>10}{'pages':>7}{'kB':>7}{'MB held':>9}")
    first = None
    sizes = []
    for name, report in reports():
        found = apart(name, job_of(report))
        first = first or found
        ratio = found.seconds / first.seconds
        print(
            f"{name:20}{found.seconds:8.2f}{ratio:9.1f}×{found.pages:7}"
            f"{found.kilobytes:7.0f}{found.megabytes:9.0f}",
            flush=True,
        )
        mail = mail_body(report)
        sizes.append((name, len(render_html(report)) / 1024, len(mail.html.encode()) / 1024))
    print(f"\n{'':20}{'HTML kB':>8}{'mail kB':>10}")
    for name, html, mailed in sizes:
        print(f"{name:20}{html:8.0f}{mailed:10.0f}")


if __name__ == "__main__":
    main()
