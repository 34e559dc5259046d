"""What changed of filed periods, as lines for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from pydantic import TypeAdapter

from slo_reports.compute.drift import Drifted
from slo_reports.model import ObjectiveFigures
from slo_reports.numbers import counted, events_text, instant_text, percent_text, sentence
from slo_reports.restating import DriftResult, PreparedRestatement

_NOTHING = "–"
_FIGURES: TypeAdapter[ObjectiveFigures | None] = TypeAdapter(ObjectiveFigures | None)


def drift_lines(result: DriftResult) -> Iterator[str]:
    """One filed report: as it was, or what changed of it."""
    if result.problem:
        yield f"{result.run.title}: cannot be compared"
        yield f"  · {result.problem}"
        return
    yield f"{result.run.title}: {'DRIFTED' if result.differs else 'as it was'}"
    yield from _changes(result.drifted, result.run.zone or "UTC")
    yield from _gone(result.gone)
    if result.differs:
        yield (
            f"  file a revision:  slo-reports restate {result.run.report} "
            f'--period {result.run.period} --fresh --reason "…"'
        )


def restatement_lines(made: PreparedRestatement) -> Iterator[str]:
    """What a revision would change."""
    snapshot = made.prepared.snapshot
    yield f"{made.replaced.title} would be replaced by r{snapshot.revision}"
    yield from _changes(made.drifted, snapshot.period.zone)
    yield from _gone(made.again.gone)


def _gone(days: Sequence[date]) -> Iterator[str]:
    if days:
        span = str(days[0]) if len(days) == 1 else f"{days[0]} to {days[-1]}"
        count = counted(len(days), "day", "days")
        yield (
            f"  · out of the source's retention: {count} (UTC), {span}; "
            "what was kept of them stands"
        )


def _changes(drifted: Sequence[Drifted], zone: str) -> Iterator[str]:
    for one in drifted:
        if one.differs:
            yield f"  ✗ {one.slo}: {', '.join(kind.value for kind in one.kinds)}"
            yield from _figures(one)
            if one.span is not None:
                slices = sentence(counted(one.slices, "changed slice", "changed slices"))
                yield f"      {slices}, {_span(one.span, zone)}"
        if one.gone is not None:
            yield f"  · {one.slo}: the source no longer holds {_span(one.gone, zone)}"
        if one.reason:
            yield f"  · {one.slo}: measured now, {one.reason}"


def _span(span: tuple[datetime, datetime], zone: str) -> str:
    start, end = (instant_text(one, zone, with_year=True) for one in span)
    return f"{start} to {end} ({zone})"


def _figures(one: Drifted) -> Iterator[str]:
    before, now = one.figures.before, one.figures.now
    rows = zip(_cells(before), _cells(now), strict=True)
    for (name, old), (_, new) in rows:
        if old != new:
            yield f"      {name.ljust(12)} {old} → {new}"


def _cells(one: ObjectiveFigures | None) -> tuple[tuple[str, str], ...]:
    if one is None:
        names = ("outcome", "target", "measured", "budget left", "valid", "bad", "coverage")
        return tuple((name, _NOTHING) for name in names)
    return (
        ("outcome", one.outcome.value),
        ("target", percent_text(one.target, kind="target")),
        ("measured", _NOTHING if one.sli is None else percent_text(one.sli, one.target)),
        ("budget left", _left(one.remaining)),
        ("valid", f"{events_text(one.valid)} {one.unit}"),
        ("bad", f"{events_text(one.bad)} {one.unit}"),
        ("coverage", percent_text(one.coverage, kind="coverage")),
    )


def _left(remaining: float | None) -> str:
    return _NOTHING if remaining is None else percent_text(remaining, kind="remaining")


def drift_json(result: DriftResult) -> dict[str, Any]:
    """One filed report, for machines."""
    return {
        "run": result.run.title,
        "report": result.run.report,
        "period": result.run.period,
        "revision": result.run.revision,
        "drifted": result.differs,
        "problem": result.problem,
        "objectives": [_drifted_json(one) for one in result.drifted],
        "out_of_retention": [day.isoformat() for day in result.gone],
    }


def restatement_json(made: PreparedRestatement) -> dict[str, Any]:
    """What a revision would change, for machines."""
    return {
        "replaces": made.replaced.title,
        "revision": made.prepared.snapshot.revision,
        "objectives": [_drifted_json(one) for one in made.drifted],
        "out_of_retention": [day.isoformat() for day in made.again.gone],
    }


def _drifted_json(one: Drifted) -> dict[str, Any]:
    return {
        "objective": one.slo,
        "drifted": one.differs,
        "kinds": [kind.value for kind in one.kinds],
        "before": _FIGURES.dump_python(one.figures.before, mode="json"),
        "now": _FIGURES.dump_python(one.figures.now, mode="json"),
        "slices": one.slices,
        "span": _plain(one.span),
        "no_longer_in_the_source": _plain(one.gone),
        "reason": one.reason,
    }


def _plain(span: tuple[datetime, datetime] | None) -> list[str] | None:
    return None if span is None else [f"{one.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for one in span]
