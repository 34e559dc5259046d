"""Commands that show how everything stands, and take a person's word about it."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from slo_reports.cli import completing
from slo_reports.cli.app import (
    ConfigOption,
    JsonOption,
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
    from slo_reports.ledger import Ledger, Run

ReportArgument = Annotated[
    str, typer.Argument(help="Name of the report.", autocompletion=completing.reports)
]
PeriodOption = Annotated[
    str,
    typer.Option(
        "--period",
        help="Period on record, as `history` shows it, or last.",
        autocompletion=completing.periods,
    ),
]
RevisionOption = Annotated[
    int | None, typer.Option("--revision", min=1, help="Default: the latest.")
]
RecipientOption = Annotated[
    list[str] | None,
    typer.Option(
        "--to",
        help="Only to this address or file; may be given several times.",
        autocompletion=completing.recipients,
    ),
]
DestinationOption = Annotated[
    list[str] | None,
    typer.Option(
        "--destination",
        help="Only by this destination; may be given several times.",
        autocompletion=completing.destinations,
    ),
]
ByOption = Annotated[str, typer.Option("--by", help="Who says so. [default: the login name]")]


@app.command(epilog="Examples:  slo-reports status  ·  slo-reports status --check || page-someone")
def status(
    *,
    check: Annotated[
        bool,
        typer.Option("--check", help="Only what is not well; exit code 12 where anything is."),
    ] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how every report stands: what arrived last, what is late, failing or held."""
    from slo_reports.console import tell, tell_json
    from slo_reports.job import Quiet
    from slo_reports.recounting import status_json, status_lines
    from slo_reports.standing import statuses

    world = world_of(config, Quiet())
    with existing_ledger(world) as ledger:
        found = [one for one in statuses(world, ledger) if not (check and one.is_well)]
    if as_json:
        tell_json([status_json(one) for one in found])
    else:
        for one in found:
            for line in status_lines(one, world):
                tell(line)
        if check and not found:
            tell("all is well")
    raise typer.Exit(ExitCode.UNHEALTHY if check and found else ExitCode.DONE)


@app.command(
    epilog="Examples:  slo-reports history  ·  slo-reports history commerce --period 2026-10"
)
def history(
    report: Annotated[
        str | None,
        typer.Argument(help="Name of a report; default: all.", autocompletion=completing.reports),
    ] = None,
    *,
    period: Annotated[
        str | None,
        typer.Option(
            help="Only this period, with every delivery and every try.",
            autocompletion=completing.periods,
        ),
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what fell due and what became of it, from the ledger."""
    from slo_reports.console import tell, tell_json
    from slo_reports.job import Quiet
    from slo_reports.recounting import run_json, run_lines

    with existing_ledger(world_of(config, Quiet())) as ledger:
        runs = [run for run in ledger.record(report) if period in (None, run.period)]
        if not runs:
            of = "" if report is None else f" of {report}"
            msg = f"nothing{of} is on record" + ("" if period is None else f" for {period}")
            raise ConfigurationError(msg)
        told = [(run, ledger.deliveries(run), ledger.failures(run)) for run in runs]
    if as_json:
        tell_json([run_json(*one) for one in told])
        return
    for one in told:
        for line in run_lines(*one, in_full=period is not None):
            tell(line)


@app.command(
    epilog="Examples:  slo-reports resend commerce --period 2026-10  ·  "
    "slo-reports resend commerce --period 2026-10 --to board@example.com"
)
def resend(
    report: ReportArgument,
    *,
    period: PeriodOption,
    to: RecipientOption = None,
    destination: DestinationOption = None,
    revision: RevisionOption = None,
    by: ByOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Send again, the identical bytes: what was refused, given up, held or never answered.

    With --to or --destination also what has arrived.
    """
    from slo_reports import tending
    from slo_reports.console import receipt_json, receipt_lines, tell, tell_json
    from slo_reports.job import Quiet

    world = world_of(config, Quiet())
    settings = report_named(world, report)
    with locked_ledger(world) as ledger:
        run = _run(world, ledger, report, period, revision)
        meant = tending.chosen(run, ledger.deliveries(run), to or [], destination or [])
        receipt = tending.resend(run, meant, settings, world, ledger, by or _login())
        renew_archives(world, ledger, [receipt])
    if as_json:
        tell_json(receipt_json(receipt))
    else:
        for line in receipt_lines(receipt):
            tell(line)
    raise typer.Exit(receipt.exit_code)


@app.command(
    "mark-delivered",
    epilog="Example:  slo-reports mark-delivered commerce --period 2026-10 "
    '--to board@example.com --reason "they have it; asked on the phone"',
)
def mark_delivered(
    report: ReportArgument,
    *,
    period: PeriodOption,
    to: RecipientOption = None,
    destination: DestinationOption = None,
    revision: RevisionOption = None,
    reason: Annotated[str, typer.Option(help="How you know.")] = "",
    by: ByOption = "",
    config: ConfigOption = None,
) -> None:
    """Record that something arrived, so that it is neither tried nor told of any more.

    Without --to and --destination: everything that waits for a person or was never answered.
    """
    from slo_reports import tending
    from slo_reports.console import tell
    from slo_reports.job import Quiet

    world = world_of(config, Quiet())
    with locked_ledger(world) as ledger:
        run = _run(world, ledger, report, period, revision)
        meant = tending.chosen(run, ledger.deliveries(run), to or [], destination or [])
        tending.mark_delivered(run, meant, world, ledger, by or _login(), reason)
    for one in meant:
        tell(f"{run.title} to {one.recipient} ({one.destination}): on record as delivered")


@app.command(
    epilog='Example:  slo-reports skip commerce --period 2026-07 --reason "before the relaunch"'
)
def skip(
    report: ReportArgument,
    *,
    period: PeriodOption,
    reason: Annotated[str, typer.Option(help="Why; it stays on record.")],
    by: ByOption = "",
    config: ConfigOption = None,
) -> None:
    """Never make a report that fell due and cannot or need not be made any more."""
    from slo_reports import tending
    from slo_reports.console import tell
    from slo_reports.job import Quiet

    if not reason.strip():
        msg = "--reason must say why"
        raise typer.BadParameter(msg)
    world = world_of(config, Quiet())
    with locked_ledger(world) as ledger:
        run = _run(world, ledger, report, period, None)
        tending.skip(run, ledger, by or _login(), reason.strip())
    tell(f"{run.title}: skipped")


@app.command(epilog="Example:  slo-reports archive")
def archive(*, config: ConfigOption = None) -> None:
    """Make the page anew that lists on each share what is filed there, from the ledger."""
    from slo_reports.archiving import publish_archives
    from slo_reports.console import tell
    from slo_reports.job import Quiet

    world = world_of(config, Quiet())
    with existing_ledger(world) as ledger:
        for line in publish_archives(world, ledger):
            tell(line)


def _run(world: World, ledger: Ledger, report: str, period: str, revision: int | None) -> Run:
    from slo_reports.tending import run_on_record

    key = period
    if period == "last":
        key = world.period(report_named(world, report), period).key
    return run_on_record(ledger, report, key, revision)


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
