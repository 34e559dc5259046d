"""The history: every SLO's UTC days, each settled day written once and for ever.

A day's folder holds files of whole batches: ``settled-*.parquet`` are final, ``open-*.parquet`` may
be replaced. Where a person restates a period, ``restated-*.parquet`` come beside the settled files
with the reason; those stay as they are, and the newest restated day is believed. Names come from
the content, so writers never meet; where two wrote the same SLO's day, all readers believe the same
one.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np

from slo_reports.errors import HistoryError
from slo_reports.history.batches import Batch
from slo_reports.history.days import DAY, WHOLE, SloDay, Stamp, best, day_start
from slo_reports.history.opening import decode, keys
from slo_reports.history.parquet import encode
from slo_reports.history.storage import Storage
from slo_reports.model import content_hash

Parts = tuple[str, ...]
"""Year, month and day, or the first of these, as folders are called."""
_ATTEMPTS = 5
_PATIENCE = timedelta(days=3)
_ROWS_A_FILE = 5_000
"""What is written or opened at once stays small, however many SLOs there are."""
_NOISE = 1e-6
"""By so much sums may differ that were made in another order [events, or slices]."""


@dataclass(frozen=True)
class Known:
    """What the history knows of one SLO's day.

    Attributes:
        current: measured by the definition as it is now.
        earlier: measured by an earlier definition; only where it is needed.
    """

    current: SloDay | None = None
    earlier: SloDay | None = None

    @property
    def settled(self) -> SloDay | None:
        """The final day of the present definition, which nobody needs to ask for again."""
        return self.current if self.current is not None and self.current.stamp.settled else None


class History:
    """Days of slices in a folder or an object store.

    Args:
        url: a local folder, or a URL that fsspec knows.
        settle: how long after a day's end late data may still come.
        writable: whether ``keep`` keeps; a dry run only reads.

    Raises:
        ConfigurationError: no file system is known for the URL.
    """

    def __init__(
        self, url: str, *, settle: timedelta = timedelta(hours=3), writable: bool = True
    ) -> None:
        self.url = url
        self.settle = settle
        self.writable = writable
        self._storage = Storage(url)

    def read_only(self) -> History:
        """The same history, in which nothing is kept."""
        return History(self.url, settle=self.settle, writable=False)

    def is_settled(self, day: date, seen: float, now: datetime) -> bool:
        """Whether a day that is collected now is final.

        A day in which the source has gaps is asked for again for three days, because what arrives
        late fills them; then it is settled as it is.

        Args:
            day: the UTC day.
            seen: share of it for which the source had any data [ratio].
            now: the present instant.
        """
        patience = self.settle if seen >= WHOLE else max(self.settle, _PATIENCE)
        return now >= day_start(day) + DAY + patience

    @property
    def folder(self) -> Path | None:
        """The folder that it is in; None for another store."""
        return self._storage.folder

    def days(self, step: timedelta) -> frozenset[date]:
        """The days of which anything is kept.

        Raises:
            HistoryError: the folders cannot be listed.
        """
        return frozenset(self._walk(step))

    def days_among(self, days: Collection[date], step: timedelta) -> frozenset[date]:
        """Those of some days of which anything may be kept, by few listings of folders.

        A single day is not looked for, because looking at it costs as much.

        Raises:
            HistoryError: the folders cannot be listed.
        """
        return frozenset(self._walk(step, [_parts(day) for day in days])) if days else frozenset()

    def _walk(self, step: timedelta, wanted: Sequence[Parts] = ()) -> Iterator[date]:
        """Go down by year, month and day, from the last folder that all wanted days lie in."""
        levels = [{parts[:depth] for parts in wanted} for depth in range(4)]
        common = next((depth for depth in (3, 2, 1) if len(levels[depth]) == 1), 0)
        found = list(levels[common]) or [()]
        for level in levels[common + 1 :]:
            below = [
                (*one, name)
                for one in found
                for name in self._numbers("/".join((_grain(step), *one)))
            ]
            found = [one for one in below if not wanted or one in level]
        return (date(*map(int, one)) for one in found)

    def try_out(self) -> None:
        """Write a trial file, read it and remove it.

        Raises:
            HistoryError: one of these cannot be done.
        """
        name, content = f".trial-{secrets.token_hex(8)}.part", b"slo-reports was here"
        self._storage.put(name, content)
        try:
            with self._storage.read(name) as file:
                same = file.read() == content
        except FileNotFoundError:
            same = False
        self._storage.remove(name)
        if not same:
            msg = f"what was written to {self._storage.path(name)} was not there to be read"
            raise HistoryError(msg)

    def _numbers(self, folder: str) -> list[str]:
        return [name for name in self._storage.names(folder) if name.isdecimal()]

    def read(
        self, day: date, step: timedelta, wanted: Mapping[str, str], *, slices: bool = True
    ) -> dict[str, Known]:
        """What is known of a day.

        Args:
            day: the UTC day.
            step: grain of the slices.
            wanted: fingerprint by SLO id.
            slices: whether to open the slices, or only their sums.

        Raises:
            HistoryError: a file is damaged or cannot be read.
        """
        rows: dict[str, list[SloDay]] = defaultdict(list)
        for row in self._rows(day, step, frozenset(wanted), slices=slices):
            rows[row.slo].append(row)
        return {slo: known_of(found, wanted[slo]) for slo, found in rows.items()}

    def settled(self, day: date, step: timedelta, wanted: Mapping[str, str]) -> set[str]:
        """The SLOs whose day is final by the definition as it is now, so that nobody asks for it.

        Args:
            day: the UTC day.
            step: grain of the slices.
            wanted: fingerprint by SLO id.

        Raises:
            HistoryError: a file is damaged or cannot be read.
        """
        folder = _folder(day, step)
        return {
            slo
            for name in self._names(folder)
            if not name.startswith("open-")
            for slo, fingerprint in self._keys(f"{folder}/{name}", wanted.keys())
            if wanted.get(slo) == fingerprint
        }

    def batches(
        self, day: date, step: timedelta, wanted: Mapping[str, str], *, slices: bool = True
    ) -> list[Batch]:
        """All that is kept of a day of some SLOs, as it lies in the files.

        An SLO may be in several, settled and restated, or by an earlier definition, too:
        ``known_of`` says what to believe of it.

        Args:
            day: the UTC day.
            step: grain of the slices.
            wanted: fingerprint by SLO id; rows by other fingerprints come, too.
            slices: whether to open the slices, or only their sums.

        Raises:
            HistoryError: a file is damaged or cannot be read.
        """
        return self._batches(day, step, wanted.keys(), slices=slices)

    def _batches(
        self, day: date, step: timedelta, slos: Collection[str], *, slices: bool
    ) -> list[Batch]:
        folder = _folder(day, step)
        for _ in range(_ATTEMPTS):
            try:
                return [
                    self._decoded(f"{folder}/{name}", slos, slices=slices)
                    for name in self._names(folder)
                ]
            except FileNotFoundError:
                continue
        msg = f"the history's {self._storage.path(folder)} changes faster than it can be read"
        raise HistoryError(msg)

    def keep(self, stamp: Stamp, rows: Sequence[SloDay]) -> int:
        """Keep what was collected of a day; how many SLOs' days that were new or better.

        A settled day is never written again, and a poorer answer never replaces a richer one.

        Raises:
            HistoryError: it could not be written; what was there before is there still.
        """
        return self.keep_batch(Batch.of(stamp, rows))

    def keep_batch(self, batch: Batch) -> int:
        """The same for rows that lie side by side already, in order of SLO, with their slices."""
        if not self.writable:
            return 0
        stamp = batch.stamp
        known: dict[tuple[str, str], list[SloDay]] = defaultdict(list)
        for row in self._rows(stamp.day, stamp.step, frozenset(batch.slos), slices=False):
            known[row.key].append(row)
        if known:
            batch = batch.only(
                [
                    row
                    for row, key in enumerate(batch.keys)
                    if _is_better(batch.covered[row], known.get(key, ()))
                ]
            )
        if len(batch):
            self._tidy(batch, self._put("settled" if stamp.settled else "open", batch))
        return len(batch)

    def restate(self, stamp: Stamp, rows: Sequence[SloDay]) -> int:
        """Put days in the place of settled ones, with the reason; how many SLOs' days changed.

        The settled files stay where they are. A day that says the same is left alone, and so is
        one that the new answer knows less of, or that is not there.

        Args:
            stamp: settled, with its reason.
            rows: with their slices.

        Raises:
            HistoryError: it could not be written; what was there before is believed still.
        """
        known: dict[tuple[str, str], list[SloDay]] = defaultdict(list)
        slos = frozenset(row.slo for row in rows)
        for row in self._rows(stamp.day, stamp.step, slos, slices=True):
            known[row.key].append(row)
        changed = [row for row in rows if _is_other(row, best(known.get(row.key, ())))]
        if changed and self.writable:
            self._put("restated", Batch.of(stamp, changed))
        return len(changed)

    def _put(self, kind: str, batch: Batch) -> set[str]:
        """Write rows as files, not too many in one, and tell their names."""
        names = set()
        for first in range(0, len(batch), _ROWS_A_FILE):
            rows = range(first, min(first + _ROWS_A_FILE, len(batch)))
            content = encode(batch if len(rows) == len(batch) else batch.only(rows))
            name = f"{kind}-{content_hash(content)[:16]}.parquet"
            self._storage.put(f"{_folder(batch.stamp.day, batch.stamp.step)}/{name}", content)
            names.add(name)
        return names

    def _tidy(self, batch: Batch, newest: set[str]) -> None:
        """Remove open files all of whose rows are in the newest files."""
        folder = _folder(batch.stamp.day, batch.stamp.step)
        names = self._names(folder)
        older = [one for one in names if one.startswith("open-") and one not in newest]
        written = set(batch.keys) if older else set()
        for name in older:
            if set(self._keys(f"{folder}/{name}", None)) <= written:
                self._storage.remove(f"{folder}/{name}")

    def _rows(
        self, day: date, step: timedelta, slos: Collection[str], *, slices: bool
    ) -> list[SloDay]:
        return [row for one in self._batches(day, step, slos, slices=slices) for row in one.rows()]

    def _names(self, folder: str) -> list[str]:
        kinds = ("open-", "settled-", "restated-")
        return [
            name
            for name in self._storage.names(folder)
            if name.startswith(kinds) and name.endswith(".parquet")
        ]

    def _decoded(self, name: str, slos: Collection[str], *, slices: bool) -> Batch:
        with self._storage.read(name) as file:
            return decode(file, self._storage.path(name), slos=slos, slices=slices)

    def _keys(self, name: str, slos: Collection[str] | None) -> list[tuple[str, str]]:
        with self._storage.read(name) as file:
            return keys(file, self._storage.path(name), slos=slos)


def _folder(day: date, step: timedelta) -> str:
    """``5m/2026/10/05``."""
    return "/".join((_grain(step), *_parts(day)))


def _parts(day: date) -> Parts:
    return f"{day:%Y}", f"{day:%m}", f"{day:%d}"


def _grain(step: timedelta) -> str:
    seconds = int(step.total_seconds())
    return f"{seconds // 60}m" if seconds % 60 == 0 else f"{seconds}s"


def known_of(rows: Iterable[SloDay], fingerprint: str) -> Known:
    """What the rows of one SLO's day come to, by the definition that has the fingerprint."""
    current: list[SloDay] = []
    earlier: list[SloDay] = []
    for row in rows:
        (current if row.fingerprint == fingerprint else earlier).append(row)
    if not earlier:
        return Known(best(current))
    latest = max(earlier, key=lambda row: row.stamp.collected_at).fingerprint
    return Known(best(current), best([row for row in earlier if row.fingerprint == latest]))


def _is_better(covered: float, known: Sequence[SloDay]) -> bool:
    """Whether a day with so much coverage [slices] is to be kept beside what is known of it."""
    there = best(known)
    if there is None:
        return True
    return not there.stamp.settled and covered >= there.sums.covered


def _is_other(row: SloDay, there: SloDay | None) -> bool:
    """Whether a day says something else than the one that is believed, and knows no less."""
    if there is None or there.slices is None or row.slices is None or knows_less(row, there):
        return False
    pairs = zip(row.slices, there.slices, strict=True)
    return not all(np.allclose(one, other, rtol=0, atol=_NOISE) for one, other in pairs)


def knows_less(row: SloDay, there: SloDay) -> bool:
    """Whether a day has less coverage than another of the same SLO."""
    return row.sums.covered < there.sums.covered - _NOISE
