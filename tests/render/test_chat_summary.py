"""A report in three lines."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from slo_reports.deliver.chat_payloads import slack_payload, teams_payload
from slo_reports.model import Report
from slo_reports.render import render_bundle
from slo_reports.render.chat import summary
from slo_reports.render.mail import subject


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


def test_three_lines_say_how_it_went_what_is_worst_and_what_to_do(report: Report) -> None:
    told = summary(report, links={"pdf": "https://x/p", "html": "https://x/h"})
    assert told.headline == "Commerce platform, October 2026: 10 of 12 objectives met"
    assert (told.met, told.objectives) == (10, 12)
    worst = min(
        (one for one in report.results if one.outcome == "missed"),
        key=lambda one: one.budget.remaining or 0.0,
    )
    assert plain(told.worst).startswith("Worst: ")
    assert worst.slo.service in told.worst
    assert ", missed: " in told.worst
    assert plain(told.worst).endswith(" % of the budget left")
    assert told.action.startswith(f"First: {report.recommendations[0].action} (")
    assert told.links == (("html", "https://x/h"), ("pdf", "https://x/p"))


def test_the_headline_is_that_of_the_mail(report: Report) -> None:
    assert subject(report) == f"SLO report, {summary(report).headline}"
    assert ", revision 2: " in summary(replace(report, revision=2)).headline


def test_where_all_were_met_it_says_so_and_names_the_closest(report: Report) -> None:
    met = [one for one in report.services if all(two.outcome == "met" for two in one.results)]
    good = summary(replace(report, services=tuple(met), recommendations=()))
    assert good.worst.startswith("All objectives were met")
    assert good.action == "Nothing needs to be done."


def test_what_was_not_measured_is_told_with_its_reason(odd_report: Report) -> None:
    missed = [one for one in odd_report.results if one.outcome == "missed"]
    unjudged = [
        replace(service, results=tuple(one for one in service.results if one not in missed))
        for service in odd_report.services
    ]
    told = summary(replace(odd_report, services=tuple(unjudged))).worst
    first = next(one for one in odd_report.results if one.outcome not in ("met", "missed"))
    assert told.startswith("Worst: ")
    assert first.slo.service in told


def test_a_report_of_nothing_says_so(report: Report) -> None:
    empty = summary(replace(report, services=(), recommendations=()))
    assert empty.headline.endswith(": no objectives")
    assert empty.worst == "No objective is in this report."


def test_hostile_names_of_ten_thousand_letters_fit_into_every_chat(hostile_report: Report) -> None:
    long = replace(
        hostile_report, request=replace(hostile_report.request, title="<!channel> " * 1000)
    )
    told = summary(long)
    assert not any(set(line) & set("\u202e\u2066\n\r\x00") for line in (told.headline, told.worst))
    assert max(map(len, (told.worst, told.action))) <= 600
    blocks = json.loads(slack_payload(told))["blocks"]
    assert len(blocks[0]["text"]["text"]) <= 150
    assert blocks[0]["text"]["text"] == told.headline
    assert len(teams_payload(told)) < 28_000


@pytest.mark.parametrize("name", ["report", "weekly_report", "running_report", "journeys_report"])
def test_the_same_report_gives_the_same_summary(request: pytest.FixtureRequest, name: str) -> None:
    report: Report = request.getfixturevalue(name)
    assert summary(report) == summary(report)
    assert len(summary(report).headline) <= 150


def test_a_bundle_carries_its_summary_with_the_links(report: Report) -> None:
    bundle = render_bundle(report, ["json"], links=lambda _made: {"html": "https://x/h"})
    assert bundle.summary == summary(report, links={"html": "https://x/h"})
