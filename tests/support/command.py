"""The command as a person runs it, in a process of its own."""

import os
import subprocess
import sys


def command(*words):
    """The words that start it."""
    return [sys.executable, "-m", "slo_reports", *map(str, words)]


def slo_reports(*words, cwd, **environment):
    """Run it to its end, far from UTC; it never shows a traceback or a bug."""
    done = subprocess.run(
        command(*words),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "TZ": "America/New_York", **environment},
    )
    assert "Traceback" not in done.stderr
    assert "internal error" not in done.stderr
    return done
