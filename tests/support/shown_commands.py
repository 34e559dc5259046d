"""Whether a command that a text shows is one that there is."""

from __future__ import annotations

import re
import shlex

import click
from typer.main import get_command

from slo_reports.cli import app

_SHORT = re.compile(r"-[a-z]")


def unknown_in(line: str) -> list[str]:
    """What a line such as ``slo-reports run shop --period last`` names and the program has not."""
    program, *rest = shlex.split(line, comments=True)
    assert program == "slo-reports", line
    group = get_command(app)
    if not rest or rest[0].startswith("-"):
        known, what = _options(group), "slo-reports"
    elif (command := group.commands.get(rest[0])) is None:  # type: ignore[attr-defined]
        return [f"slo-reports {rest[0]}"]
    else:
        known, what = _options(command), f"slo-reports {rest[0]}"
    used = [word.partition("=")[0] for word in rest if word.startswith("--") or _SHORT.match(word)]
    return [f"{what} {one}" for one in used if one not in known]


def _options(command: click.Command) -> set[str]:
    """All options of a command, ``--help`` among them."""
    own = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    return own | {"-h", "--help"}
