"""The application that the commands hang on, and the options that they share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slo_reports import __version__
from slo_reports.cli.panels import Commands
from slo_reports.errors import ConfigurationError, LedgerError
from slo_reports.stopping import Stop

if TYPE_CHECKING:
    from slo_reports.delivering import Receipt
    from slo_reports.job import Listener, World
    from slo_reports.ledger import Ledger
    from slo_reports.settings.schema import ReportSettings

app = typer.Typer(
    name="slo-reports",
    help="SLO reports from Prometheus, every month and every week, by mail and on a share.",
    epilog="Exit codes: 0 done, 2 wrong usage, 3 configuration, 4 source, 5 rendering, "
    "6 delivery, 7 ledger, 8 busy, 9 done but something could not be measured, "
    "10 a filed report is not as it was or comes out differently, or rules differ, 11 history, "
    "12 the doctor found something to mend, 13 the executor; "
    "decide: 0 approve, 20 review, 21 defer, 22 block.",
    cls=Commands,
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
JobsOption = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        "-j",
        min=1,
        max=4096,
        help="How much is done at once; default: executor.jobs, else the processors there are.",
        show_default=False,
    ),
]


stopping = Stop()
"""Told of the signals that end a command."""


def now() -> datetime:
    """The clock, which only the command line and the scheduler look at."""
    return datetime.now(UTC)


def settings_file(given: Path | None) -> Path:
    """The settings file that was named, or the first that is in its usual place."""
    if given is not None:
        return given
    for place in _PLACES:
        if Path(place).is_file():
            return Path(place)
    msg = f"no settings file: name one with --config, or put one at {' or '.join(_PLACES)}"
    raise ConfigurationError(msg)


def world_of(
    config: Path | None, listener: Listener, stop: Stop | None = None, jobs: int | None = None
) -> World:
    """Settings and definitions, read and checked; ``jobs`` in place of the settings' own."""
    from slo_reports.definitions.loading import load_everything
    from slo_reports.history import History
    from slo_reports.job import World

    settings, slos = load_everything(settings_file(config))
    if jobs is not None:
        executor = settings.executor.model_copy(update={"jobs": jobs})
        settings = settings.model_copy(update={"executor": executor})
    history = History(settings.history_url, settle=settings.settle)
    return World(settings, slos, now, listener, history=history, stop=stop or stopping)


def report_named(world: World, name: str) -> ReportSettings:
    """The report of a name, or an error that knows the nearest one."""
    for report in world.settings.reports:
        if report.name == name:
            return report
    known = [report.name for report in world.settings.reports]
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
    msg = f"no report is named {name!r}; {hint}"
    raise ConfigurationError(msg)


@contextmanager
def locked_ledger(world: World) -> Iterator[Ledger]:
    """The ledger, while nobody else works on it."""
    with world.open_ledger() as ledger, ledger.lock():
        yield ledger


def renew_archives(world: World, ledger: Ledger, receipts: Iterable[Receipt]) -> None:
    """Renew the pages of shares that something was filed on; what fails is one line of warning."""
    from slo_reports.archiving import refresh_archives
    from slo_reports.console import warn

    for sentence in refresh_archives(world, ledger, receipts):
        warn(sentence)


@contextmanager
def existing_ledger(world: World) -> Iterator[Ledger]:
    """The ledger, to look at.

    Raises:
        LedgerError: there is none yet.
    """
    if not world.has_ledger():
        msg = f"there is no ledger in {world.settings.state}: nothing has been filed yet"
        raise LedgerError(msg)
    with world.open_ledger() as ledger:
        yield ledger


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
