"""The command that a pipeline asks before it releases."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from slo_reports.cli import completing
from slo_reports.cli.app import ConfigOption, JsonOption, QuietOption, app, world_of


@app.command(
    epilog="Exit codes: 0 approve, 20 review, 21 defer, 22 block; others say that there is no "
    "decision.  Examples:  slo-reports decide checkout --risk low  ·  "
    "slo-reports decide checkout --risk high --json"
)
def decide(
    service: Annotated[
        str,
        typer.Argument(
            help="The service, as its definitions name it.", autocompletion=completing.services
        ),
    ],
    *,
    risk: Annotated[
        Literal["low", "medium", "high"], typer.Option(help="How much the release may break.")
    ],
    period: Annotated[
        str | None,
        typer.Option(
            help="What is judged, as for run, to date: current is this month. Default: the "
            "trailing days of the policy, 30 unless it says otherwise.",
            autocompletion=completing.periods,
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            help="Decide as of this instant: 2026-10-20 14:00 (local time), or with its zone, "
            "2026-10-20T12:00Z. Default: now."
        ),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Say whether a release may go out, by the error budget policy; the exit code is the answer."""
    from slo_reports.console import listening, tell, tell_json
    from slo_reports.decided import EXIT_CODES, decision_json, decision_lines
    from slo_reports.deciding import decide as decide_now
    from slo_reports.incidents.instants import parse_instant
    from slo_reports.model.policies import Risk

    with listening(quiet=quiet or as_json) as listener:
        world = world_of(config, listener)
        try:
            at = world.now() if as_of is None else parse_instant(as_of, world.settings.timezone)
        except ValueError as error:
            msg = f"--as-of: {error}"
            raise typer.BadParameter(msg) from error
        found = decide_now(world, service, Risk(risk), as_of=at, period=period)
    if as_json:
        tell_json(decision_json(found))
    else:
        for line in decision_lines(found):
            tell(line)
    raise typer.Exit(EXIT_CODES[found.release.decision])
