"""What was asked of a source, as whole days to keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from slo_reports.collect.coverage import first_covered
from slo_reports.collect.filling import Asked
from slo_reports.collect.survey import Surveyed
from slo_reports.history import Batch, DaySlices, Stamp
from slo_reports.history.batches import Matrices, text_of
from slo_reports.history.days import DAY, day_start, sums_by_day


@dataclass(frozen=True, eq=False)
class WholeDays:
    """The whole days of a span; without SLOs that could not be measured.

    Attributes:
        days: oldest first.
        first: index of their first slice in the span.
        each: slices in a day.
        found: what was measured, by SLO id and in its order.
        good: good events of each day, a row per SLO [events].
        valid: valid events of each day, likewise [events].
        covered: sums of the slices' coverage, likewise [slices].
        began: index of the day's first slice with any data, or ``NONE``, likewise.
        begun: index in the span of each SLO's first slice with any data; where there is none, past
            its end.
    """

    days: tuple[date, ...]
    first: int
    each: int
    found: Mapping[str, Surveyed]
    good: NDArray[np.float64]
    valid: NDArray[np.float64]
    covered: NDArray[np.float64]
    began: NDArray[np.int32]
    begun: NDArray[np.intp]

    @staticmethod
    def of(asked: Asked) -> WholeDays:
        """Add up what was asked, day by day; one objective after the other, since it is much."""
        start, end, step = asked.span.start, asked.span.end, asked.span.step
        days = tuple(
            day for day in asked.days if start <= day_start(day) and day_start(day) + DAY <= end
        )
        each = DAY // step
        first = (day_start(days[0]) - start) // step if days else 0
        found = {
            slo: one for slo, one in sorted(asked.found.items()) if one.reason is None or one.absent
        }
        inside = slice(first, first + len(days) * each)
        sums = [sums_by_day(_day(one, inside), each) for one in found.values()]
        good, valid, covered, began = (
            np.array([one[n] for one in sums]).reshape(len(found), len(days)) for n in range(4)
        )
        begun = [first_covered(one.coverage) for one in found.values()]
        return WholeDays(
            days=days,
            first=first,
            each=each,
            found=found,
            good=good,
            valid=valid,
            covered=covered,
            began=began.astype(np.int32),
            begun=np.array([asked.span.count if one is None else one for one in begun], np.intp),
        )

    def batch(self, stamp: Stamp, fingerprints: Mapping[str, str]) -> Batch:
        """One of the days as it is kept.

        Args:
            stamp: of the day.
            fingerprints: by SLO id.
        """
        day = self.days.index(stamp.day)
        begin = self.first + day * self.each
        inside, ones = slice(begin, begin + self.each), list(self.found.values())
        valid, covered = self.valid[:, day], self.covered[:, day]
        series = np.array([one.series for one in ones], np.int64)
        seen_before = np.array([one.seen_before for one in ones], np.bool_)
        return Batch(
            stamp=stamp,
            slos=list(self.found),
            fingerprints=[fingerprints[slo] for slo in self.found],
            good=self.good[:, day],
            valid=valid,
            covered=covered,
            first=self.began[:, day],
            series=np.where((covered != 0) | (valid != 0), series, 0),
            seen_before=seen_before | (self.begun < begin),
            notes=[text_of(one.notes) for one in ones],
            queries=[text_of(one.queries) for one in ones],
            slices=Matrices.of([_day(one, inside) for one in ones]) if ones else None,
        )


def _day(one: Surveyed, inside: slice) -> DaySlices:
    return DaySlices(one.good[inside], one.valid[inside], one.coverage[inside])
