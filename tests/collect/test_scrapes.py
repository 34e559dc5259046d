"""Scrapes by the hour are those that one gets by asking for each slice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from support.tsdb import prometheus_with

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.grid import Grid
from slo_reports.collect.raw.choosing import Extent
from slo_reports.collect.scrapes import scrapes
from slo_reports.collect.spans import columns
from slo_reports.settings.schema import SourceSettings

pytestmark = pytest.mark.e2e

START = datetime(2026, 10, 5, tzinfo=UTC)
HOUR, DAY = 3600, 86_400
ALL = -DAY, 3 * DAY


def up(job, every, *, instance="1", value=lambda _offset: 1, times=ALL, silent=(0, 0)):
    name = f'up{{job="{job}",instance="{instance}"}}'
    offsets = (one for one in range(*times, every) if not silent[0] <= one < silent[1])
    return {name: [(START.timestamp() + one, value(one)) for one in offsets]}


WORLD = {
    **up("whole", 15),
    **up("slow", 60),
    **up("odd", 7),
    **up("every-other-fails", 15, value=lambda offset: offset // 15 % 2),
    **up("silent", 30, silent=(7 * HOUR + 420, 8 * HOUR + 77)),
    **up("failing", 30, value=lambda offset: int(not DAY <= offset < DAY + 5000)),
    **up("pair", 30, silent=(9 * HOUR, 9 * HOUR + 600)),
    **up("pair", 30, instance="2", silent=(9 * HOUR + 300, 12 * HOUR)),
    **up("born", 30, times=(DAY + 4000, 3 * DAY)),
    **up("gone", 30, times=(-DAY, 30_000)),
    **up("slower-later", 15, times=(-DAY, DAY)),
    **up("slower-later", 60, instance="2", times=(DAY, 3 * DAY)),
}
JOBS = sorted({name.split('"')[1] for name in WORLD})


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    with prometheus_with(WORLD, tmp_path_factory.mktemp("scrapes")) as found:
        yield found


def rows(client, jobs, labels, grid):
    extent = Extent(len(jobs), grid.count, timedelta(minutes=1))
    with ThreadPoolExecutor(1) as pool:
        return scrapes(client, jobs, labels, grid, with_attempts=True, pool=pool, extent=extent)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("labels", [[], ["instance"]])
@pytest.mark.parametrize(
    "grid",
    [
        pytest.param(Grid(START, timedelta(minutes=5), 2 * 288), id="whole days"),
        pytest.param(Grid(START, timedelta(minutes=5), 288 + 31), id="a last hour that is short"),
        pytest.param(Grid(START, timedelta(minutes=5), 7), id="less than an hour"),
        pytest.param(Grid(START, timedelta(hours=1), 48), id="slices of an hour"),
        pytest.param(Grid(START, timedelta(minutes=7), 200), id="slices that fit into no hour"),
    ],
)
def test_the_rows_are_those_of_asking_for_each_slice(url, grid, labels):
    by = ", ".join(sorted({"job", *labels}))
    window = f"{round(grid.step.total_seconds() * 1000) - 1}ms"
    with PrometheusClient(SourceSettings(url=url)) as client:
        found = rows(client, JOBS, labels, grid)
        wanted = {
            name: columns(client, f"max by ({by}) ({name}_over_time(up[{window}]))", grid)
            for name in ("sum", "count")
        }
    told = [row for some in found.values() for row in some]
    assert len(told) == len(wanted["sum"])
    for row in told:
        key = tuple(sorted(row.labels.items()))
        assert row.scrapes.tolist() == np.nan_to_num(wanted["sum"][key]).tolist(), key
        assert row.attempts.tolist() == np.nan_to_num(wanted["count"][key]).tolist(), key


def test_targets_that_are_up_cost_two_questions(url):
    grid = Grid(START, timedelta(minutes=5), 288)
    with PrometheusClient(SourceSettings(url=url)) as client:
        found = rows(client, ["whole", "slow", "pair"], [], grid.part(0, 96))
        assert client.queries == 2
    assert [rows[0].usual for rows in found.values()] == [10, 5, 20]
