"""The doctor's command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from slo_reports.cli.app import ConfigOption, JsonOption, app, now, settings_file
from slo_reports.errors import ConfigurationError, ExitCode

if TYPE_CHECKING:
    from pathlib import Path

    from slo_reports.doctoring import Finding
    from slo_reports.job import World


@app.command(epilog="Example:  slo-reports doctor --config /etc/slo-reports/slo_reports.yaml")
def doctor(*, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Reach every server, and say what to mend; sends, records and changes nothing.

    ✓ is well, ✗ must be mended, ? asks for your eye. Ends with 12 where something must be mended.
    """
    from slo_reports.console import tell_json
    from slo_reports.doctoring import examine

    world, fault = _world(settings_file(config))
    findings = examine(world, fault)
    if as_json:
        seen = list(findings)
        tell_json([_plain(one) for one in seen])
    else:
        seen = list(_shown(findings))
    sick = any(one.check.is_fine is False for one in seen)
    raise typer.Exit(ExitCode.UNHEALTHY if sick else ExitCode.DONE)


def _world(path: Path) -> tuple[World, ConfigurationError | None]:
    """The world of a settings file, also where its definitions are wrong.

    Raises:
        ConfigurationError: not even the settings can be used.
    """
    from slo_reports.definitions.loading import load_everything
    from slo_reports.history import History
    from slo_reports.job import Quiet, World
    from slo_reports.settings.loading import load_settings

    settings = load_settings(path)
    history = History(settings.history_url, settle=settings.settle)
    world = World(settings, (), now, Quiet(), history=history)
    try:
        return replace(world, slos=load_everything(path)[1]), None
    except ConfigurationError as error:
        return world, error


def _shown(findings: Iterator[Finding]) -> Iterator[Finding]:
    """The same, each printed as it comes."""
    from slo_reports.console import finding_lines

    place, fine, odd, sick = "", 0, 0, 0
    for one in findings:
        if one.place != place:
            typer.echo(("" if not place else "\n") + typer.style(one.place, bold=True))
            place = one.place
        for line in finding_lines(one.check):
            typer.echo(line)
        fine += one.check.is_fine is True
        odd += one.check.is_fine is None
        sick += one.check.is_fine is False
        yield one
    typer.echo(f"\n{fine} fine, {odd} to look at, {sick} to mend")


def _plain(one: Finding) -> dict[str, object]:
    return {
        "place": one.place,
        "what": one.check.what,
        "fine": one.check.is_fine,
        "seen": one.check.seen,
        "mend": one.check.mend,
    }
