"""What a report says of the history that it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from slo_reports.history import History, SloDay
from slo_reports.model import Provenance


def history_entry(
    history: History, rows: Sequence[SloDay], problems: Sequence[str], now: datetime
) -> tuple[Provenance, ...]:
    """The history's line in the table of sources; none where it was not needed."""
    if not rows and not problems:
        return ()
    stamps = {row.stamp for row in rows}
    warned = {text for stamp in stamps for text in stamp.warnings}
    entry = Provenance(
        name="History",
        used_for=_used_for(rows),
        url=history.url,
        version=", ".join(sorted({stamp.version for stamp in stamps})),
        asked_at=now,
        series=_series(rows),
        queries=0,
        warnings=(*problems, *sorted(warned)),
    )
    return (entry,)


def _used_for(rows: Sequence[SloDay]) -> str:
    days = {row.stamp.day for row in rows}
    if not days:
        return "keeping what was measured"
    when = sorted({row.stamp.collected_at.date() for row in rows})
    count = "1 day" if len(days) == 1 else f"{len(days)} days"
    first, last = _date(when[0]), _date(when[-1])
    return f"{count}, collected {first}" + (f" to {last}" if last != first else "")


def _date(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _series(rows: Sequence[SloDay]) -> int:
    most: dict[str, int] = {}
    for row in rows:
        most[row.slo] = max(row.series, most.get(row.slo, 0))
    return sum(most.values())
