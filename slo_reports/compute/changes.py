"""What changed since the period just before, for the first page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from slo_reports.compute.attribution import full_title
from slo_reports.compute.trend import just_before
from slo_reports.model import Changes, Moved, Outcome, PastPeriod, Shift, ShiftKind, SloResult
from slo_reports.periods import Period, previous

_JUDGED = (Outcome.MET, Outcome.MISSED)


def changes(
    results: Sequence[SloResult], shifts: Mapping[str, Shift], period: Period
) -> Changes | None:
    """What is not as it was; None where nothing is known of the period before.

    Args:
        results: all objectives, in the order of the page.
        shifts: by the objectives' ids, what the trend says of them.
        period: the reported one.
    """
    before = {one.slo.id: just_before(one.history, period) for one in results}
    pairs = [(one, then) for one in results if (then := before[one.slo.id]) is not None]
    if not pairs:
        return None
    return Changes(
        since=previous(period),
        missed=_turned(pairs, Outcome.MET, Outcome.MISSED),
        still=len(_turned(pairs, Outcome.MISSED, Outcome.MISSED)),
        recovered=_turned(pairs, Outcome.MISSED, Outcome.MET),
        moved=None if period.as_of is not None else _moved(pairs, shifts),
        began=tuple(
            full_title(one.slo)
            for one in results
            if before[one.slo.id] is None and one.outcome in _JUDGED
        ),
    )


Pairs = Sequence[tuple[SloResult, PastPeriod]]


def _turned(pairs: Pairs, then: Outcome, now: Outcome) -> tuple[str, ...]:
    return tuple(
        full_title(one.slo)
        for one, before in pairs
        if before.outcome is then and one.outcome is now
    )


def _moved(pairs: Pairs, shifts: Mapping[str, Shift]) -> Moved | None:
    """The largest change of the budget left; a period to date is no match for a whole one."""
    moved = [
        (before.consumed - one.budget.consumed, one)
        for one, before in pairs
        if before.consumed is not None and one.budget.consumed is not None
    ]
    if not moved:
        return None
    points, most = max(moved, key=lambda pair: (abs(pair[0]), pair[1].slo.id))
    found = shifts.get(most.slo.id)
    kind = ShiftKind.UNKNOWN if found is None else found.kind
    return Moved(most.slo.id, full_title(most.slo), points, kind)
