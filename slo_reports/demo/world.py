"""A whole shop brought to life: its series and its truth."""

from __future__ import annotations

from dataclasses import dataclass

from slo_reports.demo.alerts import alert_series
from slo_reports.demo.samples import Series, scrape
from slo_reports.demo.scenery import Shop
from slo_reports.demo.traffic import happen
from slo_reports.demo.truth import ObjectiveTruth, truth_of


@dataclass(frozen=True)
class DemoWorld:
    """Everything that a shop leaves behind."""

    shop: Shop
    series: tuple[Series, ...]
    truth: tuple[ObjectiveTruth, ...]


def bring_to_life(shop: Shop) -> DemoWorld:
    """Generate a shop's series and truth; the same shop gives the same world."""
    series: list[Series] = []
    truth: list[ObjectiveTruth] = []
    for service in shop.services:
        processes = happen(shop, service)
        stored = scrape(shop, service, processes)
        series += stored + alert_series(shop, service, processes)
        truth += truth_of(shop, service, processes, stored)
    return DemoWorld(shop, tuple(series), tuple(truth))
