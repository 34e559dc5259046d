"""The words of a report, each in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from slo_reports.language import tr
from slo_reports.model import Insight, Report


@dataclass(frozen=True)
class Term:
    """A word and what it means."""

    word: str
    meaning: str


def glossary(report: Report) -> list[Term]:
    """The words that this report uses, in the order of the alphabet."""
    found = [term for term, used in _terms() if used(report)]
    return sorted(found, key=lambda term: term.word.casefold())


def _always(_: Report) -> bool:
    return True


def _has_episodes(report: Report) -> bool:
    return any("episode" in one.incident.sources for one in report.incidents)


def _has_exclusions(report: Report) -> bool:
    return any(one.exclusions for one in report.results)


def _insight(report: Report) -> Insight:
    return report.insight or Insight()


def _has_incidents(report: Report) -> bool:
    return bool(report.incidents)


def _has_alerts(report: Report) -> bool:
    return _insight(report).alerts is not None


def _has_ranges(report: Report) -> bool:
    return any(one.usual is not None for one in _insight(report).shifts)


def _terms() -> Iterator[tuple[Term, Callable[[Report], bool]]]:
    yield (
        Term(
            tr("Burn rate"),
            tr(
                "How many times faster than planned a budget is used; 1× uses it up at the "
                "period's end."
            ),
        ),
        _always,
    )
    yield Term(tr("Coverage"), tr("The part of the time for which the source had data.")), _always
    yield (
        Term(tr("Episode"), tr("A span in which a budget burnt fast and that nobody told of.")),
        _has_episodes,
    )
    yield (
        Term(tr("Error budget"), tr("The bad events that the objective allows in the period.")),
        _always,
    )
    yield (
        Term(
            tr("Exclusion"),
            tr("A span that counts for nothing: maintenance, or an agreed adjustment."),
        ),
        _has_exclusions,
    )
    yield (
        Term(tr("Good events"), tr("Valid events that met the criterion; the other ones are bad.")),
        _always,
    )
    yield (
        Term(
            tr("Incident"),
            tr("A span in which something was wrong, with the bad events that it holds."),
        ),
        _has_incidents,
    )
    yield Term(tr("Measured"), tr("Good events over valid events of the whole period.")), _always
    yield (
        Term(
            tr("Objective, target"),
            tr("The share of good events that is promised over the period."),
        ),
        _always,
    )
    yield (
        Term(
            tr("Page, ticket"),
            tr("An alert that calls somebody now, and one that waits for the day."),
        ),
        _has_alerts,
    )
    yield (
        Term(
            tr("Usual range"),
            tr("What earlier periods let expect; a change is real only outside of it."),
        ),
        _has_ranges,
    )
    yield Term(tr("Valid events"), tr("The events that count at all.")), _always
