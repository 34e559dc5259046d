"""The command that fills the history."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from slo_reports.cli import completing
from slo_reports.cli.app import (
    ConfigOption,
    JobsOption,
    JsonOption,
    QuietOption,
    app,
    report_named,
    world_of,
)
from slo_reports.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from slo_reports.collect.daily import DayCollected
    from slo_reports.job import World
    from slo_reports.model import Slo

_DATE = ["%Y-%m-%d"]


@app.command(
    epilog="Examples:  slo-reports collect  ·  slo-reports collect --from 2026-10-01 "
    "--to 2026-11-01  ·  slo-reports collect --report commerce --days 30 --jobs 4"
)
def collect(
    *,
    first: Annotated[
        datetime | None,
        typer.Option("--from", formats=_DATE, help="First day (UTC) to look at."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            "--to", formats=_DATE, help="First day (UTC) that is no longer looked at. [today]"
        ),
    ] = None,
    days: Annotated[
        int, typer.Option(min=1, max=3660, help="Without --from: how many days to look back.")
    ] = 14,
    report: Annotated[
        str | None,
        typer.Option(
            help="Only the objectives of this report; default: all.",
            autocompletion=completing.reports,
        ),
    ] = None,
    jobs: JobsOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Keep the days that the history lacks, before the source forgets them.

    Days are UTC days. What is there already is not asked for again, so it may be run at any time
    and as often as you like; broken off, it goes on where it was.
    """
    from slo_reports.console import complain, listening, tell_json

    with listening(quiet=quiet or as_json) as listener:
        world = world_of(config, listener, jobs=jobs)
        chosen = _days(world, first, until, days)
        done = _collected(world, _slos(world, report), chosen, quiet=quiet or as_json)
    if as_json:
        tell_json([_plain(one) for one in done])
    elif not quiet:
        _summarize(done, chosen)
    faults = dict.fromkeys(text for one in done for text in one.not_measured)
    for fault in () if as_json else faults:
        complain(f"not measured: {fault}")
    raise typer.Exit(ExitCode.INCOMPLETE if faults else ExitCode.DONE)


def _days(world: World, first: datetime | None, until: datetime | None, back: int) -> list[date]:
    """The days from one to another that are over."""
    from slo_reports.daily import days_before

    over = days_before(world.now(), back)
    end = min(over[-1] + timedelta(days=1), until.date() if until else date.max)
    start = first.date() if first else end - timedelta(days=back)
    if until and first and until <= first:
        msg = "--to must be later than --from; the day of --to is not part of it"
        raise typer.BadParameter(msg)
    return [start + timedelta(days=n) for n in range((end - start).days)]


def _slos(world: World, report: str | None) -> Sequence[Slo]:
    from slo_reports.definitions.selection import select

    if report is None:
        return world.slos
    return select(world.slos, report_named(world, report).select, report=report)


def _collected(
    world: World, slos: Sequence[Slo], days: Sequence[date], *, quiet: bool
) -> list[DayCollected]:
    """Collect, and say each day when it is kept."""
    from slo_reports.console import tell
    from slo_reports.daily import collect_for

    assert world.history is not None  # noqa: S101  # world_of opens one
    done = []
    for one in collect_for(world, slos, days, world.history):
        done.append(one)
        if one.kept and not quiet:
            open_ = "" if one.settled else " (not settled yet: asked for again later)"
            tell(f"{one.day}: kept {_objectives(one.kept)}{open_}")
    return done


def _summarize(done: Sequence[DayCollected], days: Sequence[date]) -> None:
    from slo_reports.console import tell

    if not done:
        tell("no day to collect: none of them is over")
        return
    gone = [one.day for one in done if one.out_of_reach]
    if gone:
        tell(f"the source has nothing of {len(gone)} days, the last {gone[-1]}")
    if not any(one.kept for one in done) and not gone:
        tell(f"nothing is missing from {days[0]} to {days[-1]}")


def _objectives(count: int) -> str:
    return f"{count} objective{'s' * (count != 1)}"


def _plain(one: DayCollected) -> dict[str, object]:
    return {
        "day": one.day.isoformat(),
        "kept": one.kept,
        "known": one.known,
        "source_coverage": one.seen,
        "settled": one.settled,
        "not_measured": list(one.not_measured),
    }
