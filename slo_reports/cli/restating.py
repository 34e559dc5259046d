"""Commands that look whether the past changed, and correct a filed report."""

from __future__ import annotations

import getpass
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slo_reports.cli import completing
from slo_reports.cli.app import (
    ConfigOption,
    JsonOption,
    QuietOption,
    app,
    existing_ledger,
    locked_ledger,
    renew_archives,
    report_named,
    world_of,
)
from slo_reports.errors import ConfigurationError, ExitCode

if TYPE_CHECKING:
    from slo_reports.job import World
    from slo_reports.periods import Period
    from slo_reports.restating import DriftResult, Wish
    from slo_reports.settings.schema import ReportSettings


@app.command(
    "check-drift",
    epilog="Examples:  slo-reports check-drift  ·  slo-reports check-drift commerce "
    "--period 2026-10  ·  slo-reports check-drift --periods 12 --kept",
)
def check_drift_command(
    report: Annotated[
        str | None,
        typer.Argument(
            help="Name of a report; default: every report.", autocompletion=completing.reports
        ),
    ] = None,
    *,
    period: Annotated[
        str | None,
        typer.Option(
            help="Only this period; goes with the name of a report.",
            autocompletion=completing.periods,
        ),
    ] = None,
    periods: Annotated[
        int, typer.Option(min=1, max=120, help="How many of the last periods on record.")
    ] = 3,
    kept: Annotated[
        bool,
        typer.Option(
            "--kept",
            help="Believe the days that the history has settled: finds changed definitions and "
            "exclusions, asks the source for little.",
        ),
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Measure filed periods again, and name what would be said otherwise now.

    Late data, other data, changed exclusions and definitions. What the source no longer holds is
    never a change. Records, keeps and sends nothing; ends with 10 where anything drifted.
    """
    from slo_reports.console import listening, tell, tell_json
    from slo_reports.restated import drift_json, drift_lines

    with listening(quiet=quiet or as_json) as listener:
        results = _drift(world_of(config, listener), report, period, periods, kept=kept)
    if as_json:
        tell_json([drift_json(one) for one in results])
    else:
        for one in results:
            for line in drift_lines(one):
                tell(line)
    drifted = any(one.differs for one in results)
    raise typer.Exit(ExitCode.DIFFERENT if drifted else ExitCode.DONE)


def _drift(
    world: World, name: str | None, period: str | None, periods: int, *, kept: bool
) -> list[DriftResult]:
    from slo_reports.restating import check_drift

    if period is not None and name is None:
        msg = "--period goes with the name of a report"
        raise typer.BadParameter(msg)
    reports = world.settings.reports if name is None else [report_named(world, name)]
    wanted = None if period is None else world.period(reports[0], period)
    with existing_ledger(world) as ledger:
        found = list(
            check_drift(world, ledger, reports, period=wanted, periods=periods, fresh=not kept)
        )
    if not found:
        of = "" if name is None else f" of {name}"
        when = "" if wanted is None else f" for {wanted.key}"
        msg = f"no report{of}{when} that was over when it was made is on record"
        raise ConfigurationError(msg)
    return found


@app.command(
    "restate",
    epilog='Example:  slo-reports restate commerce --period 2026-10 --fresh --reason "Late data '
    'of 8 October arrived"',
)
def restate_command(  # noqa: PLR0913  # one for each option
    report: Annotated[
        str,
        typer.Argument(
            help="Name of the report in the settings.", autocompletion=completing.reports
        ),
    ],
    *,
    period: Annotated[
        str,
        typer.Option(
            help="As for run: last, 2026-10, 2026-W43 …", autocompletion=completing.periods
        ),
    ],
    reason: Annotated[
        str, typer.Option(help="Why, in one sentence; every reader sees it on the first page.")
    ] = "",
    by: Annotated[
        str | None, typer.Option(help="Who restates it. [default: your login name]")
    ] = None,
    fresh: Annotated[
        bool,
        typer.Option(
            "--fresh",
            help="Ask the source again for days that the history has settled, and restate them "
            "there, too.",
        ),
    ] = False,
    even_if_unchanged: Annotated[
        bool, typer.Option("--even-if-unchanged", help="Make a revision although nothing changed.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Measure and render; deliver and record nothing.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(help="Write the documents into this folder as well.")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Correct a filed report: measure its period again and deliver a revision.

    The revision shows old and new figures, the reason and who; the files before it stay.
    """
    from slo_reports.console import listening, receipt_json, receipt_lines, tell, tell_json
    from slo_reports.output import write_named
    from slo_reports.restating import Wish, restate

    wish = Wish(reason, _login() if by is None else by, fresh, even_if_unchanged)
    with listening(quiet=quiet or as_json) as listener:
        world = world_of(config, listener)
        settings = report_named(world, report)
        chosen = world.period(settings, period)
        if dry_run:
            _try_out(settings, chosen, world, wish, output, as_json=as_json)
            return
        with locked_ledger(world) as ledger:
            receipt = restate(settings, chosen, world, ledger, wish)
            renew_archives(world, ledger, [receipt])
            written = write_named(ledger.documents(receipt.run), output) if output else ()
    if as_json:
        tell_json(receipt_json(receipt) | {"written": [str(path) for path in written]})
    else:
        for line in (*receipt_lines(receipt), *(f"  written {path}" for path in written)):
            tell(line)
    raise typer.Exit(receipt.exit_code)


def _login() -> str:
    """The login name, where the system knows one."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def _try_out(
    report: ReportSettings,
    period: Period,
    world: World,
    wish: Wish,
    output: Path | None,
    *,
    as_json: bool,
) -> None:
    from slo_reports.console import tell, tell_json
    from slo_reports.output import write_named
    from slo_reports.restated import restatement_json, restatement_lines
    from slo_reports.restating import prepare_restatement

    looking = replace(world, history=world.history and world.history.read_only())
    with existing_ledger(world) as ledger:
        made = prepare_restatement(report, period, looking, ledger, wish)
    written = write_named(made.prepared.bundle.documents, output) if output else ()
    if as_json:
        result = json.loads(made.prepared.report.to_json())
        paths = [str(path) for path in written]
        tell_json(restatement_json(made) | {"dry_run": True, "written": paths, "result": result})
        return
    would = ", ".join(report.destinations) or "nowhere"
    for line in restatement_lines(made):
        tell(line)
    tell(f"dry run: nothing was delivered or recorded; it would go to: {would}")
    for path in written:
        tell(f"  written {path}")
