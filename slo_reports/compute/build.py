"""The one way from a frozen snapshot to a judged report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from slo_reports import numbers
from slo_reports.compute import attribution, summary
from slo_reports.compute.decisions import release_decisions, valid_until
from slo_reports.compute.insight import insight
from slo_reports.compute.journeys import critical_steps, with_journeys, with_steps
from slo_reports.compute.judge import judge
from slo_reports.compute.merging import gathered
from slo_reports.compute.policy_words import in_the_language
from slo_reports.compute.portfolio import as_portfolio
from slo_reports.compute.recommendations import recommendations
from slo_reports.compute.restated import restated
from slo_reports.compute.rollups import rollups
from slo_reports.compute.services import services
from slo_reports.compute.toil import toil_budgets
from slo_reports.language import speaking, tr
from slo_reports.model import (
    Outcome,
    Report,
    ReportKind,
    Slo,
    SloResult,
    Snapshot,
    content_hash,
)
from slo_reports.periods import Period
from slo_reports.tiers import all_remarks


def build_report(snapshot: Snapshot) -> Report:
    """Judge a snapshot.

    Args:
        snapshot: all that is known; nothing else is asked.

    Returns:
        The report, the same for the same snapshot, to the last bit, in the language of its request.
    """
    with speaking(snapshot.request.language):
        return _built(snapshot)


def _built(snapshot: Snapshot) -> Report:
    period, request = snapshot.period, snapshot.request
    policy = in_the_language(snapshot.policy)
    lettered = attribution.lettered(gathered(snapshot), period)
    known = {subject.slo.id: subject.slo for subject in snapshot.subjects}
    said = _remarks(list(known.values()))
    judged_alone = [
        judge(
            subject,
            period,
            lettered,
            request.lookback,
            snapshot.exclusions,
            critical_steps(subject.slo, known),
        )
        for subject in with_journeys(snapshot.subjects, period)
    ]
    remarked = [replace(one, remarks=said.get(one.slo.id, ())) for one in judged_alone]
    ordered = services(with_steps(remarked))
    results = [one for service in ordered for one in service.results]
    judged = attribution.judged(lettered, results)
    asked = recommendations(ordered, judged, period, policy.ranking)
    made = Report(
        request=request,
        period=period,
        revision=snapshot.revision,
        frozen_at=snapshot.frozen_at,
        snapshot_hash=content_hash(snapshot.to_json()),
        headline=summary.headline(ordered, period),
        figures=summary.figures(ordered, lettered, period),
        services=ordered,
        incidents=judged,
        recommendations=asked,
        coverage=_mean_coverage(results),
        provenance=snapshot.provenance,
        notes=_notes(results, period),
        rollups=rollups(results),
        restatement=restated(snapshot.restatement, results),
        notices=snapshot.notices,
        decisions=release_decisions(ordered, judged, policy, valid_until(period, policy)),
        toil=toil_budgets(results, policy),
        policy=tr("{policy}, version {version}", policy=policy.name, version=policy.version),
        insight=insight(snapshot, results, judged, asked),
    )
    return as_portfolio(made) if request.kind is ReportKind.PORTFOLIO else made


def _remarks(slos: Sequence[Slo]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for slo, text in all_remarks(slos):
        found[slo.id] = (*found.get(slo.id, ()), text)
    return found


def _mean_coverage(results: Sequence[SloResult]) -> float | None:
    measured = [one.coverage for one in results if one.outcome is not Outcome.NOT_MEASURED]
    return math.fsum(measured) / len(measured) if measured else None


def _notes(results: Sequence[SloResult], period: Period) -> tuple[str, ...]:
    """What a reader must know about the data, each once, with the service it is about."""
    found = [f"{one.slo.service}: {text}" for one in results for text in _own_notes(one, period)]
    return tuple(dict.fromkeys(found))


def _own_notes(result: SloResult, period: Period) -> tuple[str, ...]:
    if result.since is None:
        return result.notes
    began = numbers.instant_text(result.since, period.zone)
    said = tr("data began on {day}; it is judged from then on.", day=began)
    return (*result.notes, said)
