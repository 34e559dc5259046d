"""Which objectives get a chapter, and what stands in it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from slo_reports.language import tr
from slo_reports.model import JudgedIncident, Report, SloResult
from slo_reports.render.burn_down import burn_down
from slo_reports.render.burn_rate import burn_rate_chart
from slo_reports.render.calendar import day_calendar
from slo_reports.render.changed import shift_text
from slo_reports.render.marks import Mark, mark_of
from slo_reports.render.rows import chapter_title, mark_word
from slo_reports.render.story import Lede, Paragraph, lede, story
from slo_reports.render.trend import trend
from slo_reports.render.waterfall import waterfall

FULL = 4
"""Chapters of a whole page: missed first, then at risk."""
BRIEF = 4
"""Chapters of half a page: what an incident touched, or what found no whole page."""
TREND = 140
"""Height of the two pictures that close a whole page, where a sentence follows [px]."""
_WORTH_TELLING = 0.05
"""An incident that took less of a budget than this gives no chapter [ratio]."""


@dataclass(frozen=True)
class Chapter:
    """One objective's pictures and sentences; what a brief chapter lacks is empty."""

    id: str
    title: str
    mark: Mark
    word: str
    lede: Lede
    story: tuple[Paragraph, ...]
    burn_down: str
    burn_rate: str = ""
    calendar: str = ""
    waterfall: str = ""
    trend: str = ""
    shift: str = ""


@dataclass(frozen=True)
class Chapters:
    """The chosen ones, and how many more deserved a chapter."""

    full: tuple[Chapter, ...]
    brief: tuple[Chapter, ...]
    left_out: int


def chapters(report: Report) -> Chapters:
    """Missed, at risk and incident-stricken objectives, worst first, as far as pages allow."""
    first = urgent(report)
    touched = [one for one in _by_need(report) if mark_of(one) not in _URGENT and _touched(one)]
    full, rest = first[:FULL], [*first[FULL:], *touched]
    return Chapters(
        full=tuple(_full(report, one, f"c{n}") for n, one in enumerate(full, 1)),
        brief=tuple(
            _brief(report, one, f"c{n}") for n, one in enumerate(rest[:BRIEF], len(full) + 1)
        ),
        left_out=len(rest[BRIEF:]),
    )


def urgent(report: Report) -> list[SloResult]:
    """The objectives that were missed or are at risk, worst first."""
    return [one for one in _by_need(report) if mark_of(one) in _URGENT]


_URGENT = (Mark.MISSED, Mark.AT_RISK)


def _by_need(report: Report) -> list[SloResult]:
    drawn = [one for one in report.results if one.remaining_curve is not None]
    return sorted(drawn, key=_need)


def _need(result: SloResult) -> tuple[bool, float]:
    left = result.budget.remaining
    return mark_of(result) is not Mark.MISSED, 1.0 if left is None else left


def _touched(result: SloResult) -> bool:
    return any(one.consumed >= _WORTH_TELLING for one in result.incidents)


def marked_incidents(report: Report, result: SloResult) -> list[JudgedIncident]:
    """The incidents that took some of an objective's budget, in order of time."""
    letters = {one.letter for one in result.incidents if one.consumed > 0}
    return [one for one in report.incidents if one.letter in letters]


def _brief(report: Report, result: SloResult, identity: str, *, height: float = 158) -> Chapter:
    mark = mark_of(result)
    told = _shift(report, result)
    trend_told = [Paragraph(tr("Trend."), told)] if told else []
    return Chapter(
        id=identity,
        title=chapter_title(result),
        mark=mark,
        word=mark_word(mark),
        lede=lede(result, report),
        story=(*story(result, report), *trend_told),
        burn_down=burn_down(result, marked_incidents(report, result), report.period, height=height),
    )


def _shift(report: Report, result: SloResult) -> str:
    return shift_text(report.insight.shift(result.slo.id)) if report.insight else ""


def _full(report: Report, result: SloResult, identity: str) -> Chapter:
    return replace(
        _brief(report, result, identity, height=174),
        story=tuple(story(result, report)),
        burn_rate=burn_rate_chart(
            result, report.period, marked_incidents(report, result), height=136
        ),
        calendar=day_calendar(result, report.period),
        waterfall=waterfall(result, report.incidents, report.period, height=TREND),
        trend=trend(result, height=TREND),
        shift=_shift(report, result),
    )
