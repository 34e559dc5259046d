"""Where the panels of a dashboard stand: rows from top to bottom, 24 columns wide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from grafana_foundation_sdk.builders import dashboard as building
from grafana_foundation_sdk.models import dashboard as shapes

from slo_reports.generate.grafana_parts import AnyPanel

COLUMNS = 24


@dataclass(frozen=True)
class Band:
    """Panels beside each other, all of one height.

    Attributes:
        height: in rows of Grafana's grid.
        panels: each with its width, 24 columns together.
        heading: what stands above them on a line of its own.
    """

    height: int
    panels: Sequence[tuple[AnyPanel, int]]
    heading: str = ""


def lay_out(dashboard: building.Dashboard, bands: Iterable[Band]) -> building.Dashboard:
    """Put bands below each other; panels are numbered from 1 in reading order."""
    for number, (panel, place) in enumerate(_places(bands), start=1):
        panel.id(number).grid_pos(place)
        if isinstance(panel, building.Row):
            dashboard.with_row(panel)
        else:
            dashboard.with_panel(panel)
    return dashboard


def _places(bands: Iterable[Band]) -> Iterator[tuple[AnyPanel | building.Row, shapes.GridPos]]:
    top = 0
    for band in bands:
        if band.heading:
            yield building.Row(band.heading), shapes.GridPos(h=1, w=COLUMNS, x=0, y=top)
            top += 1
        left = 0
        for panel, width in band.panels:
            yield panel, shapes.GridPos(h=band.height, w=width, x=left, y=top)
            left += width
        top += band.height
