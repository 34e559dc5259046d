"""So many requests at once from a machine, whatever becomes of those who ask."""

import os
import subprocess
import sys
import threading
import time

import pytest

from slo_reports.collect.turnstile import Turnstile
from slo_reports.errors import SourceError

URL = "http://prometheus.example.com"
HOLDING = """
import sys, time
from pathlib import Path
from slo_reports.collect.turnstile import Turnstile
with Turnstile(sys.argv[1], 1, Path(sys.argv[2]))():
    print("in", flush=True)
    time.sleep(600)
"""


def test_no_more_are_through_than_there_are_places(tmp_path):
    inside, most, lock = 0, 0, threading.Lock()

    def go():
        nonlocal inside, most
        with Turnstile(URL, 3, tmp_path)():
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.02)
            with lock:
                inside -= 1

    threads = [threading.Thread(target=go) for _ in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (inside, most) == (0, 3)


def test_a_process_that_is_killed_takes_no_place_with_it(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDING, URL, str(tmp_path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"in\n"
        entered = threading.Event()

        def enter():
            with Turnstile(URL, 1, tmp_path)():
                entered.set()

        thread = threading.Thread(target=enter)
        thread.start()
        assert not entered.wait(0.3)
        process.kill()
        thread.join(20)
        assert entered.is_set()


def test_sources_do_not_wait_for_each_other(tmp_path):
    with Turnstile(URL, 1, tmp_path)(), Turnstile(f"{URL}:9090", 1, tmp_path)():
        assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(SourceError, match="which bounds the requests at once, fails"),
        Turnstile(URL, 1, tmp_path / "file")(),
    ):
        pass
