"""The record of runs, frozen artifacts, deliveries and attempts."""

from slo_reports.ledger.records import Delivery, Run
from slo_reports.ledger.store import Ledger

__all__ = ["Delivery", "Ledger", "Run"]
