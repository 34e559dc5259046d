"""Commands that make reports on request and show them; they record and send nothing."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from slo_reports.cli import completing
from slo_reports.cli.app import ConfigOption, JsonOption, QuietOption, app, report_named, world_of
from slo_reports.errors import ExitCode, RenderError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slo_reports.adhoc import Made, Wish
    from slo_reports.job import World

ReportArgument = Annotated[
    str,
    typer.Argument(help="Name of the report in the settings.", autocompletion=completing.reports),
]
KindOption = Annotated[
    str | None,
    typer.Option(
        help="service, review, brief, … as `kind:`; default: its own.",
        autocompletion=completing.kinds,
    ),
]
IncidentOption = Annotated[
    str, typer.Option(help="Letter or id, for a retrospective; default: the dearest incident.")
]
ServiceOption = Annotated[
    list[str] | None,
    typer.Option(help="Only this service; may be repeated.", autocompletion=completing.services),
]
OwnerOption = Annotated[
    list[str] | None,
    typer.Option(
        help="Only what this team owns; may be repeated.", autocompletion=completing.owners
    ),
]
NamespaceOption = Annotated[
    list[str] | None,
    typer.Option(
        help="Only this namespace; may be repeated.", autocompletion=completing.namespaces
    ),
]
SloOption = Annotated[
    list[str] | None,
    typer.Option(
        help="Only this, namespace/name; may be repeated.", autocompletion=completing.slos
    ),
]
TitleOption = Annotated[
    str, typer.Option(help="Default: what is selected, or the report's own title.")
]
FORMATS = "html, pdf, md, csv, xlsx or json"
PERIODS = (
    "last, current, 2026-10, 2026-W43, 2026-Q4, 2026, 28d, or 2026-10-01..2026-10-15. Last and "
    "current mean the week for a review, the quarter for a planning, else the report's own kind."
)


@app.command(
    epilog="Examples:  slo-reports make commerce --kind brief --service Checkout --period 28d  ·  "
    "slo-reports make commerce --kind retrospective --incident B --output /tmp/retrospective"
)
def make(  # noqa: PLR0913  # one for each option
    report: ReportArgument,
    *,
    kind: KindOption = None,
    incident: IncidentOption = "",
    service: ServiceOption = None,
    owner: OwnerOption = None,
    namespace: NamespaceOption = None,
    slo: SloOption = None,
    title: TitleOption = "",
    period: Annotated[str, typer.Option(help=PERIODS, autocompletion=completing.periods)] = "last",
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help=f"{FORMATS}; may be repeated. Default: the report's.",
            autocompletion=completing.formats,
        ),
    ] = None,
    output: Annotated[Path, typer.Option(help="Folder for the documents.")] = Path(),
    config: ConfigOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Make a report of any service, team, period and kind into a folder.

    Nothing is recorded or delivered, so it never blocks or doubles a scheduled report.
    """
    from slo_reports.console import listening
    from slo_reports.output import write_named

    with listening(quiet=quiet or as_json) as listener:
        world = world_of(config, listener)
        wish = _wish(kind, incident, (service, owner, namespace, slo), title, formats)
        made = _made(world, report, period, wish)
        written = write_named(made.prepared.bundle.documents, output)
    _tell(made, written, as_json=as_json)


def _wish(
    kind: str | None,
    incident: str,
    selected: tuple[list[str] | None, ...],
    title: str,
    formats: Sequence[str] | None,
) -> Wish:
    from slo_reports.adhoc import Wish, kind_named
    from slo_reports.settings.schema import Selection

    lists = zip(("services", "owners", "namespaces", "slos"), selected, strict=True)
    selection = Selection.model_validate({name: words or None for name, words in lists})
    chosen = None if kind is None else kind_named(kind)
    return Wish(chosen, incident.strip(), selection, title.strip(), tuple(formats or ()))


def _made(world: World, name: str, period: str, wish: Wish) -> Made:
    from slo_reports import adhoc

    settings = report_named(world, name)
    chosen = world.period(adhoc.wished(settings, wish), period)
    return adhoc.make(settings, chosen, world, wish)


def _tell(made: Made, written: Sequence[Path], *, as_json: bool) -> None:
    from slo_reports.console import summary_lines, tell, tell_json
    from slo_reports.job import not_measured

    report = made.prepared.report
    if as_json:
        tell_json(
            {
                "report": report.request.name,
                "kind": report.request.kind,
                "period": report.period.key,
                "filed": made.filed,
                "written": [str(path) for path in written],
                "result": json.loads(report.to_json()),
            }
        )
    else:
        for line in (*summary_lines(report), *_told(made, written)):
            tell(line)
    missing = not_measured(report)
    raise typer.Exit(ExitCode.INCOMPLETE if missing else ExitCode.DONE)


def _told(made: Made, written: Sequence[Path]) -> list[str]:
    where = f"the source could not be asked: data of {made.filed}, as filed" if made.filed else ""
    lines = [where] if where else []
    return [*lines, *(f"  written {path}" for path in written),
            "nothing was delivered or recorded"]  # fmt: skip


@app.command(
    epilog="Examples:  slo-reports preview commerce  ·  slo-reports preview commerce --kind review "
    "--period current  ·  slo-reports preview commerce --watch --output /tmp/preview"
)
def preview(  # noqa: PLR0913  # one for each option
    report: ReportArgument,
    *,
    kind: KindOption = None,
    incident: IncidentOption = "",
    service: ServiceOption = None,
    owner: OwnerOption = None,
    namespace: NamespaceOption = None,
    slo: SloOption = None,
    title: TitleOption = "",
    period: Annotated[str, typer.Option(help=PERIODS, autocompletion=completing.periods)] = "last",
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            help=f"{FORMATS}; may be repeated. Default: html.",
            autocompletion=completing.formats,
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder for it; default: a new one among temporary files.")
    ] = None,
    show: Annotated[
        bool, typer.Option("--open/--no-open", help="Open it in a browser, where there is one.")
    ] = True,
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Stay, and render again when a template changes."),
    ] = False,
    config: ConfigOption = None,
    quiet: QuietOption = False,
) -> None:
    """Show a report with the data at hand; sends and records nothing.

    Kept days come from the history. Where the source cannot be asked, what is filed of the period
    is shown.
    """
    from slo_reports.console import listening, tell
    from slo_reports.output import write_named

    folder = output or Path(tempfile.mkdtemp(prefix="slo-reports-"))
    with listening(quiet=quiet) as listener:
        world = world_of(config, listener)
        wish = _wish(kind, incident, (service, owner, namespace, slo), title, formats or ["html"])
        made = _made(world, report, period, wish)
        written = write_named(made.prepared.bundle.documents, folder)
    for line in _told(made, written):
        tell(line)
    if show and has_display(os.environ, sys.platform):
        webbrowser.open(written[0].resolve().as_uri())
    if watch:
        _stay(world, report, made, wish, folder)


def has_display(environment: Any, platform: str) -> bool:
    """Whether a browser would have somewhere to appear."""
    if platform in ("darwin", "win32"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def _stay(world: World, name: str, made: Made, wish: Wish, folder: Path) -> None:
    """Render the measured data again each time that a template changes."""
    from slo_reports import adhoc
    from slo_reports.console import complain, tell
    from slo_reports.output import write_named
    from slo_reports.render.resources import resources

    settings = adhoc.wished(report_named(world, name), wish)
    folders = resources(world.settings.templates).folders
    seen = stamps(folders)
    tell(f"watching {', '.join(map(str, folders))}; Ctrl-C ends")
    while True:
        time.sleep(0.5)
        now = stamps(folders)
        if now == seen:
            continue
        seen = now
        try:
            again = adhoc.render(made.prepared.snapshot, settings, world, wish)
        except RenderError as error:
            complain(error)
        else:
            written = write_named(again.bundle.documents, folder)
            tell(f"  written {', '.join(map(str, written))}")


def stamps(folders: Sequence[Path]) -> dict[Path, tuple[int, int]]:
    """When each file of the folders changed last, and its size [ns, bytes]."""
    found: dict[Path, tuple[int, int]] = {}
    for folder in folders:
        for path in folder.rglob("*"):
            try:
                seen = path.stat()
            except FileNotFoundError:  # an editor replaces it just now
                continue
            if path.is_file():
                found[path] = (seen.st_mtime_ns, seen.st_size)
    return found
