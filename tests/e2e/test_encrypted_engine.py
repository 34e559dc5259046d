"""Reports made by a worker to which nobody speaks without a certificate."""

import re
import ssl
import subprocess
from datetime import timedelta
from pathlib import Path
from socket import create_connection

import pytest
from support.labour import dask_cluster, wait_until
from support.needed import need_program
from support.tap import tapped
from support.weeks import monday, world_at, write_filed, years_of_traffic

from slo_reports.due import run_due
from slo_reports.errors import ExecutorError
from slo_reports.executing import Limits
from slo_reports.executing.remote import Remote
from slo_reports.ledger import RunState
from slo_reports.settings.executor import DaskSettings

pytestmark = pytest.mark.e2e
NOW = monday(5)
LIMITS = Limits(timedelta(minutes=1), 3 * 1024**3)
EXECUTOR = """\
{{kind: dask, address: "{address}", connect_timeout: 60s, tls: {{
  ca: {pairs}/ca.pem, certificate: {pairs}/coordinator.pem, key: {pairs}/coordinator.key}}}}"""


def made_as_documented(folder):
    """The pairs that the commands of docs/scaling.md make in a folder."""
    need_program("openssl", "openssl")
    text = (Path(__file__).parents[2] / "docs" / "scaling.md").read_text(encoding="utf-8")
    shown = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    (commands,) = (one for one in shown if "openssl" in one)
    folder.mkdir()
    subprocess.run(["bash", "-e", "-c", commands], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    return made_as_documented(tmp_path_factory.mktemp("pairs") / "ours")


@pytest.fixture(scope="module")
def others_pairs(tmp_path_factory):
    return made_as_documented(tmp_path_factory.mktemp("pairs") / "theirs")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory, pairs):
    with dask_cluster(tmp_path_factory.mktemp("dask"), workers=1, certificates=pairs) as one:
        wait_until(lambda: "Registered to" in (one.folder / "worker-1.log").read_text())
        yield one


def port_of(cluster):
    return int(cluster.address.rpartition(":")[2])


def settings_with(address, ca=None, pair=None):
    tls = None
    if ca is not None:
        tls = {
            "ca": ca / "ca.pem",
            "certificate": pair / "coordinator.pem",
            "key": pair / "coordinator.key",
        }
    return DaskSettings(kind="dask", address=address, connect_timeout="20s", tls=tls)


def test_reports_are_made_by_an_encrypted_worker(cluster, pairs, tmp_path):
    with years_of_traffic(6) as url, tapped(port_of(cluster)) as line:
        settings = write_filed(
            tmp_path,
            url,
            4,
            executor=EXECUTOR.format(address=f"tls://127.0.0.1:{line.port}", pairs=pairs),
            title="Confidential",
            formats="html, pdf, json",
            more=f'history: "{(tmp_path / "history").as_uri()}"\n',
        )
        world = world_at(settings, NOW)
        with world.open_ledger() as ledger, ledger.lock():
            results = list(run_due(world, ledger))
            assert [one.exit_code for one in results] == [0] * 4
            assert [run.state for run in ledger.history()] == [RunState.FROZEN] * 4
    pages = [one.read_text() for one in sorted((tmp_path / "share").rglob("shop-*.html"))]
    assert len(pages) == 4
    assert all("Confidential" in one for one in pages)
    assert sum(map(len, line.said)) > sum(map(len, pages))  # they came by this line
    assert {bytes(one[:2]) for one in line.said if one} == {b"\x16\x03"}  # a handshake of TLS
    assert not any(b"Confidential" in one or b"shop-" in one for one in line.said)


def test_who_shows_no_certificate_is_not_let_in(cluster, pairs):
    context = ssl.create_default_context(cafile=pairs / "ca.pem")
    context.check_hostname = False
    with (
        create_connection(("127.0.0.1", port_of(cluster)), 20) as plain,
        pytest.raises(ssl.SSLError, match=r"(?i)certificate.required|handshake.failure"),
        context.wrap_socket(plain) as encrypted,
    ):
        encrypted.recv(1)


def refused(settings):
    with pytest.raises(ExecutorError) as told:
        Remote(settings, LIMITS)
    return str(told.value)


def test_a_coordinator_without_a_certificate_is_told_what_it_lacks(cluster):
    address = cluster.address.replace("tls://", "tcp://")
    told = refused(settings_with(address))
    assert f"{address} could not be reached" in told
    assert told.endswith(
        "it asks for TLS and a certificate: write tls:// in executor.address, and executor.tls"
    )


def test_a_certificate_of_another_ca_is_refused_by_either_side(cluster, pairs, others_pairs):
    ours = f"the dask scheduler {cluster.address} cannot be used: "
    assert refused(settings_with(cluster.address, pairs, others_pairs)) == (
        f"{ours}it refuses {others_pairs}/coordinator.pem: is that from the CA it was given, and "
        "still valid?"
    )
    told = refused(settings_with(cluster.address, others_pairs, pairs))
    assert told.startswith(f"{ours}its certificate is not good (")
    assert told.endswith(f"): is it from {others_pairs}/ca.pem?")


def test_a_scheduler_without_certificates_is_not_spoken_to(tmp_path, pairs):
    with dask_cluster(tmp_path, workers=0) as plain:
        wait_until(lambda: "Scheduler at" in (tmp_path / "scheduler.log").read_text())
        told = refused(settings_with(plain.address.replace("tcp", "tls"), pairs, pairs))
    assert "it speaks no TLS: start it with --protocol tls" in told
