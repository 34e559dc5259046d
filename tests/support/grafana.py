"""What Grafana does with a dashboard before anything is drawn: variables, then every query."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

RANGE = timedelta(days=30)
STEP = timedelta(hours=1)
"""About what Grafana asks for over 30 days on a panel of usual width."""
LABEL_VALUES = re.compile(r"label_values\((?P<selector>.+), (?P<label>\w+)\)")
VARIABLE = re.compile(r"\$(\w+)")


@dataclass(frozen=True)
class Answered:
    """One query of one panel, and what it was answered."""

    panel: str
    legend: str
    query: str
    series: tuple[dict, ...]

    def __str__(self):
        return f"{self.panel}: {self.legend or self.query}"


@dataclass(frozen=True)
class Prometheus:
    """A server, asked about the 30 days up to an instant."""

    url: str
    end: datetime
    client: httpx.Client

    def values(self, selector, label):
        """The values of a label, as a variable lists them."""
        params = {"match[]": selector, **self._span()}
        return self._get(f"/api/v1/label/{label}/values", params)

    def ask(self, query, *, instant):
        """The series of an answer; those of a range with all their points."""
        if instant:
            params = {"query": query, "time": self.end.timestamp()}
            data = self._get("/api/v1/query", params)
        else:
            params = {"query": query, "step": STEP.total_seconds(), **self._span()}
            data = self._get("/api/v1/query_range", params)
        assert data["resultType"] in {"vector", "matrix"}, query
        return tuple(data["result"])

    def _span(self):
        return {"start": (self.end - RANGE).timestamp(), "end": self.end.timestamp()}

    def _get(self, path, params):
        answer = self.client.post(f"{self.url}{path}", data=params)
        if answer.status_code == 405:
            answer = self.client.get(f"{self.url}{path}", params=params)
        said = answer.json()
        assert said["status"] == "success", (params, said)
        assert not said.get("warnings"), (params, said)
        return said["data"]


def panels(dashboard):
    """The panels that ask for data."""
    return [one for one in dashboard["panels"] if one.get("targets")]


def variables(dashboard):
    """The variables that are asked for, by name."""
    return {one["name"]: one for one in dashboard["templating"]["list"] if one["type"] == "query"}


def resolved(dashboard, prometheus, **chosen):
    """The value of every variable, as Grafana puts it into queries, and what there is to choose.

    Args:
        dashboard: as it was read.
        prometheus: answers the variables' queries.
        chosen: values that a person chose; else all of a variable of many, the first of one.
    """
    values, options = {"__interval": f"{STEP.total_seconds():.0f}s"}, {}
    for name, variable in variables(dashboard).items():
        found = LABEL_VALUES.fullmatch(variable["query"]["query"])
        assert found, variable["query"]
        options[name] = prometheus.values(filled(found["selector"], values), found["label"])
        if variable["multi"]:
            values[name] = several(chosen[name]) if name in chosen else variable["allValue"]
        else:
            values[name] = escaped(chosen.get(name, min(options[name], default="")))
    return values, options


def several(values):
    """Some values, as they stand in a regular expression of a query."""
    marked = [re.sub(r"([\\^$*+?.()|{}\[\]])", r"\\\\\1", one) for one in values]
    return f"({'|'.join(marked)})" if len(marked) > 1 else marked[0]


def escaped(value):
    """One value, as it stands in a string of a query."""
    return value.replace("\\", "\\\\").replace('"', '\\"')


def filled(query, values):
    """A query with its variables replaced; one that there is not stays, and is a wrong query."""
    return VARIABLE.sub(lambda one: values.get(one[1], one[0]), query)


def answers(dashboard, prometheus, values):
    """Every query of every panel, answered."""
    return [
        Answered(
            panel["title"],
            target.get("legendFormat", ""),
            query := filled(target["expr"], values),
            prometheus.ask(query, instant=target.get("instant", False)),
        )
        for panel in panels(dashboard)
        for target in panel["targets"]
    ]


def read(text):
    """A dashboard."""
    return json.loads(text)
