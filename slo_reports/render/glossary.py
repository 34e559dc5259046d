"""The words of a report, each in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from slo_reports.model import Insight, Report


@dataclass(frozen=True)
class Term:
    """A word and what it means."""

    word: str
    meaning: str


def glossary(report: Report) -> list[Term]:
    """The words that this report uses, in the order of the alphabet."""
    return [term for term, used in _TERMS if used(report)]


def _always(_: Report) -> bool:
    return True


def _has_episodes(report: Report) -> bool:
    return any("episode" in one.incident.sources for one in report.incidents)


def _has_exclusions(report: Report) -> bool:
    return any(one.exclusions for one in report.results)


def _insight(report: Report) -> Insight:
    return report.insight or Insight()


_TERMS: tuple[tuple[Term, Callable[[Report], bool]], ...] = (
    (
        Term(
            "Burn rate",
            "How many times faster than planned a budget is used; 1× uses it up at the "
            "period's end.",
        ),
        _always,
    ),
    (Term("Coverage", "The part of the time for which the source had data."), _always),
    (
        Term("Episode", "A span in which a budget burnt fast and that nobody told of."),
        _has_episodes,
    ),
    (
        Term("Error budget", "The bad events that the objective allows in the period."),
        _always,
    ),
    (
        Term("Exclusion", "A span that counts for nothing: maintenance, or an agreed adjustment."),
        _has_exclusions,
    ),
    (
        Term("Good events", "Valid events that met the criterion; the other ones are bad."),
        _always,
    ),
    (
        Term("Incident", "A span in which something was wrong, with the bad events that it holds."),
        lambda report: bool(report.incidents),
    ),
    (Term("Measured", "Good events over valid events of the whole period."), _always),
    (
        Term("Objective, target", "The share of good events that is promised over the period."),
        _always,
    ),
    (
        Term("Page, ticket", "An alert that calls somebody now, and one that waits for the day."),
        lambda report: _insight(report).alerts is not None,
    ),
    (
        Term(
            "Usual range",
            "What earlier periods let expect; a change is real only outside of it.",
        ),
        lambda report: any(one.usual is not None for one in _insight(report).shifts),
    ),
    (Term("Valid events", "The events that count at all."), _always),
)
