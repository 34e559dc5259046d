"""Commands that show how a number came about, and whether filed ones still hold."""

from __future__ import annotations

from enum import StrEnum
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
    report_named,
    world_of,
)
from slo_reports.errors import ConfigurationError, ExitCode

if TYPE_CHECKING:
    from slo_reports.ledger import Ledger, Run
    from slo_reports.periods import Period
    from slo_reports.settings.schema import ReportSettings
    from slo_reports.verifying import Verification


class Shown(StrEnum):
    """How the slices are shown."""

    TABLE = "table"
    CSV = "csv"
    NONE = "none"


@app.command(
    epilog="Examples:  slo-reports explain shop/checkout-availability --period 2026-10  ·  "
    "slo-reports explain checkout-availability --slices csv > slices.csv"
)
def explain(
    slo: Annotated[
        str,
        typer.Argument(
            help="Id of the objective, or its name if it is unique.", autocompletion=completing.slos
        ),
    ],
    *,
    period: Annotated[
        str,
        typer.Option(
            help="As for run: last, current, 2026-10 …", autocompletion=completing.periods
        ),
    ] = "last",
    report: Annotated[
        str | None,
        typer.Option(
            help="As this report has it; default: the first that covers it.",
            autocompletion=completing.reports,
        ),
    ] = None,
    slices: Annotated[
        Shown, typer.Option(help="All slices: as a table, as CSV and nothing else, or not.")
    ] = Shown.NONE,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show how one number came about: queries, slices, arithmetic, gaps and incidents.

    From the frozen data of the filed report where there is one, else measured now.
    """
    from slo_reports.console import listening, tell, tell_json
    from slo_reports.explained import csv_lines, explained_json, lines, table_lines
    from slo_reports.explaining import explain_slo, report_with, slo_named

    with listening(quiet=quiet or as_json) as listener:
        world = world_of(config, listener)
        one = slo_named(world, slo)
        settings = report_with(world, one) if report is None else report_named(world, report)
        found = explain_slo(world, one, settings, world.period(settings, period))
    if as_json:
        tell_json(explained_json(found))
        return
    if slices is Shown.CSV:
        shown = [*csv_lines(found.explanation)]
    else:
        table = table_lines(found.explanation) if slices is Shown.TABLE else ()
        shown = [*lines(found), *table]
    for line in shown:
        tell(line)


@app.command(
    epilog="Examples:  slo-reports verify  ·  slo-reports verify shop-monthly --period 2026-10  ·  "
    "slo-reports verify --folder /backup/runs/shop-monthly/2026-10/r1"
)
def verify(
    report: Annotated[
        str | None,
        typer.Argument(
            help="Name of a report; default: every run on record.",
            autocompletion=completing.reports,
        ),
    ] = None,
    *,
    period: Annotated[
        str | None,
        typer.Option(
            help="Only the run of this period; default: all of the report.",
            autocompletion=completing.periods,
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(help="A copy of a run's folder instead; needs no settings and no ledger."),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge filed reports again from their frozen data; names every difference.

    Also checks the frozen files and those on shares against the hashes in the ledger.
    """
    from slo_reports.console import tell, tell_json
    from slo_reports.explained import verification_json, verification_lines
    from slo_reports.verifying import verify_folder

    if folder is not None:
        if report is not None or period is not None:
            msg = "--folder stands alone: it names what is checked"
            raise typer.BadParameter(msg)
        checked: list[Verification] = [verify_folder(folder)]
    else:
        checked = _verify_runs(config, report, period)
    if as_json:
        tell_json([verification_json(one) for one in checked])
    else:
        for one in checked:
            for line in verification_lines(one):
                tell(line)
    sound = all(one.is_sound for one in checked)
    raise typer.Exit(ExitCode.DONE if sound else ExitCode.DIFFERENT)


def _verify_runs(config: Path | None, name: str | None, period: str | None) -> list[Verification]:
    from slo_reports.job import Quiet
    from slo_reports.verifying import verify_run

    if period is not None and name is None:
        msg = "--period goes with the name of a report"
        raise typer.BadParameter(msg)
    world = world_of(config, Quiet())
    settings = None if name is None else report_named(world, name)
    wanted = None if settings is None or period is None else world.period(settings, period)
    with existing_ledger(world) as ledger:
        runs = _runs(ledger, settings, wanted)
        return [verify_run(run, ledger, world.settings) for run in runs]


def _runs(ledger: Ledger, report: ReportSettings | None, period: Period | None) -> list[Run]:
    runs = list(ledger.history(None if report is None else report.name))
    if period is not None:
        runs = [run for run in runs if run.period == period.key]
    if not runs:
        of = "" if report is None else f" of {report.name}"
        when = "" if period is None else f" for {period.key}"
        msg = f"no run{of}{when} is on record; nothing to check"
        raise ConfigurationError(msg)
    return runs
