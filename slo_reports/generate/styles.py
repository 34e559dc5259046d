"""The styles in which rules are written, by the name that ``--style`` knows them by."""

from __future__ import annotations

from collections.abc import Mapping

from slo_reports.generate import ours, pyrra, sloth
from slo_reports.generate.rules import Generated, LeftOut, Style, Surroundings
from slo_reports.model import PyrraWritten, Slo

STYLES: Mapping[str, Style] = {
    "ours": ours.rules_of,
    "sloth": sloth.rules_of,
    "pyrra": pyrra.rules_of,
}
_GROUPING = "pyrra"
"""The style that makes one objective for each set of values of some labels."""


def rules_in(style: str, slo: Slo, around: Surroundings) -> Generated:
    """The rules of one definition in a style, which is one of ``STYLES``."""
    grouped = isinstance(slo.written, PyrraWritten) and slo.written.grouping
    if grouped and style != _GROUPING:
        labels = ", ".join(grouped)
        why = f"it is one objective for each {labels}, which only the style {_GROUPING} has"
        return Generated((), (LeftOut(slo.id, "the objective", why),))
    return STYLES[style](slo, around)
