"""What a chat is told: three lines, in the words of the other documents."""

from __future__ import annotations

from collections.abc import Mapping

from slo_reports.language import speaking, tr
from slo_reports.model import Outcome, Report, SloResult, Summary
from slo_reports.numbers import NARROW, percent_text, period_title
from slo_reports.render.chapters import urgent
from slo_reports.render.clean import clean
from slo_reports.render.layouts import LAYOUTS
from slo_reports.render.marks import Mark, mark_of
from slo_reports.render.method import reason
from slo_reports.render.rows import NOTHING, chapter_title, objective_row

_TITLE = 90
"""Longest title; Slack's header holds 150 characters."""
_LINE = 600


def summary(report: Report, *, links: Mapping[str, str] | None = None) -> Summary:
    """A report in three lines.

    Args:
        report: what to say.
        links: where filed documents are found, by ``html`` and ``pdf``.
    """
    with speaking(report.request.language):
        return Summary(
            title=clean(report.request.title, _TITLE),
            period=period_title(report.period),
            headline=subject(report, _TITLE),
            worst=clean(_worst(report), _LINE),
            action=clean(_action(report), _LINE),
            objectives=len(report.results),
            met=_met(report),
            links=tuple(sorted((links or {}).items())),
            language=report.request.language,
        )


def subject(report: Report, longest: int, *, earlier: int = 0) -> str:
    """What kind of document, what, when, and how it went; see ``headline``."""
    letter = LAYOUTS[report.request.kind].letter
    if letter is None:
        return headline(report, longest, earlier=earlier)
    told = letter(report)
    return (
        f"{told.document}, {headed(report, longest, earlier=earlier)}: {clean(told.verdict, 150)}"
    )


def headline(report: Report, longest: int, *, earlier: int = 0) -> str:
    """What, when, and how it went; the title takes at most so many letters.

    Args:
        report: what to say.
        longest: room for the title [characters].
        earlier: how many earlier periods are told with it.
    """
    total = len(report.results)
    verdict = tr("no objectives")
    if total:
        verdict = tr("{met} of {total} objectives met", met=_met(report), total=total)
    return f"{headed(report, longest, earlier=earlier)}: {verdict}"


def headed(report: Report, longest: int, *, earlier: int = 0) -> str:
    """What and when; see ``headline``."""
    told = f"{clean(report.request.title, longest)}, {period_title(report.period)}"
    if report.revision > 1:
        told += f", {tr('revision {revision}', revision=report.revision)}"
    return tr("{told} and {count} earlier", told=told, count=earlier) if earlier else told


def _met(report: Report) -> int:
    return sum(one.outcome is Outcome.MET for one in report.results)


def _worst(report: Report) -> str:
    """The missed objective with the least budget left, else one without a verdict or at risk."""
    in_need = urgent(report)
    missed = [one for one in in_need if mark_of(one) is Mark.MISSED]
    missed += [one for one in report.results if one.outcome is Outcome.MISSED]
    unjudged = [one for one in report.results if one.outcome is not Outcome.MET]
    if missed or unjudged:
        return tr("Worst: {objective}", objective=_told((missed or unjudged)[0]))
    if in_need:
        return tr("All objectives were met; closest: {objective}", objective=_told(in_need[0]))
    if report.results:
        return tr("All objectives were met.")
    return tr("No objective is in this report.")


def _told(result: SloResult) -> str:
    row = objective_row(result)
    head = f"{chapter_title(result)}, {row.said}"
    if row.measured == NOTHING:
        return f"{head}: {reason(result) or tr('nothing was measured')}"
    told = {
        "objective": head,
        "measured": f"{row.measured}{NARROW}%",
        "target": percent_text(result.objective.target, kind="target"),
    }
    if row.left == NOTHING:
        return tr("{objective}: {measured} against {target}", **told)
    return tr(
        "{objective}: {measured} against {target}, {left} of the budget left",
        **told,
        left=f"{row.left}{NARROW}%",
    )


def _action(report: Report) -> str:
    if not report.recommendations:
        return tr("Nothing needs to be done.")
    first = report.recommendations[0]
    return tr(
        "First: {action} ({owner}, {due})",
        action=clean(first.action),
        owner=clean(first.owner),
        due=clean(first.due),
    )
