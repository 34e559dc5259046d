"""The default burn-rate alerts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from slo_reports.definitions.burn_rates import RULES, default_burn_rates


@pytest.mark.parametrize(
    ("days", "thresholds"),
    [
        pytest.param(30, [14.4, 6, 3, 1], id="the workbook's month"),
        pytest.param(28, [13.44, 5.6, 2.8, 0.93333], id="four weeks"),
        pytest.param(7, [3.36, 1.4, 0.7, 0.23333], id="a week"),
        pytest.param(3, [1.44, 0.6, 0.3], id="no window as long as the period"),
    ],
)
def test_thresholds_scale_with_the_period(days: int, thresholds: list[float]) -> None:
    alerts = default_burn_rates(timedelta(days=days))
    assert [one.threshold for one in alerts] == pytest.approx(thresholds, abs=1e-5)


@pytest.mark.parametrize("days", [7, 28, 30, 91, 365])
def test_the_budget_used_stays_the_same(days: int) -> None:
    period = timedelta(days=days)
    used = [one.threshold * (one.long / period) for one in default_burn_rates(period)]
    assert used == pytest.approx([float(rule.budget_used) for rule in RULES])
