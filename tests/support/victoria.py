"""Hand-made samples in a real VictoriaMetrics."""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path

import httpx
from support.servers import running

from slo_reports.demo.places import work_folder
from slo_reports.demo.prometheus import free_port


def find_victoria_metrics():
    """The program from ``.tools`` or the PATH; None where there is none."""
    path = os.pathsep.join([str(work_folder() / "victoria-metrics"), os.environ.get("PATH", "")])
    return shutil.which("victoria-metrics", path=path)


@contextmanager
def victoria_metrics_with(samples, folder: Path):
    """A VictoriaMetrics that holds ``{series text: [(seconds, value), …]}``; yields its URL."""
    with running_victoria_metrics(folder) as url:
        put_samples(url, samples)
        yield url


def put_samples(url, samples):
    """Import samples and make them visible at once."""
    with httpx.Client(trust_env=False) as client:
        for series, points in samples.items():
            lines = (f"{series} {value} {round(at * 1000)}\n" for at, value in points)
            sent = client.post(f"{url}/api/v1/import/prometheus", content="".join(lines))
            sent.raise_for_status()
        client.get(f"{url}/internal/force_flush").raise_for_status()


@contextmanager
def running_victoria_metrics(folder: Path):
    """An empty VictoriaMetrics on a free port; yields its URL."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = [
        find_victoria_metrics(),
        f"-storageDataPath={folder / 'victoria'}",
        f"-httpListenAddr=127.0.0.1:{port}",
        "-retentionPeriod=10y",
        "-memory.allowedBytes=200MB",
    ]
    with running(command, folder / "victoria.log", f"{url}/health"):
        yield url
