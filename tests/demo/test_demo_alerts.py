from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest

from slo_reports.demo.shop import small_shop
from slo_reports.demo.world import DemoWorld, bring_to_life
from slo_reports.periods import between


@pytest.fixture(scope="module")
def outage() -> DemoWorld:
    period = between(date(2026, 10, 19), date(2026, 10, 21), "Europe/Berlin")
    return bring_to_life(small_shop({"checkout", "reviews"}, period))


def firing(world: DemoWorld, slo: str, alert: str) -> np.ndarray:
    wanted = {"slo": f"shop/{slo}", "alertname": alert}.items()
    found = [one for one in world.series if wanted <= dict(one.labels).items()]
    return found[0].times if found else np.array([])


def minutes_after(times: np.ndarray, instant: datetime) -> np.ndarray:
    return (times - instant.timestamp()) / 60


def test_a_real_outage_pages_within_minutes_and_ends_soon_after_it(outage):
    began = datetime(2026, 10, 19, 12, 5, tzinfo=UTC)
    minutes = minutes_after(firing(outage, "checkout-availability", "ErrorBudgetBurnFast"), began)
    assert 3 <= minutes[0] <= 6
    assert 63 <= minutes[-1] <= 63 + 5
    assert (np.diff(minutes) == 1).all()


def test_slower_rules_fire_later_and_longer(outage):
    first = [
        firing(outage, "checkout-availability", f"ErrorBudgetBurn{name}")[0]
        for name in ("Fast", "Steady", "Slow")
    ]
    assert first == sorted(first)
    assert len(set(first)) == 3


def test_nobody_is_paged_where_nothing_happened(outage):
    alerts = {one.label("service") for one in outage.series if one.name == "ALERTS"}
    assert alerts == {"checkout"}


def test_alerts_lie_inside_the_month_and_have_severity_and_state(whole_world):
    alerts = [one for one in whole_world.series if one.name == "ALERTS"]
    month = whole_world.shop.month
    for one in alerts:
        assert one.label("alertstate") == "firing"
        assert one.label("severity") in ("page", "ticket")
        assert month.start.timestamp() <= one.times[0]
        assert one.times[-1] <= month.end.timestamp()


def test_services_that_page_nobody_only_open_tickets(whole_world):
    severities = {
        (one.label("service"), one.label("severity"))
        for one in whole_world.series
        if one.name == "ALERTS"
    }
    assert ("stock-sync", "ticket") in severities
    assert not {("stock-sync", "page"), ("gift-cards", "page")} & severities
