"""The rules of a running source, for what definitions can be read out of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slo_reports.collect.client import PrometheusClient
from slo_reports.definitions.sloth_rules import Rule, Ruled, slos_of_rules


def slos_of_source(client: PrometheusClient) -> Ruled:
    """The SLOs whose rules a source evaluates.

    Raises:
        SourceError: it could not be asked, or evaluates no rules itself.
    """
    rules = [_rule(one) for one in client.rules()]
    return slos_of_rules(rules, client.url)


def _rule(told: Mapping[str, Any]) -> Rule:
    return Rule(
        str(told.get("name", "")),
        str(told.get("query", "")),
        _words(told.get("labels")),
        _words(told.get("annotations")),
    )


def _words(told: object) -> dict[str, str]:
    return {str(k): str(v) for k, v in told.items()} if isinstance(told, dict) else {}
