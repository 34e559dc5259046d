"""Shared by the tests of the demo: its programs, a small shop and the whole one."""

from __future__ import annotations

import os
from datetime import date

import pytest

from slo_reports.demo.places import Tools, find_tools
from slo_reports.demo.scenery import Shop
from slo_reports.demo.shop import demo_shop, small_shop
from slo_reports.demo.world import DemoWorld, bring_to_life
from slo_reports.errors import SourceError
from slo_reports.periods import between


@pytest.fixture(scope="session")
def tools() -> Tools:
    try:
        return find_tools()
    except SourceError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def small() -> Shop:
    """Two days with a deploy that replaces pods, a latency histogram and a quiet service."""
    period = between(date(2026, 10, 13), date(2026, 10, 15), "Europe/Berlin")
    return small_shop({"orders", "payments", "gift-cards"}, period)


@pytest.fixture(scope="session")
def small_world(small: Shop) -> DemoWorld:
    return bring_to_life(small)


@pytest.fixture(scope="session")
def whole_world() -> DemoWorld:
    return bring_to_life(demo_shop())
