"""The command that asks whether the scheduler still keeps time."""

from __future__ import annotations

import typer

from slo_reports.cli.app import ConfigOption, app, now, settings_file
from slo_reports.errors import ExitCode


@app.command(epilog="Example, a container's health check:  slo-reports alive || exit 1")
def alive(*, config: ConfigOption = None) -> None:
    """Say whether `schedule` still keeps time; exit code 12 where it hangs or does not run.

    It looks at one small file, and at no report: that is what status does.
    """
    from slo_reports.console import tell
    from slo_reports.operate.pulse import awaited_until
    from slo_reports.settings.loading import load_settings

    state = load_settings(settings_file(config)).state
    until = awaited_until(state)
    if until is None:
        tell(f"no scheduler works with {state}")
    elif now() > until:
        tell(f"the scheduler hangs: a sign of it was awaited by {until:%Y-%m-%d %H:%M:%S} UTC")
    else:
        tell(f"keeping time; the next sign is awaited by {until:%Y-%m-%d %H:%M:%S} UTC")
        return
    raise typer.Exit(ExitCode.UNHEALTHY)
