"""The next period as words: forecasts, maintenance, targets that change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from slo_reports.language import tr, trn
from slo_reports.model import ComingTarget, Exclusion, Forecast, Outcome, Plan, Report
from slo_reports.numbers import (
    NARROW,
    count_text,
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
        title=tr("Plan for {period}", period=period_title(found.period)),
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
            tr(
                "Most likely to be missed: {title}, with a chance of {chance} ({missed} of its "
                "last {periods} would miss the target).",
                title=clean(most.title),
                chance=_chance(most),
                missed=most.missed,
                periods=most.periods,
            )
        )
    elif found.forecasts:
        text.append(tr("There is too little history for a forecast: it takes six judged periods."))
    return " ".join([*text, _maintenance_lede(found.maintenance)])


def _maintenance_lede(planned: Sequence[Exclusion]) -> str:
    if not planned:
        return tr("No maintenance is written down for it.")
    whole = duration_text(sum((one.end - one.start for one in planned), timedelta()))
    return trn(
        "Maintenance is planned in {count} span, {length} in all.",
        "Maintenance is planned in {count} spans, {length} in all.",
        len(planned),
        count=count_text(len(planned)),
        length=whole,
    )


def _chance(one: Forecast) -> str:
    return f"{decimal_text(100 * (one.chance or 0.0))}{NARROW}%"


def _cases(one: Forecast) -> str:
    if one.chance is None:
        return tr("{count} known", count=one.periods)
    return tr(
        "{chance} ({missed} of {periods})",
        chance=_chance(one),
        missed=one.missed,
        periods=one.periods,
    )


def _span(one: Forecast) -> str:
    if one.low is None:
        return tr("too little history")
    return tr("{first} to {last}", first=_used(one.low), last=_used(one.high))


def _forecast(one: Forecast, found: Plan) -> ForecastRow:
    zone = found.period.zone
    return ForecastRow(
        title=clean(one.title),
        target=percent_number(one.target, kind="target"),
        expected=_used(one.expected),
        span=_span(one),
        chance=_cases(one),
        ends=_ends(one, zone),
        at_close=_used(one.at_close),
        close_at="" if one.close_at is None else tr("spent {day}", day=_day(one.close_at, zone)),
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
    return f"{middle} ({tr('{first} to {last}', first=early, last=late)})"


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
    by = clean(first.author)
    if first.approved_by:
        by = tr("{author}, approved by {other}", author=by, other=clean(first.approved_by))
    began, until = instant_text(first.start, zone), _until(first, zone)
    when = tr("{first} to {last}", first=began, last=until)
    if len(group) > 1:
        when = tr("{count} times, first {when}", count=len(group), when=when)
    return PlannedRow(
        when=when,
        length=duration_text(sum((one.end - one.start for one in group), timedelta())),
        reason=clean(first.reason, 200),
        said_by=by,
        of=clean(", ".join((*first.services, *first.slos)) or tr("all services")),
    )


def _until(one: Exclusion, zone: str) -> str:
    until = instant_text(one.end, zone)
    same = local_date(one.start, zone) == local_date(one.end, zone)
    return until[-5:] if same else until


def _target(one: ComingTarget, report: Report) -> str:
    old, new = (percent_text(each, kind="target") for each in (one.before, one.target))
    title, day = clean(one.title), date_text(one.start)
    head = tr("{title}: {old} becomes {new} on {day}", title=title, old=old, new=new, day=day)
    if one.outcome not in (Outcome.MET, Outcome.MISSED):
        return f"{head}."
    name, met = period_name(report.period), one.outcome is Outcome.MET
    told = (
        tr("{period} would have been met", period=name)
        if met
        else tr("{period} would have been missed", period=name)
    )
    if one.remaining is None:
        return f"{head}; {told}."
    left = percent_text(one.remaining, kind="remaining")
    return f"{head}; {told}, {tr('{share} of the budget left', share=left)}."
