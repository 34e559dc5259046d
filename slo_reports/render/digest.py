"""Earlier reports that are told in the mail of a later one, because none could be sent before.

The documents of each earlier period are filed as ever; the mail says how each went and where they
are found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slo_reports.language import tr
from slo_reports.model import Outcome, Report
from slo_reports.numbers import listed, percent_text, period_title
from slo_reports.render.rows import chapter_title

MOST_EARLIER = 12
_MOST_MISSED = 5


Earlier = tuple[Report, Mapping[str, str]]
"""A report that is told late, and where its filed documents are found, by ``html`` and ``pdf``."""


@dataclass(frozen=True)
class EarlierRow:
    """One earlier period.

    Attributes:
        title: its name, with the revision where it is not the first.
        headline: how it went, in a sentence or two.
        missed: the objectives that were missed, in a sentence; empty where none was.
        worst: the least budget left, in a sentence; empty where there is no budget, or where the
            headline tells it.
        links: where its documents are found, by ``html`` and ``pdf``.
    """

    title: str
    headline: str
    missed: str
    worst: str
    links: Mapping[str, str]


@dataclass(frozen=True)
class Digest:
    """The newest of the earlier periods, oldest first, and how many lie before them."""

    rows: tuple[EarlierRow, ...] = ()
    left_out: int = 0


def digest_title() -> str:
    """What stands over the earlier periods."""
    return tr("Also, for the time when no report could be sent")


def digest(earlier: Sequence[Earlier]) -> Digest:
    """The earlier periods in words, oldest first, whatever their order."""
    ordered = sorted(earlier, key=lambda one: (one[0].period.start, one[0].request.name))
    shown = ordered[-MOST_EARLIER:]
    return Digest(tuple(_row(*one) for one in shown), len(ordered) - len(shown))


def _row(report: Report, links: Mapping[str, str]) -> EarlierRow:
    title = period_title(report.period)
    if report.revision > 1:
        title = tr("{period}, revision {revision}", period=title, revision=report.revision)
    return EarlierRow(
        title=title,
        headline=report.headline,
        missed=_missed(report),
        worst=_worst(report),
        links={"html": "", "pdf": "", **links},
    )


def _missed(report: Report) -> str:
    names = [chapter_title(one) for one in report.results if one.outcome is Outcome.MISSED]
    if not names:
        return ""
    more = len(names) - _MOST_MISSED
    told = [*names[:_MOST_MISSED], *([tr("{count} more", count=more)] if more > 0 else [])]
    return tr("Missed: {objectives}.", objectives=listed(told))


def _worst(report: Report) -> str:
    known = [
        (one.budget.remaining, one) for one in report.results if one.budget.remaining is not None
    ]
    if not known:
        return ""
    left, result = min(known, key=lambda one: one[0])
    told = percent_text(left, kind="remaining")
    if told in report.headline:
        return ""
    return tr(
        "Least budget left: {share}, {objective}.", share=told, objective=chapter_title(result)
    )
