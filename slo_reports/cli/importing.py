"""The command that turns other tools' definitions into ours."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slo_reports.cli.app import app
from slo_reports.errors import ConfigurationError

if TYPE_CHECKING:
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
    epilog="Example:  slo-reports import sloth/ pyrra/ --output definitions",
)
def import_(
    paths: Annotated[
        list[Path],
        typer.Argument(help="Files or folders: OpenSLO, Sloth, Pyrra, slo-generator, our own."),
    ],
    *,
    output: Annotated[
        Path | None, typer.Option(help="Folder for one file per SLO; default: standard output.")
    ] = None,
    period: Annotated[
        str, typer.Option(help="What is promised over, where a format does not say (Sloth).")
    ] = "30d",
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
) -> None:
    """Convert SLO definitions of other tools to ours; says what has no effect here."""
    from slo_reports.console import tell, warn
    from slo_reports.definitions.loading import load_with_remarks
    from slo_reports.definitions.writing import checked_yaml

    loaded = load_with_remarks(paths, days_of(period))
    documents = {slo: checked_yaml(slo) for slo in loaded.slos}
    for remark in loaded.remarks:
        warn(f"{remark.path}:{remark.line}: remark: {remark.message}")
    if output is None:
        tell("---\n".join(documents.values()).rstrip("\n"))
        return
    for path in _write(output, documents, force=force):
        tell(str(path))


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
