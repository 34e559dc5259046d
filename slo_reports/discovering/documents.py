"""A candidate as a definition of our own format, from the template library where one fits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from slo_reports.definitions.building import build_slo
from slo_reports.definitions.native import API_VERSION, Definition
from slo_reports.definitions.templates import expanded, library
from slo_reports.definitions.writing import percent, plain_yaml, written_filters
from slo_reports.discovering.limits import age_text
from slo_reports.discovering.nouns import Candidate, Kind, Measure, ServiceKey, Step
from slo_reports.errors import ConfigurationError
from slo_reports.model import Matcher, Origin, Slo, Tier
from slo_reports.numbers import latency_text
from slo_reports.promql import selector
from slo_reports.settings.problems import explain
from slo_reports.settings.yaml_files import parse_yaml

WINDOW = "30d"
_LONGEST_NAME = 40
_TEMPLATES: Mapping[tuple[Measure, Kind | str], str] = {
    (Measure.EVENTS, "api"): "api-availability",
    (Measure.EVENTS, "web"): "web-availability",
    (Measure.EVENTS, "batch"): "batch-success",
    (Measure.EVENTS, "grpc"): "grpc-availability",
    (Measure.LATENCY, "api"): "api-latency",
    (Measure.LATENCY, "web"): "api-latency",
    (Measure.LATENCY, "grpc"): "grpc-latency",
    (Measure.FRESHNESS, "batch"): "batch-freshness",
    (Measure.BACKLOG, "backlog"): "streaming-backlog",
    (Measure.BACKLOG, "delay"): "streaming-freshness",
    (Measure.PROBE, "web"): "web-probe",
}
_ENDINGS = {
    Measure.EVENTS: "availability",
    Measure.OUTCOMES: "success",
    Measure.LATENCY: "latency",
    Measure.FRESHNESS: "freshness",
    Measure.BACKLOG: "backlog",
    Measure.PROBE: "probe",
}


@dataclass(frozen=True)
class Frame:
    """What a definition says beside what is measured.

    Attributes:
        name: its own, unique in its namespace.
        limit: a latency's threshold [s], an age [s] or a backlog [messages].
    """

    name: str
    owner: str
    tier: Tier | None
    target: Decimal
    phases: tuple[Step, ...] = ()
    limit: Decimal | None = None


def slug(text: str) -> str:
    """Text as the name of a definition: small letters, digits and hyphens."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return plain[:_LONGEST_NAME].strip("-") or "unnamed"


def service_slug(key: ServiceKey) -> str:
    """A service's name as definitions have it."""
    return slug(f"{key.name} {key.environment}")


def name_of(candidate: Candidate, beside: Iterable[Candidate]) -> str:
    """The name of a candidate's definition, told apart from those of its service."""
    ending = _ENDINGS[candidate.measure]
    if candidate.kind == "batch" and candidate.measure is Measure.EVENTS:
        ending = "success"
    alike = [one for one in beside if _ENDINGS[one.measure] == _ENDINGS[candidate.measure]]
    if len({one.protocol for one in alike}) > 1:
        ending = f"{candidate.protocol}-{ending}"
    return f"{service_slug(candidate.service)}-{ending}"


def document(candidate: Candidate, frame: Frame) -> dict[str, Any]:
    """The definition as plain data."""
    key = candidate.service
    labels = {"environment": key.environment} if key.environment else None
    return {
        "apiVersion": API_VERSION,
        "kind": "ServiceLevelObjective",
        "metadata": {
            "name": frame.name,
            "namespace": slug(key.namespace) if key.namespace else None,
            "labels": labels,
        },
        "spec": {
            "service": key.title,
            "owner": frame.owner,
            "tier": None if frame.tier is None else frame.tier.value,
            **_measured(candidate, frame.limit),
            "objectives": [_objective(frame)],
        },
    }


def _objective(frame: Frame) -> dict[str, Any]:
    if not frame.phases:
        return {"window": WINDOW, "target": percent(frame.target)}
    phases = [
        {"target": percent(one.target), "from": one.start.isoformat()} for one in frame.phases
    ]
    return {"window": WINDOW, "phases": phases}


# --- what is measured ----------------------------------------------------------------------------


def _measured(candidate: Candidate, limit: Decimal | None) -> dict[str, Any]:
    """The template with its filters and what is said over it, or an indicator of its own."""
    if candidate.measure is Measure.OUTCOMES:
        return {"title": "Successful runs", "indicator": _outcomes(candidate)}
    if candidate.milliseconds and not candidate.native:
        seconds = (limit or Decimal(1)) / 1000
        return {
            "title": f"Latency under {latency_text(seconds).replace(chr(0x202F), ' ')}",
            "indicator": _milliseconds(candidate, limit or Decimal(1)),
        }
    name = _template(candidate)
    usual = library()[name].spec["indicator"]
    said = _indicator(candidate, limit)
    own = {key: value for key, value in said.items() if value != usual.get(key)}
    return {
        "title": _title(candidate, limit),
        "template": name,
        "filters": written_filters(candidate.filters),
        "indicator": own or None,
    }


def _template(candidate: Candidate) -> str:
    for word in (candidate.protocol, candidate.kind):
        if (candidate.measure, word) in _TEMPLATES:
            return _TEMPLATES[candidate.measure, word]
    msg = f"no template measures {candidate.measure} of {candidate.kind}"
    raise AssertionError(msg)


def _title(candidate: Candidate, limit: Decimal | None) -> str | None:
    """A title where the template's would not be true."""
    if candidate.measure is Measure.FRESHNESS and limit is not None:
        return f"Last success at most {age_text(limit)} ago"
    if candidate.measure is Measure.BACKLOG and limit is not None:
        behind = (
            f"{age_text(limit)} behind" if _is_delay(candidate) else f"{limit} messages waiting"
        )
        return f"At most {behind}"
    return None


def _is_delay(candidate: Candidate) -> bool:
    return candidate.protocol == "delay"


def _indicator(candidate: Candidate, limit: Decimal | None) -> dict[str, Any]:
    match candidate.measure:
        case Measure.EVENTS:
            return {"metric": candidate.metric, "good": written_filters(candidate.good)}
        case Measure.LATENCY:
            native = {"native": True} if candidate.native else {}
            seconds = f"{(limit or Decimal(1)).normalize():f}s"
            threshold = _shorter(seconds, limit)
            return {"histogram": candidate.metric, "threshold": threshold, **native}
        case Measure.FRESHNESS:
            query = f"time() - max({candidate.metric}{{$filters}})"
            return {"query": query, "good": f"<= {age_text(limit or Decimal(3600))}"}
        case Measure.BACKLOG if _is_delay(candidate):
            good = f"<= {age_text(limit or Decimal(60))}"
            return {"metric": candidate.metric, "good": good}
        case Measure.BACKLOG:
            query = f"sum({candidate.metric}{{$filters}})"
            return {"query": query, "good": f"<= {limit or 1000}"}
        case _:
            return {"metric": candidate.metric}


def _shorter(seconds: str, limit: Decimal | None) -> str:
    """A threshold below a second in milliseconds, where that is a whole number."""
    if limit is not None and limit < 1 and limit * 1000 % 1 == 0:
        return f"{int(limit * 1000)}ms"
    return seconds


def _milliseconds(candidate: Candidate, limit: Decimal) -> dict[str, Any]:
    """A histogram in milliseconds: its buckets by name, because a threshold means seconds."""
    within = Matcher("le", "=", f"{limit.normalize():f}")
    return {
        "type": "ratio",
        "valid": selector(f"{candidate.metric}_count", candidate.filters),
        "good": selector(f"{candidate.metric}_bucket", (*candidate.filters, within)),
    }


def _outcomes(candidate: Candidate) -> dict[str, Any]:
    """Two counters that add up; one that never counted is not there, and is 0."""
    good, bad = (
        f"(sum(increase({selector(metric, candidate.filters)}[$window])) or vector(0))"
        for metric in (candidate.metric, candidate.spoilt)
    )
    return {"type": "ratio", "valid": f"{good} + {bad}", "good": good}


# --- and back ------------------------------------------------------------------------------------


def read_back(documents: Sequence[str], name: str) -> tuple[Slo, ...]:
    """The SLOs of definition texts, read as a file of them would be.

    Raises:
        ConfigurationError: what we wrote is no definition.
    """
    file = parse_yaml("---\n".join(documents), Path(name))
    if file.problems:
        raise ConfigurationError(file.problems)
    found = []
    for one in file.documents:
        data, fault = expanded(one)
        if fault is not None:
            raise ConfigurationError([fault])
        try:
            definition = Definition.model_validate(data)
        except ValidationError as error:
            raise ConfigurationError(explain(error, one, Definition)) from error
        found.append(build_slo(definition, Origin(name, one.line)))
    return tuple(found)


def slo_of(data: Mapping[str, Any]) -> Slo:
    """The SLO that a definition's plain data describe."""
    (slo,) = read_back([plain_yaml(data)], "proposed.yaml")
    return slo
