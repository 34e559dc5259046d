"""The command that makes Prometheus rules of definitions."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from slo_reports.cli.adhoc import NamespaceOption, OwnerOption, ServiceOption, SloOption
from slo_reports.cli.app import ConfigOption, app, now, settings_file
from slo_reports.cli.differing import say_differences, write_differences
from slo_reports.cli.importing import days_of
from slo_reports.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slo_reports.model import Slo

_SHORTEST, _LONGEST = timedelta(seconds=1), timedelta(minutes=2)


def _interval(text: str) -> timedelta:
    from slo_reports.settings.values import parse_duration

    try:
        interval = parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if not _SHORTEST <= interval <= _LONGEST:
        msg = "the interval must be from 1s to 2m, so that no series goes stale in between"
        raise typer.BadParameter(msg)
    return interval


def _day(text: str | None, zone: str) -> date:
    from slo_reports.periods import local_date

    if text is None:
        return local_date(now(), zone)
    try:
        return date.fromisoformat(text)
    except ValueError:
        msg = f"--on: {text!r} is no day; write one such as 2026-11-30"
        raise typer.BadParameter(msg) from None


def _labels(option: str, written: Sequence[str]) -> tuple[tuple[str, str], ...]:
    pairs = [one.partition("=") for one in written]
    wrong = next((one for one in pairs if not one[0] or not one[1]), None)
    if wrong is not None:
        msg = f"{option}: {''.join(wrong)!r} is no label; write one such as prometheus=k8s"
        raise typer.BadParameter(msg)
    return tuple((key, value) for key, _, value in pairs)


def _series_labels(written: Sequence[str]) -> tuple[tuple[str, str], ...]:
    from slo_reports.definitions.rule_words import is_name

    labels = _labels("--series-label", written)
    wrong = next((name for name, _ in labels if not is_name(name)), None)
    if wrong is not None:
        msg = f"--series-label: {wrong!r} is no name for Prometheus: letters, digits and _"
        raise typer.BadParameter(msg)
    return labels


@app.command(
    epilog="Examples:  slo-reports rules --output /etc/prometheus/slo  ·  "
    "slo-reports rules definitions/ --format operator --label prometheus=k8s > rules.yaml  ·  "
    "slo-reports rules --output rules/ --check"
)
def rules(  # noqa: PLR0913  # one for each option
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Definitions, files or folders; default: those of the settings."),
    ] = None,
    *,
    output: Annotated[
        Path | None,
        typer.Option(
            help="Folder for one file per SLO, or one file (.yml) for all; default: standard "
            "output. Unit tests for promtool go into tests/ beside."
        ),
    ] = None,
    form: Annotated[
        Literal["prometheus", "operator"],
        typer.Option("--format", help="Rule files, or PrometheusRule objects."),
    ] = "prometheus",
    style: Annotated[
        Literal["ours", "sloth", "pyrra"],
        typer.Option(help="Our own rules, or such as these tools would make."),
    ] = "ours",
    service: ServiceOption = None,
    owner: OwnerOption = None,
    namespace: NamespaceOption = None,
    slo: SloOption = None,
    tests: Annotated[
        bool, typer.Option("--tests/--no-tests", help="Write unit tests with the rules.")
    ] = True,
    absent: Annotated[
        bool, typer.Option("--absent/--no-absent", help="Alert where series are missing, too.")
    ] = True,
    interval: Annotated[
        str, typer.Option(help="Between two evaluations; windows of a day and more: 2m.")
    ] = "30s",
    on: Annotated[
        str | None,
        typer.Option(help="Day whose targets hold, where they come in phases; default: today."),
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing; exit code 10 where files would change."),
    ] = False,
    prune: Annotated[
        bool,
        typer.Option("--prune", help="Remove files of definitions that are no longer there."),
    ] = False,
    label: Annotated[
        list[str] | None,
        typer.Option(help="Of PrometheusRule objects, such as prometheus=k8s; may be repeated."),
    ] = None,
    series_label: Annotated[
        list[str] | None,
        typer.Option(
            help="With the styles sloth and pyrra: on every recorded series, such as "
            "cluster=west; may be repeated."
        ),
    ] = None,
    object_namespace: Annotated[
        str | None, typer.Option(help="Kubernetes namespace of PrometheusRule objects.")
    ] = None,
    period: Annotated[
        str, typer.Option(help="With paths: what is promised over, where Sloth does not say it.")
    ] = "30d",
    config: ConfigOption = None,
) -> None:
    """Make recording rules and burn-rate alerts for Prometheus, with unit tests.

    What cannot be alerted on is left out and named on standard error.
    """
    from slo_reports.console import tell, warn
    from slo_reports.definitions.selection import select
    from slo_reports.generate.files import Form, Wrapping, rules_text
    from slo_reports.generate.rules import Surroundings
    from slo_reports.generated import differences, make_rules, wanted_files
    from slo_reports.settings.schema import Selection

    if series_label and style == "ours":
        msg = "--series-label goes with --style sloth or pyrra: our own series have fixed labels"
        raise typer.BadParameter(msg)
    if output is None and (check or prune):
        msg = "--check and --prune look at files: name them with --output"
        raise typer.BadParameter(msg)
    wrapping = Wrapping(style, Form(form), _labels("--label", label or []), object_namespace, tests)
    slos, piece, zone = _definitions(paths, config, days_of(period))
    selection = Selection(services=service, owners=owner, namespaces=namespace, slos=slo)
    around = Surroundings(
        _day(on, zone),
        {one.id: one for one in slos},
        _interval(interval),
        piece,
        no_data=absent,
        labels=_series_labels(series_label or []),
    )
    made = make_rules(select(slos, selection), around, style)
    for one in (left_out for _, generated in made for left_out in generated.left_out):
        warn(str(one))
    if output is None:
        tell(rules_text(made, wrapping).rstrip("\n"))
        return
    wanted = wanted_files(made, output, wrapping)
    found = differences(wanted, output, whole=selection == Selection())
    if check:
        say_differences(found)
        raise typer.Exit(ExitCode.DIFFERENT if found.any else ExitCode.DONE)
    write_differences(wanted, found, prune=prune)


def _definitions(
    paths: Sequence[Path] | None, config: Path | None, period: timedelta
) -> tuple[tuple[Slo, ...], timedelta, str]:
    """The SLOs, how long a measured slice is, and the zone whose days are meant."""
    from slo_reports.definitions.loading import load_everything, load_with_remarks
    from slo_reports.generate.windows import BASE

    if paths:
        return load_with_remarks(paths, period, grouped=True).slos, BASE, "UTC"
    settings, slos = load_everything(settings_file(config), grouped=True)
    return slos, settings.source.slice, settings.timezone
