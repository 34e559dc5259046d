"""Many due reports in one pass: what is asked once for all of them, and what is held of them."""

import gc
import sys
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from support.weeks import monday, world_at, write_filed, years_of_traffic

from slo_reports.delivering import Receipt
from slo_reports.due import Failure, plan_due, run_due
from slo_reports.errors import SourceUnavailable
from slo_reports.history import History
from slo_reports.history.days import days_touched
from slo_reports.job import Prepared
from slo_reports.ledger import RunState
from slo_reports.model import Parcel
from slo_reports.together import collect_together

pytestmark = pytest.mark.e2e

NOW = monday(4)


@pytest.fixture(scope="module")
def prometheus():
    with years_of_traffic(6) as url:
        yield url


def world_with(folder, url, reports, jobs=1):
    executor = f"{{kind: processes, jobs: {jobs}}}"
    return keeping(world_at(write_filed(folder, url, reports, executor=executor), NOW))


def keeping(world):
    """The same world with a history."""
    return replace(world, history=History(world.settings.history_url))


@pytest.mark.parametrize(("reports", "together"), [(3, False), (4, True)])
def test_the_days_of_many_reports_are_collected_before_the_first(
    prometheus, tmp_path, reports, together
):
    world = world_with(tmp_path, prometheus, reports)
    with world.open_ledger() as ledger, ledger.lock():
        assert list(plan_due(world, ledger)) == []
        assert collect_together(world, ledger) is None
        (run,) = ledger.planned()["shop-0"]
    week = days_touched(run.start, run.end)
    assert world.history.days(timedelta(minutes=15)) == (set(week) if together else set())


def test_what_the_source_says_of_itself_is_asked_once_for_all_reports(prometheus, tmp_path):
    world = world_with(tmp_path, prometheus, 4)
    asked = []
    keep = world.shared.keep
    world.shared.keep = lambda question, told: asked.append(question) or keep(question, told)
    with world.open_ledger() as ledger, ledger.lock():
        receipts = list(run_due(world, ledger))
    assert [one.exit_code for one in receipts] == [0] * 4
    assert any("ALERTS" in str(question) for question in asked)
    assert len(asked) == len(set(asked))


def alive(*kinds):
    """How many objects of some kinds there are.

    No other thread may run meanwhile: it would find a tuple that it is making held by us as well,
    which Python calls an internal error of its own.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(60)
    try:
        time.sleep(0.05)  # who waits by the old interval has its turn
        gc.collect()
        return sum(type(one) in kinds for one in gc.get_objects())
    finally:
        sys.setswitchinterval(before)


@pytest.mark.parametrize("jobs", [1, 2])
def test_nothing_is_held_of_a_report_that_is_delivered(prometheus, tmp_path, jobs):
    world = world_with(tmp_path, prometheus, 8, jobs=jobs)
    held = []
    with world.open_ledger() as ledger, ledger.lock():
        receipts = []
        for one in run_due(world, ledger):
            receipts.append(one)
            held.append(alive(Prepared, Parcel))
    assert [type(one) for one in receipts] == [Receipt] * 8
    assert max(held[1:]) <= held[0]


def test_a_source_that_is_lost_fails_all_reports_at_once_and_they_stay_due(prometheus, tmp_path):
    world = world_with(tmp_path, prometheus, 4)
    with world.open_ledger() as ledger, ledger.lock():
        list(plan_due(world, ledger))
    gone = world_with(tmp_path, "http://127.0.0.1:9", 4)
    with gone.open_ledger() as ledger, ledger.lock():
        results = list(run_due(gone, ledger))
        states = [run.state for run in ledger.record()]
    assert [type(one) for one in results] == [Failure] * 4
    assert {type(one.error) for one in results} == {SourceUnavailable}
    assert states == [RunState.PLANNED] * 4


def test_the_report_with_the_most_objectives_is_made_first(prometheus, tmp_path):
    world = world_with(tmp_path, prometheus, 4)
    more = (tmp_path / "definitions" / "checkout.yaml").read_text().replace("checkout", "basket")
    (tmp_path / "definitions" / "basket.yaml").write_text(more)
    path = tmp_path / "slo_reports.yaml"
    text = path.read_text().replace("title: Shop 3,", "title: All,")
    few = "formats: [html], select: {services: [checkout]},"
    for n in range(3):
        head, found, rest = text.partition(f"title: Shop {n},")
        text = head + found + rest.replace("formats: [html],", few, 1)
    path.write_text(text)
    world = keeping(world_at(path, NOW))
    with world.open_ledger() as ledger, ledger.lock():
        receipts = list(run_due(world, ledger))
    assert [one.run.report for one in receipts] == ["shop-3", "shop-0", "shop-1", "shop-2"]
