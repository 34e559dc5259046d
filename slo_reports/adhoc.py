"""Reports on request: any service, team, period and kind, recorded and sent nowhere.

A report that is asked for here never blocks or doubles a scheduled one: no run is put on record,
the history is read and not written, and nothing is delivered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from slo_reports.definitions.selection import select
from slo_reports.errors import ConfigurationError, ExitCode, SloReportsError, SourceError
from slo_reports.job import Prepared, World, rendered, take_snapshot
from slo_reports.model import Format, Report, ReportKind, Snapshot
from slo_reports.periods import Period
from slo_reports.render.retrospective import chosen
from slo_reports.settings.schema import ReportSettings, Selection

USUAL_PERIODS = {ReportKind.REVIEW: "week", ReportKind.PLANNING: "quarter"}
"""What ``last`` and ``current`` mean for a kind that is asked for, where it is not the report's."""


class WrongWish(SloReportsError):
    """What was asked for cannot be made."""

    exit_code = ExitCode.USAGE


@dataclass(frozen=True)
class Wish:
    """What a person asks for in place of what the settings say.

    Attributes:
        kind: None: the report's own.
        incident: letter or id, for a retrospective; empty: the dearest.
        selection: words by list of ``select``; all empty: the report's own selection.
        title: empty: what was selected, or the report's own.
        formats: empty: the report's own.
    """

    kind: ReportKind | None = None
    incident: str = ""
    selection: Selection = field(default_factory=Selection)
    title: str = ""
    formats: tuple[str, ...] = ()

    @property
    def selected(self) -> tuple[str, ...]:
        """Every word of the selection."""
        lists = self.selection.model_dump().values()
        return tuple(word for words in lists for word in words or ())


def kind_named(text: str) -> ReportKind:
    """The kind of a name.

    Raises:
        WrongWish: there is none.
    """
    try:
        return ReportKind(text)
    except ValueError as error:
        msg = f"--kind {text}: there are {', '.join(ReportKind)}"
        raise WrongWish(msg) from error


def wished(report: ReportSettings, wish: Wish) -> ReportSettings:
    """A report's settings as a person wishes them, without schedule and destinations.

    Raises:
        WrongWish: a format is none, or an incident is named for another kind.
    """
    kind = wish.kind or report.kind
    if wish.incident and kind is not ReportKind.RETROSPECTIVE:
        msg = f"an incident is for a retrospective, not for a report of the kind {kind}"
        raise WrongWish(msg)
    changed: dict[str, Any] = {
        "name": _name(report, wish),
        "title": wish.title or ", ".join(wish.selected) or report.title,
        "kind": kind,
        "schedule": None,
        "destinations": [],
    }
    if kind is not report.kind:
        changed["period"] = USUAL_PERIODS.get(kind, report.period)
    if wish.selected:
        changed["select"] = wish.selection
    if wish.formats:
        changed["formats"] = _formats(wish.formats)
    return report.model_copy(update=changed)


def _name(report: ReportSettings, wish: Wish) -> str:
    """Names files after what is in them, so that none passes for the scheduled one."""
    other = wish.kind is not None and wish.kind is not report.kind
    kind = str(wish.kind) if other else ""
    parts = " ".join([report.name, kind, *wish.selected, wish.incident])
    words = re.sub(r"[^a-z0-9]+", "-", parts.lower()).strip("-")
    return words[:80].rstrip("-")


def _formats(formats: Sequence[str]) -> Sequence[str]:
    known = get_args(Format)
    for one in formats:
        if one not in known:
            msg = f"--format {one}: there are {', '.join(known)}"
            raise WrongWish(msg)
    return tuple(formats)


@dataclass(frozen=True)
class Made:
    """A report that was asked for.

    Attributes:
        filed: from which filed revision its data are, where the source could not be asked.
    """

    prepared: Prepared
    filed: str = ""


def make(report: ReportSettings, period: Period, world: World, wish: Wish) -> Made:
    """Measure, judge and render what a person asks for; nothing is recorded, kept or sent.

    Args:
        report: its settings as they are written.
        period: what it judges.
        world: what to work with.
        wish: what is wanted in place of the settings.

    Raises:
        WrongWish: the wish makes no sense, or no such incident is in the period.
        ConfigurationError: nothing is selected.
        SourceError: the source could not be asked, and nothing is filed of the period.
        RenderError: a document could not be made.
    """
    settings = wished(report, wish)
    snapshot, filed = data_at_hand(report, settings, period, world)
    return Made(render(snapshot, settings, world, wish), filed)


def render(snapshot: Snapshot, settings: ReportSettings, world: World, wish: Wish) -> Prepared:
    """Judge and render data that were measured, or filed.

    Args:
        snapshot: of the report's objectives and period.
        settings: what ``wished`` returned.
        world: what to work with.
        wish: names the incident of a retrospective.

    Raises:
        WrongWish: no such incident is in the period.
        RenderError: a document could not be made.
    """
    asked = replace(snapshot, request=replace(snapshot.request, incident=wish.incident))
    prepared = rendered(asked, settings, untouched(world))
    if wish.incident and chosen(prepared.report) is None:
        raise WrongWish(_no_incident(wish.incident, prepared.report))
    return prepared


def _no_incident(wanted: str, report: Report) -> str:
    known = ", ".join(f"{one.letter} ({one.incident.id})" for one in report.incidents[:20])
    there = f"there are: {known}" if known else "none was recorded"
    return f"no incident {wanted!r} is in {report.period.id}; {there}"


def untouched(world: World) -> World:
    """The same world, in which the history is read and not written."""
    return replace(world, history=world.history and world.history.read_only())


def data_at_hand(
    report: ReportSettings, settings: ReportSettings, period: Period, world: World
) -> tuple[Snapshot, str]:
    """The history first, then the source; what is filed of the period where that cannot answer.

    Returns:
        The snapshot, and which filed revision it is of; empty where it was measured.

    Raises:
        SourceError: neither the source nor the ledger has anything.
    """
    try:
        return take_snapshot(settings, period, untouched(world)), ""
    except SourceError:
        found = _filed(report, settings, period, world)
        if found is None:
            raise
        return found


def _filed(
    report: ReportSettings, settings: ReportSettings, period: Period, world: World
) -> tuple[Snapshot, str] | None:
    if not world.has_ledger():
        return None
    with world.open_ledger() as ledger:
        run = ledger.find_run(report.name, period)
        snapshot = None if run is None else Snapshot.from_json(ledger.frozen_snapshot(run))
    if run is None or snapshot is None:
        return None
    try:
        covered = select([one.slo for one in snapshot.subjects], settings.select)
    except ConfigurationError:  # it holds other services
        return None
    wanted = {slo.id for slo in covered}
    request = replace(
        snapshot.request, name=settings.name, title=settings.title, kind=settings.kind
    )
    subjects = tuple(one for one in snapshot.subjects if one.slo.id in wanted)
    return replace(snapshot, request=request, subjects=subjects), run.title
