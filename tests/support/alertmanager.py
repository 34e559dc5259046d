"""A real Alertmanager."""

import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import httpx

from slo_reports.demo.prometheus import free_port, stop

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
    with (folder / "alertmanager.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait(process, url)
        yield url
    finally:
        stop(process)


def _wait(process, url):
    deadline = time.monotonic() + 60
    with httpx.Client(trust_env=False, timeout=2) as client:
        while process.poll() is None and time.monotonic() < deadline:
            try:
                if client.get(f"{url}/-/ready").is_success:
                    return
            except httpx.TransportError:
                pass  # not listening yet
            time.sleep(0.05)
    msg = "the Alertmanager did not start; see alertmanager.log"
    raise AssertionError(msg)


def put_alerts(url, *alerts):
    """Tell it of alerts, as Prometheus does."""
    with httpx.Client(trust_env=False) as client:
        client.post(f"{url}/api/v2/alerts", json=list(alerts)).raise_for_status()
