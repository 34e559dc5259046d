"""Commands that check what people wrote."""

from __future__ import annotations

from typing import Annotated

import typer

from slo_reports.cli.app import ConfigOption, JsonOption, app, now, world_of
from slo_reports.errors import ConfigurationError, ExitCode


@app.command()
def validate(*, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check the settings, all definitions and incident files; names every problem at its line."""
    from slo_reports.console import tell, tell_json
    from slo_reports.job import Quiet, written_incidents

    try:
        world = world_of(config, Quiet())
        incidents = written_incidents(world, now())
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
    if incidents:
        foreign = sum(not services & {one.service, *one.services} for one in incidents)
        apart = f", {foreign} of them of services without an objective" if foreign else ""
        tell(f"  {len(incidents)} written incident{'s' * (len(incidents) != 1)}{apart}")


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
