"""Everything that slo-reports raises on purpose, and the exit code that each ends with.

::

    SloReportsError
    ├── ConfigurationError   3  a file that a person wrote is wrong (carries every problem)
    ├── SourceError          4  the metrics source could not answer
    │   ├── SourceUnavailable      not reached, too slow, answered 5xx (worth trying again)
    │   ├── SourceRefused          credentials or permission
    │   ├── QueryRejected          the source understood the query and refused it
    │   ├── TooMuchData            the source's or our own limit: ask for a shorter span
    │   ├── PartialAnswer          an answer that lacks data, by the source's own word
    │   ├── NothingMeasured        it answered, and has nothing of any objective
    │   └── BadAnswer              an answer that is not the Prometheus API
    ├── RenderError          5  a document could not be made
    ├── DeliveryError        6  a destination did not take a document
    │   └── DeliveryUncertain      handed over, but the answer was lost
    ├── LedgerError          7  the record of runs could not be read or written
    ├── HistoryError        11  the kept days could not be read or written
    ├── ExecutorError       13  a task ran over its limits, or those who do the work were lost
    └── Busy                 8  another slo-reports is at work on the same ledger

Three codes end a command that raised nothing: 9, something could not be measured; 10, ``verify``
found a filed report that is missing, changed, or comes out differently, or ``check-drift`` one
that would say something else now; 12, ``doctor`` found something that must be mended. Three more
are what ``decide`` answers a pipeline: 20 review, 21 defer, 22 block; approve is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path


class ExitCode(IntEnum):
    """What the command line ends with; stable, documented in docs/exit-codes.md."""

    DONE = 0
    BUG = 1
    USAGE = 2
    CONFIGURATION = 3
    SOURCE = 4
    RENDER = 5
    DELIVERY = 6
    LEDGER = 7
    BUSY = 8
    INCOMPLETE = 9
    DIFFERENT = 10
    HISTORY = 11
    UNHEALTHY = 12
    EXECUTOR = 13
    REVIEW = 20
    DEFER = 21
    BLOCK = 22
    INTERRUPTED = 130


class SloReportsError(Exception):
    """The root of the tree; its message is one sentence for the person at the terminal."""

    exit_code = ExitCode.BUG


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in one file, at the line where a person would mend it."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class ConfigurationError(SloReportsError):
    """Settings or definitions that cannot be used; holds every problem of every file."""

    exit_code = ExitCode.CONFIGURATION

    def __init__(self, problems: Sequence[Problem] | str) -> None:
        self.problems = () if isinstance(problems, str) else tuple(sorted(problems))
        super().__init__(
            problems if isinstance(problems, str) else "\n".join(map(str, self.problems))
        )


class SourceError(SloReportsError):
    """The metrics source could not answer a question."""

    exit_code = ExitCode.SOURCE


class SourceUnavailable(SourceError):
    """Not reached, too slow or answered 5xx, also after the last retry."""


class SourceRefused(SourceError):
    """Credentials or permission: 401 or 403."""


class QueryRejected(SourceError):
    """The source understood the query and refused it."""


class TooMuchData(SourceError):
    """More samples or bytes than the source or we allow at once; a shorter span may pass."""


class BadAnswer(SourceError):
    """Something answered, but it does not speak the Prometheus API."""


class PartialAnswer(SourceError):
    """An answer that lacks some of the source's stores; numbers from it would be too good."""


class NothingMeasured(SourceError):
    """The source answered, and not one objective of a period could be measured from it."""


class RenderError(SloReportsError):
    """A document could not be made from a report."""

    exit_code = ExitCode.RENDER


class DeliveryError(SloReportsError):
    """A destination did not take a document."""

    exit_code = ExitCode.DELIVERY

    def __init__(self, message: str, *, retryable: bool) -> None:
        self.retryable = retryable
        super().__init__(message)


class DeliveryUncertain(DeliveryError):
    """A message was handed over whole, and the connection broke before the server's answer."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=True)


class LedgerError(SloReportsError):
    """The record of runs and deliveries could not be read or written."""

    exit_code = ExitCode.LEDGER


class HistoryError(SloReportsError):
    """The kept days of measurements could not be read or written."""

    exit_code = ExitCode.HISTORY


class ExecutorError(SloReportsError):
    """A task ran over its limits, its process died, or the workers could not be reached."""

    exit_code = ExitCode.EXECUTOR


class Busy(SloReportsError):
    """Another slo-reports holds the ledger's lock."""

    exit_code = ExitCode.BUSY
