"""What an SLO counts, in words of the language that is spoken.

In data a unit is a machine's word in English, such as ``slices of 5 minutes``, so that a frozen
report reads the same in every language; here it is said.
"""

from __future__ import annotations

import re

from slo_reports.language import tr, trn

EVENTS = "events"
"""The unit that goes without saying."""
_SLICES = re.compile(r"slices of (\d+) (day|hour|minute|second)s?")


def unit_words(unit: str) -> str:
    """A unit as people read it.

    Args:
        unit: as ``methods.unit_of`` gives it.
    """
    match unit:
        case "events":
            return tr("events")
        case "events of the first step":
            return tr("events of the first step")
        case "samples":
            return tr("samples")
    found = _SLICES.fullmatch(unit)
    return unit if found is None else _slices(int(found[1]), found[2])


def _slices(count: int, grain: str) -> str:
    match grain:
        case "day":
            return trn("slices of {count} day", "slices of {count} days", count, count=count)
        case "hour":
            return trn("slices of {count} hour", "slices of {count} hours", count, count=count)
        case "minute":
            return trn("slices of {count} minute", "slices of {count} minutes", count, count=count)
        case _:
            return trn("slices of {count} second", "slices of {count} seconds", count, count=count)
