"""Sloth's formats: plain ``prometheus/v1`` and Kubernetes' ``sloth.slok.dev/v1``.

Sloth's files have no window: the period comes from the settings or the command line, as it comes
from a flag there. Its alerts are the usual four, scaled to the period, or those of an
``AlertWindows`` file; an SLO can switch off the pages or the tickets.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from slo_reports.definitions.assembling import (
    Identity,
    Labels,
    Promise,
    assemble,
    name_of,
    read_labels,
    title_of,
    web_address,
)
from slo_reports.definitions.foreign import (
    Context,
    Imported,
    Notes,
    Place,
    percent_target,
    whole_days,
)
from slo_reports.definitions.queries import Counted, events, has_window, prepared
from slo_reports.definitions.rule_words import kubernetes
from slo_reports.definitions.selectors import BadMatcher
from slo_reports.definitions.sloth_windows import alerts_of
from slo_reports.definitions.sloth_words import Alerts, Dialect, read_alerting, written_of
from slo_reports.model import (
    Indicator,
    Method,
    Objective,
    RatioQueryIndicator,
    Slo,
)

PLAIN = "prometheus/v1"
KUBERNETES = "sloth.slok.dev/v1"
_NAME = re.compile(r"[A-Za-z0-9][-A-Za-z0-9_.]*[A-Za-z0-9]")


def read_sloth(objects: Sequence[Place], context: Context) -> Imported:
    """The SLOs of all documents; alert windows among them hold for their period."""
    notes = Notes()
    found: list[Slo] = []
    windows = [one for one in objects if one.mapping().get("kind") == "AlertWindows"]
    alerts = alerts_of(windows, context.period)
    for root in objects:
        if root not in windows:
            found += root.notes.attempt(partial(_document, root, context, alerts)) or ()
        notes.add(root.notes)
    return Imported(tuple(found), notes)


def _document(root: Place, context: Context, alerts: Alerts) -> list[Slo]:
    if root.get("version") is not None:
        return _service(root, Dialect(PLAIN, camel=False), context, alerts, ("version",))
    root.only(["apiVersion", "kind", "metadata", "spec", "status"])
    root.need("kind").one_of(["PrometheusServiceLevel", "AlertWindows"])
    metadata = root.get("metadata")
    holder = None if metadata is None else kubernetes(metadata)
    dialect = Dialect(KUBERNETES, camel=True, holder=holder)
    return _service(root.need("spec"), dialect, context, alerts, ())


def _service(
    spec: Place, dialect: Dialect, context: Context, usual: Alerts, more: tuple[str, ...]
) -> list[Slo]:
    plugins = dialect.key("slo_plugins")
    spec.only([*more, "service", "labels", plugins, "slos"])
    items = spec.need("slos").items()
    if not items:
        spec.need("slos").refuse("slos is empty: a service level needs at least one SLO")
    found = []
    for item in items:
        notes = Notes()
        read = partial(_slo, item.noting(notes), spec.noting(notes), dialect, context, usual)
        slo = notes.attempt(read)
        if slo is not None and not notes.problems:
            found.append(slo)
        spec.notes.add(notes)
    return found


def _slo(item: Place, spec: Place, dialect: Dialect, context: Context, usual: Alerts) -> Slo | None:
    notes = item.notes
    item.only(["name", "description", "objective", "labels", "plugins", "sli", "alerting"])
    _say_plugins(spec.get(dialect.key("slo_plugins")))
    _say_plugins(item.get("plugins"))
    service = notes.attempt(lambda: _named(spec.need("service")))
    name = notes.attempt(lambda: _named(item.need("name")))
    indicator = notes.attempt(lambda: _indicator(item.need("sli"), dialect))
    target = notes.attempt(lambda: percent_target(item.need("objective")))
    window = whole_days(item, context.period)
    alerting = item.get("alerting")
    alerts = notes.attempt(lambda: _alerts(alerting, dialect, usual))
    labels = notes.attempt(lambda: _labels(spec, item))
    words = notes.attempt(lambda: read_alerting(alerting, dialect))
    written = notes.attempt(lambda: written_of(item, spec, dialect, usual))
    if (
        service is None
        or name is None
        or indicator is None
        or target is None
        or labels is None
        or alerts is None
        or words is None
        or written is None
    ):
        return None
    annotations = None if alerting is None else alerting.get("annotations")
    described = item.get("description")
    identity = Identity(
        namespace=name_of(spec.need("service")),
        name=name_of(item.need("name")),
        service=service,
        title=title_of(name),
        description="" if described is None else described.text(),
        runbook=_link(annotations, "runbook", "runbook_url"),
        dashboard=_link(annotations, "dashboard", "dashboard_url"),
    )
    raw = isinstance(indicator, RatioQueryIndicator)
    promise = Promise(
        Objective(target, window, context.period),
        Method.RATIO_TIMESLICES if raw else Method.OCCURRENCES,
    )
    slo = assemble(item, dialect.name, identity, labels, indicator, promise, alerts)
    return replace(slo, alerting=words, written=written)


def _labels(spec: Place, item: Place) -> Labels:
    """Owner and tier; the other labels are for rules."""
    places = spec.get("labels"), item.get("labels")
    named = {str(one.loc[-1]) for place in places if place is not None for one in place.children()}
    return read_labels(places, places[0] or item, frozenset(named))


def _named(place: Place) -> str:
    text = place.text()
    if not _NAME.fullmatch(text) or len(text) > 128:
        place.refuse(
            f"{place.name} must be letters, digits, '-', '_' and '.', two at least, "
            f"not {text[:60]!r}"
        )
    return text


def _say_plugins(plugins: Place | None) -> None:
    """Go plugins write other rules; they change nothing about the objective."""
    if plugins is None:
        return
    chain = plugins.get("chain")
    ids = [] if chain is None else [one.get("id") for one in chain.items()]
    named = ", ".join(one.line_text() for one in ids if one is not None)
    plugins.remark(f"Go plugins have no effect here{f': {named}' if named else ''}")


def _indicator(sli: Place, dialect: Dialect) -> Indicator:
    sli.only(["events", "raw", "plugin"])
    kinds = [one for one in map(sli.get, ("events", "raw", "plugin")) if one is not None]
    if len(kinds) != 1:
        sli.refuse("sli needs exactly one of events, raw and plugin")
    (kind,) = kinds
    if kind.loc[-1] == "plugin":
        named = kind.get("id")
        told = "" if named is None else f" {named.line_text()!r}"
        kind.refuse(
            f"the SLI plugin{told} is Go code that cannot be run here; write its queries as events"
        )
    if kind.loc[-1] == "raw":
        kind.only(dialect.keys("error_ratio_query"))
        query = _query(kind.need(dialect.key("error_ratio_query")))
        kind.remark("a raw ratio has no events: each slice weighs the same")
        return RatioQueryIndicator(query, of="bad")
    return _events(kind, dialect)


def _events(place: Place, dialect: Dialect) -> Indicator:
    place.only(dialect.keys("error_query", "total_query"))
    error = place.need(dialect.key("error_query"))
    total = place.need(dialect.key("total_query"))
    bad, valid = _query(error), _query(total)
    if bad == valid:
        error.refuse("the error query equals the total query: every event would be bad")
    counted = _counted(error, valid, bad)
    if counted.remark is not None:
        error.remark(counted.remark)
    return counted.indicator


def _counted(error: Place, valid: str, bad: str) -> Counted:
    try:
        return events(valid, bad, "bad")
    except BadMatcher as fault:
        error.refuse(str(fault))


def _query(place: Place) -> str:
    query = prepared(place.text())
    if not has_window(query):
        place.refuse(f"{place.name} has no {{{{.window}}}}, such as in [{{{{.window}}}}]")
    return query


def _alerts(alerting: Place | None, dialect: Dialect, usual: Alerts) -> Alerts:
    if alerting is None:
        return usual
    page, ticket = dialect.keys("page_alert", "ticket_alert")
    alerting.only(["name", "labels", "annotations", page, ticket])
    for severity, key in (("page", page), ("ticket", ticket)):
        alert = alerting.get(key)
        if alert is None:
            continue
        alert.only(["disable", "labels", "annotations"])
        disable = alert.get("disable")
        if disable is not None and disable.flag():
            usual = tuple(one for one in usual if one.severity != severity)
    return usual


def _link(annotations: Place | None, *keys: str) -> str | None:
    if annotations is None:
        return None
    found = (web_address(annotations.get(key)) for key in keys)
    return next((one for one in found if one is not None), None)
