"""The mail of a portfolio: short, by team, small however many services there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from slo_reports.model import Report
from slo_reports.numbers import NARROW
from slo_reports.render.clean import clean
from slo_reports.render.digest import Digest
from slo_reports.render.mail_text import (
    earlier_lines,
    foot,
    head,
    links_lines,
    plain,
    recommended,
    section,
    wrapped,
)
from slo_reports.render.marks import Mark
from slo_reports.render.page import before
from slo_reports.render.portfolio import News, PortfolioRow, TeamPart, first_asks, overview
from slo_reports.render.rows import NOTHING

TEMPLATE = "mail_portfolio.html.j2"
MOST_TEAMS = 40
MOST_WORST = 15
_NEEDY = (Mark.MISSED, Mark.AT_RISK)


def portfolio_mail_values(report: Report) -> dict[str, Any]:
    """Everything that the template is given besides what all mails are."""
    seen = overview(report)
    worst = [one for one in seen.rows.values() if one.service.mark in _NEEDY]
    return {
        "asks": first_asks(report),
        "news": seen.news,
        "all_teams": seen.teams,
        "all_worst": worst,
    }


def portfolio_mail_rows(values: Mapping[str, Any], part: int, whole: int) -> dict[str, Any]:
    """The rows of both tables, as many ``whole``-ths of the most there may be as ``part`` says."""
    found: dict[str, Any] = {}
    for name, most in (("teams", MOST_TEAMS), ("worst", MOST_WORST)):
        rows, count = values.get(f"all_{name}", ()), -(-most * part // whole)
        found |= {name: rows[:count], f"{name}_left_out": max(0, len(rows) - count)}
    return found


def portfolio_text(report: Report, links: Mapping[str, str], earlier: Digest) -> str:
    """The mail as text: asks, changes, teams, and a line for each service in need."""
    seen = overview(report)
    since = before(report)
    needy = [one for one in seen.rows.values() if one.service.mark is not Mark.MET]
    return plain(
        [
            *head(report),
            *links_lines(links),
            *earlier_lines(earlier),
            *section("ASKED OF YOU"),
            *(recommended(first_asks(report)) or ["Nothing needs to be done."]),
            *section(f"WHAT CHANGED{f' SINCE {since.upper()}' if since else ''}"),
            *([line for one in seen.news for line in _news(one)] or ["Nothing that is known."]),
            *section("BY TEAM"),
            *(line for one in seen.teams for line in _team(one)),
            *section("SERVICES IN NEED"),
            *([line for one in needy for line in _service(one)] or ["None."]),
            *foot(report),
        ]
    )


def _news(news: News) -> list[str]:
    names = ", ".join(
        f"{row.service.name}{f' ({words})' if words else ''}" for row, words in news.rows
    )
    more = f" and {news.left_out} more" if news.left_out else ""
    return wrapped(f"{news.title} ({news.count}): {names}{more}")


def _team(team: TeamPart) -> list[str]:
    return wrapped(f"{team.name}: {team.told}")


def _service(row: PortfolioRow) -> Iterator[str]:
    worst, name = row.worst, clean(row.service.name)
    measured = "" if worst.measured == NOTHING else f", {worst.measured} % against {worst.target} %"
    left = "" if worst.left == NOTHING else f", {worst.left}{NARROW}% left"
    yield from wrapped(f"{name}, {worst.objective}: {worst.word.lower()}{measured}{left}")
