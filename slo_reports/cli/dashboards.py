"""The command that makes Grafana dashboards."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slo_reports.cli.app import ConfigOption, app, settings_file
from slo_reports.cli.differing import say_differences, write_differences
from slo_reports.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slo_reports.generate.grafana_links import ReportLink
    from slo_reports.model import Slo


class Form(StrEnum):
    """What the dashboards are written as."""

    JSON = "json"
    CONFIGMAP = "configmap"


@app.command(
    epilog="Examples:  slo-reports dashboard --output dashboards  ·  "
    "slo-reports dashboard --format configmap --folder SLOs | kubectl apply -f -"
)
def dashboard(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Definitions, files or folders; default: those of the settings."),
    ] = None,
    *,
    config: ConfigOption = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder for the files; default: standard output.")
    ] = None,
    form: Annotated[
        Form, typer.Option("--format", help="Files for Grafana, or an object for Kubernetes.")
    ] = Form.JSON,
    folder: Annotated[
        str | None, typer.Option(help="Grafana's folder, with --format configmap.")
    ] = None,
    object_namespace: Annotated[
        str | None, typer.Option(help="Kubernetes namespace, with --format configmap.")
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; exit code 10 where files would change."),
    ] = False,
) -> None:
    """Make Grafana dashboards: an overview of all objectives, and one objective in detail.

    They show the series that the rules of slo-reports record, and link the filed reports.
    """
    from slo_reports.console import tell

    if form is Form.JSON and (folder or object_namespace):
        msg = "--folder and --object-namespace go with --format configmap"
        raise typer.BadParameter(msg)
    if check and output is None:
        msg = "--check looks at files: name their folder with --output"
        raise typer.BadParameter(msg)
    files = _files(*_covered(paths, config), form, folder, object_namespace)
    if output is None:
        tell("".join(files.values()).rstrip("\n"))
    else:
        _put({output / name: text for name, text in files.items()}, output, check=check)


def _covered(
    paths: Sequence[Path] | None, config: Path | None
) -> tuple[tuple[Slo, ...], tuple[ReportLink, ...]]:
    """The SLOs of the paths, else of the settings; and the reports of the settings, if they count.

    Paths alone need no settings, and have no reports to link.
    """
    from slo_reports.dashboards import report_links
    from slo_reports.definitions.loading import load_definitions, load_everything

    if paths and config is None:
        return load_definitions(paths), ()
    settings, slos = load_everything(settings_file(config))
    return load_definitions(paths) if paths else slos, report_links(settings)


def _files(
    slos: tuple[Slo, ...],
    reports: tuple[ReportLink, ...],
    form: Form,
    folder: str | None,
    namespace: str | None,
) -> dict[str, str]:
    """Contents by name."""
    from slo_reports.generate.dashboard import boards, config_map

    made = boards(slos, reports)
    if form is Form.JSON:
        return {f"{one.uid}.json": one.text for one in made}
    name = "slo-reports-dashboards"
    return {f"{name}.yaml": config_map(made, name=name, namespace=namespace, folder=folder)}


def _put(wanted: dict[Path, str], folder: Path, *, check: bool) -> None:
    """Write what is not as it is wanted, or only say so."""
    from slo_reports.generated import differences

    found = differences(wanted, folder, whole=False)
    if check:
        say_differences(found)
        raise typer.Exit(ExitCode.DIFFERENT if found.any else ExitCode.DONE)
    write_differences(wanted, found)
