"""crontab and systemd units hold what they promise, as far as a tool here can check them."""

import os
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from apscheduler.triggers.cron import CronTrigger
from support.confined import lists_of
from support.needed import missing, need_program
from support.shown_commands import unknown_in

ROOT = Path(__file__).parent.parent.parent
CRON = ROOT / "cron"
CRONTAB = (CRON / "crontab").read_text()
JOBS = [CRON / "slo-reports.service", CRON / "slo-reports-scheduler.service"]
FAILED = CRON / "slo-reports-failed@.service"
UNITS = [*JOBS, FAILED, CRON / "slo-reports.timer"]
CONFINED = ROOT / "tests" / "support" / "confined.py"


def name_of(path):
    return path.name


def line_of_the_job():
    (line,) = re.findall(r"^\*/15 .*$", CRONTAB, re.MULTILINE)
    return line.split(maxsplit=6)


def test_the_crontab_calls_a_command_that_there_is():
    minute, hour, day, month, weekday, user, command = line_of_the_job()
    trigger = CronTrigger.from_crontab(f"{minute} {hour} {day} {month} {weekday}", timezone=UTC)
    assert trigger.get_next_fire_time(None, datetime(2026, 11, 1, 0, 1, tzinfo=UTC)).minute == 15
    assert user == "slo-reports"
    assert command == "slo-reports run-due"
    assert not unknown_in(command)


def test_cron_reads_the_crontab(tmp_path):
    crontab = need_program("crontab", "cron")
    usage = subprocess.run([crontab, "-h"], capture_output=True, text=True, check=False)
    check = re.search(r"(-[nT])\b.*(?:dry run|check|test)", usage.stdout + usage.stderr)
    if check is None:
        missing("this crontab has no option that only checks: apt-get install cron")
    of_a_user = tmp_path / "crontab"  # crontab(1) knows no column for the user, as /etc/cron.d has
    of_a_user.write_text(re.sub(r"^(\*/15(?: +\*){4}) +\S+", r"\1", CRONTAB, flags=re.MULTILINE))
    reading = [crontab, check[1], of_a_user]
    done = subprocess.run(reading, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    of_a_user.write_text(of_a_user.read_text().replace("*/15", "61", 1))
    assert subprocess.run(reading, capture_output=True, check=False).returncode != 0


@pytest.mark.parametrize("path", JOBS, ids=name_of)
def test_a_service_calls_a_command_that_there_is(path):
    (start,) = lists_of(path)["ExecStart"]
    env, command = start.split(maxsplit=1)
    assert env == "/usr/bin/env"
    assert not unknown_in(command)


def test_the_timer_starts_the_service_of_its_name():
    timer = CRON / "slo-reports.timer"
    assert timer.with_suffix(".service") in JOBS
    assert "OnCalendar=*:00/15" in timer.read_text()


def test_systemd_finds_no_fault(tmp_path):
    analyze = need_program("systemd-analyze", "systemd")
    verify = [analyze, "verify", "--man=no"]
    done = subprocess.run([*verify, *UNITS], capture_output=True, text=True, check=False)
    assert (done.returncode, [line for line in done.stderr.splitlines() if "slo-rep" in line]) == (
        0,
        [],
    )
    wrong = tmp_path / "slo-reports.service"
    wrong.write_text(JOBS[0].read_text().replace("PrivateTmp=true", "PrivatTmp=yes"))
    done = subprocess.run([*verify, wrong], capture_output=True, text=True, check=False)
    assert "PrivatTmp" in done.stderr  # so the test would see a fault


@pytest.mark.parametrize("path", JOBS, ids=name_of)
def test_little_of_the_machine_is_exposed_to_a_service(path):
    analyze = need_program("systemd-analyze", "systemd")
    asked = [analyze, "security", "--offline=yes", "--threshold=20", path]  # 20: exposure 2.0
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-300:]


def test_both_services_are_confined_alike():
    marker = "# What it may touch."
    first, second = (path.read_text().partition(marker)[2] for path in JOBS)
    assert first.strip()
    assert second.partition("\n[Install]")[0].strip() == first.strip()


@pytest.mark.parametrize("path", JOBS, ids=name_of)
def test_a_delivery_has_time_to_end(path):
    (patience,) = lists_of(path)["TimeoutStopSec"]
    assert patience == "15min"  # an answer to a mail is awaited for ten
    assert "143" in lists_of(path)["SuccessExitStatus"][0].split()


@pytest.mark.slow
def test_a_report_with_its_pdf_is_made_inside_a_services_confines(tmp_path):
    """What seccomp and the kernel can be made to refuse here as systemd does."""
    need_program("systemd-analyze", "systemd")
    demo = [sys.executable, "-m", "slo_reports", "demo", "--recorded", "--output", tmp_path / "out"]
    done = subprocess.run(
        [sys.executable, CONFINED, JOBS[0], *demo],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stderr
    assert next((tmp_path / "out").rglob("*.pdf")).read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("confined", [True, False])
def test_where_no_code_may_be_made_samples_are_left_to_questions(confined):
    need_program("systemd-analyze", "systemd")
    code = "from slo_reports.collect.raw.choosing import may_compile; print(may_compile())"
    confines = [sys.executable, CONFINED, JOBS[0]] if confined else []
    done = subprocess.run(
        [*confines, sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.stdout == f"{not confined}\n"


@pytest.mark.parametrize(
    "forbidden",
    [
        pytest.param("import mmap; mmap.mmap(-1, 4096, prot=7)", id="write and execute memory"),
        pytest.param("import socket; socket.socket(socket.AF_NETLINK, 3)", id="other sockets"),
        pytest.param("import os; os.chroot('/')", id="system calls of the privileged"),
    ],
)
def test_the_confines_of_that_test_are_real(forbidden):
    need_program("systemd-analyze", "systemd")
    tried = [sys.executable, CONFINED, JOBS[0], sys.executable, "-c", forbidden]
    done = subprocess.run(tried, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "PermissionError" in done.stderr


def test_a_person_is_mailed_what_failed(tmp_path):
    (start,) = lists_of(FAILED)["ExecStart"]
    for short, long in {"%i": "slo-reports.service", "%H": "reports-1", "$$": "$"}.items():
        start = start.replace(short, long)
    for name, script in {
        "journalctl": "echo it broke: $*",
        "sendmail": "cat > mail; echo $*",
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    done = subprocess.run(
        shlex.split(start),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "MAILTO": "sre@example.com"},
    )
    assert done.stdout == "-t\n"
    assert (tmp_path / "mail").read_text() == (
        "To: sre@example.com\nSubject: slo-reports.service failed on reports-1\n\n"
        "it broke: --unit=slo-reports.service --lines=50 --no-pager\n"
    )


def test_the_unit_that_tells_of_failures_is_there():
    for path in JOBS:
        assert f"OnFailure={FAILED.name.replace('@', '@%n')}" in path.read_text()
