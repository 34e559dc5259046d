"""The services that need attention: a picture, what happened, what to do."""

from __future__ import annotations

from dataclasses import dataclass

from slo_reports.language import tr
from slo_reports.model import Recommendation, Report, ServiceResult, SloResult
from slo_reports.numbers import percent_text
from slo_reports.render.burn_down import burn_down
from slo_reports.render.chapters import marked_incidents
from slo_reports.render.clean import clean
from slo_reports.render.marks import Mark, mark_of
from slo_reports.render.rows import NOTHING, ObjectiveRow, chapter_title, mark_word, objective_row
from slo_reports.render.story import Lede, Paragraph, lede, story
from slo_reports.tiers import tier_text

MOST_NEEDS = 100
"""Services with a section of their own; the tables hold the others."""
_WIDTH, _HEIGHT = 380, 112
_TOLD = 2


@dataclass(frozen=True)
class Need:
    """One service that missed an objective or may soon.

    Attributes:
        title: its worst objective with its service, which the picture is about.
        others: its other objectives that were missed or are at risk.
        left: budget left, with its sign; empty where there is none.
        ask: what is recommended first, where anything is.
    """

    id: str
    service: ServiceResult
    name: str
    title: str
    mark: Mark
    word: str
    tier: str
    lede: Lede
    left: str
    story: tuple[Paragraph, ...]
    picture: str
    others: tuple[ObjectiveRow, ...]
    ask: Recommendation | None


@dataclass(frozen=True)
class Needs:
    """The worst of them, and how many more there are."""

    shown: tuple[Need, ...]
    left_out: int


def needs(report: Report) -> Needs:
    """Missed services first, then those at risk, worst first."""
    urgent = [one for one in report.services if one.is_in_need]
    asked: dict[str, Recommendation] = {}
    for one in report.recommendations:
        asked.setdefault(one.service, one)
    shown = [
        _need(report, service, f"n{number}", asked.get(service.name))
        for number, service in enumerate(urgent[:MOST_NEEDS], 1)
    ]
    return Needs(tuple(shown), len(urgent[MOST_NEEDS:]))


def _need(
    report: Report, service: ServiceResult, identity: str, ask: Recommendation | None
) -> Need:
    worst, *rest = service.results
    mark, left = mark_of(worst), worst.budget.remaining
    return Need(
        id=identity,
        service=service,
        name=clean(service.name),
        title=chapter_title(worst),
        mark=mark,
        word=mark_word(mark),
        tier="" if service.tier is None else tier_text(service.tier),
        lede=lede(worst, report),
        left="" if left is None else percent_text(left, kind="remaining"),
        story=tuple(story(worst, report)[:_TOLD]),
        picture=_picture(report, worst),
        others=tuple(
            objective_row(one) for one in rest if mark_of(one) in (Mark.MISSED, Mark.AT_RISK)
        ),
        ask=ask,
    )


def _picture(report: Report, result: SloResult) -> str:
    incidents = marked_incidents(report, result)
    return burn_down(result, incidents, report.period, width=_WIDTH, height=_HEIGHT, brief=True)


def other_words(row: ObjectiveRow) -> str:
    """Another objective in need, such as ``Latency under 500 ms: missed, 96.91 % against 97 %``."""
    return f"{row.objective}: {need_words(row)}"


def need_words(row: ObjectiveRow) -> str:
    """How an objective is, such as ``missed, 96.91 % against 97 %, −2 % left``."""
    told = [row.said]
    if row.measured != NOTHING:
        told.append(tr("{measured} % against {target} %", measured=row.measured, target=row.target))
    if row.left != NOTHING:
        told.append(tr("{left} % left", left=row.left))
    return ", ".join(told)
