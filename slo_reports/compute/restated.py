"""What a revision of a report says otherwise than the one before it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from slo_reports.model import (
    ChangedFigures,
    ObjectiveFigures,
    Outcome,
    Restated,
    Restatement,
    SloResult,
)

_NOISE = 1e-9
"""By so much a ratio may differ that was added up in another order."""
_PART_OF_AN_EVENT = 1e-6


def figures(results: Iterable[SloResult]) -> tuple[ObjectiveFigures, ...]:
    """What a report says of each objective, in a few numbers."""
    return tuple(_figures(one) for one in results)


def _figures(result: SloResult) -> ObjectiveFigures:
    return ObjectiveFigures(
        slo=result.slo.id,
        service=result.slo.service,
        title=result.slo.title,
        target=result.objective.target,
        sli=result.sli,
        outcome=result.outcome,
        consumed=result.budget.consumed,
        remaining=result.budget.remaining,
        good=result.good,
        valid=result.valid,
        coverage=result.coverage,
        unit=result.unit,
    )


def changed_figures(
    before: Sequence[ObjectiveFigures], now: Sequence[ObjectiveFigures]
) -> tuple[ChangedFigures, ...]:
    """The objectives whose figures differ: those with another outcome first, missed ones leading.

    Words (a title, a service's name) are no figures: they may change.
    """
    old = {one.slo: one for one in before}
    new = {one.slo: one for one in now}
    pairs = [ChangedFigures(old.get(slo), new.get(slo)) for slo in {**new, **old}]
    found = [one for one in pairs if not _same(one.before, one.now)]
    return tuple(sorted(found, key=_rank))


def _rank(changed: ChangedFigures) -> tuple[bool, bool]:
    return not changed.outcome_changed, changed.either.outcome is not Outcome.MISSED


def _same(before: ObjectiveFigures | None, now: ObjectiveFigures | None) -> bool:
    if before is None or now is None:
        return False
    return (
        before.outcome == now.outcome
        and before.target == now.target
        and same_events(before.good, now.good)
        and same_events(before.valid, now.valid)
        and all(
            same_ratio(one, other)
            for one, other in (
                (before.sli, now.sli),
                (before.remaining, now.remaining),
                (before.coverage, now.coverage),
            )
        )
    )


def same_ratio(one: float | None, other: float | None) -> bool:
    """Whether two ratios are the same, but for the order in which they were added up."""
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=_NOISE, abs_tol=_NOISE)


def same_events(one: float, other: float) -> bool:
    """Whether two counts are the same: a single event is a difference, however many there are."""
    return abs(one - other) <= _PART_OF_AN_EVENT


def restated(restatement: Restatement | None, results: Sequence[SloResult]) -> Restated | None:
    """A restatement with what it changed; None for a first revision."""
    if restatement is None:
        return None
    now = figures(results)
    changed = changed_figures(restatement.figures, now)
    told = {one.now.slo for one in changed if one.now is not None}
    return Restated(restatement, changed, len(now) - len(told))
