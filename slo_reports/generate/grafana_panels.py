"""The kinds of panels that the dashboards are made of, each with what all of its kind share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    gauge,
    stat,
    statetimeline,
    table,
    text,
    timeseries,
)
from grafana_foundation_sdk.builders import dashboard as building
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as shapes
from grafana_foundation_sdk.models.text import TextMode

from slo_reports.generate.grafana_parts import (
    Ask,
    Shown,
    dashes,
    in_words,
    last_value,
    link,
    measured,
)

Override = tuple[str, Mapping[str, object]]


def stat_panel(
    shown: Shown,
    asked: Iterable[Ask],
    *,
    words: Mapping[str, tuple[str, str]] | None = None,
    filled: bool = False,
    names: bool = False,
    leads_to: str | None = None,
) -> stat.Panel:
    """Big numbers.

    Args:
        shown: what it says.
        asked: the queries.
        words: words and colours to show in place of values.
        filled: whether the colour fills the panel.
        names: whether each number stands beside its name.
        leads_to: where a click on a number leads.
    """
    panel = measured(stat.Panel(), shown, asked)
    panel.color_mode(
        kinds.BigValueColorMode.BACKGROUND_SOLID if filled else kinds.BigValueColorMode.VALUE
    ).graph_mode(kinds.BigValueGraphMode.NONE).reduce_options(last_value()).orientation(
        kinds.VizOrientation.AUTO
    ).text_mode(kinds.BigValueTextMode.VALUE_AND_NAME if names else kinds.BigValueTextMode.VALUE)
    if words:
        panel.mappings([in_words(words)])
    if leads_to:
        panel.data_links([link("Open this objective", leads_to)])
    return panel


def gauge_panel(shown: Shown, asked: Iterable[Ask]) -> gauge.Panel:
    """A dial from nothing to all."""
    panel = measured(gauge.Panel(), shown, asked)
    return (
        panel.reduce_options(last_value()).show_threshold_labels(False).show_threshold_markers(True)
    )


def bar_panel(shown: Shown, asked: Iterable[Ask]) -> bargauge.Panel:
    """Bars beside each other, each with its number."""
    panel = measured(bargauge.Panel(), shown, asked)
    return (
        panel.orientation(kinds.VizOrientation.HORIZONTAL)
        .display_mode(kinds.BarGaugeDisplayMode.BASIC)
        .value_mode(kinds.BarGaugeValueMode.COLOR)
        .name_placement(kinds.BarGaugeNamePlacement.LEFT)
        .show_unfilled(True)
        .reduce_options(last_value())
    )


def trend_panel(
    shown: Shown,
    asked: Iterable[Ask],
    *,
    dashed: Mapping[str, str] | None = None,
    lines: bool = False,
    area: bool = False,
) -> timeseries.Panel:
    """Lines over time.

    Args:
        shown: what it says; its steps are drawn only with ``lines`` or ``area``.
        asked: the queries.
        dashed: colours of the series, by name, that are drawn as dashed constants.
        lines: whether the steps are drawn as lines.
        area: whether the steps are drawn as areas.
    """
    panel = measured(timeseries.Panel(), shown, asked)
    panel.line_width(2).fill_opacity(0).show_points(kinds.VisibilityMode.NEVER).span_nulls(False)
    panel.legend(
        common.VizLegendOptions()
        .show_legend(True)
        .display_mode(kinds.LegendDisplayMode.TABLE)
        .placement(kinds.LegendPlacement.BOTTOM)
        .calcs(["lastNotNull", "min", "max"])
    ).tooltip(
        common.VizTooltipOptions()
        .mode(kinds.TooltipDisplayMode.MULTI)
        .sort(kinds.SortOrder.DESCENDING)
    )
    panel.color_scheme(building.FieldColor().mode(shapes.FieldColorModeId.PALETTE_CLASSIC))
    if lines or area:
        mode = kinds.GraphThresholdsStyleMode.DASHED
        if area:
            mode = kinds.GraphThresholdsStyleMode.AREA
        panel.thresholds_style(common.GraphThresholdsStyleConfig().mode(mode))
    for name, colour in (dashed or {}).items():
        panel.override_by_name(name, dashes(colour))
    return panel


def timeline_panel(
    shown: Shown, asked: Iterable[Ask], words: Mapping[str, tuple[str, str]]
) -> statetimeline.Panel:
    """Spans of time in which something held, one row for each series."""
    panel = measured(statetimeline.Panel(), shown, asked)
    return (
        panel.mappings([in_words(words)])
        .show_value(kinds.VisibilityMode.NEVER)
        .row_height(0.8)
        .merge_values(True)
        .legend(
            common.VizLegendOptions()
            .show_legend(False)
            .display_mode(kinds.LegendDisplayMode.LIST)
            .placement(kinds.LegendPlacement.BOTTOM)
        )
    )


def table_panel(
    shown: Shown,
    asked: Iterable[Ask],
    *,
    columns: Mapping[str, str],
    hidden: Iterable[str] = (),
    sort_by: tuple[str, bool] | None = None,
    overrides: Iterable[Override] = (),
) -> table.Panel:
    """A table of the labels and values at the end of the range.

    Args:
        shown: what it says.
        asked: the queries, which have their labels in common.
        columns: what the columns are called, by field (``slo``, ``Value #A``), in their order.
        hidden: fields that are left out.
        sort_by: a column, and whether its largest value stands first.
        overrides: what is different about a column.
    """
    panel = measured(table.Panel(), shown, asked, tabular=True)
    panel.show_header(True).cell_height(kinds.TableCellHeight.SM).filterable(True)
    order = {name: place for place, name in enumerate(columns)}
    organize = {
        "excludeByName": dict.fromkeys(["Time", *hidden], True),
        "indexByName": order,
        "renameByName": dict(columns),
    }
    panel.transformations(
        [
            shapes.DataTransformerConfig(id_val="merge", options={}),
            shapes.DataTransformerConfig(id_val="organize", options=organize),
        ]
    )
    if sort_by is not None:
        column, descending = sort_by
        panel.sort_by([common.TableSortByFieldState().display_name(column).desc(descending)])
    for column, properties in overrides:
        values = [shapes.DynamicConfigValue(id_val=key, value=it) for key, it in properties.items()]
        panel.override_by_name(column, values)
    return panel


def text_panel(title: str, markdown: str) -> text.Panel:
    """Words and links."""
    return text.Panel().title(title).mode(TextMode.MARKDOWN).content(markdown)
