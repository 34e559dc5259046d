"""`alive` as a container's health check calls it."""

import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta

import pytest
from support.command import command, slo_reports
from support.shop import write_config

pytestmark = pytest.mark.slow


def wait_for_the_first_tick(process, folder):
    assert process.stdout.readline() == "keeping time for shop\n"
    assert "stays due" in process.stderr.readline()
    deadline = time.monotonic() + 20
    while not (folder / "state" / "pulse").exists() and time.monotonic() < deadline:
        time.sleep(0.05)


def test_a_scheduler_is_alive_from_its_first_tick_until_it_is_stopped(tmp_path):
    write_config(tmp_path, "http://127.0.0.1:9")
    before = slo_reports("alive", cwd=tmp_path)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command("schedule"), cwd=tmp_path, **pipes) as process:
        wait_for_the_first_tick(process, tmp_path)
        during = slo_reports("alive", cwd=tmp_path)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    after = slo_reports("alive", cwd=tmp_path)
    assert (before.returncode, during.returncode, after.returncode) == (12, 0, 12)
    assert during.stdout.startswith("keeping time")
    assert "no scheduler" in after.stdout


def test_a_scheduler_that_gives_no_sign_in_time_hangs(tmp_path):
    write_config(tmp_path, "http://127.0.0.1:9")
    (tmp_path / "state").mkdir()
    late = datetime.now(UTC) - timedelta(minutes=1)
    (tmp_path / "state" / "pulse").write_text(f"{late.isoformat()}\n")
    done = slo_reports("alive", cwd=tmp_path)
    assert done.returncode == 12
    assert done.stdout.startswith("the scheduler hangs")
