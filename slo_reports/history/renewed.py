"""A history as it would read with some days measured again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from slo_reports.history.batches import Batch
from slo_reports.history.days import SloDay
from slo_reports.history.store import History, Known


class RenewedHistory(History):
    """Reads like another history, days that were measured again before those that are kept.

    Nothing is kept through it: ``commit`` writes the new days down, with the reason.
    """

    def __init__(self, history: History, rows: Iterable[SloDay]) -> None:
        super().__init__(history.url, settle=history.settle, writable=False)
        self._rows_of: dict[tuple[date, timedelta], dict[str, SloDay]] = defaultdict(dict)
        for row in rows:
            self._rows_of[row.stamp.day, row.stamp.step][row.slo] = row

    def days_among(self, days: Collection[date], step: timedelta) -> frozenset[date]:
        """Those of some days of which anything may be kept; see ``History.days_among``."""
        renewed = {day for day in days if (day, step) in self._rows_of}
        return super().days_among(days, step) | renewed

    def read(
        self, day: date, step: timedelta, wanted: Mapping[str, str], *, slices: bool = True
    ) -> dict[str, Known]:
        """What is known of a day; see ``History.read``."""
        known = super().read(day, step, wanted, slices=slices)
        for slo, row in self._renewed(day, step, wanted).items():
            known[slo] = Known(row, known.get(slo, Known()).earlier)
        return known

    def settled(self, day: date, step: timedelta, wanted: Mapping[str, str]) -> set[str]:
        """The SLOs whose day is final; see ``History.settled``."""
        found = super().settled(day, step, wanted)
        for slo, row in self._renewed(day, step, wanted).items():
            (found.add if row.stamp.settled else found.discard)(slo)
        return found

    def batches(
        self, day: date, step: timedelta, wanted: Mapping[str, str], *, slices: bool = True
    ) -> list[Batch]:
        """All that is kept of a day, what was measured again in place of it."""
        kept = super().batches(day, step, wanted, slices=slices)
        rows = self._renewed(day, step, wanted)
        if not rows:
            return kept
        gone = {row.key for row in rows.values()}
        left = [one.without(gone) for one in kept]
        return [*left, Batch.of(next(iter(rows.values())).stamp, list(rows.values()))]

    def _renewed(self, day: date, step: timedelta, wanted: Mapping[str, str]) -> dict[str, SloDay]:
        found = self._rows_of.get((day, step), {})
        return {slo: row for slo, row in found.items() if wanted.get(slo) == row.fingerprint}

    def commit(self, history: History, reason: str) -> int:
        """Write the new days into a history; how many SLOs' days changed in it.

        Days that were not there, or not settled, are kept as ever. A day that is there already and
        says the same is left alone, so it may be done twice.

        Raises:
            HistoryError: they could not be written; those before are.
        """
        changed = 0
        for rows in self._rows_of.values():
            found = list(rows.values())
            stamp = found[0].stamp
            changed += history.keep(stamp, found)
            if stamp.settled:
                changed += history.restate(replace(stamp, reason=reason), found)
        return changed
