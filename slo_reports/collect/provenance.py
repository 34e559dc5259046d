"""What a report says of the history that it was made from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from slo_reports.history import History, Stamp
from slo_reports.model import Provenance


def history_entry(
    history: History, stamps: Collection[Stamp], series: int, problems: Sequence[str], now: datetime
) -> tuple[Provenance, ...]:
    """The history's line in the table of sources; none where it was not needed.

    Args:
        history: what was read.
        stamps: how and when the days were collected that were used.
        series: how many series were counted in them.
        problems: what could not be kept.
        now: when it was read.
    """
    if not stamps and not problems:
        return ()
    warned = {text for stamp in stamps for text in stamp.warnings}
    entry = Provenance(
        name="History",
        used_for=_used_for(stamps),
        url=history.url,
        version=", ".join(sorted({stamp.version for stamp in stamps})),
        asked_at=now,
        series=series,
        queries=0,
        warnings=(*problems, *sorted(warned)),
    )
    return (entry,)


def _used_for(stamps: Collection[Stamp]) -> str:
    days = {stamp.day for stamp in stamps}
    if not days:
        return "keeping what was measured"
    when = sorted({stamp.collected_at.date() for stamp in stamps})
    count = "1 day" if len(days) == 1 else f"{len(days)} days"
    first, last = _date(when[0]), _date(when[-1])
    return f"{count}, collected {first}" + (f" to {last}" if last != first else "")


def _date(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
