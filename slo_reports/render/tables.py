"""A report as tables of plain values, full precision: what CSV and XLSX are written from.

Columns are a promise: new ones come last, none changes its name or meaning (docs/formats.md).
Titles and what columns are about stand here in English; ``spoken().text`` says them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Generic, Literal, TypeVar

from slo_reports.model import (
    AttributedPart,
    Day,
    JudgedIncident,
    Recommendation,
    Report,
    SloResult,
)

Value = str | bool | int | float | Decimal | datetime | date | None
"""One cell: text is foreign and not yet made harmless, instants are in UTC, None is empty."""
Unit = Literal["text", "ratio", "count", "number", "minutes", "seconds", "instant", "day", "flag"]

Row = TypeVar("Row")
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column.

    Attributes:
        name: its head in CSV, for machines.
        title: its head in XLSX, for people.
        about: what it holds, one clause.
    """

    name: str
    title: str
    unit: Unit
    about: str
    value: Callable[[Row], Value]


@dataclass(frozen=True)
class Table(Generic[Row]):
    """One table.

    Attributes:
        name: part of a CSV's file name.
        title: of the sheet in XLSX.
        about: what a row is.
    """

    name: str
    title: str
    about: str
    columns: tuple[Column[Row], ...]
    rows: Callable[[Report], Sequence[Row]]

    def lines(self, report: Report) -> Iterator[tuple[Value, ...]]:
        """The cells of each row."""
        for row in self.rows(report):
            yield tuple(column.value(row) for column in self.columns)


@dataclass(frozen=True)
class DayRow:
    """One day of one objective."""

    result: SloResult
    day: Day

    @property
    def consumed(self) -> float | None:
        """Bad events of the day as a share of the whole period's budget [ratio]."""
        budget = self.result.budget
        if budget.consumed is None or not budget.events:
            return None
        return (self.day.valid - self.day.good) / budget.events


@dataclass(frozen=True)
class SpentRow:
    """One part of what was spent of one budget."""

    result: SloResult
    part: AttributedPart


@dataclass(frozen=True)
class RankedRow:
    """A recommendation with its place."""

    rank: int
    recommendation: Recommendation


def _minutes(span: timedelta | None) -> float | None:
    return None if span is None else span / _MINUTE


def _of_slo(found: Callable[[Row], SloResult]) -> tuple[Column[Row], ...]:
    return (
        Column("slo", "SLO", "text", "id of the objective", lambda row: found(row).slo.id),
        Column("service", "Service", "text", "its service", lambda row: found(row).slo.service),
        Column("objective", "Objective", "text", "its title", lambda row: found(row).slo.title),
    )


def _itself(result: SloResult) -> SloResult:
    return result


def _tier(one: SloResult) -> str | None:
    return None if one.slo.tier is None else str(one.slo.tier)


def _before(one: SloResult) -> Any:
    return one.before_exclusions


def _previous(one: SloResult) -> float | None:
    return None if one.previous is None else one.previous.consumed


def _exhausted_at(one: SloResult) -> datetime | None:
    return None if one.exhaustion is None else one.exhaustion.at


def _percentile(percent: int, about: str) -> Column[SloResult]:
    def seconds(one: SloResult) -> float | None:
        found = (each for each in one.percentiles if round(each.share * 100) == percent)
        return next((each.seconds for each in found), None)

    return Column(
        f"p{percent}_seconds",
        f"p{percent}, s",
        "seconds",
        about,
        seconds,
    )


OBJECTIVES: Table[SloResult] = Table(
    "objectives",
    "Objectives",
    "one objective",
    (
        *_of_slo(_itself),
        Column("owner", "Owner", "text", "who answers for it", lambda one: one.slo.owner),
        Column("tier", "Tier", "text", "the service's tier", _tier),
        Column("outcome", "Outcome", "text", "the verdict", lambda one: str(one.outcome)),
        Column("target", "Target", "ratio", "what was promised", lambda one: one.objective.target),
        Column("sli", "Measured", "ratio", "good over valid", lambda one: one.sli),
        Column(
            "budget_remaining",
            "Budget left",
            "ratio",
            "error budget left; negative when overspent",
            lambda one: one.budget.remaining,
        ),
        Column(
            "budget_consumed",
            "Budget used",
            "ratio",
            "error budget used; over 1 when overspent",
            lambda one: one.budget.consumed,
        ),
        Column(
            "previous_budget_consumed",
            "Used in the period before",
            "ratio",
            "the same in the period before",
            _previous,
        ),
        Column(
            "budget_status",
            "Budget status",
            "text",
            "the forward-looking state",
            lambda one: str(one.status),
        ),
        Column("coverage", "Data", "ratio", "share of time with data", lambda one: one.coverage),
        Column("good", "Good", "count", "good events, in `unit`", lambda one: one.good),
        Column("valid", "Valid", "count", "valid events, in `unit`", lambda one: one.valid),
        Column(
            "bad", "Bad", "count", "valid less good events, in `unit`", lambda one: one.budget.bad
        ),
        Column("unit", "Unit", "text", "what is counted", lambda one: one.unit),
        Column("method", "Method", "text", "how slices become the SLI", lambda one: one.method),
        Column(
            "budget_events",
            "Budget, events",
            "number",
            "the whole budget, in `unit`",
            lambda one: one.budget.events,
        ),
        Column(
            "budget_minutes",
            "Budget, minutes",
            "minutes",
            "the whole budget as time",
            lambda one: one.budget.minutes,
        ),
        Column(
            "remaining_minutes",
            "Left, minutes",
            "minutes",
            "budget left as time; negative when overspent",
            lambda one: one.budget.remaining_minutes,
        ),
        Column(
            "burn_rate",
            "Burn rate",
            "number",
            "over the look-back, 1 spends exactly the budget",
            lambda one: one.burn,
        ),
        Column(
            "burn_lookback_minutes",
            "Look-back, minutes",
            "minutes",
            "the look-back of `burn_rate`",
            lambda one: _minutes(one.lookback),
        ),
        Column("pace", "Pace", "number", "used over elapsed share", lambda one: one.pace),
        Column(
            "exhaustion",
            "Exhaustion",
            "text",
            "`spent`, `projected`, `later`, `never`",
            lambda one: None if one.exhaustion is None else one.exhaustion.kind,
        ),
        Column(
            "exhausted_at",
            "Exhausted at",
            "instant",
            "when the budget was, or at this rate will be, used up",
            _exhausted_at,
        ),
        Column(
            "unattributed",
            "Used outside incidents",
            "ratio",
            "budget used outside every incident",
            lambda one: one.unattributed,
        ),
        Column(
            "sli_without_exclusions",
            "Measured without exclusions",
            "ratio",
            "had nothing been taken out; empty where nothing was",
            lambda one: None if _before(one) is None else _before(one).sli,
        ),
        Column(
            "sli_lowest",
            "Lowest",
            "ratio",
            "had the time without data been all bad",
            lambda one: None if one.bounds is None else one.bounds[0],
        ),
        Column(
            "sli_highest",
            "Highest",
            "ratio",
            "had it been all good",
            lambda one: None if one.bounds is None else one.bounds[1],
        ),
        _percentile(
            50,
            "of a latency: what 50 % of the events stayed within; the largest boundary, where it "
            "was longer",
        ),
        _percentile(
            95,
            "of a latency: what 95 % of the events stayed within; the largest boundary, where it "
            "was longer",
        ),
        _percentile(
            99,
            "of a latency: what 99 % of the events stayed within; the largest boundary, where it "
            "was longer",
        ),
        Column("since", "Since", "instant", "where data began inside it", lambda one: one.since),
        Column("reason", "Reason", "text", "why there is no number", lambda one: one.reason),
    ),
    lambda report: report.results,
)


def _incident(name: str) -> Callable[[JudgedIncident], Any]:
    return lambda one: getattr(one.incident, name)


INCIDENTS: Table[JudgedIncident] = Table(
    "incidents",
    "Incidents",
    "one incident",
    (
        Column("letter", "Letter", "text", "its letter in the report", lambda one: one.letter),
        Column("id", "Id", "text", "what people or the source call it", _incident("id")),
        Column("title", "Title", "text", "what happened", _incident("title")),
        Column(
            "services",
            "Services",
            "text",
            "what it touched",
            lambda one: ", ".join(one.incident.services or (one.incident.service,)),
        ),
        Column("severity", "Severity", "text", "as the source says", _incident("severity")),
        Column(
            "sources",
            "Sources",
            "text",
            "what told of it",
            lambda one: ", ".join(one.incident.sources or (one.incident.source,)),
        ),
        Column("start", "Start", "instant", "when it was noticed", _incident("start")),
        Column("end", "End", "instant", "when it was over", _incident("end")),
        Column("minutes", "Minutes", "minutes", "its length", lambda one: _minutes(one.length)),
        Column("ongoing", "Goes on", "flag", "whether it goes on", _incident("ongoing")),
        Column("detected_at", "Detected", "instant", "the first alert", _incident("detected_at")),
        Column("began_at", "Burnt from", "instant", "the first bad slice", _incident("began_at")),
        Column("ended_at", "Burnt until", "instant", "the last one's end", _incident("ended_at")),
        Column(
            "detect_minutes",
            "Minutes to detect",
            "minutes",
            "from the first bad slice to the first alert",
            lambda one: _minutes(one.time_to_detect),
        ),
        Column(
            "recover_minutes",
            "Minutes to recover",
            "minutes",
            "from the first bad slice to the end",
            lambda one: _minutes(one.time_to_recover),
        ),
        Column(
            "dearest_slo",
            "Dearest SLO",
            "text",
            "id of the objective that it cost most",
            lambda one: one.costs[0][0] if one.costs else None,
        ),
        Column(
            "dearest_consumed",
            "Budget used of it",
            "ratio",
            "what it cost that one",
            lambda one: one.costs[0][2] if one.costs else None,
        ),
        Column("cause", "Cause", "text", "why, in a person's words", _incident("cause")),
        Column("follow_up", "Follow-up", "text", "what is done", _incident("follow_up")),
        Column("url", "URL", "text", "where more is written", _incident("url")),
    ),
    lambda report: report.incidents,
)


def _part(row: SpentRow) -> AttributedPart:
    return row.part


SPENT: Table[SpentRow] = Table(
    "spent",
    "Budget spent",
    "what one incident, or all else, spent of one objective's budget; the parts add up",
    (
        *_of_slo(lambda row: row.result),
        Column(
            "part", "Part", "text", "an incident's letter, or `unattributed`", lambda r: r.part.name
        ),
        Column("bad", "Bad", "number", "bad events", lambda row: _part(row).bad),
        Column(
            "consumed",
            "Budget used",
            "ratio",
            "share of the whole budget",
            lambda row: _part(row).consumed,
        ),
        Column(
            "share",
            "Share of spent",
            "ratio",
            "share of what was spent; adds up to exactly 1",
            lambda row: Decimal(_part(row).basis_points) / 10_000,
        ),
    ),
    lambda report: [
        SpentRow(one, part)
        for one in report.results
        if one.attribution is not None
        for part in one.attribution.parts
    ],
)


def _asked(name: str) -> Callable[[RankedRow], Any]:
    return lambda row: getattr(row.recommendation, name)


ACTIONS: Table[RankedRow] = Table(
    "actions",
    "Recommendations",
    "one thing to do, most urgent first",
    (
        Column("rank", "Rank", "count", "1 is most urgent", lambda row: row.rank),
        Column("action", "Action", "text", "what to do", _asked("action")),
        Column("evidence", "Evidence", "text", "the numbers it rests on", _asked("evidence")),
        Column("owner", "Owner", "text", "who should do it", _asked("owner")),
        Column("due", "Due", "text", "until when", _asked("due")),
        Column("service", "Service", "text", "what it is about", _asked("service")),
        Column("slo", "SLO", "text", "id of its objective", _asked("slo")),
        Column("kind", "Kind", "text", "machine word", _asked("kind")),
        Column("score", "Score", "number", "what ranks it", _asked("score")),
    ),
    lambda report: [RankedRow(n, one) for n, one in enumerate(report.recommendations, 1)],
)

DAYS: Table[DayRow] = Table(
    "days",
    "Days",
    "one local day of one objective",
    (
        *_of_slo(lambda row: row.result),
        Column("day", "Day", "day", "in the report's zone", lambda row: row.day.day),
        Column("sli", "Measured", "ratio", "good over valid", lambda row: row.day.sli),
        Column("good", "Good", "count", "good events", lambda row: row.day.good),
        Column("valid", "Valid", "count", "valid events", lambda row: row.day.valid),
        Column("coverage", "Data", "ratio", "share of the day with data", lambda r: r.day.coverage),
        Column(
            "budget_consumed",
            "Budget used",
            "ratio",
            "share of the whole period's budget",
            lambda row: row.consumed,
        ),
    ),
    lambda report: [DayRow(one, day) for one in report.results for day in one.days],
)

TABLES: tuple[Table[Any], ...] = (OBJECTIVES, INCIDENTS, SPENT, ACTIONS, DAYS)
