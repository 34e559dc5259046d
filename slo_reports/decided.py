"""A release decision as lines for a terminal and as JSON for a pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from slo_reports.deciding import Decided
from slo_reports.errors import ExitCode
from slo_reports.model import Decision, ObjectiveDecisions, SloResult
from slo_reports.numbers import instant_text

EXIT_CODES = {
    Decision.APPROVE: ExitCode.DONE,
    Decision.REVIEW: ExitCode.REVIEW,
    Decision.DEFER: ExitCode.DEFER,
    Decision.BLOCK: ExitCode.BLOCK,
}


def decision_lines(found: Decided) -> Iterator[str]:
    """The decision in a few lines: what, why, on which terms, by which clause, until when."""
    release, zone = found.release, found.period.zone
    as_of = instant_text(found.period.data_end, zone, with_year=True)
    yield (
        f"{release.decision.upper()}: {found.decisions.service}, release of {found.risk} risk "
        f"({found.decisions.status}, as of {as_of} {zone})"
    )
    for sentence in found.decisions.rationale:
        yield f"  {sentence}"
    yield from _listed("conditions", release.conditions)
    yield from _listed("instead" if release.decision is not Decision.APPROVE else "or",
                       release.alternatives)  # fmt: skip
    yield f"  {_clause(found)}"
    until = instant_text(found.decisions.valid_until, zone, with_year=True)
    yield f"  holds until {until}, or until the budget status changes"


def _listed(title: str, sentences: Sequence[str]) -> Iterator[str]:
    if sentences:
        yield f"  {title}:"
    for one in sentences:
        yield f"    - {one}"


def _clause(found: Decided) -> str:
    policy = f"{found.policy.name}, version {found.policy.version}"
    clause = found.release.clause
    return policy if clause is None else f"{clause.id}, {clause.title} ({policy})"


def decision_json(found: Decided) -> dict[str, Any]:
    """The decision for machines; docs/decision.schema.json describes it."""
    release, clause = found.release, found.release.clause
    alone = {one.slo: one for one in found.decisions.objectives}
    spent_by = alone[release.slo].spent_by
    return {
        "schema": 1,
        "service": found.decisions.service,
        "owner": found.decisions.owner,
        "risk": found.risk.value,
        "decision": release.decision.value,
        "exit_code": int(EXIT_CODES[release.decision]),
        "status": found.decisions.status.value,
        "decided_by": release.slo,
        "by_matrix": release.by_matrix.value,
        "as_of": _instant(found.period.data_end),
        "valid_until": _instant(found.decisions.valid_until),
        "period": {
            "start": _instant(found.period.start),
            "end": _instant(found.period.end),
            "timezone": found.period.zone,
        },
        "rationale": list(found.decisions.rationale),
        "conditions": list(release.conditions),
        "alternatives": list(release.alternatives),
        "clause": None if clause is None else {"id": clause.id, "title": clause.title},
        "cause": None
        if spent_by is None
        else {
            "class": spent_by.name,
            "share": spent_by.share,
            "incidents": list(spent_by.incidents),
        },
        "policy": {"name": found.policy.name, "version": found.policy.version},
        "objectives": [_objective(one, alone, found) for one in found.result.results],
        "snapshot_sha256": found.snapshot_hash,
    }


def _objective(
    result: SloResult, alone: dict[str, ObjectiveDecisions], found: Decided
) -> dict[str, Any]:
    return {
        "slo": result.slo.id,
        "status": result.status.value,
        "outcome": result.outcome.value,
        "decision": alone[result.slo.id].decision(found.risk).value,
        "target": float(result.objective.target),
        "sli": result.sli,
        "budget_left": result.budget.remaining,
        "burn_rate": result.burn,
        "pace": result.pace,
        "coverage": result.coverage,
        "reason": result.reason,
    }


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
