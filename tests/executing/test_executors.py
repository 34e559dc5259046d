"""What holds for every executor, on each of them."""

import os
import pickle
import re
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from support import labour
from support.labour import dask_cluster, wait_until

from slo_reports import __version__
from slo_reports.errors import ExecutorError, RenderError
from slo_reports.executing import Here, Limits, Task
from slo_reports.executing.processes import Processes
from slo_reports.executing.remote import Remote, work
from slo_reports.settings.executor import DaskSettings

pytestmark = pytest.mark.slow
LIMITS = Limits(timedelta(seconds=30), 1024**3)
PATIENCE = timedelta(seconds=60)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with dask_cluster(tmp_path_factory.mktemp("dask")) as one:
        yield one


def opened(kind, request, limits=LIMITS):
    if kind == "here":
        return Here()
    if kind == "processes":
        return Processes(2, limits)
    address = request.getfixturevalue("cluster").address
    return Remote(DaskSettings(kind="dask", address=address), limits)


@pytest.fixture(params=["here", "processes", "dask"])
def executor(request):
    one = opened(request.param, request)
    yield one
    one.close()


@pytest.fixture(params=["processes", "dask"])
def make(request):
    """Makes executors whose tasks are done in another process, with limits of a test's own."""
    made = []

    def make(limits=LIMITS):
        made.append(opened(request.param, request, limits))
        return made[-1]

    yield make
    for one in made:
        one.close()


def outcomes(executor, *tasks):
    """What tasks come to, by name, handed out as there is room."""
    waiting, under_way, found = list(tasks), 0, {}
    while waiting or under_way:
        while waiting and under_way < executor.room:
            executor.submit(waiting.pop(0))
            under_way += 1
        done = executor.next_done(PATIENCE)
        assert done is not None
        found[done.task.name] = done.outcome
        under_way -= 1
    return found


def task(name, work, *arguments):
    return Task(name, work, arguments)


def test_every_task_is_done_once(executor):
    found = outcomes(executor, *(task(f"t{n}", labour.add, n, 100) for n in range(20)))
    assert found == {f"t{n}": n + 100 for n in range(20)}


def test_nothing_is_done_where_nothing_is_under_way(executor):
    assert executor.next_done(timedelta(0)) is None


def test_a_task_that_fails_ends_itself_only(executor):
    found = outcomes(
        executor,
        task("bad page", labour.refuse, "the page of the report is wrong"),
        task("bug", labour.stumble),
        task("good", labour.add, 1, 1),
    )
    assert isinstance(found["bad page"], RenderError)
    assert str(found["bad page"]) == "the page of the report is wrong"
    assert str(found["bug"]) == "bug failed (KeyError: 'nothing of this name'); this is a bug"
    assert found["good"] == 2


def test_large_things_go_there_and_back(executor):
    content = os.urandom(5_000_000)
    assert outcomes(executor, task("large", labour.add, content, b"!"))["large"] == content + b"!"


def test_a_task_that_needs_too_much_memory_ends_alone(make):
    found = outcomes(
        make(Limits(timedelta(seconds=30), 512 * 1024**2)),
        task("too much", labour.hoard, 4 * 1024**3),
        task("enough", labour.hoard, 1024),
    )
    assert isinstance(found["too much"], ExecutorError)
    assert str(found["too much"]) == (
        "too much needs more memory than executor.memory_limit allows"
    )
    assert found["enough"] == 1024


def test_a_task_that_takes_too_long_ends_alone(make):
    found = outcomes(
        make(Limits(timedelta(seconds=4), 1024**3)),
        task("slow", labour.linger, 60),
        *(task(f"t{n}", labour.add, n, 1) for n in range(4)),
    )
    assert str(found.pop("slow")) == "slow was not ready after 4 s (executor.time_limit)"
    assert found == {f"t{n}": n + 1 for n in range(4)}


def test_a_process_that_is_killed_costs_its_task_once_more(make, tmp_path):
    marks = {name: tmp_path / name for name in ("once", "always")}
    for folder in marks.values():
        folder.mkdir()
    found = outcomes(
        make(),
        task("once", labour.die, str(marks["once"]), 1),
        task("always", labour.die, str(marks["always"]), 99),
        *(task(f"t{n}", labour.add, n, 1) for n in range(6)),
    )
    assert found.pop("once") == "lived"
    assert "always ended its process 2 times (signal 9)" in str(found.pop("always"))
    assert len(list(marks["always"].iterdir())) == 2
    assert found == {f"t{n}": n + 1 for n in range(6)}


def test_what_cannot_be_sent_back_is_told(make):
    assert "lambda" in str(outcomes(make(), task("odd", labour.return_a_lambda))["odd"])


def test_an_idle_process_that_is_killed_costs_nothing(tmp_path):
    executor = Processes(1, LIMITS)
    try:
        first = outcomes(executor, task("pid", labour.leave_trace, str(tmp_path), 0))["pid"]
        os.kill(first, signal.SIGKILL)
        second = outcomes(executor, task("pid", labour.leave_trace, str(tmp_path), 0))["pid"]
    finally:
        executor.close()
    assert second != first


def test_a_process_that_goes_on_holding_much_is_replaced():
    executor = Processes(1, Limits(timedelta(seconds=30), 2 * 1024**3))
    try:
        sizes = {"small": 1, "as small": 1, "large": 600 * 1024**2, "small again": 1}
        pids = [
            outcomes(executor, task(name, labour.keep, size))[name] for name, size in sizes.items()
        ]
    finally:
        executor.close()
    assert pids[0] == pids[1] == pids[2] != pids[3]


def test_closing_ends_what_is_under_way(tmp_path):
    executor = Processes(1, LIMITS)
    executor.submit(task("long", labour.leave_trace, str(tmp_path), 300))
    wait_until((tmp_path / "begun").exists)
    executor.close()
    pid = int((tmp_path / "begun").read_text())
    wait_until(lambda: not Path(f"/proc/{pid}").exists())


def test_a_scheduler_that_is_not_there_is_told():
    settings = DaskSettings(kind="dask", address="tcp://127.0.0.1:1", connect_timeout="2s")
    with pytest.raises(ExecutorError, match=r"127\.0\.0\.1:1 could not be reached.*is it running"):
        Remote(settings, LIMITS)


def test_a_scheduler_without_workers_is_told(tmp_path):
    with dask_cluster(tmp_path, workers=0) as cluster:
        settings = DaskSettings(kind="dask", address=cluster.address, connect_timeout="5s")
        with pytest.raises(ExecutorError, match="has no worker; start some"):
            Remote(settings, LIMITS)


def test_a_worker_under_a_nanny_has_processes_too(tmp_path):
    with dask_cluster(tmp_path, workers=0) as cluster:
        cluster.start_worker(nanny=True)
        executor = Remote(DaskSettings(kind="dask", address=cluster.address), LIMITS)
        try:
            assert outcomes(executor, task("sum", labour.add, 1, 2)) == {"sum": 3}
        finally:
            executor.close()


def test_a_worker_of_another_version_says_so():
    answer = pickle.loads(work("0.0.1", b"", LIMITS))  # noqa: S301  # our own
    assert isinstance(answer, ExecutorError)
    assert re.search(rf"has slo-reports {__version__}, not 0\.0\.1 as we have", str(answer))


def test_a_worker_that_is_killed_costs_its_task_once_more(tmp_path):
    with dask_cluster(tmp_path) as cluster:
        executor = Remote(DaskSettings(kind="dask", address=cluster.address), LIMITS)
        try:
            executor.submit(task("long", labour.leave_trace, str(tmp_path), 3))
            wait_until((tmp_path / "begun").exists)
            (first,) = map(int, (tmp_path / "begun").read_text().split())
            parent = int(Path(f"/proc/{first}/stat").read_text().rpartition(")")[2].split()[1])
            os.kill(parent, signal.SIGKILL)
            done = executor.next_done(PATIENCE)
        finally:
            executor.close()
    begun = [int(one) for one in (tmp_path / "begun").read_text().split()]
    assert done is not None
    assert done.outcome == begun[1] != begun[0] == first
    wait_until(lambda: not Path(f"/proc/{first}").exists())  # what it did ended with it


def test_a_scheduler_that_is_killed_is_told(tmp_path):
    with dask_cluster(tmp_path) as cluster:
        executor = Remote(DaskSettings(kind="dask", address=cluster.address), LIMITS)
        try:
            executor.submit(task("long", labour.leave_trace, str(tmp_path), 20))
            wait_until((tmp_path / "begun").exists)
            cluster.kill_scheduler()
            done = executor.next_done(PATIENCE)
            assert done is not None
            assert "was lost while it was at work" in str(done.outcome)
        finally:
            executor.close()


def test_a_scheduler_that_stays_away_is_told_when_there_is_more_to_do(tmp_path):
    with dask_cluster(tmp_path, workers=1) as cluster:
        patience = timedelta(seconds=2)
        settings = DaskSettings(kind="dask", address=cluster.address, connect_timeout=patience)
        executor = Remote(settings, LIMITS)
        try:
            executor.submit(task("short", labour.leave_trace, str(tmp_path), 0))
            assert executor.next_done(PATIENCE) is not None
            cluster.kill_scheduler()
            wait_until(lambda: executor._client.status == "closed")
            with pytest.raises(ExecutorError, match="was lost while it was at work"):
                executor.submit(task("more", labour.leave_trace, str(tmp_path), 0))
            assert executor.next_done(timedelta()) is None
        finally:
            executor.close()
