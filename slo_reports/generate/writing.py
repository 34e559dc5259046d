"""Rules as the YAML files that Prometheus and its operator load."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from slo_reports.generate.rules import (
    AlertCheck,
    AlertRule,
    Group,
    Pairs,
    RecordingRule,
    Rule,
    UnitTest,
    ValueCheck,
)
from slo_reports.promql import duration

_WIDE = 10**6


def plain_yaml(groups: Sequence[Group], comments: Iterable[str] = ()) -> str:
    """A file for ``rule_files``, with comments above the rules, one line each."""
    return commented(dump(groups_data(groups)), comments)


def operator_yaml(
    groups: Sequence[Group],
    *,
    name: str,
    namespace: str | None = None,
    labels: Pairs = (),
    annotations: Pairs = (),
    comments: Iterable[str] = (),
) -> str:
    """A PrometheusRule object of the Prometheus operator.

    Args:
        groups: the rules.
        name: of the object, as Kubernetes allows names.
        namespace: that the object lives in; None: where it is applied.
        labels: by which a Prometheus selects it.
        annotations: of the object.
        comments: above the object, one line each.
    """
    metadata: dict[str, Any] = {"name": name}
    if namespace is not None:
        metadata["namespace"] = namespace
    if labels:
        metadata["labels"] = dict(labels)
    if annotations:
        metadata["annotations"] = dict(annotations)
    data = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": metadata,
        "spec": groups_data(groups),
    }
    return commented(dump(data), comments)


def groups_data(groups: Sequence[Group]) -> dict[str, Any]:
    """Groups as plain data."""
    return {"groups": [_group(one) for one in groups]}


def _group(group: Group) -> dict[str, Any]:
    interval = {} if group.interval is None else {"interval": duration(group.interval)}
    return {"name": group.name, **interval, "rules": [_rule(one) for one in group.rules]}


def _rule(rule: Rule) -> dict[str, Any]:
    match rule:
        case RecordingRule(record=record, expr=expr, labels=labels):
            return {"record": record, "expr": expr, **_mapping("labels", labels)}
        case AlertRule(alert=alert, expr=expr, hold=hold):
            waits = {"for": duration(hold)} if hold else {}
            return {
                "alert": alert,
                "expr": expr,
                **waits,
                **_mapping("labels", rule.labels),
                **_mapping("annotations", rule.annotations),
            }


def unit_tests_yaml(
    tests: Sequence[UnitTest],
    *,
    rule_files: Sequence[str],
    groups: Sequence[str],
    comments: Iterable[str] = (),
) -> str:
    """A file for ``promtool test rules``.

    Args:
        tests: at least one, all evaluated as often.
        rule_files: seen from the folder that the file is in.
        groups: their names in the order in which they are evaluated.
        comments: above the tests, one line each.
    """
    data = {
        "rule_files": list(rule_files),
        "evaluation_interval": duration(tests[0].evaluated),
        "group_eval_order": list(groups),
        "tests": [_test(one) for one in tests],
    }
    return commented(dump(data), comments)


def _test(test: UnitTest) -> dict[str, Any]:
    alerts = [_alert_check(one) for one in test.alerts]
    values = [_value_check(one) for one in test.values]
    return {
        "name": test.name,
        "interval": duration(test.interval),
        "input_series": [{"series": one.series, "values": one.values} for one in test.series],
        **({"alert_rule_test": alerts} if alerts else {}),
        **({"promql_expr_test": values} if values else {}),
    }


def _alert_check(check: AlertCheck) -> dict[str, Any]:
    firing = [
        {**_mapping("exp_labels", one.labels), **_mapping("exp_annotations", one.annotations)}
        for one in check.firing
    ]
    return {
        "eval_time": duration(check.at),
        "alertname": check.alert,
        **({"exp_alerts": firing} if firing else {}),
    }


def _value_check(check: ValueCheck) -> dict[str, Any]:
    samples = [{"labels": labels, "value": value} for labels, value in check.samples]
    return {
        "expr": check.expr,
        "eval_time": duration(check.at),
        **({"exp_samples": samples} if samples else {}),
    }


def _mapping(key: str, pairs: Pairs) -> Mapping[str, dict[str, str]]:
    return {key: dict(pairs)} if pairs else {}


def commented(text: str, comments: Iterable[str]) -> str:
    """YAML with comments above it, each on one line whatever it holds."""
    return "".join(f"# {one_line(one)}\n" for one in comments) + text


def one_line(text: str) -> str:
    """Text without anything that could end a comment."""
    return re.sub(r"[^\x20-\x7e\xa0-\u2027\u2030-\ud7ff\ue000-\ufefe\uff00-\ufffd]+", " ", text)


def dump(data: Mapping[str, Any]) -> str:
    """Plain data as YAML: keys in their order, lines as they are, long text in blocks."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDE)


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as a block, and lists indented below their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002  # PyYAML's
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # PyYAML's
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
