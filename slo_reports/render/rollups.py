"""Roll-ups as words: one line for each team, and for each value of a label."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from slo_reports.language import tr
from slo_reports.model import Outcome, Report, Rollup
from slo_reports.numbers import percent_number
from slo_reports.render.clean import clean
from slo_reports.render.rows import NOTHING

_TEAM = "team"
_NO_VERDICT = (Outcome.NO_TRAFFIC, Outcome.INSUFFICIENT_DATA, Outcome.NOT_MEASURED)


@dataclass(frozen=True)
class RollupRow:
    """One group; numbers in percent, without the sign."""

    name: str
    objectives: int
    met: int
    missed: int
    no_verdict: int
    left: str
    worst: str
    coverage: str


@dataclass(frozen=True)
class RollupTable:
    """All groups of one kind."""

    title: str
    head: str
    rows: tuple[RollupRow, ...]


def rollup_tables(report: Report) -> list[RollupTable]:
    """The kinds of group that part the objectives: one group alone says nothing new."""
    kinds = [(by, tuple(rows)) for by, rows in groupby(report.rollups, key=lambda one: one.by)]
    return [_table(by, rows) for by, rows in kinds if len(rows) > 1]


def _table(by: str, rollups: tuple[Rollup, ...]) -> RollupTable:
    rows = tuple(map(_row, rollups))
    if by == _TEAM:
        return RollupTable(tr("By team"), tr("Team"), rows)
    name = clean(by.removeprefix("label "))
    return RollupTable(tr("By {label}", label=name), name, rows)


def _row(one: Rollup) -> RollupRow:
    return RollupRow(
        name=clean(one.name) if one.name else tr("(none)"),
        objectives=one.objectives,
        met=one.count(Outcome.MET),
        missed=one.count(Outcome.MISSED),
        no_verdict=one.count(*_NO_VERDICT),
        left=NOTHING if one.remaining is None else percent_number(one.remaining, kind="remaining"),
        worst=clean(one.worst_title),
        coverage=NOTHING if one.coverage is None else percent_number(one.coverage, kind="coverage"),
    )
