"""The next period as words: forecasts, maintenance, targets that change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from slo_reports.model import ComingTarget, Exclusion, Forecast, Outcome, Plan, Report
from slo_reports.numbers import (
    NARROW,
    counted,
    date_text,
    day_text,
    decimal_text,
    duration_text,
    instant_text,
    percent_number,
    percent_text,
    period_name,
    period_title,
)
from slo_reports.periods import local_date
from slo_reports.render.clean import clean

MOST_FORECASTS = 12
MOST_PLANNED = 12
_NOTHING = "–"


@dataclass(frozen=True)
class ForecastRow:
    """What the next period may use of one budget; percent without the sign."""

    title: str
    target: str
    expected: str
    span: str
    chance: str
    ends: str
    at_close: str
    close_at: str

    @property
    def known(self) -> bool:
        """Whether there is enough history for a forecast."""
        return self.expected != _NOTHING

    @property
    def may_end(self) -> bool:
        """Whether a day is known on which the budget may end."""
        return self.ends != _NOTHING


@dataclass(frozen=True)
class PlannedRow:
    """Maintenance of the next period; what repeats is one row."""

    when: str
    length: str
    reason: str
    said_by: str
    of: str


@dataclass(frozen=True)
class PlanTables:
    """The section about the next period."""

    title: str
    name: str
    lede: str
    forecasts: tuple[ForecastRow, ...]
    forecasts_left_out: int
    maintenance: tuple[PlannedRow, ...]
    maintenance_left_out: int
    targets: tuple[str, ...]


def plan_tables(found: Plan | None, report: Report) -> PlanTables | None:
    """Forecasts, maintenance and targets of the next period."""
    if found is None:
        return None
    shown = found.forecasts[:MOST_FORECASTS]
    planned = _maintenance(found.maintenance, found.period.zone)
    return PlanTables(
        title=f"Plan for {period_title(found.period)}",
        name=period_name(found.period),
        lede=plan_lede(found),
        forecasts=tuple(_forecast(one, found) for one in shown),
        forecasts_left_out=len(found.forecasts) - len(shown),
        maintenance=tuple(planned[:MOST_PLANNED]),
        maintenance_left_out=max(0, len(planned) - MOST_PLANNED),
        targets=tuple(_target(one, report) for one in found.targets),
    )


def plan_lede(found: Plan) -> str:
    """Which objective is most likely to be missed, and what is planned."""
    known = [one for one in found.forecasts if one.chance is not None]
    text = []
    if known:
        most = known[0]
        text.append(
            f"Most likely to be missed: {clean(most.title)}, with a chance of "
            f"{_chance(most)} ({most.missed} of its last {most.periods} would miss the target)."
        )
    elif found.forecasts:
        text.append("There is too little history for a forecast: it takes six judged periods.")
    if found.maintenance:
        hours = duration_text(sum((one.end - one.start for one in found.maintenance), timedelta()))
        spans = counted(len(found.maintenance), "span")
        text.append(f"Maintenance is planned in {spans}, {hours} in all.")
    else:
        text.append("No maintenance is written down for it.")
    return " ".join(text)


def _chance(one: Forecast) -> str:
    return f"{decimal_text(100 * (one.chance or 0.0))}{NARROW}%"


def _cases(one: Forecast) -> str:
    if one.chance is None:
        return f"{one.periods} known"
    return f"{_chance(one)} ({one.missed} of {one.periods})"


def _forecast(one: Forecast, found: Plan) -> ForecastRow:
    zone = found.period.zone
    return ForecastRow(
        title=clean(one.title),
        target=percent_number(one.target, kind="target"),
        expected=_used(one.expected),
        span="too little history" if one.low is None else f"{_used(one.low)} to {_used(one.high)}",
        chance=_cases(one),
        ends=_ends(one, zone),
        at_close=_used(one.at_close),
        close_at="" if one.close_at is None else f"spent {_day(one.close_at, zone)}",
    )


def _used(consumed: float | None) -> str:
    return _NOTHING if consumed is None else percent_number(consumed, kind="consumption")


def _ends(one: Forecast, zone: str) -> str:
    """The days between which a missed budget ends, and the middle one."""
    if one.spent is None:
        return _NOTHING
    early, middle, late = (_day(at, zone) for at in one.spent)
    if early == late:
        return middle
    first, last = early.split(" "), late.split(" ")
    return f"{middle} ({first[0] if first[1:] == last[1:] else early} to {late})"


def _day(at: datetime, zone: str) -> str:
    return day_text(local_date(at, zone))


def _maintenance(planned: Sequence[Exclusion], zone: str) -> list[PlannedRow]:
    groups: dict[tuple[object, ...], list[Exclusion]] = {}
    for one in planned:
        key = (one.reason, one.author, one.approved_by, one.services, one.slos, one.kind)
        groups.setdefault(key, []).append(one)
    return [_planned(group, zone) for group in groups.values()]


def _planned(group: Sequence[Exclusion], zone: str) -> PlannedRow:
    first = group[0]
    times = f"{len(group)} times, first " if len(group) > 1 else ""
    by = clean(first.author)
    if first.approved_by:
        by += f", approved by {clean(first.approved_by)}"
    return PlannedRow(
        when=f"{times}{instant_text(first.start, zone)} to {_until(first, zone)}",
        length=duration_text(sum((one.end - one.start for one in group), timedelta())),
        reason=clean(first.reason, 200),
        said_by=by,
        of=clean(", ".join((*first.services, *first.slos)) or "all services"),
    )


def _until(one: Exclusion, zone: str) -> str:
    until = instant_text(one.end, zone)
    same = local_date(one.start, zone) == local_date(one.end, zone)
    return until[-5:] if same else until


def _target(one: ComingTarget, report: Report) -> str:
    old, new = (percent_text(each, kind="target") for each in (one.before, one.target))
    head = f"{clean(one.title)}: {old} becomes {new} on {date_text(one.start)}"
    if one.outcome not in (Outcome.MET, Outcome.MISSED):
        return f"{head}."
    name = period_name(report.period)
    left = "" if one.remaining is None else (
        f" with {percent_text(one.remaining, kind='remaining')} of the budget left")  # fmt: skip
    return f"{head}; {name} would have been {one.outcome}{left}."
