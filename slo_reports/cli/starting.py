"""The first command: a folder with settings and definitions."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from slo_reports.cli.app import app, now
from slo_reports.errors import ConfigurationError, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from slo_reports.starting.answers import Answers
    from slo_reports.starting.defining import Defined
    from slo_reports.starting.probing import Probe


@app.command(
    epilog="Examples:  slo-reports init  ·  slo-reports init shop --url http://prometheus:9090 "
    "--yes  ·  slo-reports init shop --definitions ~/src/infrastructure --mail-to "
    "director@example.com --smtp smtp.example.com"
)
def init(  # noqa: PLR0913  # one for each question
    folder: Annotated[
        Path, typer.Argument(metavar="[folder]", help="Where to; made if need be.")
    ] = Path("slo-reports"),
    *,
    url: Annotated[
        str | None,
        typer.Option(help="Base URL of Prometheus. Default: http://localhost:9090."),
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="IANA zone of the months. Default: this machine's.")
    ] = None,
    title: Annotated[str | None, typer.Option(help="Of the reports. Default: Services.")] = None,
    definitions: Annotated[
        list[Path] | None,
        typer.Option(
            help="Files or folders with definitions (OpenSLO, Sloth, Pyrra, slo-generator, ours); "
            "may be repeated. Default: what the Prometheus shows."
        ),
    ] = None,
    share: Annotated[
        str | None,
        typer.Option(help="Folder or URL for the files. Default: reports, in the folder."),
    ] = None,
    mail_to: Annotated[
        list[str] | None, typer.Option(help="Who gets a mail; may be repeated. Default: nobody.")
    ] = None,
    mail_from: Annotated[
        str | None, typer.Option(help="Its sender. Default: slo-reports@ their domain.")
    ] = None,
    smtp: Annotated[
        str | None, typer.Option(help="The mail server, host or host:port. Default: localhost.")
    ] = None,
    smtp_user: Annotated[
        str | None, typer.Option(help="Its user; the password is in SMTP_PASSWORD.")
    ] = None,
    bearer_token: Annotated[
        str | None, typer.Option(help="Where Prometheus' token is: env:NAME or file:PATH.")
    ] = None,
    user: Annotated[
        str | None,
        typer.Option(help="User of Prometheus; the password is in PROMETHEUS_PASSWORD."),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", "--no-input", help="Ask nothing, take the defaults.")
    ] = False,
    offline: Annotated[
        bool, typer.Option("--offline", help="Do not ask the Prometheus anything.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
) -> None:
    """Set up a folder: asks a few questions, looks at your Prometheus, writes settings.

    On a terminal it asks; --yes and the options answer. Nothing that is there is replaced.
    """
    from slo_reports.console import complain, tell
    from slo_reports.starting.answers import Answers
    from slo_reports.starting.placing import refuse_to_replace
    from slo_reports.starting.probing import first_period
    from slo_reports.starting.steps import next_steps
    from slo_reports.starting.texts import SETTINGS

    asks = not yes and sys.stdin.isatty() and sys.stdout.isatty()
    if not force:
        refuse_to_replace(folder, [Path(SETTINGS)])
    answers = Answers(
        folder,
        token=bearer_token or "",
        user=user or "",
        mail_from=mail_from or "",
        smtp_user=smtp_user or "",
    )
    ask = _asking if asks else _not_asking
    answers = replace(
        answers,
        url=_checked_url(ask("Where is Prometheus?", url, answers.url), answers),
        timezone=_zone(ask, timezone),
    )
    seen, defined = _look(answers, definitions or [], asks=asks, offline=offline)
    answers = replace(
        answers,
        title=ask("What do your reports cover (their title)?", title, answers.title),
        share=_share(share, folder),
        mail_to=_addresses(ask, mail_to),
    )
    if answers.mail_to:
        answers = replace(answers, smtp=ask("Which mail server?", smtp, answers.smtp))
    _write(answers, defined, force=force)
    tell(f"\nwritten to {folder}; next:\n")
    for line in next_steps(
        answers, first_period(seen, now(), answers.timezone), is_example=defined.is_example
    ):
        tell(f"  {line}".rstrip())
    if defined.problems:
        problems = "\n".join(map(str, defined.problems))
        complain(f"these definitions were left out:\n{problems}")


def _asking(question: str, given: str | None, usual: str) -> str:
    """The answer that was given as an option, else the person's."""
    if given is not None:
        return given
    try:
        return str(typer.prompt(question, default=usual)).strip()
    except typer.Abort:
        raise KeyboardInterrupt from None


def _not_asking(_question: str, given: str | None, usual: str) -> str:
    return usual if given is None else given


def _checked_url(url: str, answers: Answers) -> str:
    from slo_reports.starting.source import source_settings

    source_settings(url, answers.token or None, answers.user or None)
    return url


def _zone(ask: Callable[[str, str | None, str], str], given: str | None) -> str:
    from pydantic import TypeAdapter, ValidationError

    from slo_reports.settings.values import ZoneName
    from slo_reports.starting.zones import system_zone

    zone = ask("Whose midnights cut the months (time zone)?", given, system_zone())
    try:
        return str(TypeAdapter(ZoneName).validate_python(zone))
    except ValidationError as error:
        message = error.errors(include_url=False)[0]["msg"]
        msg = f"timezone: {message.removeprefix('Value error, ')}"
        raise ConfigurationError(msg) from error


def _share(given: str | None, folder: Path) -> str:
    """The share as the settings, which lie in the folder, name it."""
    from slo_reports.starting.answers import SHARE

    if given is None or Path(given).resolve() == (folder / SHARE).resolve():
        return SHARE
    if "://" in given:
        return given
    if Path(given).is_dir():
        return str(Path(given).resolve())
    msg = f"--share {given} is no folder that is there; make or mount it first"
    raise ConfigurationError(msg)


def _addresses(
    ask: Callable[[str, str | None, str], str], given: list[str] | None
) -> tuple[str, ...]:
    together = None if given is None else ", ".join(given)
    wanted = ask("Who gets them by mail (addresses; empty: nobody yet)?", together, "")
    return tuple(wanted.replace(",", " ").split())


def _look(
    answers: Answers, paths: list[Path], *, asks: bool, offline: bool
) -> tuple[Probe | None, Defined]:
    """What the source is, and definitions out of files or out of what it shows."""
    from slo_reports.collect.client import PrometheusClient
    from slo_reports.console import tell
    from slo_reports.starting import defining
    from slo_reports.starting.probing import lines, probe, youth
    from slo_reports.starting.source import source_settings

    seen, found = None, None
    if not offline:
        settings = source_settings(answers.url, answers.token or None, answers.user or None)
        try:
            with PrometheusClient(settings) as client:
                seen = probe(client, now())
                for line in lines(seen, now(), answers.timezone):
                    tell(f"✓ {line}")
                if young := youth(seen, now()):
                    tell(f"? {young}")
                found = (
                    None
                    if paths
                    else defining.of_source(client, seen.last or now(), answers.timezone)
                )
        except SourceError as error:
            _go_on_without(error, asks=asks)
    defined = defining.of_files(paths) if paths else found or defining.example()
    for line in defined.lines:
        tell(f"{'?' if defined.is_example else '✓'} {line}")
    return seen, defined


def _go_on_without(error: SourceError, *, asks: bool) -> None:
    """Ask whether to write all the same.

    Raises:
        SourceError: nobody can be asked, or the answer is no.
    """
    from slo_reports.console import tell

    if not asks:
        msg = f"{error} To write the folder all the same: --offline"
        raise type(error)(msg) from error
    tell(f"✗ {error}")
    if not typer.confirm("Write the folder all the same?", default=True):
        raise typer.Exit(error.exit_code)


def _write(answers: Answers, defined: Defined, *, force: bool) -> None:
    from slo_reports.starting.placing import place
    from slo_reports.starting.texts import files_of

    files = files_of(answers, defined.files)
    place(answers.folder, files, force=force, inner=answers.makes_share)
