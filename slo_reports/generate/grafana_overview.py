"""The dashboard of all objectives: which are in trouble, and where to look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from grafana_foundation_sdk.builders import dashboard as building

from slo_reports.generate import grafana_queries as ask
from slo_reports.generate.grafana_layout import Band, lay_out
from slo_reports.generate.grafana_links import (
    OVERVIEW_UID,
    ReportLink,
    reports_markdown,
    to_objective,
    to_service,
)
from slo_reports.generate.grafana_panels import (
    Override,
    stat_panel,
    table_panel,
    text_panel,
    timeline_panel,
    trend_panel,
)
from slo_reports.generate.grafana_parts import (
    BLUE,
    BUDGET_STEPS,
    BURN_STEPS,
    COUNT_STEPS,
    GREEN,
    ORANGE,
    RED,
    YELLOW,
    AnyPanel,
    Ask,
    Shown,
    steps_value,
)
from slo_reports.generate.grafana_variables import many, variables
from slo_reports.generate.names import INFO, REMAINING, TARGET, burn_record
from slo_reports.model import Slo

_COLUMNS = {
    "service": "Service",
    "title": "Objective",
    "owner": "Owner",
    "tier": "Tier",
    "window": "Window",
    "Value #A": "Target",
    "Value #B": "SLI",
    "Value #C": "Budget left",
    "Value #D": "Burn rate 1h",
    "Value #E": "Burn rate 6h",
    "Value #F": "Burn rate 3d",
    "Value #G": "Alerts",
    "slo": "Id",
}
_WORST = 10
_SIX_HOURS = timedelta(hours=6)
_LOOKBACKS = (timedelta(hours=1), _SIX_HOURS, timedelta(days=3))
_OWNED = 'owner=~"$owner",tier=~"$tier"'


def overview(
    dashboard: building.Dashboard, slos: Sequence[Slo], reports: Sequence[ReportLink]
) -> building.Dashboard:
    """Fill the dashboard of all objectives.

    Args:
        dashboard: with title, links and annotations.
        slos: whose series there are.
        reports: those that readers find.
    """
    variables(
        dashboard.uid(OVERVIEW_UID),
        (
            many("owner", "Owner", f"label_values({INFO}, owner)"),
            many("tier", "Tier", f'label_values({INFO}{{owner=~"$owner"}}, tier)'),
            many("service", "Service", f"label_values({INFO}{{{_OWNED}}}, service)"),
            many("slo", "Objective", f'label_values({INFO}{{{_OWNED},service=~"$service"}}, slo)'),
        ),
    )
    return lay_out(
        dashboard,
        (
            Band(4, [(panel, 4) for panel in _counts()]),
            Band(5, [(_services(), 24)]),
            Band(12, [(_table(slos), 24)]),
            Band(10, [(_budgets(), 12), (_burning(), 12)], "The worst, over time"),
            Band(9, [(_alerts(), 16), (text_panel("Reports", reports_markdown(reports)), 8)]),
        ),
    )


def _counts() -> Iterator[AnyPanel]:
    left, burning = ask.chosen(REMAINING), ask.chosen(burn_record(_SIX_HOURS))
    for shown, query in (
        (
            Shown(
                "Objectives",
                "How many objectives the variables above choose; one that is promised over two "
                "windows counts twice.",
            ),
            ask.how_many(ask.chosen(TARGET)),
        ),
        (
            Shown(
                "Budget used up",
                "How many objectives have no error budget left: over their window, the share of "
                "bad events is larger than the target allows.",
                steps=COUNT_STEPS,
            ),
            ask.how_many(f"{left} <= 0"),
        ),
        (
            Shown(
                "Under a quarter left",
                "How many objectives have some error budget left, but less than a quarter of it.",
                steps=((None, GREEN), (1.0, ORANGE)),
            ),
            ask.how_many(f"{left} > 0 < 0.25"),
        ),
        (
            Shown(
                "Burning too fast",
                "How many objectives burnt faster than 1 over the last 6 hours: if that goes on "
                "for a whole window, their budget does not last.",
                steps=((None, GREEN), (1.0, YELLOW)),
            ),
            ask.how_many(f"{burning} > 1"),
        ),
        (
            Shown(
                "Alerts firing",
                "How many alerts with the label slo of a chosen objective fire now.",
                steps=COUNT_STEPS,
            ),
            ask.how_many(ask.chosen_alerts()),
        ),
        (
            Shown(
                "Not measured",
                "Of how many objectives' budgets nothing is known: no data, or no traffic in their "
                "window.",
                steps=((None, GREEN), (1.0, YELLOW)),
            ),
            ask.how_many(ask.unmeasured()),
        ),
    ):
        yield stat_panel(shown, [Ask(query)])


def _services() -> AnyPanel:
    return stat_panel(
        Shown(
            "Least budget left of each service",
            "The error budget left of the service's worst objective, over its window. 100 % is "
            "untouched, 0 % used up, below 0 % overspent. A click opens the service.",
            unit="percentunit",
            decimals=1,
            steps=BUDGET_STEPS,
        ),
        [Ask(f"sort(min by (service) ({ask.chosen(REMAINING)}))", "{{service}}")],
        filled=True,
        names=True,
        leads_to=to_service(),
    )


def _table(slos: Sequence[Slo]) -> AnyPanel:
    queries = (
        ask.chosen_info(),
        ask.chosen_sli(ask.lengths_of(slos)),
        *(
            ask.by_objective(ask.chosen(series))
            for series in (REMAINING, *(burn_record(window) for window in _LOOKBACKS))
        ),
        ask.alerts_by_objective(),
    )
    return table_panel(
        Shown(
            "Objectives",
            "Every chosen objective, the least budget left first. The SLI is good events over "
            "valid events in the rolling window that ends now; the budget left is what the target "
            "allowed to be bad and was not. A burn rate of 1 uses the budget up exactly in one "
            "window. The reports count calendar months, so their numbers differ from these. A "
            "click on an objective opens it.",
        ),
        [Ask(query) for query in queries],
        columns=_COLUMNS,
        sort_by=("Budget left", False),
        overrides=_columns(),
    )


def _columns() -> Iterator[Override]:
    coloured = {"type": "color-text"}
    yield "Objective", {"links": [{"title": "Open this objective", "url": to_objective()}]}
    yield "Id", {"custom.hidden": True}
    for name, decimals in (("Target", 2), ("SLI", 4)):
        yield name, {"unit": "percentunit", "decimals": decimals}
    yield (
        "Budget left",
        {
            "unit": "percentunit",
            "decimals": 1,
            "min": 0,
            "max": 1,
            "thresholds": steps_value(BUDGET_STEPS),
            "custom.cellOptions": {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"},
        },
    )
    for window in ("1h", "6h", "3d"):
        yield (
            f"Burn rate {window}",
            {
                "decimals": 2,
                "thresholds": steps_value(BURN_STEPS),
                "custom.cellOptions": coloured,
            },
        )
    yield "Alerts", {"thresholds": steps_value(COUNT_STEPS), "custom.cellOptions": coloured}


def _budgets() -> AnyPanel:
    worst = ask.extreme(REMAINING, "bottomk", _WORST)
    return trend_panel(
        Shown(
            f"The {_WORST} least budgets left",
            f"The error budget left, over time, of the {_WORST} objectives that have the least at "
            "the end of the range. Below 0 % the promise of the window is broken.",
            unit="percentunit",
            steps=((None, RED), (0.0, "transparent")),
        ),
        [Ask(worst, "{{slo}} ({{window}})", over_time=True)],
        area=True,
    )


def _burning() -> AnyPanel:
    worst = ask.extreme(burn_record(_SIX_HOURS), "topk", _WORST)
    return trend_panel(
        Shown(
            f"The {_WORST} fastest burn rates over 6 hours",
            f"The burn rate over a look-back of 6 hours, over time, of the {_WORST} objectives "
            "that burn fastest at the end of the range. The dashed line is 1: above it the "
            "budget does not last for the window.",
            decimals=2,
            steps=((None, BLUE), (1.0, ORANGE)),
        ),
        [Ask(worst, "{{slo}} ({{window}})", over_time=True)],
        lines=True,
    )


def _alerts() -> AnyPanel:
    return timeline_panel(
        Shown(
            "Alerts",
            "When alerts with the label slo of a chosen objective fired; one line for each "
            "objective and severity.",
            empty="no alert fired",
        ),
        [Ask(ask.chosen_alerts_over_time(), "{{slo}} {{severity}}", over_time=True)],
        {"1": ("firing", RED)},
    )
