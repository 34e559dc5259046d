"""Whether a source's own samples are read, or it is asked for values at the ends of slices.

Samples as they are stored cost a Prometheus next to nothing: it hands out what lies on its disk,
and evaluates nothing. Taking them apart here takes compiled code (the extra ``fast``), which has to
be loaded first; so it pays where they are many. The numbers are the same either way.
"""

from __future__ import annotations

import sys
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, cast

import yaml

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.families import Family, boundary_of
from slo_reports.collect.grid import Grid
from slo_reports.errors import SourceError

if TYPE_CHECKING:
    from slo_reports.collect.raw.reading import Reading

LOADING = 0.6
"""What it takes to load the compiled code [s]."""
ASKING = 0.005
"""What is asked besides before samples are read [s]."""
_SAMPLE, _POINT = 65e-9, 0.8e-6
"""What a sample and a value at the end of a slice cost more where they are asked for, at the source
and here together (docs/performance.md) [s]."""
_READING = "slo_reports.collect.raw.reading"


class NotOffered(Exception):
    """The source does not hand out its samples; nothing was read."""


@dataclass(frozen=True)
class Extent:
    """How much there may be to read.

    Attributes:
        series: how many, about; 0: nobody knows.
        slices: in how many of a grid's there may be any data.
        interval: between two samples of a series.
    """

    series: int
    slices: int
    interval: timedelta

    def saved(self, step: timedelta) -> float:
        """By how much CPU time reading it is cheaper than asking for slices of a length [s]."""
        return self.series * self.slices * (_SAMPLE * (step / self.interval) + _POINT)


def reading(
    client: PrometheusClient, family: Family, grid: Grid, extent: Extent, pool: Executor
) -> Reading | None:
    """What reads the samples of a family; None where its values are to be asked for.

    Args:
        client: the source.
        family: whose series.
        grid: over which.
        extent: how much that may be; where the number of series is not known it is asked for.
        pool: for work on the samples.

    Raises:
        SourceError: the source could not be reached.
    """
    if not client.reads_samples:
        return None
    if not extent.series:
        there = client.series([family.selector], grid.start, grid.end)
        extent = replace(extent, series=len(there))
    if extent.saved(grid.step) < (ASKING if _READING in sys.modules else LOADING):
        return None
    added = _added_labels(client, family, grid)
    if added is None:
        return None
    if not may_compile():
        client.reads_samples = False
        return None
    module = import_module(_READING)
    return cast("Reading", module.Reading(client, family, grid, extent.series, added, pool))


def may_compile() -> bool:
    """Whether what samples are read with is installed, and may make machine code here."""
    try:
        import_module(_READING)
    except (ImportError, OSError):  # such as MemoryDenyWriteExecute of a systemd service
        return False
    return True


def _added_labels(client: PrometheusClient, family: Family, grid: Grid) -> frozenset[str] | None:
    """The labels that the source adds to its series where it hands them out; None: do not read.

    A remote read shows ``external_labels`` on each series, and its matchers match them; a query
    does neither. So they can be taken off again where no series has a label of that name itself.
    """
    values = [boundary_of(text) for text in family.buckets]
    if len(set(values)) < len(values):
        return None  # two spellings of a bucket are one counter in two series
    if client.added_labels is None:
        client.added_labels = _external_labels(client)
    added = client.added_labels
    if added is None:
        client.reads_samples = False
        return None
    if any(one.label in added for one in family.matchers):
        return None
    if any(client.label_values(one, family.selector, grid.start, grid.end) for one in added):
        return None
    return added


def _external_labels(client: PrometheusClient) -> frozenset[str] | None:
    """Those of the source's configuration; None where it does not show that."""
    try:
        text = str(client.status("config").get("yaml") or "")
    except SourceError:  # a proxy that lets only queries through; if it is more, they will tell
        return None
    if not text:
        return None
    _, _, rest = f"\n{text}".partition("\nglobal:")
    lines = rest.split("\n")
    inside = next((n for n, line in enumerate(lines[1:], 1) if line[:1].strip()), len(lines))
    try:
        section = yaml.safe_load("\n".join(lines[1:inside])) or {}
        return frozenset(section.get("external_labels") or {})
    except (yaml.YAMLError, AttributeError, TypeError):
        return None
