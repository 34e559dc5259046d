"""What discovery came to, told on a terminal and to machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from slo_reports.definitions.writing import one_line
from slo_reports.discovering.documents import slug
from slo_reports.discovering.nouns import (
    Count,
    Discovery,
    LeftOut,
    Objective,
    Observation,
    Proposal,
    Target,
)
from slo_reports.numbers import counted, month_text, percent_text
from slo_reports.tiers import tier_text

_HEAD = ("service", "type", "tier", "objective", "last month", "weeks", "target")


def table(found: Discovery) -> Iterator[str]:
    """All services, a line for each objective, with the reason below it.

    No sign of a label's value can move the cursor or colour the screen.
    """
    for line in _table(found):
        yield one_line(line)


def _table(found: Discovery) -> Iterator[str]:
    rows = [row for one in found.proposals for row in _rows(one)]
    reasons = [one.target.short for two in found.proposals for one in two.objectives]
    if rows:
        head, *lines = _aligned([_HEAD, *rows])
        yield head
        for line, reason in zip(lines, reasons, strict=True):
            yield line
            yield f"    {reason}"
    yield from _left_out(found.left_out)


def summary(found: Discovery) -> str:
    """How much was found, one sentence."""
    objectives = sum(len(one.objectives) for one in found.proposals)
    services = counted(len(found.proposals), "service", "services")
    return f"{services}, {counted(objectives, 'proposed objective', 'proposed objectives')}"


def _rows(one: Proposal) -> Iterator[tuple[str, ...]]:
    for number, objective in enumerate(one.objectives):
        first = number == 0
        yield (
            _name(one) if first else "",
            one.kind if first else "",
            tier_text(one.tier) if first else "",
            objective.slo.title,
            _sli(objective.observed.month, objective.target),
            _sli(objective.observed.total, objective.target),
            _target(objective.target),
        )


def _name(one: Proposal | LeftOut) -> str:
    return f"{one.namespace}/{one.service}" if one.namespace else one.service


def _sli(count: Count, target: Target) -> str:
    return "–" if count.sli is None else percent_text(count.sli, target.target)


def _target(target: Target) -> str:
    steps = [one.target for one in target.phases] or [target.target]
    return " → ".join(percent_text(one, kind="target") for one in steps)


def _left_out(left_out: Sequence[LeftOut]) -> Iterator[str]:
    for one in left_out:
        yield f"left out: {_name(one)} ({one.kind}): {one.reason}"


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


# --- for machines --------------------------------------------------------------------------------


def as_json(found: Discovery, written: Sequence[str], kept: Sequence[str]) -> dict[str, Any]:
    """Everything that was found, as plain data.

    Args:
        found: what discovery came to.
        written: files that were written.
        kept: files that were there and stayed as they are.
    """
    return {
        "source": found.url,
        "at": found.at.isoformat(),
        "weeks": found.weeks,
        "timezone": found.zone,
        "method": found.method,
        "services": [_service(one) for one in found.proposals],
        "left_out": [
            {
                "service": one.service,
                "namespace": one.namespace or None,
                "type": one.kind,
                "reason": one.reason,
            }
            for one in found.left_out
        ],
        "written": list(written),
        "kept": list(kept),
    }


def _service(one: Proposal) -> dict[str, Any]:
    return {
        "service": one.service,
        "namespace": one.namespace or None,
        "type": one.kind,
        "tier": one.tier.value,
        "tier_reasons": list(one.tier_reasons),
        "owner": one.owner,
        "remarks": list(one.remarks),
        "file": one.file_name,
        "objectives": [_objective(objective, one) for objective in one.objectives],
    }


def _objective(one: Objective, proposal: Proposal) -> dict[str, Any]:
    phases = [
        {"target_percent": float(step.target * 100), "from": step.start.isoformat()}
        for step in one.target.phases
    ]
    namespace = slug(proposal.namespace) if proposal.namespace else "default"
    return {
        "slo": f"{namespace}/{one.slo.name}",
        "title": one.slo.title,
        "metric": one.candidate.metric,
        "found_by": one.candidate.family,
        "template": one.document["spec"].get("template"),
        "target_percent": float(one.target.target * 100),
        "phases": phases,
        "basis": one.target.basis.value,
        "reasons": list(one.reasons),
        "observed": _observed(one.observed),
    }


def _observed(seen: Observation) -> dict[str, Any]:
    return {
        "weeks": [_count(one) for one in seen.weeks],
        "all_weeks": _count(seen.total),
        "month": {"period": seen.month_period.id, **_count(seen.month)},
        "since": None if seen.since is None else seen.since.isoformat(),
    }


def _count(one: Count) -> dict[str, float | None]:
    return {
        "good": one.good,
        "valid": one.valid,
        "sli": None if one.sli is None else float(one.sli),
        "coverage": one.coverage,
    }


def looked_at(found: Discovery) -> str:
    """What was looked at, one sentence."""
    month = next(
        (
            month_text(one.observed.month_period.first_day, with_year=True)
            for two in found.proposals
            for one in two.objectives
        ),
        "the last month",
    )
    weeks = counted(found.weeks, "week", "weeks")
    return f"Looked at {found.url}: the {weeks} up to {found.at:%Y-%m-%d %H:%M} UTC, and {month}."
