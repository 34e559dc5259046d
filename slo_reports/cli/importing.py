"""The command that turns other tools' definitions into ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slo_reports.cli.app import app
from slo_reports.errors import ConfigurationError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slo_reports.definitions.sifting import Sifted
    from slo_reports.definitions.sloth_rules import Ruled
    from slo_reports.model import Slo


def days_of(text: str) -> timedelta:
    """A period of whole days that was written on the command line."""
    from slo_reports.settings.values import parse_duration

    try:
        period = parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if period < timedelta(days=1) or period % timedelta(days=1):
        msg = "the period must be whole days, such as 30d or 4w"
        raise typer.BadParameter(msg)
    return period


@app.command(
    name="import",
    epilog="Examples:  slo-reports import sloth/ pyrra/ --output definitions  ·  "
    "slo-reports import ~/src/infrastructure --keep-going --output definitions  ·  "
    "slo-reports import --url http://prometheus:9090",
)
def import_(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            help="Files or folders: OpenSLO, Sloth, Pyrra, slo-generator, our own. Other files of "
            "a folder are left aside.",
            show_default=False,
        ),
    ] = None,
    *,
    url: Annotated[
        str | None,
        typer.Option(
            help="A Prometheus whose rules Sloth generated: the SLOs are read out of the rules.",
            metavar="<url>",
        ),
    ] = None,
    bearer_token: Annotated[
        str | None, typer.Option(help="Its token: env:NAME or file:PATH.", metavar="<reference>")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder for one file per SLO; default: standard output.")
    ] = None,
    period: Annotated[
        str, typer.Option(help="What is promised over, where a format does not say (Sloth).")
    ] = "30d",
    keep_going: Annotated[
        bool,
        typer.Option("--keep-going", help="Convert the rest where some cannot be; ends with 3."),
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
) -> None:
    """Convert SLO definitions of other tools to ours; says what has no effect here."""
    from slo_reports.console import complain, tell, warn
    from slo_reports.definitions.sifting import aside_lines
    from slo_reports.definitions.writing import checked_yaml

    found = _found(paths or [], days_of(period), url, bearer_token)
    if found.problems and not (keep_going and found.slos):
        raise ConfigurationError(found.problems)
    documents = {slo: checked_yaml(slo) for slo in found.slos}
    for remark in found.remarks:
        warn(f"{remark.path}:{remark.line}: remark: {remark.message}")
    for line in aside_lines(found.aside):
        warn(line)
    if output is None:
        tell("---\n".join(documents.values()).rstrip("\n"))
    else:
        for path in _write(output, documents, force=force):
            tell(str(path))
    if found.problems:
        problems = "\n".join(map(str, found.problems))
        complain(f"these were not converted:\n{problems}")
        raise typer.Exit(ExitCode.CONFIGURATION)


def _found(paths: Sequence[Path], period: timedelta, url: str | None, token: str | None) -> Sifted:
    """What is in files and folders, and what a server's rules say.

    Raises:
        ConfigurationError: nothing was named, or the server's rules are of no SLO.
        SourceError: the server could not be asked.
    """
    from slo_reports.definitions.sifting import sift

    if not paths and url is None:
        msg = "name files or folders, or a Prometheus with --url"
        raise typer.BadParameter(msg)
    found = sift(paths, period)
    if url is None:
        return found
    ruled = _ruled(url, token)
    known = {slo.id for slo in found.slos}
    return replace(
        found,
        slos=(*found.slos, *(slo for slo in ruled.slos if slo.id not in known)),
        problems=(*found.problems, *ruled.problems),
        remarks=(*found.remarks, *ruled.remarks),
    )


def _ruled(url: str, token: str | None) -> Ruled:
    from slo_reports.collect.client import PrometheusClient
    from slo_reports.collect.ruled import slos_of_source
    from slo_reports.starting.source import source_settings

    with PrometheusClient(source_settings(url, token)) as client:
        ruled = slos_of_source(client)
    if not ruled.slos and not ruled.problems:
        msg = f"{url} has no rules that Sloth generated; slo-reports discover looks at its metrics"
        raise ConfigurationError(msg)
    return ruled


def _write(folder: Path, documents: dict[Slo, str], *, force: bool) -> list[Path]:
    """Write one file per SLO, none where any is there already."""
    wanted = {folder / f"{slo.namespace}.{slo.name}.yaml": text for slo, text in documents.items()}
    there = [path for path in wanted if path.exists()]
    if there and not force:
        listed = ", ".join(str(path) for path in there[:5])
        more = f" and {len(there) - 5} more" if len(there) > 5 else ""
        msg = f"{listed}{more} is there already; nothing was written (--force replaces)"
        raise ConfigurationError(msg)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in wanted.items():
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        msg = f"could not write to {folder}: {error.strerror}"
        raise ConfigurationError(msg) from error
    return list(wanted)
