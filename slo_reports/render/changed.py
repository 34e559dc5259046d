"""What changed since the period before, and whether the change is a real one, as words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from slo_reports.language import tr, trn
from slo_reports.model import Changes, Insight, Moved, Shift, ShiftKind
from slo_reports.numbers import (
    NARROW,
    count_text,
    listed,
    percent_number,
    period_name,
    signed_points,
)
from slo_reports.render.clean import clean

_NAMED = 2


def changes_text(found: Changes | None) -> str:
    """What changed since the period before, in one line; empty where nothing is known of it."""
    if found is None:
        return ""
    parts = [
        *([tr("newly missed {names}", names=_named(found.missed))] if found.missed else []),
        *([_again(found.still)] if found.still else []),
        *([tr("back in budget {names}", names=_named(found.recovered))] if found.recovered else []),
    ] or [tr("no verdict changed")]
    if found.moved is not None:
        parts.append(_moved(found.moved))
    if found.began:
        count = len(found.began)
        parts.append(tr("{count} judged for the first time", count=count_text(count)))
    since = period_name(found.since)
    return tr("Since {period}: {changes}.", period=since, changes="; ".join(parts))


def _again(count: int) -> str:
    return tr("{count} missed again", count=count_text(count))


def _named(titles: Sequence[str]) -> str:
    names = [clean(one, 80) for one in titles[:_NAMED]]
    more = len(titles) - _NAMED
    return listed([*names, tr("{count} more", count=count_text(more))] if more > 0 else names)


def _moved(most: Moved) -> str:
    title, points = clean(most.title, 80), signed_points(most.points)
    told = tr("biggest move {title}, {points} points of budget", title=title, points=points)
    match most.kind:
        case ShiftKind.UNKNOWN:
            return told
        case ShiftKind.USUAL:
            return f"{told}, {tr('within its usual range')}"
        case ShiftKind.FEW_DAYS:
            return f"{told}, {tr('out of its usual range by a few days')}"
        case ShiftKind.BETTER | ShiftKind.WORSE:
            return f"{told}, {tr('a real change')}"


def real_changes(found: Insight) -> Mapping[str, str]:
    """A word for the table of objectives, by id: where the change is a real one."""
    return {one.slo: tr("real") for one in found.shifts if one.kind.is_real}


def shift_text(found: Shift | None) -> str:
    """What the trend says of one objective, as a sentence; empty where nothing can be compared."""
    if found is None:
        return ""
    if found.low is None or found.high is None:
        return _too_little(found.periods)
    low, high = (percent_number(one, kind="consumption") for one in (found.low, found.high))
    span = {"low": low, "high": f"{high}{NARROW}%"}
    match found.kind:
        case ShiftKind.FEW_DAYS:
            return tr("Outside its usual {low} to {high} used, by a few days only.", **span)
        case ShiftKind.WORSE:
            return tr("A real change for the worse; usual is {low} to {high} used.", **span)
        case ShiftKind.BETTER:
            return tr("A real change for the better; usual is {low} to {high} used.", **span)
        case _:
            return tr("Within its usual range, {low} to {high} used.", **span)


def _too_little(periods: int) -> str:
    if not periods:
        return tr("No earlier period is known to compare with; it takes six.")
    return trn(
        "Only {count} earlier period is known to compare with; it takes six.",
        "Only {count} earlier periods are known to compare with; it takes six.",
        periods,
        count=count_text(periods),
    )
