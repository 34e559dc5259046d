"""The record of what fell due, of frozen artifacts, deliveries and attempts."""

from slo_reports.ledger.records import (
    Delivered,
    Delivery,
    Freezing,
    OpenDelivery,
    Owed,
    Run,
    RunState,
    Try,
)
from slo_reports.ledger.store import Ledger

__all__ = [
    "Delivered",
    "Delivery",
    "Freezing",
    "Ledger",
    "OpenDelivery",
    "Owed",
    "Run",
    "RunState",
    "Try",
]
