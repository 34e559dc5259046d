"""All objectives of a team, or with one value of a label, in one line."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from slo_reports.compute.attribution import full_title
from slo_reports.model import Outcome, Rollup, SloResult

TEAM = "team"
_ENOUGH = 2
"""A label that fewer services carry groups nothing."""


def rollups(results: Sequence[SloResult]) -> tuple[Rollup, ...]:
    """Objectives gathered by team, then by each label that at least two services carry.

    Args:
        results: all objectives of a report.

    Returns:
        The groups of each kind hold every objective once: those without a label are a group with
        an empty name, the last of its kind.
    """
    found = list(_grouped(TEAM, results, lambda one: one.slo.owner))
    for key in _label_keys(results):
        found += _grouped(f"label {key}", results, partial(_label, key))
    return tuple(found)


def _label_keys(results: Sequence[SloResult]) -> list[str]:
    pairs = {(key, one.slo.service) for one in results for key, _ in one.slo.labels}
    carried = Counter(key for key, _ in pairs)
    return sorted(key for key, count in carried.items() if count >= _ENOUGH)


def _label(key: str, result: SloResult) -> str:
    return dict(result.slo.labels).get(key, "")


def _grouped(
    by: str, results: Sequence[SloResult], name: Callable[[SloResult], str]
) -> Iterator[Rollup]:
    groups: dict[str, list[SloResult]] = {}
    for one in results:
        groups.setdefault(name(one), []).append(one)
    for key in sorted(groups, key=lambda text: (not text, text)):
        yield _rollup(by, key, groups[key])


def _rollup(by: str, name: str, results: Sequence[SloResult]) -> Rollup:
    counts = Counter(one.outcome for one in results)
    left = [
        (one.budget.remaining, one.slo.id) for one in results if one.budget.remaining is not None
    ]
    remaining, worst = min(left, default=(None, None))
    title = next((full_title(one.slo) for one in results if one.slo.id == worst), "")
    return Rollup(
        by=by,
        name=name,
        outcomes=tuple((one, counts[one]) for one in Outcome if counts[one]),
        worst=worst,
        worst_title=title,
        remaining=remaining,
        coverage=weighted_coverage(results),
    )


def weighted_coverage(results: Sequence[SloResult]) -> float | None:
    """Counted events over those that full coverage would have counted [ratio].

    Each objective's coverage weighs by the events it would have had, so that losing data cannot
    make an objective weigh less. None where nothing was counted.
    """
    counted = [one for one in results if one.coverage > 0 and one.valid > 0]
    whole = math.fsum(one.valid / one.coverage for one in counted)
    if not whole:
        return None
    return min(math.fsum(one.valid for one in counted) / whole, 1.0)
