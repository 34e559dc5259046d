"""One objective's number, taken apart: enough to redo it by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

from slo_reports.compute.build import build_report
from slo_reports.compute.grid import Grid, Life, life_of
from slo_reports.compute.journeys import critical_steps, with_journeys
from slo_reports.compute.methods import compare_methods, counted_grid
from slo_reports.model import (
    JudgedIncident,
    Method,
    Provenance,
    Slo,
    SloResult,
    Snapshot,
    Subject,
)
from slo_reports.periods import Period


@dataclass(frozen=True)
class SliceRow:
    """One slice: its first instant [UTC], its events, and the share of it with data [ratio]."""

    start: datetime
    good: float
    valid: float
    bad: float
    coverage: float


@dataclass(frozen=True)
class Step:
    """One step of the arithmetic.

    Attributes:
        formula: in the words of docs/arithmetic.md.
        numbers: the same with this objective's numbers, unrounded.
        value: what comes out; None where there is nothing to divide.
    """

    name: str
    formula: str
    numbers: str
    value: float | None
    unit: str = ""


@dataclass(frozen=True)
class MethodRow:
    """What one method makes of the slices."""

    method: Method
    sli: float | None
    consumed: float | None
    decides: bool


@dataclass(frozen=True)
class Explanation:
    """Everything behind one objective's line in a report.

    Attributes:
        slices: all slices of the period, oldest first; empty where nothing was measured.
        incidents: those that took some of its budget.
    """

    period: Period
    snapshot_hash: str
    frozen_at: datetime
    provenance: tuple[Provenance, ...]
    result: SloResult
    slices: tuple[SliceRow, ...]
    steps: tuple[Step, ...]
    methods: tuple[MethodRow, ...]
    incidents: tuple[JudgedIncident, ...]


def explain(snapshot: Snapshot, slo_id: str) -> Explanation:
    """Take one objective's number apart.

    Args:
        snapshot: what its report was, or would be, made from.
        slo_id: one of the snapshot's.
    """
    report = build_report(snapshot)
    subjects = with_journeys(snapshot.subjects, snapshot.period)
    subject = next(one for one in subjects if one.slo.id == slo_id)
    steps = critical_steps(subject.slo, {one.slo.id: one.slo for one in subjects})
    result = next(one for one in report.results if one.slo.id == slo_id)
    grid = counted_grid(subject, snapshot.period, snapshot.exclusions, steps)
    letters = {one.letter for one in result.incidents}
    return Explanation(
        period=snapshot.period,
        snapshot_hash=report.snapshot_hash,
        frozen_at=snapshot.frozen_at,
        provenance=snapshot.provenance,
        result=result,
        slices=() if grid is None else tuple(_rows(grid)),
        steps=() if grid is None else tuple(_steps(subject, result, grid, snapshot.period)),
        methods=tuple(_methods(subject, snapshot, steps)),
        incidents=tuple(one for one in report.incidents if one.letter in letters),
    )


def _methods(subject: Subject, snapshot: Snapshot, steps: Sequence[Slo]) -> Iterator[MethodRow]:
    """All methods side by side; the objective's own decides."""
    slices, slo = subject.measurement.slices, subject.slo
    if slices is None:
        return
    compared = compare_methods(slices, slo, snapshot.period, snapshot.exclusions, steps)
    for method, (sli, consumed) in compared.items():
        yield MethodRow(method, sli, consumed, decides=method is slo.method)


def _rows(grid: Grid) -> Iterator[SliceRow]:
    columns = (grid.good.tolist(), grid.valid.tolist(), grid.bad.tolist(), grid.coverage.tolist())
    for index, (good, valid, bad, coverage) in enumerate(zip(*columns, strict=True)):
        yield SliceRow(grid.start + index * grid.step, good, valid, bad, coverage)


# --- the arithmetic ---


def _steps(subject: Subject, result: SloResult, grid: Grid, period: Period) -> Iterator[Step]:
    life = life_of(subject.measurement.since, period)
    yield from _counting(result, grid, life)
    if result.valid and result.objective.target < 1:
        yield from _spending(result, life)
        yield from _burning(result, grid, life)


def _counting(result: SloResult, grid: Grid, life: Life) -> Iterator[Step]:
    good, valid = result.good, result.valid
    slices = f"over {len(grid)} slices"
    alive = len(grid) - grid.first
    yield Step("valid events V", "sum of valid", slices, valid, result.unit)
    yield Step("good events G", "sum of good", slices, good, result.unit)
    yield Step("bad events B", "V - G", f"{_n(valid)} - {_n(good)}", valid - good, result.unit)
    yield Step("SLI", "G / V", f"{_n(good)} / {_n(valid)}", result.sli)
    asked = float(Fraction(result.objective.target) * Fraction(valid))
    numbers = f"{result.objective.target} x {_n(valid)}"
    yield Step("asked for", "target T x V", numbers, asked, "good events")
    yield Step(
        "coverage",
        "mean of the slices' coverage",
        f"over {alive} slices from {_at(life.start)}",
        result.coverage,
    )


def _spending(result: SloResult, life: Life) -> Iterator[Step]:
    target, spent, valid = result.objective.target, result.budget, result.valid
    f = _n(float(life.elapsed))
    length = float(life.minutes)
    span = f"({_at(life.data_end)} - {_at(life.start)}) / ({_at(life.end)} - {_at(life.start)})"
    yield Step("elapsed fraction f", "elapsed / length", span, float(life.elapsed))
    yield Step(
        "budget in events",
        "(1 - T) x V / f",
        f"(1 - {target}) x {_n(valid)} / {f}",
        spent.events,
        "events",
    )
    yield Step(
        "budget in minutes",
        "(1 - T) x length",
        f"(1 - {target}) x {_n(length)}",
        spent.minutes,
        "min",
    )
    yield Step("consumed c", "B / budget", f"{_n(spent.bad)} / {_n(spent.events)}", spent.consumed)
    yield Step("remaining r", "1 - c", f"1 - {_n(spent.consumed)}", spent.remaining)
    yield Step(
        "remaining in events",
        "budget - B",
        f"{_n(spent.events)} - {_n(spent.bad)}",
        spent.remaining_events,
        "events",
    )
    yield Step(
        "remaining in minutes",
        "r x budget",
        f"{_n(spent.remaining)} x {_n(spent.minutes)}",
        spent.remaining_minutes,
        "min",
    )
    yield Step("pace", "c / f", f"{_n(spent.consumed)} / {f}", result.pace)


def _burning(result: SloResult, grid: Grid, life: Life) -> Iterator[Step]:
    since = max(life.data_end - result.lookback, grid.start)
    bad, valid = grid.total(grid.bad, since), grid.total(grid.valid, since)
    target = result.objective.target
    yield Step(
        f"burn rate b since {_at(since)}",
        "(B / V of these slices) / (1 - T)",
        f"({_n(bad)} / {_n(valid)}) / (1 - {target})" if valid else "no traffic in these slices",
        result.burn,
    )
    if (found := result.exhaustion) is None:
        return
    at = "never" if found.at is None else _at(found.at)
    if found.kind == "spent":
        words = f"the bad events reached {_n(result.budget.events)} in the slice that ends {at}"
        yield Step("exhaustion", "first slice with cumulated B >= budget", words, None)
    elif found.kind == "never":
        yield Step("exhaustion", "as-of + r x length / b", "nothing burns", None)
    else:
        hours = (life.end - life.start).total_seconds() / 3600
        words = (
            f"{_at(life.data_end)} + {_n(result.budget.remaining)} x {hours:g} h / "
            f"{_n(result.burn)}: {at if found.at else 'more than a century away'}"
        )
        yield Step("projected exhaustion", "as-of + r x length / b", words, None)


def _n(value: float | None) -> str:
    """A number as it is, for a calculator: no rounding, no grouping."""
    if value is None:
        return "-"
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _at(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
