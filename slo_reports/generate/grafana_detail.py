"""The dashboard of one objective: how it stands, what it burns, what it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from grafana_foundation_sdk.builders import dashboard as building

from slo_reports.generate import grafana_queries as ask
from slo_reports.generate.grafana_layout import Band, lay_out
from slo_reports.generate.grafana_links import DETAIL_UID, ReportLink, reports_markdown
from slo_reports.generate.grafana_panels import (
    bar_panel,
    gauge_panel,
    stat_panel,
    table_panel,
    text_panel,
    timeline_panel,
    trend_panel,
)
from slo_reports.generate.grafana_parts import (
    BUDGET_STEPS,
    COUNT_STEPS,
    GREEN,
    ORANGE,
    PURPLE,
    RED,
    YELLOW,
    AnyPanel,
    Ask,
    Shown,
)
from slo_reports.generate.grafana_variables import one, variables
from slo_reports.generate.names import (
    INFO,
    REMAINING,
    TARGET,
    VALID,
    burn_record,
    sli_record,
)
from slo_reports.generate.windows import USUAL
from slo_reports.model import Slo
from slo_reports.promql import duration

_DAY = 86400
_HOUR, _ONE_DAY = timedelta(hours=1), timedelta(days=1)
_LONG = (_HOUR, timedelta(hours=6), _ONE_DAY, timedelta(days=3))
"""The look-backs that the usual alerts have; the shorter ones tell whether it still burns."""
_SEVERITIES = {"page": RED, "critical": RED, "ticket": ORANGE, "warning": ORANGE}
_INFO_COLUMNS = {
    "title": "Objective",
    "objective": "Target %",
    "window": "Window",
    "service": "Service",
    "owner": "Owner",
    "tier": "Tier",
    "runbook": "Runbook",
    "dashboard": "Dashboard",
}


def detail(
    dashboard: building.Dashboard, slos: Sequence[Slo], reports: Sequence[ReportLink]
) -> building.Dashboard:
    """Fill the dashboard of one objective.

    Args:
        dashboard: with title, links and annotations.
        slos: all that it can be opened for; their thresholds are drawn.
        reports: those that readers find.
    """
    variables(
        dashboard.uid(DETAIL_UID),
        (
            one("service", "Service", f"label_values({INFO}, service)"),
            one("slo", "Objective", f'label_values({INFO}{{service="$service"}}, slo)'),
            one("window", "Window", f'label_values({TARGET}{{slo="$slo"}}, window)'),
        ),
    )
    return lay_out(
        dashboard,
        (
            Band(5, list(zip(_summary(slos), (4, 6, 5, 5, 4), strict=True))),
            Band(4, [(_info(), 24)]),
            Band(10, [(_burn_down(), 12), (_burn_rates(slos), 12)], "Error budget"),
            Band(9, [(_by_window(slos), 8), (_sli_trend(), 16)], "Service level"),
            Band(9, [(_requests(), 12), (_latency(slos), 12)], "Traffic and latency"),
            Band(
                8,
                [(_alerts(), 16), (text_panel("Reports", reports_markdown(reports)), 8)],
                "Alerts and reports",
            ),
        ),
    )


def _summary(slos: Sequence[Slo]) -> tuple[AnyPanel, ...]:
    return _outcome(), _sli(slos), _budget(), _lasts(slos), _firing()


def _outcome() -> AnyPanel:
    return stat_panel(
        Shown(
            "Outcome",
            "Whether the SLI over the rolling window that ends now is at least the target. The "
            "report's outcome is that of its calendar period, and can differ.",
        ),
        [Ask(f"{ask.of_budget(REMAINING)} >= bool 0")],
        words={"1": ("met", GREEN), "0": ("missed", RED)},
        filled=True,
    )


def _sli(slos: Sequence[Slo]) -> AnyPanel:
    return stat_panel(
        Shown(
            "SLI and target",
            "The SLI is the share of good events among valid events over the window that ends "
            "now: events are summed first and divided once. The target is the share promised.",
            unit="percentunit",
            decimals=4,
        ),
        [
            Ask(ask.sli_of_one(ask.lengths_of(slos)), "SLI"),
            Ask(ask.of_budget(TARGET), "Target"),
        ],
        names=True,
    )


def _budget() -> AnyPanel:
    return gauge_panel(
        Shown(
            "Budget left",
            "The share of the error budget that is left: 1 − (1 − SLI) / (1 − target) over the "
            "window. 100 % is untouched, 0 % used up, below 0 % overspent.",
            unit="percentunit",
            decimals=1,
            steps=BUDGET_STEPS,
            minimum=0.0,
            maximum=1.0,
        ),
        [Ask(ask.of_budget(REMAINING), "Budget left")],
    )


def _lasts(slos: Sequence[Slo]) -> AnyPanel:
    return stat_panel(
        Shown(
            "Budget lasts",
            "How long the budget left lasts if bad events go on as in the last 3 days (1 day for "
            "windows under 4 weeks): budget left × window / burn rate. Bad events that leave the "
            "rolling window later are not given back here.",
            unit="s",
            decimals=1,
            steps=((None, RED), (3 * _DAY, ORANGE), (7 * _DAY, YELLOW), (30 * _DAY, GREEN)),
            empty="nothing burns",
        ),
        [Ask(ask.lasts(ask.lengths_of(slos)), "Budget lasts")],
    )


def _firing() -> AnyPanel:
    return stat_panel(
        Shown(
            "Alerts firing",
            "How many alerts that name this objective in their label slo fire now.",
            steps=COUNT_STEPS,
        ),
        [Ask(ask.how_many(ask.alerts_of_one()), "Alerts firing")],
    )


def _info() -> AnyPanel:
    return table_panel(
        Shown(
            "What is promised",
            "The objective as its definition says it. The runbook and the team's own dashboard "
            "are those of the definition's annotations.",
        ),
        [Ask(ask.info_of_one(_INFO_COLUMNS))],
        columns=_INFO_COLUMNS,
        hidden=("Value",),
        overrides=[
            (name, {"links": [{"title": "Open", "url": f"${{__data.fields.{label}:raw}}"}]})
            for label, name in (("runbook", "Runbook"), ("dashboard", "Dashboard"))
        ],
    )


def _burn_down() -> AnyPanel:
    return trend_panel(
        Shown(
            "Budget left over time",
            "The error budget left over the rolling window that ends at each point. It falls with "
            "bad events, and rises when they leave the window. Below 0 % the promise is broken.",
            unit="percentunit",
            steps=((None, RED), (0.0, "transparent")),
        ),
        [Ask(ask.of_budget(REMAINING), "budget left", over_time=True)],
        area=True,
    )


def _burn_rates(slos: Sequence[Slo]) -> AnyPanel:
    lines = ask.alert_lines(slos)
    longs = {*_LONG, *(one.long for slo in slos for one in slo.burn_rates)}
    rates = [
        Ask(ask.of_budget(burn_record(window)), f"over {duration(window)}", over_time=True)
        for window in sorted(longs)
    ]
    return trend_panel(
        Shown(
            "Burn rate, and where alerts fire",
            "How many times faster than sustainable the budget is spent: bad share over each "
            "look-back / (1 − target). 1 uses the budget up exactly in one window. A dashed line "
            "is the threshold of an alert: it fires where the burn rates over both its look-backs "
            "are above it.",
            decimals=2,
        ),
        [*rates, *(Ask(line.query, line.legend, over_time=True) for line in lines)],
        dashed={line.legend: _SEVERITIES.get(line.severity, PURPLE) for line in lines},
    )


def _by_window(slos: Sequence[Slo]) -> AnyPanel:
    windows = [Ask(ask.of_one(sli_record(window)), f"last {duration(window)}") for window in USUAL]
    return bar_panel(
        Shown(
            "SLI by look-back",
            "The share of good events among valid events over look-backs that end now, and over "
            "the objective's whole window. Beside each other they tell a fault that goes on from "
            "one that is over. The bars begin at 90 %.",
            unit="percentunit",
            decimals=3,
            minimum=0.9,
            maximum=1.0,
        ),
        [*windows, Ask(ask.sli_of_one(ask.lengths_of(slos)), "whole window")],
    )


def _sli_trend() -> AnyPanel:
    return trend_panel(
        Shown(
            "SLI over time",
            "The share of good events among valid events over look-backs of one hour and one day "
            "that end at each point, and the target.",
            unit="percentunit",
            decimals=3,
        ),
        [
            Ask(ask.of_one(sli_record(_HOUR)), "over 1h", over_time=True),
            Ask(ask.of_one(sli_record(_ONE_DAY)), "over 1d", over_time=True),
            Ask(ask.of_budget(TARGET), "target", over_time=True),
        ],
        dashed={"target": RED},
    )


def _requests() -> AnyPanel:
    return trend_panel(
        Shown(
            "Events per second",
            "Valid events per second, and the bad ones among them, each over 5 minutes.",
            unit="reqps",
        ),
        [
            Ask(ask.of_one(VALID), "valid", over_time=True),
            Ask(ask.bad_rate(), "bad", over_time=True),
        ],
        dashed=None,
    )


def _latency(slos: Sequence[Slo]) -> AnyPanel:
    lines = ask.latency_lines(slos)
    quantiles = Ask(ask.quantiles(), "quantile {{quantile}}", over_time=True)
    return trend_panel(
        Shown(
            "Latency",
            "How long events took, over 5 minutes: half of them were faster than the quantile "
            "0.5, 99 of 100 faster than 0.99, estimated between the histogram's boundaries. The "
            "dashed line is the objective's limit. Only objectives of latency have this.",
            unit="s",
            empty="not an objective of latency",
        ),
        [quantiles, *(Ask(line.query, line.legend, over_time=True) for line in lines)],
        dashed={line.legend: RED for line in lines},
    )


def _alerts() -> AnyPanel:
    return timeline_panel(
        Shown(
            "Alerts",
            "When alerts with this objective's label slo fired; one line for each kind.",
            empty="no alert fired",
        ),
        [
            Ask(
                ask.alerts_of_one_over_time(),
                "{{alertname}} {{severity}} {{long}}",
                over_time=True,
            )
        ],
        {"1": ("firing", RED)},
    )
