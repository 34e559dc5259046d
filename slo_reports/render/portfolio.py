"""What the portfolio's templates are given: all services by team, ready to be printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from slo_reports.language import tr, trn
from slo_reports.model import (
    JudgedIncident,
    Portfolio,
    Report,
    ServiceResult,
    SloResult,
    TeamResult,
    Turn,
)
from slo_reports.numbers import count_text, counted, listed, percent_number, percent_text, sentence
from slo_reports.render.clean import clean
from slo_reports.render.heat import HeatCell, heat_rows
from slo_reports.render.marks import Mark
from slo_reports.render.method import gap_rows
from slo_reports.render.page import ASKS, page_values
from slo_reports.render.portfolio_index import index_sheets
from slo_reports.render.portfolio_needs import Need, needs, other_words
from slo_reports.render.rows import (
    NOTHING,
    ObjectiveRow,
    ServiceRows,
    budgets_left,
    incident_row,
    mark_word,
    service_rows,
)
from slo_reports.render.sparkline import sparkline

MOST_TEAMS = 8
"""Teams on the first page; all of them have a table of their own."""
MOST_NAMED = 4
"""Services named for each kind of change on the first page."""
MOST_ACTIONS = 40
MOST_INCIDENTS = 60
"""The dearest; a portfolio has many small ones."""
MOST_GAPS = 40


@dataclass(frozen=True)
class PortfolioRow:
    """One service in its team's table.

    Attributes:
        id: where links to it lead.
        need: id of its section, where it has one.
        met: how many of its objectives were met, such as ``2/3``.
        worst: its worst objective.
        word: one word for the service.
    """

    id: str
    need: str
    service: ServiceRows
    met: str
    worst: ObjectiveRow
    word: str


@dataclass(frozen=True)
class TeamPart:
    """One team: its line on the first page, and its table.

    Attributes:
        before: how many services missed in the period before, as a number or a dash.
        told: the summary, in a sentence or two.
        heat: the same services, period by period.
    """

    id: str
    name: str
    team: TeamResult
    left: str
    before: str
    told: str
    rows: tuple[PortfolioRow, ...]
    heat: tuple[tuple[PortfolioRow, tuple[HeatCell, ...]], ...]


@dataclass(frozen=True)
class News:
    """Services with one kind of change: as many as there is room for, and how many more."""

    title: str
    count: int
    rows: tuple[tuple[PortfolioRow, str], ...]
    left_out: int


@dataclass(frozen=True)
class Overview:
    """Rows by service, worst first; teams with their rows; what changed."""

    rows: Mapping[str, PortfolioRow]
    teams: tuple[TeamPart, ...]
    news: tuple[News, ...]
    heat_columns: tuple[tuple[str, str], ...]


def overview(report: Report, sections: Sequence[Need] = ()) -> Overview:
    """What page and mail have in common.

    Args:
        report: one of this kind.
        sections: what links to services that have one lead to.
    """
    found = _portfolio(report)
    rows = _rows(report, sections)
    columns, heat = heat_rows(report)
    teams = tuple(_team(n, one, rows, heat) for n, one in enumerate(found.teams, 1))
    return Overview(rows, teams, tuple(_news(found, rows)), columns)


def _portfolio(report: Report) -> Portfolio:
    assert report.portfolio is not None  # noqa: S101 as this kind is built
    return report.portfolio


def portfolio_values(report: Report) -> Mapping[str, Any]:
    """The variables of ``portfolio.html.j2`` and its parts."""
    sections = needs(report)
    seen = overview(report, sections.shown)
    return {
        **page_values(report),
        "document": tr("SLO portfolio"),
        "description": tr("All services by team, with what needs attention,"),
        "teams": seen.teams,
        "first_teams": seen.teams[:MOST_TEAMS],
        "teams_left_out": seen.teams[MOST_TEAMS:],
        "news": seen.news,
        "asks": first_asks(report),
        "outliers": _outliers(report, _portfolio(report), seen.rows),
        "needs": sections,
        "rows": seen.rows,
        "heat_columns": seen.heat_columns,
        "index": index_sheets([*seen.rows.values()]),
        "trace": _trace,
        "share": _share,
        "owner_of": owner_of,
        "other_words": other_words,
        **_shorter(report),
    }


def _shorter(report: Report) -> dict[str, Any]:
    """Fewer rows of the tables that other kinds have whole."""
    incidents, gaps, left = _dearest_incidents(report), gap_rows(report), budgets_left(report)
    return {
        "incidents": [incident_row(one, report.period.zone, left=left) for one in incidents],
        "incidents_left_out": len(report.incidents) - len(incidents),
        "gaps": gaps[:MOST_GAPS],
        "gaps_left_out": max(0, len(gaps) - MOST_GAPS),
        "recommendations": report.recommendations[:MOST_ACTIONS],
        "recommendations_left_out": max(0, len(report.recommendations) - MOST_ACTIONS),
        "appendix": (),
        "appendix_left_out": 0,
    }


def _dearest_incidents(report: Report) -> list[JudgedIncident]:
    """Those that took most of a budget, in order of time."""
    cost = {
        one.letter: max((part[2] for part in one.costs), default=0.0) for one in report.incidents
    }
    dear = sorted(report.incidents, key=lambda one: -cost[one.letter])[:MOST_INCIDENTS]
    kept = {one.letter for one in dear}
    return [one for one in report.incidents if one.letter in kept]


def _rows(report: Report, sections: Sequence[Need]) -> dict[str, PortfolioRow]:
    places = {one.service.name: one.id for one in sections}
    return {
        one.service.name: PortfolioRow(
            id=f"s{number}",
            need=places.get(one.service.name, ""),
            service=one,
            met=f"{sum(row.mark in _GOOD for row in one.rows)}/{len(one.rows)}",
            worst=one.rows[0],
            word=_short_word(one.mark),
        )
        for number, one in enumerate(service_rows(report), 1)
    }


_GOOD = (Mark.MET, Mark.AT_RISK)


def _short_word(mark: Mark) -> str:
    return tr("No verdict") if mark is Mark.INSUFFICIENT else mark_word(mark)


def _trace(result: SloResult) -> Markup:
    return Markup(sparkline(result.history, result.objective, width=64, height=16))  # noqa: S704 drawn by us


def _share(part: int, whole: int) -> str:
    """A width for CSS, of all services."""
    return f"{100 * part / whole:.2f}%" if whole else "0"


# --- teams ---------------------------------------------------------------------------------------


def _team(
    number: int,
    team: TeamResult,
    rows: Mapping[str, PortfolioRow],
    heat: Mapping[str, tuple[HeatCell, ...]],
) -> TeamPart:
    own = tuple(rows[name] for name in team.services)
    left = team.remaining
    return TeamPart(
        id=f"t{number}",
        name=clean(team.name) or no_team(),
        team=team,
        left=NOTHING if left is None else percent_number(left, kind="remaining"),
        before=NOTHING if team.missed_before is None else str(team.missed_before),
        told=team_words(team),
        rows=own,
        heat=tuple((row, heat[row.service.service.name]) for row in own
                   if row.service.service.name in heat),
    )  # fmt: skip


def team_words(team: TeamResult) -> str:
    """A team in a sentence or two, such as ``Two of ten services missed an objective …``."""
    told = [_tally(team)]
    if team.remaining is not None and team.met < len(team.services):
        left = percent_text(team.remaining, kind="remaining")
        title = clean(team.worst_title)
        told.append(tr("Least budget left: {objective}, {left}.", objective=title, left=left))
    return " ".join(told)


def _tally(team: TeamResult) -> str:
    told = {
        "services": sentence(counted(len(team.services), "service", "services")),
        "met": trn(
            "{count} of {total} objective met",
            "{count} of {total} objectives met",
            team.objectives,
            count=team.objectives_met,
            total=count_text(team.objectives),
        ),
    }
    parts = _in_need(team)
    if not parts:
        return tr("{services}, {met}.", **told)
    return tr("{services}: {parts}; {met}.", **told, parts=listed(parts))


def _in_need(team: TeamResult) -> list[str]:
    missed, risky, unknown = team.missed, team.at_risk, team.no_verdict
    parts = [
        tr("{count} missed an objective", count=count_text(missed)) if missed else "",
        tr("{count} at risk", count=count_text(risky)) if risky else "",
        tr("{count} without a verdict", count=count_text(unknown)) if unknown else "",
    ]
    return [one for one in parts if one]


# --- the first page ------------------------------------------------------------------------------


def _news(found: Portfolio, rows: Mapping[str, PortfolioRow]) -> list[News]:
    return [one for one in (_news_of(turn, found, rows) for turn in Turn) if one.count]


def _news_of(turn: Turn, found: Portfolio, rows: Mapping[str, PortfolioRow]) -> News:
    turned = [one for one in found.turns if one.turn is turn]
    return News(
        title=_turn_word(turn),
        count=len(turned),
        rows=tuple((rows[one.service], _times(turn, one.periods)) for one in turned[:MOST_NAMED]),
        left_out=max(0, len(turned) - MOST_NAMED),
    )


def _turn_word(turn: Turn) -> str:
    match turn:
        case Turn.NEWLY_MISSED:
            return tr("Newly missed")
        case Turn.MISSED_AGAIN:
            return tr("Missed again")
        case Turn.RECOVERED:
            return tr("Recovered")


def _times(turn: Turn, periods: int) -> str:
    if turn is Turn.NEWLY_MISSED or periods < 2:
        return ""
    if turn is Turn.MISSED_AGAIN:
        return tr("{count} times running", count=periods)
    return tr("{count} misses before", count=periods)


def first_asks(report: Report) -> list[Any]:
    """The most urgent of different services, so that one of them does not fill the page."""
    first: dict[str, Any] = {}
    for one in report.recommendations:
        first.setdefault(one.service, one)
    return list(first.values())[:ASKS]


# --- outliers ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outlier:
    """One of the worst objectives, with where its budget went and how its last periods were."""

    number: int
    row: PortfolioRow
    objective: ObjectiveRow
    team: str
    cause: str


def _outliers(report: Report, found: Portfolio, rows: Mapping[str, PortfolioRow]) -> list[Outlier]:
    placed = {
        row.result.slo.id: (one.service, row) for one in service_rows(report) for row in one.rows
    }
    teams = {name: team.name for team in found.teams for name in team.services}
    return [
        Outlier(
            number=number,
            row=rows[service.name],
            objective=row,
            team=clean(teams[service.name]) or no_team(),
            cause=cause_words(row.result),
        )
        for number, (service, row) in enumerate((placed[slo] for slo in found.outliers), 1)
    ]


def cause_words(result: SloResult) -> str:
    """What took most of a budget, and how often it was missed before."""
    parts = [text for text in (_dearest(result), _misses(result)) if text]
    return "; ".join(parts)


def _dearest(result: SloResult) -> str:
    dearest = max(result.incidents, key=lambda one: one.consumed, default=None)
    rest = result.unattributed or 0.0
    if dearest is not None and dearest.consumed >= rest:
        share = percent_text(dearest.consumed, kind="consumption")
        return tr("incident {letter} took {share}", letter=dearest.letter, share=share)
    if result.unattributed is None:
        return ""
    return tr("{share} outside incidents", share=percent_text(rest, kind="consumption"))


def _misses(result: SloResult) -> str:
    known = [one for one in result.history[-12:] if one.consumed is not None]
    missed = sum(one.outcome == "missed" for one in known)
    if len(known) < 2 or not missed:
        return ""
    return tr("missed in {count} of {total}", count=missed, total=len(known))


def no_team() -> str:
    """What stands for the team of services that name no owner."""
    return tr("No owner named")


def owner_of(service: ServiceResult) -> str:
    """The owners of a service, or that none is named."""
    return clean(service.owner) or no_team()
