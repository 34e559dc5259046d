from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import httpx
import numpy as np
import pytest

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.collecting import collect
from slo_reports.definitions.loading import load_everything
from slo_reports.demo.backfill import openmetrics
from slo_reports.demo.places import demo_config, find_tools
from slo_reports.demo.prometheus import running_prometheus, stop
from slo_reports.demo.samples import Series
from slo_reports.demo.shop import due_at
from slo_reports.demo.storage import DemoData, fingerprint, prepare
from slo_reports.errors import SourceError


@pytest.fixture(scope="module")
def data(tools, small, tmp_path_factory) -> DemoData:
    return prepare(small, tools, tmp_path_factory.mktemp("demo-data"))


@pytest.fixture(scope="module")
def url(tools, data):
    with running_prometheus(tools.prometheus, data.blocks) as address:
        yield address


def program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_openmetrics_text_escapes_labels_and_ends_with_eof():
    labels = (("job", 'a"b\\c\nd'),)
    one = Series("m_total", labels, np.array([5, 65, 125]), np.array([1.0, 2.0, 1e9]))
    other = Series("m_sum", (), np.array([65]), np.array([0.25]))
    assert "".join(openmetrics([one, other], 60, 126)) == (
        'm_total{job="a\\"b\\\\c\\nd"} 2 65\n'
        'm_total{job="a\\"b\\\\c\\nd"} 1000000000 125\n'
        "m_sum{} 0.25 65\n"
        "# EOF\n"
    )


@pytest.mark.e2e
def test_a_real_prometheus_answers_with_the_generated_values(url, small, small_world):
    end = int(small.month.end.timestamp())
    query = {"query": "last_over_time({__name__=~'.+_total'}[1h])", "time": str(end)}
    answer = httpx.post(f"{url}/api/v1/query", data=query, trust_env=False).json()
    found = {
        tuple(sorted(one["metric"].items())): float(one["value"][1])
        for one in answer["data"]["result"]
    }
    expected = {}
    for one in small_world.series:
        before = int(np.searchsorted(one.times, end, side="right"))
        if one.name.endswith("_total") and before and one.times[before - 1] > end - 3600:
            labels = (("__name__", one.name), *one.labels)
            expected[tuple(sorted(labels))] = one.values[before - 1]
    assert found == expected
    assert len(found) >= 9


@pytest.mark.e2e
def test_the_collector_counts_exactly_what_the_samples_allow(url, small, small_world):
    settings, slos = load_everything(demo_config() / "slo_reports.yaml")
    ids = {small.slo_id(one) for service in small.services for one in service.promises}
    chosen = [one for one in slos if one.id in ids]
    source = settings.source.model_copy(update={"url": url})
    with PrometheusClient(source) as client:
        found = collect(chosen, small.month, client, trend=1, now=due_at(small)).measurements
    sums = {slo: (one.slices.good.sum(), one.slices.valid.sum()) for slo, one in found.items()}
    tallies = {one.slo: one.reported.sampled for one in small_world.truth}
    assert sums == {slo: (one.good, one.valid) for slo, one in tallies.items()}


@pytest.mark.e2e
def test_data_are_made_once_and_a_broken_off_folder_is_made_again(tools, small, data):
    root = data.blocks.parent.parent
    made = data.truth.stat().st_mtime_ns
    left_over = root / f"{fingerprint(small)}.unfinished"
    left_over.mkdir()
    assert prepare(small, tools, root) == data
    assert data.truth.stat().st_mtime_ns == made
    data.truth.parent.rename(root / "elsewhere")
    assert prepare(small, tools, root) == data
    assert not left_over.exists()
    assert list(data.blocks.iterdir())


def test_a_failing_promtool_is_named_and_leaves_no_folder(small, tmp_path):
    broken = program(tmp_path / "promtool", "echo 'disk is full' >&2; exit 1")
    program(tmp_path / "prometheus", "exit 1")
    with pytest.raises(SourceError, match=r"promtool could not backfill .* disk is full"):
        prepare(small, find_tools(tmp_path), tmp_path / "data")
    assert broken.exists()
    assert [one.suffix for one in (tmp_path / "data").iterdir()] == [".lock"]


@pytest.mark.e2e
def test_the_server_is_gone_after_an_interruption(tools, data, tmp_path):
    seen = []

    def interrupted() -> None:
        with running_prometheus(tools.prometheus, data.blocks, log=tmp_path / "log") as address:
            seen.append(address)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{seen[0]}/-/ready", trust_env=False)
    assert not (data.blocks / "wal").exists()


@pytest.mark.e2e
def test_two_servers_share_the_same_blocks(tools, data, url):
    with running_prometheus(tools.prometheus, data.blocks) as other:
        assert other != url
        assert httpx.get(f"{other}/-/ready", trust_env=False).is_success


def test_a_server_that_dies_is_an_error_with_the_end_of_its_log(tmp_path):
    (tmp_path / "blocks").mkdir()
    dying = program(tmp_path / "prometheus", "echo 'opening storage failed: out of luck'; exit 3")
    with (
        pytest.raises(SourceError, match=r"did not become ready.*out of luck"),
        running_prometheus(dying, tmp_path / "blocks"),
    ):
        pytest.fail("a dead server was handed on")


def test_missing_blocks_and_programs_are_one_clear_error(tmp_path):
    with (
        pytest.raises(SourceError, match="could not take the blocks"),
        running_prometheus(Path("/bin/true"), tmp_path / "nowhere"),
    ):
        pytest.fail("served nothing")
    (tmp_path / "blocks").mkdir()
    with (
        pytest.raises(SourceError, match=r"could not start .*nothing-here"),
        running_prometheus(tmp_path / "nothing-here", tmp_path / "blocks"),
    ):
        pytest.fail("started nothing")


def test_missing_tools_name_the_script_and_the_recording(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match=r"get_prometheus\.sh, or slo-reports demo --recorded"):
        find_tools(tmp_path)


def test_a_stubborn_process_group_is_killed(tmp_path):
    stubborn = program(tmp_path / "stubborn", "trap '' TERM; echo on; exec sleep 60")
    process = subprocess.Popen([stubborn], start_new_session=True, stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout:
        process.stdout.readline()
        stop(process, patience=0.2)
    assert process.returncode == -signal.SIGKILL
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
