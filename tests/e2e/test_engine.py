"""Many reports made by workers that are killed: none lost, none doubled."""

import json
import os
import signal
import threading
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from s3fs import S3FileSystem
from support.chaos import Zygote
from support.file_servers import PASSWORD, seaweed
from support.labour import Cluster, wait_until
from support.machines import HOME, machines, open_to_machines, why_no_machines
from support.mail_server import Mailbox, mail_server
from support.postgres import new_database, running_postgres
from support.shop import DEFINITION
from support.weeks import SOURCE, monday, write_definition, years_of_traffic

from slo_reports.daily import collect_for, days_before
from slo_reports.definitions.loading import load_everything
from slo_reports.delivering import Receipt
from slo_reports.demo.prometheus import free_port
from slo_reports.due import Failure, run_due
from slo_reports.errors import Busy, ExecutorError, NothingMeasured
from slo_reports.history import History
from slo_reports.job import Quiet, World
from slo_reports.ledger import RunState
from slo_reports.model import DeliveryState

pytestmark = pytest.mark.e2e
REPORTS = 5
NOW = monday(5)
SETTINGS = (
    """\
version: 1
state: state
history: {history}
definitions: [definitions]
{ledger}
executor: {executor}
source: """
    + SOURCE
    + """
destinations:
  archive: {share}
  people:
    kind: mail
    sender: slo@example.com
    recipients: [one@example.com, two@example.com]
    attach: [html]
    server: {{host: 127.0.0.1, port: {port}, security: none}}
reports:
{reports}"""
)
REPORT = (
    "  - {{name: shop-{n}, title: Shop {n}, period: week, schedule: {{every: week}}, trend: 2, "
    "select: {{slos: [shop/checkout-availability]}}, "
    "formats: [html, pdf, json], destinations: [archive, people]}}\n"
)


@dataclass
class Scene:
    """Settings, servers, and what arrived."""

    folder: Path
    mailbox: Mailbox
    files: object
    cluster: Cluster | None = None
    results: list[Receipt | Failure] = field(default_factory=list)

    def world(self, now=NOW):
        settings, slos = load_everything(self.folder / "slo_reports.yaml")
        history = History(settings.history_url, settle=settings.settle)
        return World(settings, slos, lambda: now, Quiet(), history=history)

    def run_due(self, now=NOW):
        world = self.world(now)
        with world.open_ledger() as ledger, ledger.lock():
            return list(run_due(world, ledger))

    def look(self, mails=2 * REPORTS):
        """Nothing is lost and nothing doubled: ledger, share and mailbox say the same."""
        world = self.world()
        filed, sent = {}, Counter()
        with world.open_ledger() as ledger:
            runs = ledger.history()
            assert Counter(run.report for run in runs) == {f"shop-{n}": 1 for n in range(REPORTS)}
            for run in runs:
                assert run.state is RunState.FROZEN
                for one in ledger.open_deliveries(run, tuple(DeliveryState)):
                    assert one.delivery.state is DeliveryState.DELIVERED
                    if one.parcel.message_id is None:
                        filed[one.parcel.recipient] = one.parcel.content
                    else:
                        sent[one.parcel.message_id] += 1
        there = {path: content for path, content in self.files().items() if "index" not in path}
        assert there == filed
        assert len([path for path in there if path.endswith(".pdf")]) == REPORTS
        assert Counter(str(one["Message-ID"]) for one in self.mailbox.messages()) == sent
        assert sum(sent.values()) == len(sent) == mails


def children(pid):
    """The processes that a process has started."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += map(int, task.read_text().split())
    return found


def commands(pid):
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def workers_of(pid):
    """The processes of the pool that a process has."""
    return [one for one in children(pid) if "spawn_main" in commands(one)]


@pytest.fixture(scope="module")
def prometheus():
    with years_of_traffic(6) as url:
        yield url


@pytest.fixture
def beside(prometheus, tmp_path):
    """Everything on this machine: SQLite, folders, and processes beside this one."""
    with mail_server(Mailbox()) as mailbox:
        write_settings(
            tmp_path,
            history=tmp_path / "history",
            ledger="",
            executor="{kind: processes, jobs: 2}",
            url=prometheus,
            share="{kind: share, path: share}",
            port=mailbox.port,
        )
        share = tmp_path / "share"
        yield Scene(
            tmp_path,
            mailbox,
            lambda: {
                str(one.relative_to(share)): one.read_bytes()
                for one in share.rglob("*")
                if one.is_file() and not one.name.startswith(".")
            },
        )


def write_settings(folder, **values):
    write_definition(folder)
    reports = "".join(REPORT.format(n=n) for n in range(REPORTS))
    text = SETTINGS.format(reports=reports, **values)
    (folder / "slo_reports.yaml").write_text(text, encoding="utf-8")


@contextmanager
def elsewhere(prometheus, folder, monkeypatch):
    """PostgreSQL, S3, a dask scheduler, and two workers on machines of their own."""
    with ExitStack() as stack:
        enter = stack.enter_context
        mailbox, url = enter(mail_server(Mailbox())), new_database(enter(running_postgres()))
        store = enter(seaweed())
        where = enter(machines(2))
        source = enter(open_to_machines(int(prometheus.rpartition(":")[2])))
        s3 = f"http://{HOME}:{enter(open_to_machines(store.port))}"
        secrets = {
            "AWS_ACCESS_KEY_ID": "slo-access-key",
            "AWS_SECRET_ACCESS_KEY": PASSWORD,
            "AWS_ENDPOINT_URL": s3,
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        for name, value in secrets.items():
            monkeypatch.setenv(name, value)
        S3FileSystem.clear_instance_cache()  # one kept from an earlier test knows its server only
        logs = folder / "cluster"
        logs.mkdir()
        cluster = Cluster(f"tcp://{HOME}:{free_port()}", logs)
        stack.callback(cluster.stop)
        cluster.start_scheduler()
        for one in where:
            cluster.start_worker(within=one.words, **secrets)
        share = store.settings().model_dump(mode="json", include={"url", "username", "region"})
        share |= {"kind": "share", "endpoint": s3, "password": f"file:{store.folder}/password"}
        write_settings(
            folder,
            history="s3://reports/history",
            ledger=f'ledger: {{url: "{url}"}}',
            executor=f'{{kind: dask, address: "{cluster.address}", connect_timeout: 60s}}',
            url=f"http://{HOME}:{source}",
            share=json.dumps(share),
            port=mailbox.port,
        )
        yield Scene(folder, mailbox, store.files, cluster), where, secrets


def kill_when(found, what):
    """Kill a process with SIGKILL as soon as there is one; the thread, and what it killed."""
    killed = []

    def kill():
        wait_until(found, 120)
        killed.append(what())

    thread = threading.Thread(target=kill)
    thread.start()
    return thread, killed


def busy(cluster):
    """The workers that have begun: a slow one may get nothing to do at all."""
    return [one for one in cluster.workers if workers_of(one.pid)]


@pytest.mark.skipif(bool(why_no_machines()), reason=why_no_machines())
def test_workers_on_other_machines_and_one_is_killed(prometheus, tmp_path, monkeypatch):
    with elsewhere(prometheus, tmp_path, monkeypatch) as (scene, _, _):

        def kill():
            victim = busy(scene.cluster)[0]
            victim.kill()
            return victim

        thread, killed = kill_when(lambda: busy(scene.cluster), kill)
        results = scene.run_due()
        thread.join()
        (victim,) = killed
        assert victim.wait() == -signal.SIGKILL
        assert [one.exit_code for one in results] == [0] * REPORTS
        assert scene.run_due(NOW + timedelta(hours=1)) == []
        scene.look()
        assert History("s3://reports/history").days(timedelta(minutes=15))


@pytest.mark.skipif(bool(why_no_machines()), reason=why_no_machines())
def test_the_scheduler_is_killed_and_costs_only_time(prometheus, tmp_path, monkeypatch):
    with elsewhere(prometheus, tmp_path, monkeypatch) as (scene, where, secrets):
        cluster = scene.cluster
        thread, _ = kill_when(lambda: busy(cluster), cluster.kill_scheduler)
        first = scene.run_due()
        thread.join()
        failures = [one for one in first if isinstance(one, Failure)]
        assert failures
        assert {type(one.error) for one in failures} == {ExecutorError}
        assert len(first) == REPORTS
        cluster.start_scheduler()
        for one in where:
            cluster.start_worker(within=one.words, **secrets)
        again = scene.run_due(NOW + timedelta(hours=1))
        assert [one.exit_code for one in again] == [0] * len(failures)
        scene.look()


def test_a_process_of_the_pool_is_killed(beside):
    before = set(workers_of(os.getpid()))

    def new():
        return set(workers_of(os.getpid())) - before

    thread, killed = kill_when(new, lambda: os.kill(next(iter(new())), signal.SIGKILL))
    results = beside.run_due()
    thread.join()
    assert killed
    assert [one.exit_code for one in results] == [0] * REPORTS
    beside.look()


def test_the_coordinator_is_killed_and_its_processes_end_with_it(beside):
    path = beside.folder / "slo_reports.yaml"
    path.write_text(path.read_text().replace("[archive, people]", "[archive]"))
    zygote, orphans = Zygote(beside.folder), set()
    try:
        pid = zygote.pid

        def pool():
            return {one for child in children(pid) for one in workers_of(child)}

        def kill():
            orphans.update(pool())
            (coordinator,) = children(pid)
            os.kill(coordinator, signal.SIGKILL)

        thread, _ = kill_when(pool, kill)
        assert zygote("run-due", now=NOW)["codes"] == [-signal.SIGKILL]
        thread.join()
        wait_until(lambda: not any(Path(f"/proc/{one}").exists() for one in orphans))
        assert zygote("run-due", now=NOW + timedelta(hours=1))["codes"] == [0]
    finally:
        zygote.close()
    beside.look(mails=0)


def test_of_two_coordinators_one_works(beside):
    found = []

    def rival():
        try:
            found.append(beside.run_due())
        except Busy as error:
            found.append(error)

    threads = [threading.Thread(target=rival) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(type(one).__name__ for one in found) == ["Busy", "list"]
    beside.look()


def test_one_report_that_cannot_be_made_ends_alone(beside):
    gone = DEFINITION.format(service="gone")
    (beside.folder / "definitions" / "gone.yaml").write_text(gone)
    path = beside.folder / "slo_reports.yaml"
    before, third, after = path.read_text().partition("name: shop-3,")
    path.write_text(before + third + after.replace("shop/checkout", "shop/gone", 1))
    results = beside.run_due()
    (failure,) = [one for one in results if isinstance(one, Failure)]
    assert failure.report == "shop-3"
    assert isinstance(failure.error, NothingMeasured)
    assert [one.exit_code for one in results if isinstance(one, Receipt)] == [0] * (REPORTS - 1)


def test_many_days_are_collected_by_tasks_as_by_one(beside):
    world = beside.world()
    days = days_before(NOW, 4)
    alone = History(str(beside.folder / "alone"))
    kept = list(collect_for(world, world.slos, days, alone))
    by_tasks = list(collect_for(world, world.slos, days, world.history, worth_it=1))
    assert by_tasks == kept
    assert world.history.days(timedelta(minutes=15)) == set(days)
    (again, *_) = collect_for(world, world.slos, days, world.history, worth_it=1)
    assert (again.kept, again.known) == (0, 1)
