"""The template variables of the dashboards, and the marks of alerts in their charts."""

from __future__ import annotations

from collections.abc import Iterable

from grafana_foundation_sdk.builders import dashboard as building
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import dashboard as shapes

from slo_reports.generate.grafana_parts import RED, SOURCE

ANY = shapes.VariableOption(selected=True, text=["All"], value=["$__all"])


def data_source() -> building.DatasourceVariable:
    """Which Prometheus is asked."""
    return (
        building.DatasourceVariable("datasource")
        .label("Data source")
        .description("The Prometheus that holds the series of the recording rules.")
        .type("prometheus")
    )


def many(name: str, label: str, query: str, *, anything: str = ".*") -> building.QueryVariable:
    """Any number of values of a label; all of them at first.

    Args:
        name: of the variable.
        label: what stands beside it.
        query: such as ``label_values(slo:info, service)``.
        anything: the regular expression that stands for all.
    """
    return _asked(name, label, query).multi(True).include_all(True).all_value(anything).current(ANY)


def one(name: str, label: str, query: str) -> building.QueryVariable:
    """One value of a label; the first at first."""
    return _asked(name, label, query).multi(False).include_all(False)


def _asked(name: str, label: str, query: str) -> building.QueryVariable:
    return (
        building.QueryVariable(name)
        .label(label)
        .query({"query": query, "refId": f"variable-{name}"})
        .datasource(SOURCE)
        .refresh(shapes.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(shapes.VariableSort.ALPHABETICAL_CASE_INSENSITIVE_ASC)
    )


class _Plain(Builder[shapes.VariableModel]):
    """A variable without the keys that the kit gives all of them and only intervals have."""

    def __init__(self, variable: Builder[shapes.VariableModel]) -> None:
        self._variable = variable

    def build(self) -> shapes.VariableModel:
        """The variable, as Grafana stores it."""
        made = self._variable.build()
        made.auto = made.auto_min = made.auto_count = None
        return made


class AlertMarks(Builder[shapes.AnnotationQuery]):
    """Spans of time in which alerts fired, drawn over all charts."""

    def __init__(self, query: str) -> None:
        self._query = query

    def build(self) -> shapes.AnnotationQuery:
        """The annotation, in the form that Grafana 8 and later store it."""
        return _Marks(
            name="Alerts",
            datasource=SOURCE,
            enable=True,
            hide=False,
            icon_color=RED,
            built_in=None,
            expr=self._query,
        )


class _Marks(shapes.AnnotationQuery):
    """The kit knows no query of another source than Grafana's own; Prometheus' has these keys."""

    def to_json(self) -> dict[str, object]:
        """As it is stored."""
        known = super().to_json()
        query = known.pop("expr")
        return known | {
            "target": {"refId": "Anno", "expr": query, "interval": "60s"},
            "titleFormat": "{{alertname}}",
            "textFormat": "{{severity}}: {{slo}}",
            "tagKeys": "severity",
        }


def variables(
    dashboard: building.Dashboard, chosen: Iterable[Builder[shapes.VariableModel]]
) -> building.Dashboard:
    """A dashboard with its variables, the source of data first."""
    for variable in (data_source(), *chosen):
        dashboard.with_variable(_Plain(variable))
    return dashboard
