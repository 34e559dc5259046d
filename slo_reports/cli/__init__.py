"""The command line: arguments, exit codes, and nothing else."""

from __future__ import annotations

import os
import signal
import sys
import traceback

from slo_reports.cli import (
    adhoc,
    alive,
    checks,
    dashboards,
    deciding,
    demo,
    discovering,
    doctor,
    history,
    importing,
    numbers,
    record,
    reports,
    restating,
    rules,
    starting,
)
from slo_reports.cli.app import app, stopping
from slo_reports.errors import ExitCode, SloReportsError
from slo_reports.garbage import collect_rarely

__all__ = [
    "adhoc",
    "alive",
    "app",
    "checks",
    "dashboards",
    "deciding",
    "demo",
    "discovering",
    "doctor",
    "history",
    "importing",
    "main",
    "numbers",
    "record",
    "reports",
    "restating",
    "rules",
    "starting",
]


def main() -> None:
    """The ``slo-reports`` command: every expected error is one sentence and an exit code."""
    signal.signal(signal.SIGTERM, stopping.on_signal)
    collect_rarely()
    try:
        app()
    except SloReportsError as error:
        from slo_reports.console import complain

        complain(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("slo-reports: interrupted; what was recorded stays, run again to go on\n")
        sys.exit(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.DONE)
    except Exception as error:  # noqa: BLE001  # the last line of defence: a bug is said, not spilt
        _say_bug(error)


def _say_bug(error: Exception) -> None:
    if os.environ.get("SLO_REPORTS_DEBUG"):
        traceback.print_exc()
    sys.stderr.write(
        f"slo-reports: internal error ({type(error).__name__}: {error}); this is a bug. "
        "Set SLO_REPORTS_DEBUG=1 to see where, and please report it.\n"
    )
    sys.exit(ExitCode.BUG)
