"""What all panels of the dashboards have in common: queries, words, colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import TypeVar

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
from grafana_foundation_sdk.builders import prometheus as asking
from grafana_foundation_sdk.models import dashboard as shapes
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

SOURCE = shapes.DataSourceRef(type_val="prometheus", uid="${datasource}")
GREEN, YELLOW, ORANGE, RED = "green", "yellow", "orange", "red"
BLUE, PURPLE = "blue", "purple"

AnyPanel = (
    stat.Panel
    | gauge.Panel
    | bargauge.Panel
    | timeseries.Panel
    | statetimeline.Panel
    | table.Panel
    | text.Panel
)
Steps = Sequence[tuple[float | None, str]]
BUDGET_STEPS: Steps = ((None, RED), (1e-9, ORANGE), (0.25, YELLOW), (0.5, GREEN))
"""Colours of a budget left [ratio]: none, under a quarter, under a half, more."""
BURN_STEPS: Steps = ((None, GREEN), (1.0, YELLOW), (3.0, ORANGE), (6.0, RED))
COUNT_STEPS: Steps = ((None, GREEN), (1.0, RED))


@dataclass(frozen=True)
class Ask:
    """One query of a panel.

    Attributes:
        query: PromQL.
        legend: what its series are called; ``{{label}}`` is replaced.
        over_time: whether it is asked for the whole range, else only for its end.
    """

    query: str
    legend: str = ""
    over_time: bool = False


@dataclass(frozen=True)
class Shown:
    """How a panel's numbers are shown.

    Attributes:
        title: what stands above the panel.
        why: what it shows and how it is computed, in plain words.
        unit: Grafana's name of the unit.
        decimals: places; None: as many as it takes.
        steps: from which value on which colour holds.
        empty: what is shown where there is no value.
        minimum: where bars and axes begin; None: as the values have it.
        maximum: where they end.
    """

    title: str
    why: str
    unit: str = "short"
    decimals: int | None = None
    steps: Steps = ((None, BLUE),)
    empty: str = "no data"
    minimum: float | None = None
    maximum: float | None = None


P = TypeVar(
    "P",
    stat.Panel,
    gauge.Panel,
    bargauge.Panel,
    timeseries.Panel,
    statetimeline.Panel,
    table.Panel,
)


def measured(panel: P, shown: Shown, asked: Iterable[Ask], *, tabular: bool = False) -> P:
    """A panel with its words, colours and queries."""
    panel.title(shown.title).description(shown.why).datasource(SOURCE)
    panel.unit(shown.unit).no_value(shown.empty).thresholds(_thresholds(shown.steps))
    panel.color_scheme(building.FieldColor().mode(shapes.FieldColorModeId.THRESHOLDS))
    if shown.decimals is not None:
        panel.decimals(shown.decimals)
    if shown.minimum is not None:
        panel.min(shown.minimum)
    if shown.maximum is not None:
        panel.max(shown.maximum)
    for letter, one in zip(ascii_uppercase, asked, strict=False):
        panel.with_target(_target(one, letter, tabular=tabular))
    return panel


def _target(one: Ask, letter: str, *, tabular: bool) -> asking.Dataquery:
    target = asking.Dataquery().expr(one.query).ref_id(letter).datasource(SOURCE)
    target.format(PromQueryFormat.TABLE if tabular else PromQueryFormat.TIME_SERIES)
    if one.legend:
        target.legend_format(one.legend)
    return target.range() if one.over_time else target.instant()


def _thresholds(steps: Steps) -> building.ThresholdsConfig:
    wanted = [shapes.Threshold(value=value, color=colour) for value, colour in steps]
    return building.ThresholdsConfig().mode(shapes.ThresholdsMode.ABSOLUTE).steps(wanted)


def last_value() -> common.ReduceDataOptions:
    """Of each series the last value that it has."""
    return common.ReduceDataOptions().calcs(["lastNotNull"]).values(False).fields("")


def in_words(words: Mapping[str, tuple[str, str]]) -> shapes.ValueMap:
    """Words and colours in place of values."""
    return shapes.ValueMap(
        {
            value: shapes.ValueMappingResult(text=word, color=colour, index=place)
            for place, (value, (word, colour)) in enumerate(words.items())
        }
    )


def link(title: str, url: str, *, elsewhere: bool = False) -> building.DashboardLink:
    """Where a click leads.

    Args:
        title: what the link says.
        url: may hold template variables.
        elsewhere: whether it opens a page of its own.
    """
    shown = building.DashboardLink(title).type(shapes.DashboardLinkType.LINK).url(url)
    return shown.target_blank(elsewhere)


def dashes(colour: str) -> list[shapes.DynamicConfigValue]:
    """How a constant is drawn: thin, dashed, in a colour of its own."""
    return [
        shapes.DynamicConfigValue("custom.lineStyle", {"fill": "dash", "dash": [8, 8]}),
        shapes.DynamicConfigValue("custom.lineWidth", 1),
        shapes.DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour}),
    ]


def steps_value(steps: Steps) -> dict[str, object]:
    """Thresholds for an override, as the panel's own are written."""
    return {
        "mode": "absolute",
        "steps": [{"color": colour, "value": value} for value, colour in steps],
    }


def siblings(tag: str) -> building.DashboardLink:
    """The other dashboards with a tag, opened for the same choice and the same range."""
    return (
        building.DashboardLink("SLO dashboards")
        .type(shapes.DashboardLinkType.DASHBOARDS)
        .tags([tag])
        .as_dropdown(False)
        .include_vars(True)
        .keep_time(True)
    )
