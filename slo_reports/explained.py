"""Explanations and verifications as lines for a terminal, as CSV and as JSON."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from slo_reports.compute.explanation import Explanation
from slo_reports.explaining import Explained
from slo_reports.model import Incident, SloResult
from slo_reports.numbers import duration_text, percent_text, period_facts
from slo_reports.verifying import Verification

_EXPLANATION: TypeAdapter[Explanation] = TypeAdapter(Explanation)
_MOST = 40


def lines(found: Explained) -> Iterator[str]:
    """How a number came about, for a person."""
    explanation, result = found.explanation, found.explanation.result
    objective = result.objective
    yield f"{result.slo.id}: {result.slo.service}, {result.slo.title}"
    target = percent_text(objective.target, objective.target, "target")
    yield f"  target {target} over {objective.window}; {period_facts(explanation.period)}"
    yield f"  {_whence(found)}"
    yield from _section("Queries", (*result.queries, *_asked(explanation)))
    yield from _section("Arithmetic", _arithmetic(explanation))
    yield from _section("Days", _days(result))
    yield from _section("Coverage", _coverage(result))
    yield from _section("Incidents", _incidents(explanation))
    yield from _section("Notes", (*result.notes, *([result.reason] if result.reason else [])))
    if explanation.slices:
        yield "\nAll slices: --slices table, or --slices csv for a spreadsheet."


def _section(title: str, inside: Any) -> Iterator[str]:
    rows = list(inside)
    if rows:
        yield f"\n{title}"
        for row in rows:
            yield f"  {row}"


def _whence(found: Explained) -> str:
    explanation = found.explanation
    frozen = f"snapshot {explanation.snapshot_hash[:12]}… of {_at(explanation.frozen_at)}"
    if found.run is None:
        return f"measured now, as {found.report.name} would; nothing is filed for this period"
    return f"from the filed report {found.run.title}: {frozen}"


def _asked(explanation: Explanation) -> Iterator[str]:
    for one in explanation.provenance:
        yield f"asked of {one.name} ({one.version}), {one.url}, on {_at(one.asked_at)}"


def _arithmetic(explanation: Explanation) -> Iterator[str]:
    result = explanation.result
    width = max((len(step.name) for step in explanation.steps), default=0)
    for step in explanation.steps:
        value = "" if step.value is None else f" = {_plain(step.value)} {step.unit}".rstrip()
        yield f"{step.name.ljust(width)}  {step.formula}: {step.numbers}{value}"
    for row in explanation.methods:
        sli, consumed = (_number(one) for one in (row.sli, row.consumed))
        decides = " (decides)" if row.decides else ""
        words = f"{row.method.value}: SLI {sli}, consumed {consumed}{decides}"
        yield f"{'method'.ljust(width)}  {words}"
    for one in result.exclusions:
        span = f"{_at(one.start)} to {_at(one.end)}"
        yield f"{'taken out'.ljust(width)}  {span}: {one.reason} ({one.author})"
    yield f"{'outcome'.ljust(width)}  {result.outcome.value}: {result.verdict_exact}"
    yield f"{'budget status'.ljust(width)}  {result.status.value}"


def _number(value: float | None) -> str:
    return "–" if value is None else repr(value)


def _days(result: SloResult) -> Iterator[str]:
    header = ("day", "good", "valid", "bad", "coverage")
    rows = [
        (
            day.day.isoformat(),
            *(_plain(value) for value in (day.good, day.valid, day.valid - day.good)),
            percent_text(day.coverage, kind="coverage"),
        )
        for day in result.days
    ]
    if rows:
        yield from _columns([header, *rows])


def _columns(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[index]) for row in rows) for index in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))


def _coverage(result: SloResult) -> Iterator[str]:
    minimum = percent_text(result.slo.minimum_coverage, kind="coverage")
    yield f"{percent_text(result.coverage, kind='coverage')}; at least {minimum} is asked for"
    if result.since is not None:
        yield f"judged since its data began, {_at(result.since)}"
    for start, end in result.missing[:_MOST]:
        yield f"gap {_at(start)} to {_at(end)} ({duration_text(end - start)})"
    if len(result.missing) > _MOST:
        yield f"and {len(result.missing) - _MOST} more gaps"


def _incidents(explanation: Explanation) -> Iterator[str]:
    found = explanation.result.attribution
    if found is None:
        return
    told = {one.letter: one.incident for one in explanation.incidents}
    for part in (*found.parts, found.total):
        share = f"{part.basis_points / 100:.2f} % of what was spent"
        line = f"{part.name.ljust(12)}  {_plain(part.bad)} bad events, {share}"
        yield f"{line}; {_about(told[part.name])}" if part.name in told else line


def _about(incident: Incident) -> str:
    span = f"{_at(incident.start)} to {_at(incident.end)}"
    sources = ", ".join(incident.sources or (incident.source,))
    return f"{incident.title} ({incident.id}), {span}, told by {sources}"


def _at(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def table_lines(explanation: Explanation) -> Iterator[str]:
    """Every slice in columns."""
    header = ("start", "good", "valid", "bad", "coverage")
    rows = [tuple(_cells(row)) for row in explanation.slices]
    yield from _section("Slices", _columns([header, *rows]) if rows else ())


def csv_lines(explanation: Explanation) -> Iterator[str]:
    """Every slice as a row of CSV, with a header and nothing else."""
    yield "start,good,valid,bad,coverage"
    for row in explanation.slices:
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow(_cells(row))
        yield line.getvalue()


def _cells(row: Any) -> Iterator[str]:
    yield _at(row.start)
    for value in (row.good, row.valid, row.bad, row.coverage):
        yield _plain(value)


def _plain(value: float) -> str:
    """A number as it is, for a calculator: no rounding, no grouping."""
    return str(int(value)) if value == int(value) else repr(value)


def explained_json(found: Explained) -> dict[str, Any]:
    """The same for machines, slices included."""
    run = found.run
    return {
        "report": found.report.name,
        "filed": None if run is None else run.title,
        **_EXPLANATION.dump_python(found.explanation, mode="json"),
    }


# --- verification ---


def verification_lines(checked: Verification) -> Iterator[str]:
    """What a check found, for a person."""
    yield f"{checked.title}: {'sound' if checked.is_sound else 'NOT SOUND'}"
    for text in checked.agreed:
        yield f"  ✓ {text}"
    for text in checked.faults:
        yield f"  ✗ {text}"
    for one in checked.differences[:_MOST]:
        of = f"{one.objective}: " if one.objective else ""
        yield f"  ✗ {of}{one.field}: filed {_short(one.filed)}, recomputed {_short(one.recomputed)}"
    if len(checked.differences) > _MOST:
        yield f"  ✗ and {len(checked.differences) - _MOST} more differences; --json lists them all"
    for text in checked.notes:
        yield f"  · {text}"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def verification_json(checked: Verification) -> dict[str, Any]:
    """The same for machines."""
    return {
        "run": checked.title,
        "sound": checked.is_sound,
        "agreed": list(checked.agreed),
        "faults": list(checked.faults),
        "differences": [
            {
                "objective": one.objective,
                "field": one.field,
                "filed": one.filed,
                "recomputed": one.recomputed,
            }
            for one in checked.differences
        ],
        "notes": list(checked.notes),
    }
