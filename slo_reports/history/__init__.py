"""The slice store: what was measured, kept by UTC day, because the source forgets."""

from slo_reports.history.days import DaySlices, DaySums, SloDay, Stamp
from slo_reports.history.fingerprints import fingerprint
from slo_reports.history.renewed import RenewedHistory
from slo_reports.history.store import History, Known, knows_less

__all__ = [
    "DaySlices",
    "DaySums",
    "History",
    "Known",
    "RenewedHistory",
    "SloDay",
    "Stamp",
    "fingerprint",
    "knows_less",
]
