"""The SLOs that stand behind the rules which Sloth generated, as a running Prometheus tells them.

Sloth's recording rules hold its two queries, filled in for each window, and labels say of which
SLO. From them the file that Sloth was given is written again and read as any other. What rules
do not hold (the description, the windows of other alerts than the usual ones) is lost.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from slo_reports.definitions.foreign import Context, Notes, Place
from slo_reports.definitions.loading import DEFAULT_PERIOD
from slo_reports.definitions.queries import sides
from slo_reports.definitions.sloth import PLAIN, read_sloth
from slo_reports.errors import Problem
from slo_reports.model import Origin, Slo
from slo_reports.settings.yaml_files import parse_yaml

FORMAT = "Sloth's rules"
_ERRORS = "slo:sli_error:ratio_rate"
_WINDOW = re.compile(r"\[([0-9][0-9a-z]*)")
_TEMPLATE = "{{.window}}"
_KEY = ("sloth_id", "sloth_service", "sloth_slo")


@dataclass(frozen=True)
class Rule:
    """One rule of a server.

    Attributes:
        name: of the series that it records, or of the alert.
        query: as the server writes it.
        labels: that it gives its series; not those of the alert's series.
    """

    name: str
    query: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


@dataclass(frozen=True)
class Ruled:
    """What the rules of a server say."""

    slos: tuple[Slo, ...]
    problems: tuple[Problem, ...]
    remarks: tuple[Problem, ...]


def slos_of_rules(rules: Sequence[Rule], where: str) -> Ruled:
    """The SLOs of all rules that are Sloth's; other rules are passed over.

    Args:
        rules: of one server, in any order.
        where: what problems and origins call it, such as its URL.
    """
    slos: list[Slo] = []
    notes = Notes()
    alerts = [one for one in rules if "sloth_severity" in one.labels]
    for key, own in _by_slo(rules).items():
        path = Path(f"{where.partition('://')[2] or where} {'/'.join(key[1:])}")
        try:
            text, period = _document(key, own, alerts)
        except _NotTold as fault:
            notes.problems.append(Problem(path, 1, str(fault)))
            continue
        (document,) = parse_yaml(text, path).documents
        root = Place(document, (), document.data, Notes())
        found = read_sloth([root], Context(period, {}))
        slos += (replace(slo, origin=Origin(str(path), 1, FORMAT)) for slo in found.slos)
        notes.add(found.notes)
    return Ruled(tuple(slos), tuple(notes.problems), tuple(notes.remarks))


class _NotTold(Exception):
    """The rules do not say what is needed; internal."""


def _by_slo(rules: Iterable[Rule]) -> dict[tuple[str, ...], list[Rule]]:
    found: dict[tuple[str, ...], list[Rule]] = {}
    for rule in rules:
        key = tuple(rule.labels.get(label, "") for label in _KEY)
        if all(key):
            found.setdefault(key, []).append(rule)
    told = {key for key, own in found.items() if any(one.name.startswith(_ERRORS) for one in own)}
    return {key: found[key] for key in sorted(told)}


def _document(
    key: tuple[str, ...], rules: Sequence[Rule], alerts: Sequence[Rule]
) -> tuple[str, timedelta]:
    """The file that Sloth made the rules of, and the period that it was told."""
    by_name = {one.name: one for one in rules}
    slo = {
        "name": key[2],
        "objective": _objective(by_name),
        "labels": _labels(by_name),
        "sli": _sli(rules),
        "alerting": _alerting(key, alerts),
    }
    document = {"version": PLAIN, "service": key[1], "slos": [slo]}
    return json.dumps(document), _period(by_name)


def _objective(rules: Mapping[str, Rule]) -> str:
    """The target in percent: as it was written, else from the ratio without its binary dust."""
    info = rules.get("sloth_slo_info")
    if info is not None and "sloth_objective" in info.labels:
        return info.labels["sloth_objective"]
    ratio = _number(rules.get("slo:objective:ratio"))
    if ratio is None:
        msg = "neither sloth_slo_info nor slo:objective:ratio says what is promised"
        raise _NotTold(msg)
    return f"{round(ratio * 100, 10).normalize():f}"


def _number(rule: Rule | None) -> Decimal | None:
    found = None if rule is None else re.fullmatch(r"vector\(\s*([0-9.e-]+)\s*\)", rule.query)
    try:
        return None if found is None else Decimal(found[1])
    except InvalidOperation:
        return None


def _period(rules: Mapping[str, Rule]) -> timedelta:
    days = _number(rules.get("slo:time_period:days"))
    return DEFAULT_PERIOD if days is None else timedelta(days=float(days))


def _labels(rules: Mapping[str, Rule]) -> dict[str, str]:
    """The labels of service and SLO; which of the two had them is not told."""
    every = rules.get("slo:time_period:days") or rules.get("slo:objective:ratio")
    labels = {} if every is None else every.labels
    return {name: value for name, value in labels.items() if not name.startswith("sloth_")}


def _sli(rules: Sequence[Rule]) -> dict[str, Any]:
    """The two queries, where the ratio divides them or is one less such a quotient."""
    query = _with_window(dict(_by_window(rules)))
    parts = sides(query, "/")
    less = sides(query, "-") if parts is None else None
    good = None if less is None or less[0] != "1" else sides(less[1], "/")
    if parts is not None:
        return {"events": {"error_query": parts[0], "total_query": parts[1]}}
    if good is not None:
        return {"events": {"error_query": f"{good[1]} - {good[0]}", "total_query": good[1]}}
    return {"raw": {"error_ratio_query": query}}


def _by_window(rules: Sequence[Rule]) -> Iterator[tuple[str, str]]:
    """The windows that are asked from counters, each with its query, shortest first."""
    for rule in rules:
        if rule.name.startswith(_ERRORS) and _ERRORS not in rule.query:
            yield rule.labels.get("sloth_window", ""), rule.query


def _with_window(queries: Mapping[str, str]) -> str:
    """The query with a place for the window: where two windows' queries differ."""
    (window, query), *others = queries.items() or [("", "")]
    if not others or not window:
        msg = f"rules {_ERRORS}… of two windows are needed to see where the window goes"
        raise _NotTold(msg)
    other_window, other = others[0]
    theirs = _WINDOW.findall(other)
    if len(theirs) != len(_WINDOW.findall(query)):
        msg = f"the queries of {window} and {other_window} differ in more than the window"
        raise _NotTold(msg)
    spots = iter(theirs)

    def fill(found: re.Match[str]) -> str:
        moves = next(spots) == other_window and found[1] == window
        return f"[{_TEMPLATE}" if moves else found[0]

    return _WINDOW.sub(fill, query)


def _alerting(key: tuple[str, ...], every: Sequence[Rule]) -> dict[str, Any]:
    """Which of the two alerts there are, and their links."""
    named = f'sloth_id="{key[0]}"'
    alerts = {one.labels["sloth_severity"]: one for one in every if named in one.query}
    links = {
        name: value
        for one in alerts.values()
        for name, value in one.annotations.items()
        if name in {"runbook", "runbook_url", "dashboard", "dashboard_url"}
    }
    off = {
        f"{severity}_alert": {"disable": True}
        for severity in ("page", "ticket")
        if severity not in alerts
    }
    return {**({"annotations": links} if links else {}), **off}
