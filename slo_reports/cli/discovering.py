"""The command that finds services and proposes definitions for them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from slo_reports.cli.app import ConfigOption, JsonOption, QuietOption, app, now, settings_file
from slo_reports.errors import NothingMeasured

if TYPE_CHECKING:
    from slo_reports.discovering import Discovery
    from slo_reports.model import Slo
    from slo_reports.settings.schema import SourceSettings

_LONGEST = 26


@app.command(
    epilog="Examples:  slo-reports discover --url http://localhost:9090 --output definitions  ·  "
    "slo-reports discover --service 'shop-*' --tier essential --progressive"
)
def discover(  # noqa: PLR0913  # one for each option
    *,
    url: Annotated[
        str | None,
        typer.Option(help="Base URL of a Prometheus; default: the source of the settings."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(help="Folder for one definition file a service; default: nothing is written."),
    ] = None,
    weeks: Annotated[
        int, typer.Option(min=1, max=_LONGEST, help="How many weeks are looked at.")
    ] = 4,
    tier: Annotated[
        Literal["critical", "essential", "standard", "best_effort"] | None,
        typer.Option(help="Tier of all services; default: guessed for each."),
    ] = None,
    progressive: Annotated[
        bool,
        typer.Option("--progressive", help="Let a target that was missed rise month by month."),
    ] = False,
    service: Annotated[
        list[str] | None,
        typer.Option(help="Only services whose name fits, such as 'shop-*'; may be repeated."),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(help="Look at the weeks before this instant, 2026-11-01 06:00. Default: now."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Find the services of a Prometheus by their metrics, and propose definitions to review.

    Nothing is sent or recorded. Files that are there stay, and services that definitions of the
    settings measure already are left out.
    """
    from slo_reports.collect.client import PrometheusClient
    from slo_reports.console import listening
    from slo_reports.discovering import discover as look
    from slo_reports.discovering import write_proposals
    from slo_reports.model import Tier

    source, zone, existing = _world(url, config, output, force=force)
    instant = _instant(at, zone)
    with listening(quiet=quiet or as_json) as told, PrometheusClient(source) as client:
        found = look(
            client,
            instant,
            weeks=weeks,
            zone=zone,
            tier=None if tier is None else Tier(tier),
            progressive=progressive,
            services=service or (),
            existing=existing,
            told=told,
        )
    _refuse_nothing(found, service)
    written, kept = ((), ()) if output is None else write_proposals(
        found.proposals, output, force=force
    )  # fmt: skip
    _tell(found, written, kept, as_json=as_json, wrote=output is not None)


def _world(
    url: str | None, config: Path | None, output: Path | None, *, force: bool
) -> tuple[SourceSettings, str, tuple[Slo, ...]]:
    """The source, the zone whose months are meant, and the definitions that are there."""
    from pydantic import ValidationError

    from slo_reports.discovering.files import definitions_in
    from slo_reports.settings.loading import load_settings
    from slo_reports.settings.schema import SourceSettings

    folders = [] if output is None else [output]
    if url is None:
        settings = load_settings(settings_file(config))
        existing = definitions_in([*settings.definitions, *folders], renewing=force)
        return settings.source, settings.timezone, existing
    if config is not None:
        msg = "--url and --config exclude each other: the settings name their own source"
        raise typer.BadParameter(msg)
    try:
        source = SourceSettings(url=url)
    except ValidationError as error:
        msg = f"--url: {url!r} is no web address, such as http://localhost:9090"
        raise typer.BadParameter(msg) from error
    return source, "UTC", definitions_in(folders, renewing=force)


def _instant(text: str | None, zone: str) -> datetime:
    from slo_reports.incidents.instants import parse_instant

    present = now()
    if text is None:
        return present
    try:
        instant = parse_instant(text if len(text) > len("2026-11-01") else f"{text} 00:00", zone)
    except ValueError as error:
        msg = f"--at: {error}"
        raise typer.BadParameter(msg) from error
    if instant > present:
        msg = f"--at: {text} lies in the future"
        raise typer.BadParameter(msg)
    return instant


def _refuse_nothing(found: Discovery, globs: list[str] | None) -> None:
    if found.proposals or found.left_out:
        return
    which = f" whose name fits {' or '.join(globs)}" if globs else ""
    msg = (
        f"no service{which} was found on {found.url} by the metrics that are known (HTTP, gRPC, "
        "queues, batch jobs, probes); docs/discovering.md lists them"
    )
    raise NothingMeasured(msg)


def _tell(
    found: Discovery,
    written: tuple[Path, ...],
    kept: tuple[Path, ...],
    *,
    as_json: bool,
    wrote: bool,
) -> None:
    from slo_reports.console import tell, tell_json
    from slo_reports.discovering import telling

    if as_json:
        names = [str(one) for one in written], [str(one) for one in kept]
        tell_json(telling.as_json(found, *names))
        return
    tell(telling.looked_at(found))
    tell("")
    for line in telling.table(found):
        tell(line)
    tell("")
    for path in kept:
        tell(f"is there and stays as it is (--force replaces): {path}")
    for path in written:
        tell(f"written: {path}")
    if not found.proposals:
        tell("nothing new to propose")
        return
    after = "review them, then: slo-reports validate" if wrote else "--output DIR writes the files"
    tell(f"{telling.summary(found)}; {after}")
