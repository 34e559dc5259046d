"""What changed since the period before, and whether the change is a real one, as words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from slo_reports.model import Changes, Insight, Shift, ShiftKind
from slo_reports.numbers import (
    NARROW,
    count_text,
    counted,
    listed,
    percent_number,
    period_name,
    sentence,
    signed_points,
)
from slo_reports.render.clean import clean

_NAMED = 2


def changes_text(found: Changes | None) -> str:
    """What changed since the period before, in one line; empty where nothing is known of it."""
    if found is None:
        return ""
    parts = []
    if found.missed:
        parts.append(f"newly missed {_named(found.missed)}")
    if found.still:
        parts.append(f"{count_text(found.still)} missed again")
    if found.recovered:
        parts.append(f"back in budget {_named(found.recovered)}")
    if not parts:
        parts.append("no verdict changed")
    if found.moved is not None:
        parts.append(_moved(found))
    if found.began:
        parts.append(f"{count_text(len(found.began))} judged for the first time")
    return f"Since {period_name(found.since)}: {'; '.join(parts)}."


def _named(titles: Sequence[str]) -> str:
    names = [clean(one, 80) for one in titles[:_NAMED]]
    more = len(titles) - _NAMED
    return listed([*names, f"{count_text(more)} more"] if more > 0 else names)


def _moved(found: Changes) -> str:
    most = found.moved
    assert most is not None  # noqa: S101  # the caller has looked
    points = signed_points(most.points)
    kind = "" if most.kind is ShiftKind.UNKNOWN else f", {most.kind}"
    return f"biggest move {clean(most.title, 80)}, {points} points of budget{kind}"


def real_changes(found: Insight) -> Mapping[str, str]:
    """A word for the table of objectives, by id: where the change is a real one."""
    return {one.slo: "real" for one in found.shifts if one.kind.is_real}


def shift_text(found: Shift | None) -> str:
    """What the trend says of one objective, as sentences; empty where nothing can be compared."""
    if found is None:
        return ""
    if found.usual is None or found.low is None or found.high is None:
        if not found.periods:
            return "No earlier period is known to compare with; it takes six."
        verb = "is" if found.periods == 1 else "are"
        known = counted(found.periods, "earlier period")
        return f"Only {known} {verb} known to compare with; it takes six."
    low, high = (percent_number(one, kind="consumption") for one in (found.low, found.high))
    span = f"{low} to {high}{NARROW}%"
    match found.kind:
        case ShiftKind.USUAL:
            return f"Within its usual range, {span} used."
        case ShiftKind.FEW_DAYS:
            return f"Outside its usual {span} used, by a few days only."
        case _:
            return f"{sentence(found.kind)}; usual is {span} used."
