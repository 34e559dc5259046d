"""Recognising services in the labels of their series. Pure: no source is asked here."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from slo_reports.definitions.values import matcher
from slo_reports.definitions.writing import one_line
from slo_reports.discovering.families import Family, Statuses, of_metric
from slo_reports.discovering.nouns import Candidate, Found, LabelSet, Measure, ServiceKey
from slo_reports.model import Matcher
from slo_reports.promql import one_of, re2_escape

_ENVIRONMENTS = ("deployment_environment_name", "deployment_environment", "environment", "env")
_PRODUCTION = frozenset({"prod", "production", "live", "prd"})
_OWNERS = ("team", "owner", "owned_by", "squad")
_NOBODY = frozenset({"", "unknown", "none", "-", "unknown_service"})
_UNASKED = re.compile(
    r"(/?([a-z0-9_-]+/)*(-/)?(health|healthz|healthcheck|health-check|ready|readyz|readiness|live"
    r"|livez|liveness|ping|metrics|prometheus|favicon\.ico)/?"
    r"|/?actuator(/.*)?|(GET |HEAD )/?(health|healthz|ready|readyz|livez|metrics)"
    r"|grpc\.health\..*|grpc\.reflection\..*)",
    re.IGNORECASE,
)
_MOST_ROUTES = 12
_SERVES = re.compile(r"[a-z0-9_]*(http|grpc)")
"""What speaks of a service even where its metrics cannot be read."""


def recognise(metrics: Mapping[str, Sequence[LabelSet]]) -> tuple[Found, ...]:
    """The services that some metrics tell of.

    Args:
        metrics: the label sets of each metric's series; of a histogram, those of ``_count``, and
            of a native one, those of its own name.

    Returns:
        By name; of several metrics that tell the same of a service, the best is its candidate.
        Services that answer requests and do not tell good from bad have no candidates.
    """
    found: dict[ServiceKey, list[Candidate]] = defaultdict(list)
    unread: dict[ServiceKey, list[str]] = defaultdict(list)
    mute: dict[ServiceKey, Found] = {}
    names = frozenset(metrics)
    for name in sorted(metrics):
        for rank, family in of_metric(name):
            for key, series in _by_service(family, metrics[name]).items():
                one = _candidate(family, rank, name, key, series, names)
                if isinstance(one, str):
                    unread[key].append(one)
                elif one is not None:
                    found[key].append(one)
    for key in unread.keys() - found.keys():
        silent = tuple(dict.fromkeys(one for one in unread[key] if _SERVES.match(one)))
        if silent:
            mute[key] = Found(key, "api", (), remarks=silent)
    spoken = {key: _found(key, some, unread[key]) for key, some in found.items()}
    return tuple(found_of for _, found_of in sorted((spoken | mute).items()))


def _found(key: ServiceKey, candidates: Sequence[Candidate], unread: Sequence[str]) -> Found:
    """The best candidate for each thing that is measured; what the others are is told."""
    best: dict[tuple[Measure, str], Candidate] = {}
    also: list[str] = []
    for one in sorted(candidates, key=lambda one: (one.rank, one.metric)):
        what = (_asks(one.measure), one.protocol)
        if what in best:
            also.append(one.metric)
        else:
            best[what] = one
    callers = max(one.callers for one in candidates)
    chosen = tuple(replace(one, callers=callers) for one in best.values())
    answered = {one.measure for one in chosen}
    remarks = () if Measure.EVENTS in answered else tuple(dict.fromkeys(unread))
    others = tuple(dict.fromkeys(one for one in also if one not in {c.metric for c in chosen}))
    return Found(key, chosen[0].kind, chosen, others, remarks)


def _asks(measure: Measure) -> Measure:
    """Counters with a status and counters of outcomes answer the same question."""
    return Measure.EVENTS if measure is Measure.OUTCOMES else measure


# --- which service a series belongs to -----------------------------------------------------------


def _by_service(family: Family, series: Iterable[LabelSet]) -> dict[ServiceKey, list[LabelSet]]:
    groups = _alike(family, series)
    several = len({_first(some[0], _ENVIRONMENTS) for some in groups}) > 1
    found: dict[ServiceKey, list[list[LabelSet]]] = defaultdict(list)
    for some in groups:
        found[_key(family, some[0], environments=several)].append(some)
    return {key: _named_alike(family, some) for key, some in found.items()}


def _alike(family: Family, series: Iterable[LabelSet]) -> list[list[LabelSet]]:
    """Series with a service's name, together where all that tells services apart is the same.

    There may be hundreds of thousands of series, and a few names: each is looked at once.
    """
    telling = (*family.services, *family.namespaces, *_ENVIRONMENTS)
    groups: dict[tuple[str, ...], list[LabelSet]] = defaultdict(list)
    for one in series:
        groups[tuple([one.get(label, "") for label in telling])].append(one)
    return [some for some in groups.values() if _first(some[0], family.services)]


def _named_alike(family: Family, groups: Iterable[list[LabelSet]]) -> list[LabelSet]:
    """The series that one label names: that which names most of them."""
    found: dict[str, list[LabelSet]] = defaultdict(list)
    for some in groups:
        found[next(label for label in family.services if _says(some[0], label))] += some
    return max(found.values(), key=len)


def _key(family: Family, labels: LabelSet, *, environments: bool) -> ServiceKey:
    name = _first(labels, family.services)
    namespace = _first(labels, family.namespaces)
    group, slash, last = name.partition("/")
    if slash and last and "/" not in last and ":" not in group:
        name, namespace = last, namespace or group
    environment = _first(labels, _ENVIRONMENTS) if environments else ""
    return ServiceKey(*(one_line(one).strip() for one in (_short(name), namespace, environment)))


def _short(name: str) -> str:
    """A name as people say it: an address without its scheme, a provider's suffix left out."""
    without = re.sub(r"^[a-z]+://", "", name).rstrip("/")
    return re.sub(r"@(docker|kubernetes|kubernetescrd|file|consulcatalog)$", "", without) or name


def _first(labels: LabelSet, names: Iterable[str]) -> str:
    return next((labels[one] for one in names if _says(labels, one)), "")


def _says(labels: LabelSet, name: str) -> bool:
    return labels.get(name, "").lower() not in _NOBODY


# --- what can be measured of it ------------------------------------------------------------------


def _candidate(
    family: Family,
    rank: int,
    name: str,
    key: ServiceKey,
    series: Sequence[LabelSet],
    names: frozenset[str],
) -> Candidate | str | None:
    """What a family measures of a service, why it cannot, or nothing where it is not meant."""
    fixed = _fixed(family, series)
    if fixed is None:
        return None
    chosen = [one for one in series if all(one.get(m.label, "") == m.value for m in fixed)]
    latency = family.measure is Measure.LATENCY
    if latency and not name.endswith("_count") and f"{name}_count" in names:
        return None
    base = Candidate(
        service=key,
        kind=family.kind,
        measure=family.measure,
        family=family.name,
        protocol=family.protocol,
        rank=rank,
        metric=name.removesuffix("_count") if latency else name,
        filters=(*_identity(family, chosen), *fixed),
        milliseconds=family.milliseconds,
        native=latency and not name.endswith("_count"),
        callers=len({_first(one, family.callers) for one in chosen} - {""}),
        user_facing=family.user_facing,
        owner=_owner(chosen),
        series=tuple(chosen),
    )
    base = _without_unasked(base, family)
    if family.measure is Measure.OUTCOMES:
        return replace(base, spoilt=family.spoilt)
    return base if family.statuses is None else _with_status(base, family.statuses)


def _owner(series: Iterable[LabelSet]) -> str:
    named = (_first(one, _OWNERS) for one in series)
    return one_line(next((one for one in named if one), "")).strip()


def _fixed(family: Family, series: Sequence[LabelSet]) -> tuple[Matcher, ...] | None:
    """The values that the family's fixed labels must have here; None where none occurs."""
    found = []
    for label, values in family.fixed:
        there = {one.get(label, "") for one in series}
        value = next((one for one in values if one in there), None)
        if value is None:
            return None
        if value or there != {""}:
            found.append(Matcher(label, "=", value))
    return tuple(found)


def _identity(family: Family, series: Sequence[LabelSet]) -> tuple[Matcher, ...]:
    """The filters that mean just this service: its name, its group, its environment."""
    found: dict[str, Matcher] = {}
    for labels in (family.services, family.namespaces, _ENVIRONMENTS):
        label = next((one for one in labels if _says(series[0], one)), None)
        values = {one.get(label, "") for one in series} if label is not None else set()
        if label is None or "" in values:
            continue
        if labels is family.services or len(values) == 1:
            found.setdefault(label, one_of(label, values))
    return tuple(found.values())


def _without_unasked(base: Candidate, family: Family) -> Candidate:
    """The candidate without routes that no user asks for, where a label tells routes."""
    for label in family.routes:
        values = {one[label] for one in base.series if one.get(label)}
        unasked = sorted(one for one in values if _UNASKED.fullmatch(one))
        if not unasked or len(unasked) == len(values) or len(unasked) > _MOST_ROUTES:
            continue
        return replace(
            base, filters=(*base.filters, _none_of(label, unasked)), excluded=tuple(unasked)
        )
    return base


def _none_of(label: str, values: Sequence[str]) -> Matcher:
    if len(values) == 1:
        return Matcher(label, "!=", values[0])
    return Matcher(label, "!~", "|".join(map(re2_escape, values)))


def _with_status(base: Candidate, statuses: Statuses) -> Candidate | str:
    for label in statuses.labels:
        values = {one[label] for one in base.series if one.get(label)}
        if any(re.fullmatch(statuses.known, one) for one in values):
            told = _told(label, values, statuses)
            if told is not None:
                good, filters = told
                return replace(base, good=good, filters=(*base.filters, *filters))
    return (
        f"{base.metric} has no label that tells good from bad "
        f"(looked for {', '.join(statuses.labels)})"
    )


def _told(
    label: str, values: Iterable[str], statuses: Statuses
) -> tuple[tuple[Matcher, ...], tuple[Matcher, ...]] | None:
    """What is good, and which events count at all; None where the values tell neither."""
    if statuses.good:
        return _ended(label, sorted(values), statuses)
    for pattern, bad in statuses.bad:
        if all(re.fullmatch(pattern, one) for one in values if _is_known(one, statuses)):
            return (matcher(label, bad),), ()
    return None


def _is_known(value: str, statuses: Statuses) -> bool:
    return re.fullmatch(statuses.known, value) is not None


def _ended(
    label: str, values: Sequence[str], statuses: Statuses
) -> tuple[tuple[Matcher, ...], tuple[Matcher, ...]] | None:
    """Runs are good by a word of success; those that have not ended do not count."""
    good = [one for one in values if one.lower() in statuses.good]
    failed = [one for one in values if one.lower() in statuses.failed]
    if not good and not failed:
        return None
    if len(good) != 1:
        word = Matcher(label, "!~", "|".join(map(re2_escape, failed or statuses.failed)))
    else:
        word = Matcher(label, "=", good[0])
    others = [one for one in values if one not in good and one not in failed]
    ended = Matcher(label, "=~", "|".join(map(re2_escape, sorted((*good, *failed)))))
    return (word,), ((ended,) if others else ())


def is_production(environment: str) -> bool:
    """Whether an environment is the one that users meet; an unnamed one is."""
    return not environment or environment.lower() in _PRODUCTION
