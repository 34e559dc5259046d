"""What people wrote: secrets that are named, definitions, reports, incident files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from slo_reports.deliver.contract import Check
from slo_reports.errors import ConfigurationError
from slo_reports.incidents.loading import load_incidents
from slo_reports.job import World
from slo_reports.numbers import counted
from slo_reports.planning import next_due
from slo_reports.settings.problems import dotted
from slo_reports.settings.schema import ReportSettings
from slo_reports.settings.values import Secret

_SHOWN = 3


def examine_settings(world: World) -> Iterator[Check]:
    """Whether every secret that is named is there; none is shown."""
    secrets = list(secrets_in(world.settings))
    missing = [check for place, secret in secrets if (check := _missing(place, secret))]
    if not missing:
        number = counted(len(secrets), "secret", "secrets") if secrets else "none is named"
        yield Check("read the secrets", is_fine=True, seen=number)
    yield from missing


def secrets_in(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str, Secret]]:
    """Every secret that a value refers to, with its place such as ``source.bearer_token``."""
    match value:
        case Secret():
            yield dotted(place), value
        case BaseModel():
            for name in type(value).model_fields:
                yield from secrets_in(getattr(value, name), (*place, name))
        case dict():
            for key, one in value.items():
                yield from secrets_in(one, (*place, str(key)))
        case list() | tuple():
            for index, one in enumerate(value):
                yield from secrets_in(one, (*place, index))


def _missing(place: str, secret: Secret) -> Check | None:
    what = f"read the secret of {place}"
    mend = f"set {secret.reference} where slo-reports runs, also in its timer or service"
    try:
        if secret.reveal().strip():
            return None
    except ConfigurationError as error:
        return Check(what, is_fine=False, seen=str(error), mend=mend)
    return Check(what, is_fine=False, seen=f"{secret.reference} is empty", mend=mend)


def examine_reports(world: World, fault: ConfigurationError | None) -> Iterator[Check]:
    """Whether definitions and incidents can be used, what reports cover, and when they are due."""
    if fault is None:
        services = len({slo.service for slo in world.slos})
        objectives = counted(len(world.slos), "objective", "objectives")
        seen = f"{objectives} of {counted(services, 'service', 'services')}"
        yield Check("read the definitions", is_fine=True, seen=seen)
        for report in world.settings.reports:
            yield _report(report, world)
    else:
        yield _wrong("read the definitions", fault)
    yield _incidents(world)


def _report(report: ReportSettings, world: World) -> Check:
    what = f"report {report.name}"
    try:
        covered = len(world.files.catalogue.select(report.select, report=report.name))
    except ConfigurationError as error:
        return Check(what, is_fine=False, seen=str(error), mend="mend its select")
    seen = f"{counted(covered, 'objective', 'objectives')}, {_next(report, world)}"
    if not report.destinations:
        mend = "give it destinations, unless it is only made by hand"
        return Check(what, is_fine=None, seen=f"{seen}; it goes nowhere", mend=mend)
    return Check(what, is_fine=True, seen=f"{seen}, to {', '.join(report.destinations)}")


def _next(report: ReportSettings, world: World) -> str:
    zone = world.zone(report)
    found = next_due(report, zone, world.now(), settle=world.settings.settle)
    if found is None:
        return "only on request"
    period, at = found
    return f"next {period.key} on {at.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M} ({zone})"


def _incidents(world: World) -> Check:
    settings, what = world.settings, "read the incident files"
    if not settings.incidents:
        return Check(what, is_fine=True, seen="none is named")
    try:
        found = load_incidents(settings.incidents, settings.timezone, world.slos, world.now())
    except ConfigurationError as error:
        return _wrong(what, error)
    return Check(what, is_fine=True, seen=counted(len(found), "incident", "incidents"))


def _wrong(what: str, fault: ConfigurationError) -> Check:
    lines = str(fault).splitlines()
    more = f"; and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
    mend = "slo-reports validate names them all"
    return Check(what, is_fine=False, seen="; ".join(lines[:_SHOWN]) + more, mend=mend)
