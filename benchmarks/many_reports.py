"""How long many due reports take, by one process and by several.

``PYTHONPATH=tests python benchmarks/many_reports.py --reports 40 --jobs 1 2``. Each report is a
week of a small service with twelve weeks of trend, as HTML, PDF and JSON, filed on a share.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from support.weeks import SOURCE, monday, write_definition, years_of_traffic

from slo_reports.definitions.loading import load_everything
from slo_reports.due import Failure, run_due
from slo_reports.history import History
from slo_reports.job import Quiet, World

SETTINGS = (
    """\
version: 1
state: state
definitions: [definitions]
executor: {{kind: processes, jobs: {jobs}}}
source: """
    + SOURCE
    + """
destinations:
  archive: {{kind: share, path: share}}
reports:
{reports}"""
)
REPORT = (
    "  - {{name: shop-{n}, title: Shop {n}, period: week, schedule: {{every: week}}, trend: 12, "
    "formats: [html, pdf, json], destinations: [archive]}}\n"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--reports", type=int, default=40)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    wanted = parser.parse_args()
    with years_of_traffic(32) as source:
        for jobs in wanted.jobs:
            seconds = measure(source, jobs, wanted.reports)
            print(f"{wanted.reports} reports, {jobs} jobs: {seconds:.1f} s", flush=True)


def measure(source: str, jobs: int, count: int) -> float:
    """Seconds from nothing to everything filed."""
    with tempfile.TemporaryDirectory(prefix="slo-reports-bench-") as name:
        folder = Path(name)
        write_definition(folder)
        reports = "".join(REPORT.format(n=n) for n in range(count))
        path = folder / "slo_reports.yaml"
        path.write_text(SETTINGS.format(url=source, jobs=jobs, reports=reports), encoding="utf-8")
        settings, slos = load_everything(path)
        history = History(settings.history_url)
        world = World(settings, slos, lambda: monday(30), Quiet(), history=history)
        began = time.perf_counter()
        with world.open_ledger() as ledger, ledger.lock():
            results = list(run_due(world, ledger))
        took = time.perf_counter() - began
        assert not [one for one in results if isinstance(one, Failure)], results  # noqa: S101
        assert len(list((folder / "share").rglob("*.pdf"))) == count  # noqa: S101
        return took


if __name__ == "__main__":
    main()
