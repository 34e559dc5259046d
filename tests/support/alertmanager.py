"""A real Alertmanager."""

import shutil
from contextlib import contextmanager
from pathlib import Path

import httpx
from support.servers import running

from slo_reports.demo.prometheus import free_port

WHY_NOT = "no prometheus-alertmanager here: apt-get install prometheus-alertmanager"


def find_alertmanager():
    """The installed program; None where there is none (unpacked alone it finds no templates)."""
    return shutil.which("prometheus-alertmanager")


@contextmanager
def running_alertmanager(folder: Path):
    """An Alertmanager that knows of nothing and tells nobody; yields its URL."""
    config = folder / "alertmanager.yml"
    config.write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    url = f"http://127.0.0.1:{(port := free_port())}"
    command = [
        find_alertmanager(),
        f"--config.file={config}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with running(command, folder / "alertmanager.log", f"{url}/-/ready"):
        yield url


def put_alerts(url, *alerts):
    """Tell it of alerts, as Prometheus does."""
    with httpx.Client(trust_env=False) as client:
        client.post(f"{url}/api/v2/alerts", json=list(alerts)).raise_for_status()
