"""What the source no longer has, taken from the snapshot that was frozen when it had it.

A source forgets. Measured again after that, a slice without data would look like a drift to zero,
and a counter without its past would count from zero in the first slice that is left. Both are
recognised by the coverage, and the frozen slices stand in for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from slo_reports import numbers
from slo_reports.language import speaking, tr
from slo_reports.model import Incident, Slices, Slo, Snapshot, Subject
from slo_reports.periods import local_date

Flags = NDArray[np.bool_]
_LESS = 1e-6
"""Coverage that is lower by no more than this is the same [ratio]."""
_FROM_ALERTS = ("alert", "alertmanager")


@dataclass(frozen=True, eq=False)
class Held:
    """A snapshot that lacks nothing that an earlier one had.

    Attributes:
        gone: by SLO id, the slices that were taken from the earlier one; only where there are any.
    """

    snapshot: Snapshot
    gone: Mapping[str, Flags]


def held(old: Snapshot, new: Snapshot) -> Held:
    """A new snapshot of the same period, with the slices that only an older one has.

    An SLO whose counting changed meanwhile stays as it was measured now: slices of two queries are
    not mixed. Alerts that only the older snapshot knows are kept, because sources forget them too.
    """
    before = {one.slo.id: one for one in old.subjects}
    gone: dict[str, Flags] = {}
    subjects = []
    for one in new.subjects:
        there = before.get(one.slo.id)
        missing = None if there is None else _gone(there, one)
        if there is None or missing is None or not missing.any():
            subjects.append(one)
            continue
        gone[one.slo.id] = missing
        with speaking(new.request.language):
            subjects.append(_filled(there, one, missing, old))
    known = {one.id for one in new.incidents}
    kept = (one for one in old.incidents if _is_alert(one) and one.id not in known)
    snapshot = replace(new, subjects=tuple(subjects), incidents=(*new.incidents, *kept))
    return Held(snapshot, gone)


def counts_the_same(one: Slo, other: Slo) -> bool:
    """Whether two definitions count the same events; targets and words apart."""
    return _counting(one) == _counting(other)


def _counting(slo: Slo) -> tuple[object, ...]:
    return slo.indicator, slo.method, slo.slice_target, slo.slice_window


def _is_alert(incident: Incident) -> bool:
    return incident.source in _FROM_ALERTS


def _gone(old: Subject, new: Subject) -> Flags | None:
    """The slices that the source has no longer; None where slices cannot be compared."""
    before, now = old.measurement.slices, new.measurement.slices
    if before is None or old.slo.indicator != new.slo.indicator:
        return None
    if now is None or not alike(before, now):
        all_of_it = now is None or now.coverage.mean() < before.coverage.mean() - _LESS
        return np.full(len(before), all_of_it)
    less = now.coverage < before.coverage - _LESS
    first_after = np.concatenate(([False], less[:-1])) & ~less
    found: Flags = less | first_after
    return found


def alike(one: Slices, other: Slices) -> bool:
    """Whether two measurements have the same slices."""
    return (one.start, one.step, len(one)) == (other.start, other.step, len(other))


def _filled(old: Subject, new: Subject, gone: Flags, frozen: Snapshot) -> Subject:
    before, now = old.measurement, new.measurement
    if before.slices is None or now.slices is None or not alike(before.slices, now.slices):
        note = _all_held(frozen.revision, now.reason)
        return replace(new, measurement=replace(before, notes=(*before.notes, note)))
    return replace(
        new,
        measurement=replace(
            now,
            slices=replace(
                now.slices,
                good=np.where(gone, before.slices.good, now.slices.good),
                valid=np.where(gone, before.slices.valid, now.slices.valid),
                coverage=np.where(gone, before.slices.coverage, now.slices.coverage),
            ),
            since=before.since,
            notes=tuple(
                dict.fromkeys((*before.notes, *now.notes, _some_held(before.slices, gone, frozen)))
            ),
            buckets=before.buckets,
        ),
    )


def _all_held(revision: int, reason: str | None) -> str:
    if not reason:
        return tr("all of it is as revision {revision} had it.", revision=revision)
    return tr(
        "all of it is as revision {revision} had it. Measured again: {reason}",
        revision=revision,
        reason=reason,
    )


def _some_held(slices: Slices, gone: Flags, frozen: Snapshot) -> str:
    found = np.flatnonzero(gone)
    ends = (slices.start + int(index) * slices.step for index in (found[0], found[-1]))
    first, last = (numbers.day_text(local_date(one, frozen.period.zone)) for one in ends)
    told = {"first": first, "last": last, "revision": frozen.revision}
    if first == last:
        return tr(
            "{first} is as revision {revision} had it: the source no longer holds all of it.",
            **told,
        )
    return tr(
        "{first} to {last} are as revision {revision} had it: the source no longer holds all "
        "of it.",
        **told,
    )
