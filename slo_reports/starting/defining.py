"""The definitions of a new folder: of files, of Sloth's rules, of the metrics, or an example."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from slo_reports.collect.client import PrometheusClient
from slo_reports.collect.ruled import slos_of_source
from slo_reports.definitions.sifting import aside_lines, sift
from slo_reports.definitions.writing import checked_yaml, scalar
from slo_reports.discovering import discover
from slo_reports.errors import ConfigurationError, Problem, SourceError
from slo_reports.model import Slo
from slo_reports.numbers import counted

EXAMPLE = """\
# An example to start from: put your metric in its place, one file for each objective.
# `slo-reports templates` lists ready-made ones; docs/definitions.md explains every key.
apiVersion: slo.dev/v1
kind: ServiceLevelObjective
metadata:
  name: example-availability # small letters, digits, hyphens
  namespace: example
spec:
  service: Example
  owner: not named # the team
  indicator:
    type: ratio
    metric: http_requests_total # a counter
    filters: {job: example} # which of its series count
    good: {code: "!~5.."} # which of those are good
  objectives:
    - {window: month, target: 99.9} # percent
"""

ITSELF = """\
# An example: how the Prometheus itself answers. Put your service's metric in its place.
# `slo-reports templates` lists ready-made ones; docs/definitions.md explains every key.
apiVersion: slo.dev/v1
kind: ServiceLevelObjective
metadata:
  name: prometheus-availability # small letters, digits, hyphens
  namespace: example
spec:
  service: Prometheus
  owner: not named # the team
  indicator:
    type: ratio
    metric: prometheus_http_requests_total # a counter
    filters: {{job: {job}}} # which of its series count
    good: {{code: "!~5.."}} # which of those are good
  objectives:
    - {{window: month, target: 99.9}} # percent
"""


@dataclass(frozen=True)
class Defined:
    """Definition files for a new folder.

    Attributes:
        files: their texts by name.
        lines: where they come from, for a person.
        problems: what was meant to be one and cannot be used.
        is_example: whether they are only something to write one's own from.
    """

    files: dict[str, str]
    lines: tuple[str, ...]
    problems: tuple[Problem, ...] = field(default=())
    is_example: bool = False


def of_files(paths: Sequence[Path]) -> Defined:
    """The definitions of files and folders, each as a file of our own format.

    Raises:
        ConfigurationError: none of them can be used.
    """
    found = sift(paths)
    if not found.slos:
        raise ConfigurationError(found.problems or f"no definition is in {_all(paths)}")
    came = f"{_objectives(found.slos)} from {_all(paths)}"
    lines = (came, *aside_lines(found.aside))
    return Defined(_texts(found.slos), lines, found.problems)


def of_rules(client: PrometheusClient) -> Defined | None:
    """The definitions behind the rules that Sloth generated; None where there are none.

    Raises:
        SourceError: the source could not be asked.
    """
    try:
        found = slos_of_source(client)
    except SourceError:  # VictoriaMetrics and Mimir may answer no rules at all
        return None
    if not found.slos:
        return None
    came = f"{_objectives(found.slos)} from rules that Sloth generated"
    return Defined(_texts(found.slos), (came,), found.problems)


def of_source(client: PrometheusClient, at: datetime, zone: str) -> Defined | None:
    """The definitions that a source shows by its rules or its metrics; None where by neither.

    Args:
        client: asks it.
        at: the newest instant at which it has data.
        zone: whose months and days are meant, an IANA name.

    Raises:
        SourceError: the source could not be asked.
    """
    return of_rules(client) or of_metrics(client, at, zone) or of_itself(client, at)


def of_metrics(client: PrometheusClient, at: datetime, zone: str) -> Defined | None:
    """What the metrics of a source suggest, as ``discover`` proposes it; likewise."""
    found = discover(client, at, zone=zone)
    texts = {one.file_name: one.text for one in found.proposals}
    if not texts:
        return None
    services = counted(len(texts), "service", "services")
    came = f"{services} found by their metrics; a target is proposed for each: look at them"
    return Defined(texts, (came,))


def of_itself(client: PrometheusClient, at: datetime) -> Defined | None:
    """An example over the requests that a Prometheus answers itself, where it scrapes itself."""
    found = client.query("group by (job) (prometheus_http_requests_total)", at)
    job = next((dict(one.labels).get("job") for one in found), None)
    if job is None:
        return None
    line = "no service was found: an example is written, over the Prometheus' own requests"
    return Defined({"prometheus.yaml": ITSELF.format(job=scalar(job))}, (line,))


def example() -> Defined:
    """Something to write one's own from, where nothing was found."""
    line = "no definition was found: an example is written, for you to put your metric into"
    return Defined({"example.yaml": EXAMPLE}, (line,), is_example=True)


def _texts(slos: Sequence[Slo]) -> dict[str, str]:
    return {f"{slo.namespace}.{slo.name}.yaml": checked_yaml(slo) for slo in slos}


def _objectives(slos: Sequence[Slo]) -> str:
    return counted(len(slos), "objective", "objectives")


def _all(paths: Sequence[Path]) -> str:
    return ", ".join(map(str, paths))
