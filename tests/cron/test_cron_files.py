"""The files in cron/ hold what they promise, as far as a tool here can check them."""

import configparser
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from apscheduler.triggers.cron import CronTrigger
from typer.main import get_command

from slo_reports.cli import app

CRON = Path(__file__).parent.parent.parent / "cron"
UNITS = sorted(CRON.glob("*.service")) + sorted(CRON.glob("*.timer"))


def known_command(words):
    """Whether the words call a command that there is."""
    return words[0] == "slo-reports" and words[1] in get_command(app).commands


def test_the_crontab_calls_a_command_that_there_is():
    (line,) = re.findall(r"^\*/15 .*$", (CRON / "crontab").read_text(), re.MULTILINE)
    minute, hour, day, month, weekday, user, *command = line.split()
    trigger = CronTrigger.from_crontab(f"{minute} {hour} {day} {month} {weekday}", timezone=UTC)
    assert trigger.get_next_fire_time(None, datetime(2026, 11, 1, 0, 1, tzinfo=UTC)).minute == 15
    assert user == "slo-reports"
    assert known_command(command)


def unit(path):
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=["="])
    parser.optionxform = str
    parser.read(path)
    return parser


@pytest.mark.parametrize("path", sorted(CRON.glob("*.service")), ids=lambda path: path.name)
def test_a_service_calls_a_command_that_there_is(path):
    start = unit(path)["Service"]["ExecStart"].split()
    assert start[0] == "/usr/bin/env"
    assert known_command(start[1:])


def test_the_timer_starts_the_service_of_its_name():
    assert (CRON / "slo-reports.timer").with_suffix(".service").is_file()
    assert unit(CRON / "slo-reports.timer")["Timer"]["OnCalendar"] == "*:00/15"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_finds_no_fault(path):
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True, check=False
    )
    ours = [line for line in done.stderr.splitlines() if path.name in line]
    assert not ours


def test_the_cron_job_calls_a_command_and_never_runs_twice_at_once():
    job = yaml.safe_load((CRON / "kubernetes.yaml").read_text())
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "CronJob")
    assert job["spec"]["concurrencyPolicy"] == "Forbid"
    pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert known_command(container["command"])
    volumes = {volume["name"] for volume in pod["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == volumes
