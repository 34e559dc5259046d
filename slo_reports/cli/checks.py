"""Commands that check what people wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from slo_reports.cli.app import ConfigOption, JsonOption, app, world_of
from slo_reports.errors import ConfigurationError, ExitCode

if TYPE_CHECKING:
    from slo_reports.model import Slo


@app.command()
def validate(*, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check the settings and all definitions; names every problem, and what tiers remark."""
    from slo_reports.console import tell, tell_json
    from slo_reports.job import Quiet
    from slo_reports.tiers import all_remarks

    try:
        world = world_of(config, Quiet())
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
    remarks = all_remarks(world.slos)
    if as_json:
        tell_json([{**_place(slo), "remark": text} for slo, text in remarks])
        return
    for slo, text in remarks:
        place = _place(slo)
        tell(f"{place['path']}:{place['line']}: remark: {text}")
    services = {slo.service for slo in world.slos}
    reports = len(world.settings.reports)
    tell(
        f"valid: {reports} report{'s' * (reports != 1)}, {len(world.slos)} objectives of "
        f"{len(services)} services"
    )


def _place(slo: Slo) -> dict[str, str | int]:
    if slo.origin is None:
        return {"path": slo.id, "line": 1}
    return {"path": slo.origin.path, "line": slo.origin.line}


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


@app.command()
def templates(*, as_json: JsonOption = False) -> None:
    """List the ready-made objectives that a definition can name in one line."""
    from slo_reports.console import tell, tell_json
    from slo_reports.definitions.templates import library

    found = list(library().values())
    if as_json:
        tell_json([{"name": one.name, "type": one.kind, "about": one.about} for one in found])
        return
    width = max(len(one.name) for one in found)
    for one in found:
        tell(f"{one.name.ljust(width)}  {one.about}")
