"""Whether the past changed: two snapshots of one period, compared.

What the source no longer has is never a change (see ``holding``): the older snapshot stands in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np

from slo_reports.compute.build import build_report
from slo_reports.compute.holding import Flags, alike, counts_the_same, held
from slo_reports.compute.journeys import critical_steps, with_journeys
from slo_reports.compute.restated import changed_figures, figures
from slo_reports.exclusions import concerning, excluded_slices, touching
from slo_reports.model import ChangedFigures, ObjectiveFigures, Slices, Slo, Snapshot, Subject

Span = tuple[datetime, datetime]
_PART_OF_AN_EVENT = 1e-6


class DriftKind(StrEnum):
    """Why a figure of the past is another one now."""

    LATE_DATA = "late data"
    """The source has more than it had."""
    OTHER_DATA = "other data"
    """The source has something else: it was written anew, or series were deleted."""
    EXCLUSION = "changed exclusion"
    QUERY = "changed query"
    """What is counted, or how slices become the number."""
    TARGET = "changed target"
    """What is promised, or how much coverage a verdict needs."""
    ADDED = "added to the report"
    REMOVED = "no longer in the report"
    GONE = "no longer in the source"


@dataclass(frozen=True)
class Drifted:
    """One objective that is not what it was, or cannot be compared as a whole.

    Attributes:
        figures: before, and as they would be now.
        kinds: all causes that are seen, the data's first.
        span: from the first slice that differs to the end of the last [UTC]; None where no slice
            does.
        slices: how many differ.
        gone: from the first slice to the end of the last that the source no longer has [UTC]; the
            slices of the older snapshot stand in for them.
        reason: why nothing of it could be measured now, where nothing could.
    """

    figures: ChangedFigures
    kinds: tuple[DriftKind, ...]
    span: Span | None = None
    slices: int = 0
    gone: Span | None = None
    reason: str = ""

    @property
    def slo(self) -> str:
        """Id of the objective."""
        return self.figures.either.slo

    @property
    def differs(self) -> bool:
        """Whether anything changed, apart from what the source forgot."""
        return any(kind is not DriftKind.GONE for kind in self.kinds)


def drift(old: Snapshot, new: Snapshot) -> tuple[Drifted, ...]:
    """The objectives that differ between two snapshots, or that the source lacks some of now.

    Args:
        old: as it was frozen.
        new: of the same period, measured again.

    Returns:
        Those that changed, another outcome first, then those of which something is merely gone.

    Raises:
        ValueError: the snapshots are of different periods.
    """
    if old.period != new.period:
        msg = f"{old.period.key} cannot be compared with {new.period.key}"
        raise ValueError(msg)
    filled = held(old, new)
    before, now = _Side.of(old), _Side.of(filled.snapshot)
    changed = {one.either.slo: one for one in changed_figures(before.all, now.all)}
    moved = {slo: some for slo in now.figures if (some := _slices(before, now, slo)).any()}
    named = dict.fromkeys((*changed, *moved, *filled.gone))
    reasons = {one.slo.id: one.measurement.reason or "" for one in new.subjects}
    found = [
        _drifted(
            changed.get(slo) or ChangedFigures(before.figures.get(slo), now.figures.get(slo)),
            before,
            now,
            moved=moved.get(slo),
            gone=filled.gone.get(slo),
            is_changed=slo in changed,
            reason=reasons.get(slo, "") if slo in filled.gone else "",
        )
        for slo in named
    ]
    return tuple(sorted(found, key=lambda one: not one.differs))


@dataclass(frozen=True, eq=False)
class _Side:
    """One of the two snapshots, judged."""

    snapshot: Snapshot
    subjects: Mapping[str, Subject]
    figures: Mapping[str, ObjectiveFigures]

    @staticmethod
    def of(snapshot: Snapshot) -> _Side:
        subjects = with_journeys(snapshot.subjects, snapshot.period)
        told = figures(build_report(snapshot).results)
        return _Side(
            snapshot, {one.slo.id: one for one in subjects}, {one.slo: one for one in told}
        )

    @property
    def all(self) -> Sequence[ObjectiveFigures]:
        return tuple(self.figures.values())

    def steps(self, slo: Slo) -> tuple[Slo, ...]:
        return critical_steps(slo, {name: one.slo for name, one in self.subjects.items()})

    def excluded(self, slo: Slo, slices: Slices) -> Flags:
        period = self.snapshot.period
        own = concerning(self.snapshot.exclusions, slo, *self.steps(slo))
        found = touching(own, period.start, period.data_end)
        return excluded_slices(found, slices.start, slices.step, len(slices))


def _slices(before: _Side, now: _Side, slo: str) -> Flags:
    """The slices whose data are not the same; none where they cannot be laid side by side."""
    pair = _laid(before, now, slo)
    if pair is None:
        return np.zeros(0, dtype=bool)
    one, other = pair
    different: Flags = (
        (np.abs(one.good - other.good) > _PART_OF_AN_EVENT)
        | (np.abs(one.valid - other.valid) > _PART_OF_AN_EVENT)
        | ~np.isclose(one.coverage, other.coverage, rtol=0, atol=1e-6)
    )
    return different


def _laid(before: _Side, now: _Side, slo: str) -> tuple[Slices, Slices] | None:
    if slo not in before.subjects or slo not in now.subjects:
        return None
    one, other = (side.subjects[slo].measurement.slices for side in (before, now))
    return None if one is None or other is None or not alike(one, other) else (one, other)


def _drifted(  # both sides, and all that was found of one objective
    changed: ChangedFigures,
    before: _Side,
    now: _Side,
    *,
    moved: Flags | None,
    gone: Flags | None,
    is_changed: bool,
    reason: str,
) -> Drifted:
    slo = changed.either.slo
    kinds: list[DriftKind] = []
    if is_changed or moved is not None:
        kinds = list(_kinds(changed, before, now, moved)) or [_of_data(before, now, slo)]
    if gone is not None:
        kinds.append(DriftKind.GONE)
    pair = _laid(before, now, slo)
    if pair is None:
        return Drifted(changed, tuple(kinds), reason=reason)
    differ = _exclusions(before, now, slo, pair[0])
    if moved is not None:
        differ = differ | moved
    return Drifted(
        changed,
        tuple(kinds),
        span=_span(pair[0], differ),
        slices=int(differ.sum()),
        gone=None if gone is None else _span(pair[0], gone),
        reason=reason,
    )


def _exclusions(before: _Side, now: _Side, slo: str, slices: Slices) -> Flags:
    """The slices that only one of the two takes out."""
    return before.excluded(before.subjects[slo].slo, slices) ^ now.excluded(
        now.subjects[slo].slo, slices
    )


def _span(slices: Slices, flags: Flags) -> Span | None:
    found = np.flatnonzero(flags)
    if not len(found):
        return None
    first, last = int(found[0]), int(found[-1])
    return slices.start + first * slices.step, slices.start + (last + 1) * slices.step


def _kinds(
    changed: ChangedFigures, before: _Side, now: _Side, moved: Flags | None
) -> Iterator[DriftKind]:
    slo = changed.either.slo
    if changed.before is None or changed.now is None:
        yield DriftKind.REMOVED if changed.now is None else DriftKind.ADDED
        return
    old, new = before.subjects[slo].slo, now.subjects[slo].slo
    same_query = _counts_the_same(old, new, before, now)
    if not same_query:
        yield DriftKind.QUERY
    elif moved is not None:
        yield _of_data(before, now, slo)
    if not _promises_the_same(old, new, before.snapshot):
        yield DriftKind.TARGET
    pair = _laid(before, now, slo)
    if pair is not None and _exclusions(before, now, slo, pair[0]).any():
        yield DriftKind.EXCLUSION


def _counts_the_same(old: Slo, new: Slo, before: _Side, now: _Side) -> bool:
    ours, theirs = (old, *before.steps(old)), (new, *now.steps(new))
    return len(ours) == len(theirs) and all(map(counts_the_same, ours, theirs))


def _promises_the_same(old: Slo, new: Slo, snapshot: Snapshot) -> bool:
    period = snapshot.period
    one, other = (slo.objective_for(period).parts(period) for slo in (old, new))
    return one == other and old.minimum_coverage == new.minimum_coverage


def _of_data(before: _Side, now: _Side, slo: str) -> DriftKind:
    pair = _laid(before, now, slo)
    if pair is None:
        is_new = before.subjects[slo].measurement.slices is None
        return DriftKind.LATE_DATA if is_new else DriftKind.OTHER_DATA
    more_events = pair[1].valid.sum() - pair[0].valid.sum() > _PART_OF_AN_EVENT
    more_time = pair[1].coverage.sum() - pair[0].coverage.sum() > _PART_OF_AN_EVENT
    return DriftKind.LATE_DATA if more_events or more_time else DriftKind.OTHER_DATA
