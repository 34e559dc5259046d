"""The demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from slo_reports.cli.app import app, now


@app.command(epilog="Example:  slo-reports demo --output out")
def demo(
    *,
    output: Annotated[Path, typer.Option(help="Where the report, the mail and the share go.")] = (
        Path("out")
    ),
    recorded: Annotated[
        bool,
        typer.Option(
            "--recorded", help="From the recorded answers of a Prometheus; needs no Prometheus."
        ),
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget what an earlier demo delivered there.")
    ] = False,
) -> None:
    """The monthly report of a small shop: measured, rendered, mailed and filed, here and now."""
    from slo_reports.console import listening, tell
    from slo_reports.demonstration import demonstrate

    with listening(quiet=False) as listener:
        shown = demonstrate(output, recorded=recorded, fresh=fresh, now=now, listener=listener)
    for line in shown.lines():
        tell(line)
    raise typer.Exit(shown.exit_code)
