"""Incident files checked, all problems at once, and made into incidents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from slo_reports.errors import ConfigurationError, Problem
from slo_reports.incidents.instants import parse_instant
from slo_reports.incidents.reading import read_incident_files
from slo_reports.incidents.written import WrittenIncident
from slo_reports.model import Incident, Slo
from slo_reports.periods import Period
from slo_reports.settings.problems import explain, nearest
from slo_reports.settings.yaml_files import YamlDocument

SOURCE = "file"


def load_incidents(
    paths: Sequence[Path], zone: str, slos: Sequence[Slo], until: datetime
) -> tuple[Incident, ...]:
    """The incidents of files and folders (YAML, JSON, CSV), in order of time.

    Args:
        paths: files, or folders that are searched.
        zone: IANA zone of times that are written without an offset.
        slos: all definitions: an incident's service is named as they name it.
        until: where an incident without an end is cut off.

    Returns:
        All of them, also those of services without a definition.

    Raises:
        ConfigurationError: anything is wrong; it holds every problem of every file.
    """
    read = read_incident_files(paths)
    checking = _Checking(zone, slos, until, list(read.problems))
    for entry in read.entries:
        checking.add(entry)
    if checking.problems:
        raise ConfigurationError(list(dict.fromkeys(checking.problems)))
    return tuple(sorted(checking.incidents, key=lambda one: (one.start, one.end, one.id)))


def concerning(
    incidents: Sequence[Incident], slos: Sequence[Slo], period: Period
) -> tuple[Incident, ...]:
    """Those incidents that touch a period and a service of the given SLOs."""
    services = {slo.service for slo in slos}
    return tuple(
        one
        for one in incidents
        if one.start < period.data_end
        and one.end > period.start
        and services & {one.service, *one.services}
    )


@dataclass
class _Checking:
    """What was found so far."""

    zone: str
    slos: Sequence[Slo]
    until: datetime
    problems: list[Problem]
    incidents: list[Incident] = field(default_factory=list)
    seen: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.services = {_plain(slo.service): slo.service for slo in self.slos}

    def add(self, entry: YamlDocument) -> None:
        """Check one entry; it becomes an incident or its problems are kept."""
        try:
            written = WrittenIncident.model_validate(entry.data)
        except ValidationError as error:
            self.problems += explain(error, entry, WrittenIncident)
            self._instants_of(entry)
            return
        before = len(self.problems)
        self.problems += self._same_id(written, entry)
        self.problems += self._names(written, entry)
        start, end, detected = self._instants(written, entry)
        timeline = self._timeline(written, entry)
        if start is not None and len(self.problems) == before:
            self.incidents.append(self._incident(written, start, end, detected, timeline))

    def _same_id(self, written: WrittenIncident, entry: YamlDocument) -> Iterator[Problem]:
        here = f"{entry.path}:{entry.line_of(('id',))}"
        first = self.seen.setdefault(written.id, here)
        if first != here:
            yield entry.problem(
                ("id",), f"a second incident {written.id!r}: {first} has it already"
            )

    def _names(self, written: WrittenIncident, entry: YamlDocument) -> Iterator[Problem]:
        """Services and objectives that are misspelt; a service may have no objective at all."""
        named = [written.service] if written.service is not None else written.services or []
        for index, name in enumerate(named):
            close = nearest(name, [slo.service for slo in self.slos])
            if _plain(name) not in self.services and close:
                loc = ("service",) if written.service is not None else ("services", index)
                yield entry.problem(loc, f"no definition is of the service {name!r}{close}")
        ids = [slo.id for slo in self.slos]
        if written.slo is not None and written.slo not in ids:
            close = nearest(written.slo, ids)
            yield entry.problem(("slo",), f"no definition has the id {written.slo!r}{close}")

    def _instants(
        self, written: WrittenIncident, entry: YamlDocument
    ) -> tuple[datetime | None, datetime | None, datetime | None]:
        start = self._instant("start", text=written.start, entry=entry)
        end = self._instant("end", text=written.end, entry=entry)
        detected = self._instant("detected", text=written.detected, entry=entry)
        if start is not None:
            if end is not None and end <= start:
                text = f"end {written.end} is not after start {written.start}"
                self.problems.append(entry.problem(("end",), text))
            if detected is not None and detected < start:
                text = f"detected {written.detected} is before start {written.start}"
                self.problems.append(entry.problem(("detected",), text))
        return start, end, detected

    def _timeline(
        self, written: WrittenIncident, entry: YamlDocument
    ) -> tuple[tuple[datetime, str], ...]:
        found = [
            (self._instant("timeline", index, "at", text=one.at, entry=entry), one.what)
            for index, one in enumerate(written.timeline or ())
        ]
        return tuple(sorted((at, what) for at, what in found if at is not None))

    def _instants_of(self, entry: YamlDocument) -> None:
        """What is wrong with the instants of an entry that has other faults, too."""
        for key in ("start", "end", "detected"):
            text = entry.data.get(key) if isinstance(entry.data, dict) else None
            if isinstance(text, str):
                self._instant(key, text=text, entry=entry)

    def _instant(self, *loc: str | int, text: str | None, entry: YamlDocument) -> datetime | None:
        if text is None:
            return None
        try:
            return parse_instant(text, self.zone)
        except ValueError as error:
            self.problems.append(entry.problem(loc, f"{loc[-1]}: {error}"))
            return None

    def _incident(
        self,
        written: WrittenIncident,
        start: datetime,
        end: datetime | None,
        detected: datetime | None,
        timeline: tuple[tuple[datetime, str], ...],
    ) -> Incident:
        named = [written.service] if written.service is not None else written.services or []
        services = [self.services.get(_plain(name), name) for name in named]
        return Incident(
            start=start,
            end=max(self.until, start) if end is None else end,
            id=written.id,
            title=written.title,
            service=services[0],
            severity=written.severity,
            source=SOURCE,
            slo=written.slo,
            ongoing=end is None,
            services=tuple(services) if len(services) > 1 else (),
            cause=written.cause,
            follow_up=written.follow_up,
            url=written.url or "",
            sources=(SOURCE,),
            detected_at=detected,
            timeline=timeline,
        )


def _plain(name: str) -> str:
    """A service's name without what people write differently."""
    return re.sub(r"[\s_-]+", "", name).casefold()
