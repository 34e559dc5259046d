"""Hand-made samples in a real Prometheus."""

import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

from slo_reports.demo.places import find_tools
from slo_reports.demo.prometheus import running_prometheus
from slo_reports.errors import SourceError


def why_no_prometheus():
    """Why a real Prometheus cannot be used here, or an empty text."""
    try:
        find_tools()
    except SourceError as error:
        return str(error)
    return ""


@contextmanager
def prometheus_with(samples, folder: Path, **more):
    """A Prometheus that holds ``{series text: [(seconds, value), …]}``; yields its URL.

    ``more`` is for ``running_prometheus``.
    """
    tools = find_tools()
    text = folder / "samples.txt"
    with text.open("w", encoding="utf-8") as file:
        for series, points in samples.items():
            file.writelines(f"{series} {value} {time:.3f}\n" for time, value in points)
        file.write("# EOF\n")
    blocks = folder / "blocks"
    shutil.rmtree(blocks, ignore_errors=True)
    command = [tools.promtool, "tsdb", "create-blocks-from", "openmetrics"]
    subprocess.run(
        [*command, "--max-block-duration=960h", text, blocks], check=True, capture_output=True
    )
    with running_prometheus(tools.prometheus, blocks, **more) as url:
        yield url
