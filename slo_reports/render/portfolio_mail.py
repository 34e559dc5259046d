"""The mail of a portfolio: short, by team, small however many services there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from slo_reports.language import tr
from slo_reports.model import Report
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
from slo_reports.render.portfolio_needs import need_words

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
            *section(tr("Asked of you").upper()),
            *(recommended(first_asks(report)) or [tr("Nothing needs to be done.")]),
            *section(what_changed(since).upper()),
            *([line for one in seen.news for line in _news(one)] or [tr("Nothing that is known.")]),
            *section(tr("By team").upper()),
            *(line for one in seen.teams for line in _team(one)),
            *section(tr("Services in need").upper()),
            *([line for one in needy for line in _service(one)] or [tr("None.")]),
            *foot(report),
        ]
    )


def what_changed(since: str) -> str:
    """The heading over what is new since the period before, where there is one."""
    return tr("What changed since {period}", period=since) if since else tr("What changed")


def _news(news: News) -> list[str]:
    names = ", ".join(
        f"{row.service.name}{f' ({words})' if words else ''}" for row, words in news.rows
    )
    more = [tr("and {count} more", count=news.left_out)] if news.left_out else []
    return wrapped(" ".join([f"{news.title} ({news.count}): {names}", *more]))


def _team(team: TeamPart) -> list[str]:
    return wrapped(f"{team.name}: {team.told}")


def _service(row: PortfolioRow) -> Iterator[str]:
    name = clean(row.service.name)
    yield from wrapped(f"{name}, {row.worst.objective}: {need_words(row.worst)}")
