"""What to do next, as commands to copy."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from slo_reports.starting.answers import REPORT, Answers

_COLUMN = 62


def next_steps(answers: Answers, period: str, *, is_example: bool) -> Iterator[str]:
    """The commands from a new folder to a report that comes by itself.

    Args:
        answers: what the folder was made from.
        period: the one that shows most in a first report.
        is_example: whether the definition is still to be written.
    """
    if answers.folder.resolve() != Path.cwd():
        yield f"cd {shlex.quote(str(answers.folder))}"
    if is_example:
        yield "$EDITOR definitions/example.yaml"
    yield _step("slo-reports doctor", "reaches every server, says what to mend")
    shown = f"slo-reports preview {REPORT} --period {period} --format pdf"
    yield _step(shown, "a first PDF; sends nothing")
    named = "" if period == "last" else f" --period {period}"
    yield _step(f"slo-reports run {REPORT}{named}", "files it" + _mailed(answers))
    yield ""
    yield "and every month, from cron (cron/ has systemd and Kubernetes):"
    yield f"*/15 * * * *  cd {shlex.quote(str(answers.folder.resolve()))} && slo-reports run-due"


def _mailed(answers: Answers) -> str:
    return f" and mails it to {', '.join(answers.mail_to)}" if answers.mail_to else ""


def _step(command: str, does: str) -> str:
    return f"{command.ljust(_COLUMN)}  # {does}"
