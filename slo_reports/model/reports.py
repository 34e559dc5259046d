"""The judged report: services, incidents, recommendations, and all objectives' results."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter

from slo_reports.model.decisions import ServiceDecisions, ToilBudget
from slo_reports.model.definitions import Tier
from slo_reports.model.formats import utf8
from slo_reports.model.insights import Insight
from slo_reports.model.judgements import Outcome, SloResult
from slo_reports.model.measurements import Incident, Provenance
from slo_reports.model.portfolio import Portfolio
from slo_reports.model.restatements import Notice, ObjectiveFigures, Restatement
from slo_reports.model.snapshots import ReportRequest
from slo_reports.periods import Period

SCHEMA_VERSION = 1
"""Of the JSON document; grows where a field goes, or means something else, and not for new ones."""


class ServiceState(StrEnum):
    """One word for a whole service, worst objective first."""

    MISSED = "missed"
    AT_RISK = "at risk"
    NO_VERDICT = "no verdict"
    MET = "met"


@dataclass(frozen=True)
class ServiceResult:
    """A service with its objectives, worst first, and one line about it."""

    name: str
    owner: str
    tier: Tier | None
    state: ServiceState
    remaining: float | None
    note: str
    results: tuple[SloResult, ...]

    @property
    def is_in_need(self) -> bool:
        """Whether an objective was missed or is at risk."""
        return self.state in (ServiceState.MISSED, ServiceState.AT_RISK)


@dataclass(frozen=True)
class JudgedIncident:
    """An incident with its letter and what it cost.

    Attributes:
        costs: (SLO id, SLO title with its service, consumed share, bad events), dearest first.
        time_to_detect: from the first bad slice, or the start that a person stated, to the first
            alert; None where one of them is not known.
        time_to_recover: from the same beginning to the end; None while it goes on.
    """

    letter: str
    incident: Incident
    costs: tuple[tuple[str, str, float, float], ...]
    time_to_detect: timedelta | None = None
    time_to_recover: timedelta | None = None

    @property
    def length(self) -> timedelta:
        """From the first notice to the end."""
        return self.incident.end - self.incident.start


@dataclass(frozen=True)
class Recommendation:
    """One thing to do, with the evidence that it rests on.

    Attributes:
        kind: machine word, such as ``hold-releases``.
        action: what to do, an imperative sentence without full stop.
        evidence: the numbers it rests on.
        owner: who should do it.
        due: until when, as words.
        score: what ranks it, higher first: gain × weight / effort.
        gain: share of an error budget that is at stake [ratio].
        weight: of the service's tier, by the policy [1].
        effort_days: usual work for this kind, by the policy [d].
    """

    kind: str
    action: str
    evidence: str
    owner: str
    due: str
    service: str
    slo: str | None
    score: float
    gain: float
    weight: float
    effort_days: float


@dataclass(frozen=True)
class Figure:
    """One of the large numbers of the first page."""

    value: str
    unit: str
    label: str
    before: str


@dataclass(frozen=True)
class Rollup:
    """All objectives of one team, or with one value of a label.

    Attributes:
        by: ``team``, or ``label`` and the label's name such as ``label area``.
        name: the team, or the label's value; empty for objectives without the label.
        outcomes: how many objectives have each outcome, those that occur; they add up to all.
        worst: id of the objective with the least budget left, where any has a budget.
        worst_title: its title with its service.
        remaining: budget left of that objective [ratio].
        coverage: counted events over those that full coverage would have counted [ratio]; None
            where nothing was counted.
    """

    by: str
    name: str
    outcomes: tuple[tuple[Outcome, int], ...]
    worst: str | None
    worst_title: str
    remaining: float | None
    coverage: float | None

    @property
    def objectives(self) -> int:
        """How many objectives there are."""
        return sum(count for _, count in self.outcomes)

    def count(self, *outcomes: Outcome) -> int:
        """How many objectives have one of the outcomes."""
        return sum(count for outcome, count in self.outcomes if outcome in outcomes)


@dataclass(frozen=True)
class ChangedFigures:
    """One objective whose figures are not those of the revision before.

    Attributes:
        before: what that said; None where it did not have the objective.
        now: what this one says; None where it has the objective no longer.
    """

    before: ObjectiveFigures | None
    now: ObjectiveFigures | None

    @property
    def either(self) -> ObjectiveFigures:
        """The newer of the two that are there."""
        found = self.now or self.before
        assert found is not None  # noqa: S101  # one of them is always there
        return found

    @property
    def outcome_changed(self) -> bool:
        """Whether the verdict is another one."""
        return self.before is None or self.now is None or self.before.outcome != self.now.outcome


@dataclass(frozen=True)
class Restated:
    """A restatement, and what came of it.

    Attributes:
        changed: those with another outcome first, then in the order of the page.
        unchanged: how many objectives have the same figures as before.
    """

    restatement: Restatement
    changed: tuple[ChangedFigures, ...]
    unchanged: int


@dataclass(frozen=True)
class Report:
    """A judged period: what every document is made from.

    Attributes:
        headline: the whole report in one or two sentences.
        figures: four large numbers.
        services: worst first.
        incidents: in order of time, with letters.
        recommendations: most urgent first.
        coverage: mean coverage of all measured objectives [ratio], None where none was.
        snapshot_hash: SHA-256 of the snapshot that this was computed from.
        rollups: the objectives by team and by label; the groups of each hold every objective once.
        restatement: what this revision replaces and what changed; not in the JSON where it is the
            first.
        notices: what the report tells of its own delivery; not in the JSON where there are none.
        portfolio: all services seen from above; not in the JSON of other kinds.
        decisions: what may be released of each service, in the order of ``services``.
        toil: of each team that owns an objective.
        policy: name and version of what decisions follow from.
        insight: alerts, trend, plan, follow-up, changes; not in the JSON where there is none.
    """

    request: ReportRequest
    period: Period
    revision: int
    frozen_at: datetime
    snapshot_hash: str
    headline: str
    figures: tuple[Figure, ...]
    services: tuple[ServiceResult, ...]
    incidents: tuple[JudgedIncident, ...]
    recommendations: tuple[Recommendation, ...]
    coverage: float | None
    provenance: tuple[Provenance, ...]
    notes: tuple[str, ...] = ()
    rollups: tuple[Rollup, ...] = ()
    restatement: Restated | None = None
    notices: tuple[Notice, ...] = ()
    portfolio: Portfolio | None = None
    decisions: tuple[ServiceDecisions, ...] = ()
    toil: tuple[ToilBudget, ...] = ()
    policy: str = ""
    insight: Insight | None = None

    @property
    def results(self) -> tuple[SloResult, ...]:
        """Every objective, in the order of the page."""
        return tuple(one for service in self.services for one in service.results)

    def __getstate__(self) -> dict[str, Any]:
        """What goes to another process: not what was only kept to save making it twice."""
        return {name: value for name, value in self.__dict__.items() if name != "_json"}

    def to_json(self) -> bytes:
        """The whole report as JSON with sorted keys, for machines."""
        return self._json

    @cached_property
    def _json(self) -> bytes:
        """Made once: it is a document, and attached to the PDF."""
        absent: dict[str, Any] = {name: True for name in _ADDED if not getattr(self, name)}
        looks = {"brand"}  # no data
        absent["request"] = looks if self.request.incident else looks | {"incident"}
        absent["incidents"] = {n: {"incident": {"timeline"}} for n, one in enumerate(self.incidents)
                               if not one.incident.timeline}  # fmt: skip
        plain = _REPORT.dump_python(self, mode="json", exclude=absent)
        versioned = {"schema_version": SCHEMA_VERSION, **plain}
        return utf8(json.dumps(versioned, sort_keys=True, ensure_ascii=False))


_ADDED = ("restatement", "notices", "portfolio", "decisions", "toil", "policy", "insight")
"""Not in the JSON where there are none."""
_REPORT: TypeAdapter[Report] = TypeAdapter(Report)
