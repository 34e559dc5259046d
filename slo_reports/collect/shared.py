"""What the source says of itself as a whole, asked once for all reports of one pass.

Whether it scraped anything, how often it scrapes, which alerts fired: the answers hang on the
period and not on the report, and reading them costs the source the more, the more services it has.
"""

from __future__ import annotations

import secrets
from collections.abc import Hashable
from dataclasses import dataclass

from slo_reports.collect.answers import Series


@dataclass(frozen=True, eq=False)
class Told:
    """One answer.

    Attributes:
        warnings: that came with it.
        too_much: why the source could not answer, where that was too much for it; or empty.
    """

    series: list[Series]
    warnings: tuple[str, ...] = ()
    too_much: str = ""


class SharedAnswers:
    """Those of one pass; lost with it.

    Attributes:
        name: tells the passes apart where a process outlives one.
    """

    def __init__(self) -> None:
        self.name = secrets.token_hex(8)
        self._told: dict[Hashable, Told] = {}

    def find(self, question: Hashable) -> Told | None:
        """The answer to a question that was asked before."""
        return self._told.get(question)

    def keep(self, question: Hashable, told: Told) -> Told:
        """Remember an answer."""
        return self._told.setdefault(question, told)
