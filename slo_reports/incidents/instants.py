"""Instants as people write them: with an offset, or by the clock on the wall."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_FORM = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)? ?(Z|[+-]\d{2}:?\d{2})?")


def parse_instant(text: str, zone: str) -> datetime:
    """The instant that a text means [UTC].

    Args:
        text: such as ``2026-10-19 14:05`` or ``2026-10-19T14:05:00+02:00``.
        zone: IANA zone of a time without an offset.

    Raises:
        ValueError: it is no instant, or one that the zone's clocks skip or show twice.
    """
    if not _FORM.fullmatch(text):
        msg = f"'{text}' is no instant; write a date and a time, such as 2026-10-19 14:05"
        raise ValueError(msg)
    try:
        written = datetime.fromisoformat(text.replace(" +", "+").replace(" Z", "Z"))
    except ValueError as error:
        msg = f"'{text}' is not in the calendar: {error}"
        raise ValueError(msg) from None
    return written.astimezone(UTC) if written.tzinfo else _on_the_wall(written, text, zone)


def _on_the_wall(written: datetime, text: str, zone: str) -> datetime:
    first = written.replace(tzinfo=ZoneInfo(zone), fold=0)
    second = first.replace(fold=1)
    instant = first.astimezone(UTC)
    if first.utcoffset() == second.utcoffset():
        return instant
    if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != written:
        msg = f"'{text}' does not exist in {zone}: the clocks skip it"
        raise ValueError(msg)
    offsets = " or ".join(f"{one:%z}"[:3] + ":" + f"{one:%z}"[3:5] for one in (first, second))
    msg = f"'{text}' happens twice in {zone}, when clocks go back; add an offset, {offsets}"
    raise ValueError(msg)
