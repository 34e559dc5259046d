"""User journeys as words: the steps in order, which of them count, and what is at stake."""

from __future__ import annotations

from dataclasses import dataclass

from slo_reports.language import tr
from slo_reports.model import Outcome, Report, SloResult, StepResult
from slo_reports.numbers import percent_number
from slo_reports.render.clean import clean
from slo_reports.render.marks import Mark, mark_of
from slo_reports.render.rows import NOTHING, chapter_title, mark_word, objective_row


@dataclass(frozen=True)
class StepRow:
    """One step with its own numbers; all in percent, without the sign."""

    number: int
    title: str
    counts: str
    target: str
    measured: str
    coverage: str
    mark: Mark
    word: str


@dataclass(frozen=True)
class JourneyRows:
    """A journey, what depends on it, and its steps."""

    title: str
    impact: str
    told: str
    steps: tuple[StepRow, ...]


def journey_rows(report: Report) -> list[JourneyRows]:
    """The user journeys of a report, in its order."""
    marks = {one.slo.id: mark_of(one) for one in report.results}
    return [_journey(one, marks) for one in report.results if one.steps]


def _journey(result: SloResult, marks: dict[str, Mark]) -> JourneyRows:
    row = objective_row(result)
    return JourneyRows(
        title=chapter_title(result),
        impact=clean(result.slo.impact, 300),
        told=tr(
            "{outcome}: {measured} against {target} percent.",
            outcome=row.word,
            measured=row.measured,
            target=row.target,
        ),
        steps=tuple(
            _step(number, one, marks.get(one.slo, Mark.NOT_MEASURED))
            for number, one in enumerate(result.steps, 1)
        ),
    )


def _step(number: int, step: StepResult, mark: Mark) -> StepRow:
    measured = step.outcome is not Outcome.NOT_MEASURED
    return StepRow(
        number=number,
        title=clean(step.title),
        counts=tr("critical") if step.critical else tr("shown only"),
        target=NOTHING if step.target is None else percent_number(step.target, kind="target"),
        measured=NOTHING
        if step.sli is None or step.target is None
        else percent_number(step.sli, step.target),
        coverage=percent_number(step.coverage, kind="coverage") if measured else NOTHING,
        mark=mark,
        word=mark_word(mark),
    )
