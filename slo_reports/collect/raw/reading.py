"""Reading the samples of a family of series, and working on them while the next ones come."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from typing import TypeVar

import httpx

from slo_reports.collect.answers import Labels
from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.families import Family
from slo_reports.collect.grid import Grid
from slo_reports.collect.looking_back import one_spelling
from slo_reports.collect.raw.choosing import NotOffered
from slo_reports.collect.raw.events import Counted, counted, edges_of
from slo_reports.collect.raw.frames import labels_of, series_in
from slo_reports.collect.raw.presence import Scrapes, scraped
from slo_reports.collect.raw.request import HEADERS, STREAMED, question
from slo_reports.errors import BadAnswer
from slo_reports.model import Matcher

_SLICES_AT_ONCE = 400_000
_BYTES_AT_ONCE = 2_000_000
T = TypeVar("T")


Work = Callable[[Sequence[Labels], Sequence[bytes]], list[T]]
"""Makes something of each of some series, from their labels and their chunks."""


@dataclass(frozen=True, eq=False)
class Reading:
    """The samples of a family of series over a grid; worked on by a pool while more are read.

    Attributes:
        expected: how many series there are, about.
        added: labels that the source puts on the series where it hands them out.
        pool: for the work; what is read waits until there is room.
    """

    client: PrometheusClient
    family: Family
    grid: Grid
    expected: int
    added: frozenset[str]
    pool: Executor

    def counters(
        self, before: Mapping[Labels, float], wanted: Callable[[Labels], bool]
    ) -> Iterator[tuple[Labels, Counted]]:
        """The events of each counter that is wanted.

        Args:
            before: what counters stood at before the grid; without those that were never seen.
            wanted: whether a counter counts for anything.

        Raises:
            NotOffered: the source has no remote read that streams.
            SourceError: it could not be reached, or broke off.
        """
        return self._run(
            lambda labels, chunks: counted(self.grid, chunks, map(before.get, labels)), wanted
        )

    def targets(self) -> Iterator[tuple[Labels, Scrapes]]:
        """The scrapes of each target, where the family is ``up``.

        Raises:
            NotOffered: the source has no remote read that streams.
            SourceError: it could not be reached, or broke off.
        """
        return self._run(lambda _, chunks: scraped(self.grid, chunks), lambda _: True)

    def _run(self, work: Work[T], wanted: Callable[[Labels], bool]) -> Iterator[tuple[Labels, T]]:
        ahead: deque[tuple[list[Labels], Future[list[T]]]] = deque()
        for labels, chunks in self._batches(wanted):
            ahead.append((labels, self.pool.submit(work, labels, chunks)))
            if len(ahead) > 2 * self.client.settings.concurrency:
                yield from self._done(*ahead.popleft())
        while ahead:
            yield from self._done(*ahead.popleft())

    def _done(self, labels: list[Labels], future: Future[list[T]]) -> Iterator[tuple[Labels, T]]:
        try:
            found = future.result()
        except ValueError as error:
            raise self._unreadable(error) from error
        yield from zip(labels, found, strict=True)

    def _batches(
        self, wanted: Callable[[Labels], bool]
    ) -> Iterator[tuple[list[Labels], list[bytes]]]:
        most = max(1, _SLICES_AT_ONCE // self.grid.count)
        batch: list[Labels] = []
        waiting: list[bytes] = []
        size = 0
        for labels, chunks in self._series():
            if wanted(labels):
                batch.append(labels)
                waiting.append(chunks)
                size += len(chunks)
            if len(batch) >= most or size > _BYTES_AT_ONCE:
                yield batch, waiting
                batch, waiting, size = [], [], 0
        if batch:
            yield batch, waiting

    def _series(self) -> Iterator[tuple[Labels, bytes]]:
        """Each series once, though the line may break."""
        settings, done = self.client.settings, set[bytes]()
        for attempt in range(settings.retries + 1):
            try:
                for fields, chunks in self._once(begun=bool(done)):
                    if fields not in done:
                        done.add(fields)
                        yield self._labels(fields), chunks
            except (httpx.TransportError, httpx.StreamError) as error:
                if attempt == settings.retries:
                    raise self.client.unreached(error, attempt + 1) from error
            except ValueError as error:
                if attempt == settings.retries:
                    raise self._unreadable(error) from error
            else:
                return
            self.client.wait(attempt)

    def _once(self, *, begun: bool) -> Iterator[tuple[bytes, bytes]]:
        start, step = edges_of(self.grid)
        matchers = (
            Matcher("__name__", "=", self.family.metric),
            *self.family.matchers,
            *self.family.chosen_buckets,
        )
        body = question(matchers, start + 1, start + self.grid.count * step)
        with self.client.stream("read", body, HEADERS) as answer:
            kind = answer.headers.get("content-type", "")
            if answer.status_code != httpx.codes.OK or not kind.startswith(STREAMED):
                if not begun:
                    self.client.reads_samples = False
                    raise NotOffered
                msg = f"answered {answer.status_code} in the middle of reading"
                raise httpx.StreamError(msg)
            yield from series_in(answer.iter_bytes())

    def _labels(self, fields: bytes) -> Labels:
        found = labels_of(fields)
        if self.added:
            found = tuple(pair for pair in found if pair[0] not in self.added)
        return one_spelling(found)

    def _unreadable(self, error: ValueError) -> BadAnswer:
        return BadAnswer(
            f"the samples of {self.client.url} could not be read: {error}; "
            "source.raw_samples: false does without them"
        )
