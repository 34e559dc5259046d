"""Commands that make and deliver reports, and say when."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slo_reports.cli import completing
from slo_reports.cli.app import (
    ConfigOption,
    JobsOption,
    JsonOption,
    QuietOption,
    app,
    locked_ledger,
    renew_archives,
    report_named,
    world_of,
)
from slo_reports.errors import Busy, ConfigurationError, ExitCode, SloReportsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from slo_reports.delivering import Receipt
    from slo_reports.due import Failure
    from slo_reports.job import World
    from slo_reports.ledger import Ledger
    from slo_reports.operate import Operations
    from slo_reports.periods import Period
    from slo_reports.settings.schema import ReportSettings


@app.command(
    epilog="Examples:  slo-reports run commerce  ·  slo-reports run commerce --period 2026-10  ·  "
    "slo-reports run commerce --period 2026-10-01..2026-10-15 --dry-run --output /tmp/report"
)
def run(
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
            help="last, current, 2026-10, 2026-W43, 2026-Q4, 2026, 28d, or 2026-10-01..2026-10-15 "
            "(the second date is not part of it).",
            autocompletion=completing.periods,
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
    from slo_reports.delivering import run_report
    from slo_reports.output import write_named

    with listening(quiet=quiet or as_json) as listener:
        world = world_of(config, listener)
        settings = report_named(world, report)
        chosen = world.period(settings, period)
        if dry_run:
            _try_out(settings, chosen, _touching_nothing(world), output, as_json=as_json)
            return
        with locked_ledger(world) as ledger:
            receipt = run_report(settings, chosen, world, ledger)
            renew_archives(world, ledger, [receipt])
            written = write_named(ledger.documents(receipt.run), output) if output else ()
    if as_json:
        tell_json(receipt_json(receipt) | {"written": [str(path) for path in written]})
    else:
        for line in (*receipt_lines(receipt), *(f"  written {path}" for path in written)):
            tell(line)
    raise typer.Exit(receipt.exit_code)


def _touching_nothing(world: World) -> World:
    """The same world, in which the history is read and not written."""
    return replace(world, history=world.history and world.history.read_only())


def _try_out(
    report: ReportSettings, period: Period, world: World, output: Path | None, *, as_json: bool
) -> None:
    from slo_reports.asked import asked_where_recorded
    from slo_reports.console import summary_lines, tell, tell_json
    from slo_reports.job import not_measured, prepare
    from slo_reports.output import write_named

    earlier = asked_where_recorded(report.name, period, world)
    prepared = prepare(report, period, world, earlier=earlier)
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


@app.command(
    "test-send",
    epilog="Example:  slo-reports test-send commerce --to me@example.com --period 2026-10",
)
def mail_a_test(
    report: Annotated[
        str,
        typer.Argument(
            help="Name of the report in the settings.", autocompletion=completing.reports
        ),
    ],
    *,
    to: Annotated[str, typer.Option(help="Who gets it; need not be one of the recipients.")],
    period: Annotated[
        str, typer.Option(help="As for run.", autocompletion=completing.periods)
    ] = "last",
    destination: Annotated[
        str | None,
        typer.Option(
            help="Mail destination to send by; default: the report's first.",
            autocompletion=completing.destinations,
        ),
    ] = None,
    config: ConfigOption = None,
    quiet: QuietOption = False,
) -> None:
    """Mail a report to yourself, marked as a test; records nothing, never blocks the real one."""
    from slo_reports.console import listening, tell
    from slo_reports.trying import send_trial

    with listening(quiet=quiet) as listener:
        world = _touching_nothing(world_of(config, listener))
        settings = report_named(world, report)
        receipt = send_trial(settings, world.period(settings, period), world, to, destination)
    tell(f"{to}: {receipt}")


@app.command(
    "run-due",
    epilog="Examples:  slo-reports run-due --jobs 4  ·  "
    "for cron:  */15 * * * *  slo-reports run-due",
)
def run_due_command(
    *,
    jobs: JobsOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make and deliver every report that is due and not yet done; for cron and timers.

    Says nothing where nothing was due, so cron mails only what is worth reading.
    """
    from slo_reports.console import failure_json, listening, receipt_json, tell_json
    from slo_reports.due import Failure

    with listening(quiet=quiet or as_json) as listener:
        results = _run_due_once(world_of(config, listener, jobs=jobs))
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
    """One pass of the job, of which operators are told as the settings want it."""
    from slo_reports.console import complain
    from slo_reports.operate import Operations, Trouble

    operations = Operations(world.settings.operations, complain)
    started_at = world.now()
    try:
        with locked_ledger(world) as ledger:
            operations.started()
            results = tuple(_pass(world, ledger))
            _tell_operators(operations, world, ledger, results, started_at)
    except Busy:
        raise  # the other one tells
    except SloReportsError as error:
        operations.finished(None, [Trouble("the job", str(error))], {}, world.now())
        raise
    return results


def _pass(world: World, ledger: Ledger) -> Iterator[Receipt | Failure]:
    from slo_reports.daily import collect_once_a_day
    from slo_reports.delivering import Receipt
    from slo_reports.due import run_due

    results = tuple(run_due(world, ledger))
    yield from results
    if not world.stop.requested:
        renew_archives(world, ledger, [one for one in results if isinstance(one, Receipt)])
        yield from collect_once_a_day(world, results)


def _tell_operators(
    operations: Operations,
    world: World,
    ledger: Ledger,
    results: tuple[Receipt | Failure, ...],
    started_at: datetime,
) -> None:
    from slo_reports.due import Failure
    from slo_reports.standing import standing, statuses, troubles

    found, now = statuses(world, ledger), world.now()
    failures = [one for one in results if isinstance(one, Failure)]
    told = operations.finished(
        standing(found, started_at, now, _worst(results)),
        tuple(troubles(found, failures)),
        ledger.told(),
        now,
    )
    ledger.mark_told((one.key for one in told), now)


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
    from slo_reports.console import Lines, complain, tell, warn
    from slo_reports.job import Quiet
    from slo_reports.operate.pulse import WORKING, Beating, Pulse
    from slo_reports.scheduler import keep_time, longest_silence, scheduled
    from slo_reports.stopping import Stop

    stop = Stop(at_once=False)
    first = world_of(config, Quiet())
    reports = scheduled(first.settings)
    if not reports:
        msg = "no report has a schedule; give one a `schedule:` in the settings"
        raise ConfigurationError(msg)
    pulse = Pulse(first.settings.state, first.now, warn)

    def tick() -> None:
        pulse.await_next(WORKING)
        try:
            world = world_of(config, Beating(pulse, Lines()), stop)
            _tell_results(_run_due_once(world))
        except Busy as error:
            complain(f"{error}; looking again in {retry_minutes} minutes at the latest")
        except SloReportsError as error:
            complain(error)
        finally:
            pulse.await_next(longest_silence(first.settings, retry_minutes))

    tell(f"keeping time for {', '.join(report.name for report in reports)}")
    try:
        keep_time(first.settings, tick, stop, retry_minutes=retry_minutes)
    finally:
        pulse.end()
    tell("stopped")


@app.command(epilog="Example:  slo-reports plan")
def plan(*, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show what is due now and what comes next; runs and records nothing."""
    from slo_reports.console import plan_json, plan_lines, tell, tell_json
    from slo_reports.due import planned
    from slo_reports.job import Quiet

    rows = planned(world_of(config, Quiet()))
    if as_json:
        tell_json([plan_json(row) for row in rows])
        return
    for row in rows:
        for line in plan_lines(row):
            tell(line)
