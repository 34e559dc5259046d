"""An SLO as a document of our own format, which reads back as the same SLO."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from slo_reports.definitions.building import build_slo
from slo_reports.definitions.burn_rates import default_burn_rates
from slo_reports.definitions.native import API_VERSION, Definition
from slo_reports.errors import ConfigurationError
from slo_reports.model import (
    AlertWords,
    BurnRateAlert,
    CountersIndicator,
    GaugeIndicator,
    Indicator,
    JourneyIndicator,
    LatencyIndicator,
    Matcher,
    Method,
    Objective,
    PyrraWritten,
    QueryIndicator,
    RatioIndicator,
    RatioQueryIndicator,
    Slo,
    SlothWritten,
    ThresholdIndicator,
)
from slo_reports.promql import selector
from slo_reports.settings.problems import explain
from slo_reports.settings.yaml_files import parse_yaml

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_/.-]*( [A-Za-z0-9_/.-]+)*|[0-9.]+(ms|[smhdw])")
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}
_UNITS = (("w", 604_800_000), ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000))


def to_yaml(slo: Slo) -> str:
    """The document of an SLO, with its origin and its remarks as comments."""
    lines = [*_comments(slo), *_mapping(_document(slo), 0)]
    return "\n".join(lines) + "\n"


def checked_yaml(slo: Slo) -> str:
    """The document of an SLO, read again and found the same.

    Raises:
        ConfigurationError: our own format cannot say what the SLO is.
    """
    text = to_yaml(slo)
    again = _read_again(text, slo)
    if replace(again, origin=slo.origin, remarks=slo.remarks) != slo:
        msg = f"{slo.id} cannot be said in {API_VERSION}: it would read back as another SLO"
        raise ConfigurationError(msg)
    return text


def _read_again(text: str, slo: Slo) -> Slo:
    file = parse_yaml(text, Path(f"{slo.id} in {API_VERSION}"))
    if file.problems or slo.origin is None:
        raise ConfigurationError(file.problems)
    (document,) = file.documents
    try:
        definition = Definition.model_validate(document.data)
    except ValidationError as error:
        raise ConfigurationError(explain(error, document, Definition)) from error
    return build_slo(definition, slo.origin)


def _comments(slo: Slo) -> Iterator[str]:
    if slo.origin is not None:
        yield f"# from {slo.origin.format} {one_line(slo.origin.path)}:{slo.origin.line}"
    for remark in slo.remarks:
        yield f"# remark: {one_line(remark)}"
    lost = ", ".join(_lost(slo))
    if lost:
        yield f"# only for rules in the style of its own format: {one_line(lost)}"


def _lost(slo: Slo) -> Iterator[str]:
    """What rules in the style of its own format are made with, and this format has no place for."""
    match slo.written:
        case SlothWritten(labels=labels):
            used = {"owner", "team", *({"tier"} if slo.tier is not None else ())}
            names = [name for name, _ in labels if name not in used]
            yield from [f"labels {', '.join(names)}"] if names else []
        case PyrraWritten(cheap=cheap, absent_alert=absent, described=described):
            words = {
                "performanceOverAccuracy": cheap,
                "absentName": absent,
                "enableDescriptionAsLabel": described,
            }
            yield from (word for word, said in words.items() if said)


def one_line(text: str) -> str:
    """Text that a comment can hold, whatever it came from."""
    return re.sub(r"[^\x20-\x7e\xa0-\u2027\u2030-\ud7ff]+", " ", text)


# --- the document as plain data ---


def _document(slo: Slo) -> dict[str, Any]:
    links = {"runbook": slo.runbook, "dashboard": slo.dashboard}
    return {
        "apiVersion": API_VERSION,
        "kind": "ServiceLevelObjective",
        "metadata": {
            "name": slo.name,
            "namespace": slo.namespace,
            "labels": dict(slo.labels) or None,
            "annotations": {key: link for key, link in links.items() if link} or None,
        },
        "spec": {
            "service": slo.service,
            "title": slo.title,
            "owner": slo.owner,
            "tier": None if slo.tier is None else slo.tier.value,
            "description": slo.description or None,
            "impact": slo.impact or None,
            "characteristics": None if slo.characteristics is None else asdict(slo.characteristics),
            "minimum_coverage": _coverage(slo.minimum_coverage),
            "indicator": _indicator(slo.indicator),
            **_method(slo),
            "objectives": [_objective(one) for one in slo.objectives],
            "alerting": _alerting(slo),
        },
    }


def _objective(objective: Objective) -> dict[str, Any]:
    if not objective.phases:
        return {"window": objective.window, "target": percent(objective.target)}
    phases = [
        {"target": percent(one.target), "from": one.start.isoformat()} for one in objective.phases
    ]
    return {"window": objective.window, "phases": phases}


def _method(slo: Slo) -> dict[str, Any]:
    return {
        "method": None if slo.method is Method.OCCURRENCES else slo.method.value,
        "slice_target": None if slo.slice_target is None else percent(slo.slice_target),
        "slice_window": None if slo.slice_window is None else _duration(slo.slice_window),
    }


def _alerting(slo: Slo) -> dict[str, Any] | None:
    usual = slo.burn_rates == default_burn_rates(slo.objectives[0].length)
    severities = {severity: _words(one) for severity, one in slo.alerting.by_severity}
    said = {
        "name": slo.alerting.name or None,
        **_words(slo.alerting.words),
        "severities": severities or None,
        "burn_rates": None if usual else [_burn_rate(one) for one in slo.burn_rates],
    }
    return said if any(one is not None for one in said.values()) else None


def _words(words: AlertWords) -> dict[str, Any]:
    return {
        "labels": dict(words.labels) or None,
        "annotations": dict(words.annotations) or None,
        "disabled": words.disabled or None,
    }


def _burn_rate(alert: BurnRateAlert) -> dict[str, Any]:
    return {
        "severity": alert.severity,
        "long": _duration(alert.long),
        "short": _duration(alert.short),
        "threshold": Decimal(repr(alert.threshold)),
    }


def _indicator(indicator: Indicator) -> dict[str, Any]:
    match indicator:
        case RatioIndicator(metric=metric, filters=filters, good=good):
            filtered = {"filters": written_filters(filters), "good": written_filters(good)}
            return {"type": "ratio", "metric": metric, **filtered}
        case CountersIndicator():
            return {"type": "ratio", **_counters(indicator)}
        case QueryIndicator(valid=valid, good=written):
            return {"type": "ratio", "valid": valid, "good": written}
        case LatencyIndicator(histogram=histogram, filters=filters, threshold=threshold) as latency:
            limit = f"{threshold.normalize():f}s"
            named = {"histogram": histogram, "filters": written_filters(filters)}
            flags = {"interpolate": latency.interpolate, "native": latency.native}
            said = {key: True for key, flag in flags.items() if flag}
            return {"type": "latency", **named, "threshold": limit, **said}
        case GaugeIndicator(metric=metric, filters=filters, op=op, limit=bound):
            named = {"metric": metric, "filters": written_filters(filters)}
            return {"type": "gauge", **named, "good": f"{op} {bound.normalize():f}"}
        case ThresholdIndicator(query=query, op=op, limit=bound):
            return {"type": "threshold", "query": query, "good": f"{op} {bound.normalize():f}"}
        case JourneyIndicator(steps=steps, combine=combine):
            taken = [{"slo": one.slo, "critical": one.critical} for one in steps]
            return {"type": "journey", "combine": combine, "steps": taken}
        case RatioQueryIndicator(query=query, of=of):
            return {"type": "ratio", "ratio" if of == "good" else "bad_ratio": query}


def _counters(counters: CountersIndicator) -> dict[str, Any]:
    part = ("good", counters.good_metric, counters.good)
    if counters.good_metric is None:
        part = ("bad", counters.bad_metric, counters.bad)
    key, metric, matchers = part
    return {
        "valid": selector(counters.valid_metric, counters.valid),
        key: selector(metric or "", matchers),
    }


def written_filters(matchers: Iterable[Matcher]) -> dict[str, str] | None:
    """Matchers by label; an operator in front of the value, also before one that looks like it."""
    found: dict[str, str] = {}
    for one in matchers:
        if one.label in found:
            msg = f"two filters of one label, {one.label}, cannot be said in {API_VERSION}"
            raise ConfigurationError(msg)
        plain = one.op == "=" and not re.match(r"[=!]", one.value)
        found[one.label] = one.value if plain else f"{one.op}{one.value}"
    return found or None


def percent(ratio: Decimal) -> Decimal:
    """A ratio in percent, without needless zeros and without an exponent."""
    return Decimal(f"{(ratio * 100).normalize():f}")


def _coverage(ratio: float) -> Decimal | None:
    return None if ratio == 0.95 else percent(Decimal(str(ratio)))


def _duration(length: timedelta) -> str:
    milliseconds = round(length / timedelta(milliseconds=1))
    for unit, size in _UNITS:
        if milliseconds % size == 0:
            return f"{milliseconds // size}{unit}"
    return f"{milliseconds}ms"


# --- plain data as YAML ---


def plain_yaml(data: Mapping[str, Any]) -> str:
    """Plain data as a YAML document; keys without a value are left out."""
    return "\n".join(_mapping(data, 0)) + "\n"


def _mapping(data: Mapping[str, Any], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for key, value in data.items():
        if value is None:
            continue
        name = f"{indent}{scalar(key, depth)}:"
        if isinstance(value, dict):
            yield name
            yield from _mapping(value, depth + 1)
        elif isinstance(value, list) and value:
            yield name
            for item in value:
                yield f"{indent}  - {_flow(item)}"
        else:
            yield f"{name} {'[]' if isinstance(value, list) else scalar(value, depth)}"


def _flow(value: Any) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}: {_flow(one)}' for key, one in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    return scalar(value, None)


def scalar(value: Any, depth: int | None = None) -> str:
    """One value; ``depth`` says how far a block of lines is indented, None that none may be."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    if depth is not None and _is_block(text):
        inner = "\n" + "  " * (depth + 1)
        return "|-" + "".join(inner + line if line else "\n" for line in text.split("\n"))
    return _quoted(text)


def _is_block(text: str) -> bool:
    """Whether text can stand as lines of their own without being changed."""
    lines = text.split("\n")
    printable = re.fullmatch(r"[\x20-\x7e\n\xa0-\u2027\u2030-\ud7ff]*", text) is not None
    inner = all(line == line.rstrip() for line in lines)
    return len(lines) > 1 and printable and inner and bool(lines[-1]) and text[0] not in " \n"


def _quoted(text: str) -> str:
    """A quoted scalar; what YAML does not allow as it is becomes an escape."""
    if re.fullmatch(r"[\x20-\x7e]*", text) and '"' in text:
        return "'" + text.replace("'", "''") + "'"
    return re.sub(
        r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]",
        lambda one: f"\\u{ord(one[0]):04x}",
        json.dumps(text, ensure_ascii=False),
    )
