"""Commands that check what people wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from slo_reports.cli import completing
from slo_reports.cli.app import ConfigOption, JsonOption, app, now, settings_file
from slo_reports.errors import ConfigurationError, ExitCode

if TYPE_CHECKING:
    from slo_reports.model import Slo


@app.command(
    epilog="Examples:  slo-reports validate  ·  slo-reports validate --config new.yaml --json"
)
def validate(*, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Check settings, definitions, policy and incident files; names every problem and remark."""
    from slo_reports.console import tell, tell_json
    from slo_reports.definitions.loading import load_everything_with_remarks
    from slo_reports.incidents.loading import load_incidents
    from slo_reports.settings.policy_files import team_remarks
    from slo_reports.tiers import all_remarks

    try:
        settings, loaded = load_everything_with_remarks(settings_file(config))
        incidents = load_incidents(settings.incidents, settings.timezone, loaded.slos, now())
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
    remarks = [(str(one.path), one.line, one.message) for one in loaded.remarks]
    remarks += [(*_place(slo), text) for slo, text in all_remarks(loaded.slos)]
    if settings.policy is not None:
        unowned = team_remarks(settings.policy, {slo.owner for slo in loaded.slos})
        remarks += [(str(one.path), one.line, one.message) for one in unowned]
    if as_json:
        tell_json([{"path": place, "line": line, "remark": text} for place, line, text in remarks])
        return
    for place, line, text in remarks:
        tell(f"{place}:{line}: remark: {text}")
    services = {slo.service for slo in loaded.slos}
    reports = len(settings.reports)
    objectives, of = len(loaded.slos), len(services)
    tell(
        f"valid: {reports} report{'s' * (reports != 1)}, {objectives} "
        f"objective{'s' * (objectives != 1)} of {of} service{'s' * (of != 1)}"
    )
    if incidents:
        foreign = sum(not services & {one.service, *one.services} for one in incidents)
        apart = f", {foreign} of them of services without an objective" if foreign else ""
        tell(f"  {len(incidents)} written incident{'s' * (len(incidents) != 1)}{apart}")


def _place(slo: Slo) -> tuple[str, int]:
    return (slo.id, 1) if slo.origin is None else (slo.origin.path, slo.origin.line)


SCHEMAS = {
    "settings": "the settings file",
    "definition": "a definition of an objective",
    "incidents": "a file of incidents that people wrote down",
    "policy": "the error budget policy",
    "report": "a report as JSON",
}
"""What has a JSON Schema, and what it describes."""


@app.command(epilog="Example:  slo-reports schema definition > slo.schema.json")
def schema(
    what: Annotated[
        str,
        typer.Argument(help=f"{', '.join(SCHEMAS)}.", autocompletion=completing.schemas),
    ],
) -> None:
    """Print the JSON Schema of a file that people write, or of a report's JSON document."""
    from slo_reports.console import tell_json
    from slo_reports.schemas import schema_named

    if what not in SCHEMAS:
        msg = f"{what!r} has no schema; there are {', '.join(SCHEMAS)}"
        raise typer.BadParameter(msg)
    tell_json(schema_named(what))


@app.command(epilog="Example:  slo-reports templates")
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
