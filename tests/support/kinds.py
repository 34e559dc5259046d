"""Snapshots of each kind of report, made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from support.snapshots import INCIDENTS, a_snapshot

from slo_reports.model import Incident, ReportKind, Snapshot
from slo_reports.periods import quarter, week

ZONE = "Europe/Berlin"


def of_kind(snapshot: Snapshot, kind: ReportKind, **request: Any) -> Snapshot:
    """The same data for a report of another kind."""
    return replace(snapshot, request=replace(snapshot.request, kind=kind, **request))


def speaking_of(snapshot: Snapshot, language: str) -> Snapshot:
    """The same data for a report in another language."""
    return replace(snapshot, request=replace(snapshot.request, language=language))


def a_review(**snapshot: Any) -> Snapshot:
    """A week in which the writer pool ran dry."""
    period = week(2026, 43, ZONE)
    made = {"period": period, "incidents": INCIDENTS[2:3], **snapshot}
    return of_kind(a_snapshot(**made), ReportKind.REVIEW)


def a_planning(**snapshot: Any) -> Snapshot:
    """A quarter whose incidents all fell into its first month."""
    made = {"period": quarter(2026, 4, ZONE), **snapshot}
    return of_kind(a_snapshot(**made), ReportKind.PLANNING)


def told_incident() -> Incident:
    """The writer pool again, with all that people can write down."""

    def at(hour: int, minute: int) -> datetime:
        return datetime(2026, 10, 19, hour, minute, tzinfo=UTC)

    return replace(
        INCIDENTS[2],
        alerts=("CheckoutErrorBudgetBurn",),
        detected_at=at(12, 9),
        cause="A deploy doubled the connections of each worker",
        follow_up="A limit per worker, and an alert on the pool",
        url="https://incidents.example.com/2063",
        timeline=((at(12, 2), "Release 8.15.0 is out"), (at(12, 41), "It is rolled back")),
    )


def a_retrospective(incident: str = "INC-2063", **snapshot: Any) -> Snapshot:
    """A month of which one incident is looked back on."""
    incidents = (*INCIDENTS[:2], told_incident(), INCIDENTS[3])
    made = a_snapshot(**{"incidents": incidents, **snapshot})
    return of_kind(made, ReportKind.RETROSPECTIVE, incident=incident)


def a_brief(*services: Any, **snapshot: Any) -> Snapshot:
    """A month on one page."""
    return of_kind(a_snapshot(*services, **snapshot), ReportKind.BRIEF)
