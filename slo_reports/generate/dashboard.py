"""Grafana dashboards over the series of the recording rules: an overview and one objective.

They are generated for a set of definitions, not for each: what is shown is chosen by template
variables. Only the thresholds of alerts and limits of latency are drawn from the definitions.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from slo_reports.errors import ConfigurationError
from slo_reports.generate.grafana_links import DETAIL_UID, OVERVIEW_UID, ReportLink
from slo_reports.generate.writing import dump
from slo_reports.model import Slo

try:
    from grafana_foundation_sdk.builders import dashboard as building
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.models import dashboard as shapes

    from slo_reports.generate.grafana_detail import detail
    from slo_reports.generate.grafana_overview import overview
    from slo_reports.generate.grafana_parts import link, siblings
    from slo_reports.generate.grafana_variables import AlertMarks
except ModuleNotFoundError as error:
    if error.name is None or error.name.partition(".")[0] != "grafana_foundation_sdk":
        raise
    _MISSING = "dashboards need Grafana's kit: pip install 'slo-reports[grafana]'"
    raise ConfigurationError(_MISSING) from error

TAG = "slo-reports"
EMPTY = "there is no objective to make a dashboard of"


@dataclass(frozen=True)
class Board:
    """One dashboard.

    Attributes:
        uid: by which Grafana knows it again; the same in all versions.
        text: its JSON, the same bytes for the same definitions.
    """

    uid: str
    text: str


def boards(slos: Sequence[Slo], reports: Sequence[ReportLink] = ()) -> tuple[Board, ...]:
    """The overview and the detail.

    Args:
        slos: whose series the rules record.
        reports: those that readers find.

    Raises:
        ConfigurationError: there is no SLO.
    """
    if not slos:
        raise ConfigurationError(EMPTY)
    wanted = sorted(slos, key=lambda slo: slo.id)
    first = _begun(
        "SLO overview",
        "All objectives: budgets left, burn rates, alerts. Made by slo-reports dashboard.",
        'ALERTS{alertstate="firing",slo=~"$slo",service=~"$service"}',
        reports,
    )
    second = _begun(
        "SLO detail",
        "One objective: SLI, error budget, burn rate, traffic. Made by slo-reports dashboard.",
        'ALERTS{alertstate="firing",slo="$slo"}',
        reports,
    )
    return (
        Board(OVERVIEW_UID, _text(overview(first, wanted, reports))),
        Board(DETAIL_UID, _text(detail(second, wanted, reports))),
    )


def config_map(
    made: Sequence[Board], *, name: str, namespace: str | None = None, folder: str | None = None
) -> str:
    """A Kubernetes ConfigMap that Grafana's sidecar loads the dashboards from.

    Args:
        made: the dashboards.
        name: of the object.
        namespace: that it lives in; None: where it is applied.
        folder: Grafana's folder, by the annotation that the sidecar is usually set to.
    """
    metadata: dict[str, object] = {"name": name}
    if namespace is not None:
        metadata["namespace"] = namespace
    metadata["labels"] = {"grafana_dashboard": "1"}
    if folder is not None:
        metadata["annotations"] = {"grafana_folder": folder}
    data = {f"{one.uid}.json": one.text for one in made}
    return dump({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data})


def _begun(
    title: str, description: str, alerts: str, reports: Sequence[ReportLink]
) -> building.Dashboard:
    """A dashboard without variables and panels."""
    dashboard = (
        building.Dashboard(title)
        .description(description)
        .tags([TAG])
        .editable()
        .timezone("browser")
        .time("now-30d", "now")
        .refresh("5m")
        .tooltip(shapes.DashboardCursorSync.CROSSHAIR)
        .annotation(AlertMarks(alerts))
        .link(siblings(TAG))
    )
    for url in dict.fromkeys(one.archive for one in reports):
        dashboard.link(link("Report archive", url, elsewhere=True).icon("doc"))
    return dashboard


def _text(dashboard: building.Dashboard) -> str:
    return json.dumps(dashboard.build(), cls=JSONEncoder, indent=2, ensure_ascii=False) + "\n"
