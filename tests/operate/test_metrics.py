"""The job's own metrics, read back by the programs that read them."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import ValidationError
from support.pushgateway import running_pushgateway

from slo_reports.demo.places import find_tools
from slo_reports.operate import Operations, ReportStanding
from slo_reports.operate.metrics import exposition, publish
from slo_reports.settings.operations import MetricsSettings, OperationsSettings

RULES = Path(__file__).parents[2] / "config" / "alerts" / "slo_reports.rules.yml"


def samples(text: str) -> dict[tuple[str, ...], float]:
    return {
        (one.name, *(value for _, value in sorted(one.labels.items()))): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def test_the_metrics_say_how_each_report_stands(standing):
    found = samples(exposition(standing).decode())
    assert found["slo_reports_last_success_timestamp_seconds", "shop-monthly"] == 1793595660
    assert found["slo_reports_last_period_end_timestamp_seconds", "shop-monthly"] == 1793487600
    assert ("slo_reports_last_success_timestamp_seconds", "shop-weekly") not in found
    assert found["slo_reports_due_runs", "shop-weekly"] == 3
    assert found["slo_reports_held_deliveries", "shop-monthly"] == 1
    assert found["slo_reports_open_deliveries", "shop-monthly", "deferred"] == 2
    assert found["slo_reports_open_deliveries", "shop-weekly", "uncertain"] == 0
    assert ("slo_reports_open_deliveries", "shop-monthly", "rejected") not in found


def test_the_metrics_say_how_the_last_run_went(standing):
    found = samples(exposition(standing).decode())
    assert found[("slo_reports_last_run_timestamp_seconds",)] == 1793595600 + 61.5
    assert found[("slo_reports_last_run_duration_seconds",)] == 61.5
    assert found[("slo_reports_last_run_exit_code",)] == 6
    assert found["slo_reports_build_info", "0.1.0"] == 1


def test_a_hostile_name_stays_a_label(standing):
    name = 'a"} 1\nevil_metric 2 \\'
    hostile = replace(standing, reports=(ReportStanding(name, None, None, 1),))
    found = samples(exposition(hostile).decode())
    assert found["slo_reports_due_runs", name] == 1
    assert ("evil_metric",) not in found


def test_the_textfile_is_whole_readable_by_all_and_replaced(standing, tmp_path):
    path = tmp_path / "slo_reports.prom"
    warnings: list[str] = []
    before = os.umask(0o077)
    try:
        publish(MetricsSettings(textfile=path), standing, warnings.append)
        publish(MetricsSettings(textfile=path), replace(standing, exit_code=0), warnings.append)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o644
    assert samples(path.read_text())[("slo_reports_last_run_exit_code",)] == 0
    assert list(tmp_path.iterdir()) == [path]
    assert warnings == []


def test_a_folder_that_is_not_there_is_a_warning_and_a_thing_to_mend(standing, tmp_path):
    settings = MetricsSettings(textfile=tmp_path / "gone" / "slo_reports.prom")
    warnings: list[str] = []
    publish(settings, standing, warnings.append)
    (check,) = Operations(OperationsSettings(metrics=settings), warnings.append).examine()
    assert "No such file or directory" in warnings[0]
    assert check.is_fine is False
    assert "make its folder" in check.mend


def test_a_pushgateway_that_is_gone_is_a_warning_and_a_thing_to_mend(standing):
    settings = MetricsSettings(pushgateway="http://127.0.0.1:1")
    warnings: list[str] = []
    publish(settings, standing, warnings.append)
    (check,) = Operations(OperationsSettings(metrics=settings), warnings.append).examine()
    assert warnings == [
        "the metrics could not be pushed: could not reach 127.0.0.1: Connection refused"
    ]
    assert check.is_fine is False


@pytest.mark.parametrize("name", ["slo_reports.txt", "slo_reports"])
def test_a_textfile_that_the_collector_would_not_read_is_refused(name):
    with pytest.raises(ValidationError, match=r"must end with \.prom"):
        MetricsSettings(textfile=Path(name))


@pytest.mark.e2e
def test_promtool_finds_nothing_wrong_with_the_metrics(standing):
    done = subprocess.run(
        [find_tools().promtool, "check", "metrics"],
        input=exposition(standing),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.e2e
@pytest.mark.parametrize("instance", ["reports-1", "reports/1 ä?"])
def test_a_real_pushgateway_shows_what_was_pushed(standing, instance, tmp_path):
    warnings: list[str] = []
    with running_pushgateway(tmp_path) as url:
        settings = MetricsSettings(pushgateway=url, instance=instance)
        publish(settings, standing, warnings.append)
        later = replace(standing, reports=standing.reports[:1], exit_code=0)
        publish(settings, later, warnings.append)
        (check,) = Operations(OperationsSettings(metrics=settings), warnings.append).examine()
        shown = httpx.get(f"{url}/metrics", trust_env=False).text
    found = samples(shown)
    assert warnings == []
    assert (check.is_fine, check.seen) == (True, "127.0.0.1: 200 OK")
    assert found["slo_reports_last_run_exit_code", instance, "slo_reports"] == 0
    assert found["slo_reports_due_runs", instance, "slo_reports", "shop-monthly"] == 0
    assert "shop-weekly" not in shown


@pytest.mark.e2e
def test_what_a_pushgateway_refuses_is_told(standing, tmp_path, monkeypatch):
    monkeypatch.setattr("slo_reports.operate.metrics.exposition", lambda _standing: b"no metrics")
    warnings: list[str] = []
    with running_pushgateway(tmp_path) as url:
        publish(MetricsSettings(pushgateway=url), standing, warnings.append)
    assert warnings[0].startswith("the metrics could not be pushed: 127.0.0.1 refused them: 400")


@pytest.mark.e2e
def test_promtool_accepts_the_alerts_and_they_say_what_they_should(tmp_path):
    promtool = find_tools().promtool
    shutil.copy(RULES, tmp_path)
    shutil.copy(Path(__file__).with_name("rules_test.yml"), tmp_path)
    for words in (["check", "rules", RULES.name], ["test", "rules", "rules_test.yml"]):
        done = subprocess.run(
            [promtool, *words], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_alerts_ask_only_for_metrics_that_there_are(standing):
    import re  # noqa: PLC0415  # only here

    asked = set(
        re.findall(r"slo_reports_[a-z_]+", RULES.read_text().replace("slo_reports.rules", ""))
    )
    assert asked - {name for name, *_ in samples(exposition(standing).decode())} == set()
