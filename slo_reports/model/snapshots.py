"""The snapshot: everything that a report will ever say, frozen."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter

from slo_reports.model.arrays import SetAside, numbers_json
from slo_reports.model.brand import Brand
from slo_reports.model.definitions import Slo
from slo_reports.model.formats import canonical_json, object_json
from slo_reports.model.insights import Earlier
from slo_reports.model.measurements import (
    Exclusion,
    Incident,
    Measurement,
    Provenance,
    Slices,
)
from slo_reports.model.policies import DEFAULT_POLICY, Policy
from slo_reports.model.restatements import Notice, Restatement
from slo_reports.periods import Period


@dataclass(frozen=True)
class Subject:
    """One SLO of a snapshot with all that was measured of it."""

    slo: Slo
    measurement: Measurement


class ReportKind(StrEnum):
    """What a report is for; each kind has a page of its own."""

    SERVICE = "service"
    """Everything: summary, objectives, incidents, a chapter for what needs one, actions, method."""
    PORTFOLIO = "portfolio"
    """All services by team, for 50 to 500 of them: rankings, outliers, those in need, an index."""
    REVIEW = "review"
    """A weekly meeting of half an hour: agenda, checklist, actions, decisions, room for notes."""
    BRIEF = "brief"
    """One page in plain words for people who depend on the services."""
    PLANNING = "planning"
    """A quarter: trends, targets, ranked work, proposed objectives, decisions, roles."""
    RETROSPECTIVE = "retrospective"
    """One incident: what happened, what it cost, what was learnt."""


@dataclass(frozen=True)
class ReportRequest:
    """The settings of a report that matter to its content."""

    name: str
    title: str
    author: str
    language: str = "en"
    footer: str = ""
    lookback: timedelta | None = None
    """Trailing look-back of the burn rate; None: 3 days, 1 day for spans of up to 10 days."""
    kind: ReportKind = ReportKind.SERVICE
    """Not in the JSON where it is a service report."""
    brand: Brand | None = None
    """Not in the JSON where there is none."""
    incident: str = ""
    """Letter or id of the incident that a retrospective is about; empty: the dearest one. Not in
    the JSON where it is empty."""


@dataclass(frozen=True)
class Snapshot:
    """Everything that a report will say anything about: data only, frozen, with a hash."""

    request: ReportRequest
    period: Period
    subjects: tuple[Subject, ...]
    incidents: tuple[Incident, ...]
    provenance: tuple[Provenance, ...]
    frozen_at: datetime
    revision: int = 1
    schema: int = 1
    exclusions: tuple[Exclusion, ...] = ()
    program: str = ""
    """Version of slo-reports that froze it; empty where it is not known."""
    restatement: Restatement | None = None
    """Why it was made again, and what it replaces; not in the JSON where there is none."""
    notices: tuple[Notice, ...] = ()
    """What the report tells of its own delivery; not in the JSON where there are none."""
    policy: Policy = DEFAULT_POLICY
    """What decisions follow from; not in the JSON where it is ours."""
    planned: tuple[Exclusion, ...] = ()
    """Exclusions written down for the next period; not in the JSON where there are none."""
    earlier: Earlier | None = None
    """What the report before asked for; not in the JSON where there is none."""

    def to_json(self) -> bytes:
        """Canonical JSON: sorted keys, no spaces, UTF-8."""
        return self._json

    @cached_property
    def _json(self) -> bytes:
        """Made once; it goes along where the snapshot is handed to another process."""
        absent: dict[str, Any] = {name: True for name in _ABSENT if not getattr(self, name)}
        if self.policy == DEFAULT_POLICY:
            absent["policy"] = True
        usual = {"kind": ReportKind.SERVICE, "incident": "", "brand": None}
        absent["request"] = {
            name for name, default in usual.items() if getattr(self.request, name) == default
        }
        absent["incidents"] = {n: {"timeline"} for n, one in enumerate(self.incidents)
                               if not one.timeline}  # fmt: skip
        plain = _SNAPSHOT.dump_python(self, mode="json", exclude=absent | {"subjects": True})
        parts = {key: canonical_json(value) for key, value in plain.items()}
        before, after = object_json(parts | {"subjects": _HERE}).split(_HERE)
        written = io.BytesIO()  # in one piece from the start: no other is held beside it
        written.write(before)
        for number, one in enumerate(self.subjects):
            written.write(b"," if number else b"[")
            written.write(_subject_json(one))
        written.write((b"]" if self.subjects else b"[]") + after)
        return written.getvalue()

    def sealed(self) -> Snapshot:
        """The same for one who only keeps it: its JSON, without the measurements beside it."""
        light = replace(self, subjects=())
        light.__dict__["_json"] = self.to_json()
        return light

    @staticmethod
    def from_json(data: bytes) -> Snapshot:
        """The snapshot that ``to_json`` wrote."""
        arrays = SetAside(data, _ARRAYS)
        return _SNAPSHOT.validate_json(arrays.rest, context=arrays)


def _subject_json(subject: Subject) -> bytes:
    plain = _SUBJECT.dump_python(subject, mode="json", exclude={"measurement": {"slices"}})
    measured = {key: canonical_json(value) for key, value in plain["measurement"].items()}
    measured["slices"] = _slices_json(subject.measurement.slices)
    parts = {key: canonical_json(value) for key, value in plain.items()}
    return object_json(parts | {"measurement": object_json(measured)})


def _slices_json(slices: Slices | None) -> bytes:
    if slices is None:
        return b"null"
    plain = _SLICES.dump_python(slices, mode="json", exclude=set(_ARRAYS))
    parts = {key: canonical_json(value) for key, value in plain.items()}
    return object_json(parts | {name: numbers_json(getattr(slices, name)) for name in _ARRAYS})


_ABSENT = ("restatement", "notices", "planned", "earlier")
_SNAPSHOT: TypeAdapter[Snapshot] = TypeAdapter(Snapshot)
_SUBJECT: TypeAdapter[Subject] = TypeAdapter(Subject)
_SLICES: TypeAdapter[Slices] = TypeAdapter(Slices)
_ARRAYS = ("coverage", "good", "valid")
"""The fields of ``Slices`` that are arrays."""
_HERE = b"\x00"
"""Stands where the subjects will be; no JSON holds it."""
