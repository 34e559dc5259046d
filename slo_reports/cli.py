"""The command line: arguments, exit codes, and nothing else."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slo_reports import __version__
from slo_reports.errors import (
    Busy,
    ConfigurationError,
    ExitCode,
    SloReportsError,
)

if TYPE_CHECKING:
    from slo_reports.due import Failure
    from slo_reports.job import Listener, Receipt, World
    from slo_reports.ledger import Ledger
    from slo_reports.periods import Period
    from slo_reports.settings.schema import ReportSettings

app = typer.Typer(
    name="slo-reports",
    help="SLO reports from Prometheus, every month and every week, by mail and on a share.",
    epilog="Exit codes: 0 done, 2 wrong usage, 3 configuration, 4 source, 5 rendering, "
    "6 delivery, 7 ledger, 8 busy, 9 done but something could not be measured.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_PLACES = ("slo_reports.yaml", "config/slo_reports.yaml", "/etc/slo-reports/slo_reports.yaml")

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        envvar="SLO_REPORTS_CONFIG",
        help=f"Settings file; default: the first that is there of {', '.join(_PLACES)}.",
        show_default=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Results as JSON, for machines.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on a terminal.")]


def _now() -> datetime:
    return datetime.now(UTC)


def _settings_file(given: Path | None) -> Path:
    if given is not None:
        return given
    for place in _PLACES:
        if Path(place).is_file():
            return Path(place)
    msg = f"no settings file: name one with --config, or put one at {' or '.join(_PLACES)}"
    raise ConfigurationError(msg)


def _world(config: Path | None, listener: Listener) -> World:
    from slo_reports.definitions.loading import load_everything
    from slo_reports.job import World

    settings, slos = load_everything(_settings_file(config))
    return World(settings, slos, _now, listener)


def _named(world: World, name: str) -> ReportSettings:
    for report in world.settings.reports:
        if report.name == name:
            return report
    known = [report.name for report in world.settings.reports]
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
    msg = f"no report is named {name!r}; {hint}"
    raise ConfigurationError(msg)


@contextmanager
def _ledger(world: World) -> Iterator[Ledger]:
    from slo_reports.ledger import Ledger

    with Ledger.open(world.settings.state) as ledger, ledger.lock():
        yield ledger


@app.command(
    epilog="Examples:  slo-reports run commerce  ·  slo-reports run commerce --period 2026-10  ·  "
    "slo-reports run commerce --period 2026-10-01..2026-10-15 --dry-run --output /tmp/report"
)
def run(
    report: Annotated[str, typer.Argument(help="Name of the report in the settings.")],
    *,
    period: Annotated[
        str,
        typer.Option(
            help="last, current, 2026-10, 2026-W43, 2026-Q4, 2026, 28d, or 2026-10-01..2026-10-15 "
            "(the second date is not part of it)."
        ),
    ] = "last",
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
    """Make one report and deliver it; what was delivered before is not sent again."""
    from slo_reports.console import listening, receipt_json, receipt_lines, tell, tell_json
    from slo_reports.job import run_report
    from slo_reports.output import write_named

    with listening(quiet=quiet or as_json) as listener:
        world = _world(config, listener)
        settings = _named(world, report)
        chosen = world.period(settings, period)
        if dry_run:
            _try_out(settings, chosen, world, output, as_json=as_json)
            return
        with _ledger(world) as ledger:
            receipt = run_report(settings, chosen, world, ledger, asked=True)
            written = write_named(ledger.documents(receipt.run), output) if output else ()
    if as_json:
        tell_json(receipt_json(receipt) | {"written": [str(path) for path in written]})
    else:
        for line in (*receipt_lines(receipt), *(f"  written {path}" for path in written)):
            tell(line)
    raise typer.Exit(receipt.exit_code)


def _try_out(
    report: ReportSettings, period: Period, world: World, output: Path | None, *, as_json: bool
) -> None:
    from slo_reports.console import summary_lines, tell, tell_json
    from slo_reports.job import not_measured, prepare
    from slo_reports.output import write_named

    prepared = prepare(report, period, world)
    written = write_named(prepared.bundle.documents, output) if output else ()
    missing = not_measured(prepared.report)
    if as_json:
        tell_json(
            {
                "report": report.name,
                "period": period.key,
                "dry_run": True,
                "written": [str(path) for path in written],
                "result": json.loads(prepared.report.to_json()),
            }
        )
    else:
        for line in summary_lines(prepared.report):
            tell(line)
        would = ", ".join(report.destinations) or "nowhere"
        tell(f"dry run: nothing was delivered or recorded; it would go to: {would}")
        for path in written:
            tell(f"  written {path}")
    raise typer.Exit(ExitCode.INCOMPLETE if missing else ExitCode.DONE)


@app.command("run-due", epilog="Example for cron:  */15 * * * *  slo-reports run-due")
def run_due_command(
    *, config: ConfigOption = None, as_json: JsonOption = False, quiet: QuietOption = False
) -> None:
    """Make and deliver every report that is due and not yet done; for cron and timers.

    Says nothing where nothing was due, so cron mails only what is worth reading.
    """
    from slo_reports.console import failure_json, listening, receipt_json, tell_json
    from slo_reports.due import Failure

    with listening(quiet=quiet or as_json) as listener:
        results = _run_due_once(_world(config, listener))
    if as_json:
        tell_json(
            [
                failure_json(one) if isinstance(one, Failure) else receipt_json(one)
                for one in results
            ]
        )
    else:
        _tell_results(results)
    raise typer.Exit(_worst(results))


def _run_due_once(world: World) -> tuple[Receipt | Failure, ...]:
    from slo_reports.due import run_due

    with _ledger(world) as ledger:
        return run_due(world, ledger)


def _tell_results(results: tuple[Receipt | Failure, ...]) -> None:
    from slo_reports.console import complain, receipt_lines, tell
    from slo_reports.due import Failure

    for result in results:
        if isinstance(result, Failure):
            complain(
                f"{result.report} {result.period_id}: {result.error}; "
                "it stays due and is tried again"
            )
        else:
            for line in receipt_lines(result):
                tell(line)


def _worst(results: tuple[Receipt | Failure, ...]) -> int:
    """The first failure's code, else the first code that is not 0."""
    from slo_reports.due import Failure

    codes = [one.error.exit_code if isinstance(one, Failure) else one.exit_code for one in results]
    return next((int(code) for code in codes if code), 0)


@app.command(epilog="Example:  slo-reports schedule --config /etc/slo-reports/slo_reports.yaml")
def schedule(
    *,
    config: ConfigOption = None,
    retry_minutes: Annotated[
        int, typer.Option(min=1, max=1440, help="How often to look for what could not be done.")
    ] = 15,
) -> None:
    """Stay and run each report when it falls due; stops on SIGTERM and Ctrl-C."""
    from slo_reports.console import complain, tell
    from slo_reports.job import Quiet
    from slo_reports.scheduler import keep_time, scheduled

    first = _world(config, Quiet())
    reports = scheduled(first.settings)
    if not reports:
        msg = "no report has a schedule; give one a `schedule:` in the settings"
        raise ConfigurationError(msg)

    def tick() -> None:
        try:
            _tell_results(_run_due_once(_world(config, Quiet())))
        except Busy as error:
            complain(f"{error}; looking again in {retry_minutes} minutes at the latest")
        except SloReportsError as error:
            complain(error)

    tell(f"keeping time for {', '.join(report.name for report in reports)}")
    keep_time(first.settings, tick, retry_minutes=retry_minutes)
    tell("stopped")


@app.command()
def plan(*, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show what is due now and what comes next; runs and records nothing."""
    from slo_reports.console import plan_json, plan_lines, tell, tell_json
    from slo_reports.due import planned
    from slo_reports.job import Quiet

    rows = planned(_world(config, Quiet()))
    if as_json:
        tell_json([plan_json(row) for row in rows])
        return
    for row in rows:
        for line in plan_lines(row):
            tell(line)


@app.command()
def validate(*, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check the settings and all definitions; names every problem at its line."""
    from slo_reports.console import tell, tell_json
    from slo_reports.job import Quiet

    try:
        world = _world(config, Quiet())
    except ConfigurationError as error:
        if not (as_json and error.problems):
            raise
        tell_json(
            [
                {"path": str(one.path), "line": one.line, "problem": one.message}
                for one in error.problems
            ]
        )
        raise typer.Exit(ExitCode.CONFIGURATION) from error
    if as_json:
        tell_json([])
        return
    services = {slo.service for slo in world.slos}
    reports = len(world.settings.reports)
    tell(
        f"valid: {reports} report{'s' * (reports != 1)}, {len(world.slos)} objectives of "
        f"{len(services)} services"
    )


@app.command(epilog="Example:  slo-reports schema definition > slo.schema.json")
def schema(
    what: Annotated[str, typer.Argument(help="settings or definition")],
) -> None:
    """Print the JSON Schema of a file that people write, for their editors."""
    from slo_reports.console import tell_json
    from slo_reports.definitions.json_schema import definition_schema
    from slo_reports.settings.json_schema import settings_schema

    schemas = {"settings": settings_schema, "definition": definition_schema}
    if what not in schemas:
        msg = f"{what!r} has no schema; say settings or definition"
        raise typer.BadParameter(msg)
    tell_json(schemas[what]())


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
        shown = demonstrate(output, recorded=recorded, fresh=fresh, now=_now, listener=listener)
    for line in shown.lines():
        tell(line)
    raise typer.Exit(shown.exit_code)


def _print_version(wanted: bool) -> None:  # noqa: FBT001  # typer's callback
    if wanted:
        typer.echo(f"slo-reports {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print and leave."),
    ] = False,
) -> None:
    """SLO reports from Prometheus, every month and every week, by mail and on a share."""


def main() -> None:
    """The ``slo-reports`` command: every expected error is one sentence and an exit code."""
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
