"""Where an explanation takes its data from: a filed report's frozen ones, or the source now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches

from slo_reports.compute.explanation import Explanation, explain
from slo_reports.errors import ConfigurationError
from slo_reports.job import World, take_snapshot
from slo_reports.ledger import Run
from slo_reports.model import Slo, Snapshot
from slo_reports.periods import Period
from slo_reports.settings.schema import ReportSettings, Selection


@dataclass(frozen=True)
class Explained:
    """An explanation, and the filed run that it is of; None where it was measured now."""

    explanation: Explanation
    report: ReportSettings
    run: Run | None


def explain_slo(world: World, slo: Slo, report: ReportSettings, period: Period) -> Explained:
    """Explain one objective's number in a report.

    The frozen data of a filed run are taken where there is one that holds the objective; else the
    source is asked now, for this objective alone.

    Raises:
        LedgerError: the frozen data are gone or changed.
        SourceError: the source could not answer.
    """
    filed = _filed(world, slo, report, period)
    if filed is not None:
        run, snapshot = filed
        return Explained(explain(snapshot, slo.id), report, run)
    alone = report.model_copy(update={"select": Selection(slos=[slo.id]), "trend": 1})
    looking = replace(world, history=world.history and world.history.read_only())
    return Explained(explain(take_snapshot(alone, period, looking), slo.id), report, None)


def _filed(
    world: World, slo: Slo, report: ReportSettings, period: Period
) -> tuple[Run, Snapshot] | None:
    if not world.has_ledger():
        return None
    with world.open_ledger() as ledger:
        run = ledger.find_run(report.name, period)
        if run is None:
            return None
        snapshot = Snapshot.from_json(ledger.frozen_snapshot(run))
    held = any(one.slo.id == slo.id for one in snapshot.subjects)
    return (run, snapshot) if held else None


def slo_named(world: World, text: str) -> Slo:
    """The definition with an id, or with a name that only one has.

    Raises:
        ConfigurationError: there is none, or several; the message names the nearest or all.
    """
    found = [slo for slo in world.slos if text in (slo.id, slo.name)]
    if len(found) == 1:
        return found[0]
    if found:
        names = " or ".join(slo.id for slo in found)
        msg = f"several definitions are named {text!r}; say {names}"
        raise ConfigurationError(msg)
    ids = [slo.id for slo in world.slos]
    near = get_close_matches(text, [*ids, *(slo.name for slo in world.slos)], n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(ids)}"
    msg = f"no definition is named {text!r}; {hint}"
    raise ConfigurationError(msg)


def report_with(world: World, slo: Slo) -> ReportSettings:
    """The first report that covers an SLO.

    Raises:
        ConfigurationError: none does.
    """
    for report in world.settings.reports:
        if slo in world.files.catalogue.select(report.select, report=report.name):
            return report
    msg = f"no report covers {slo.id}; name one with --report to see it as that report would"
    raise ConfigurationError(msg)
