"""The slice store: what was measured, kept by UTC day, because the source forgets."""

from slo_reports.history.batches import Batch
from slo_reports.history.days import DaySlices, DaySums, SloDay, Stamp
from slo_reports.history.fingerprints import fingerprint
from slo_reports.history.renewed import RenewedHistory
from slo_reports.history.store import History, Known, known_of, knows_less

__all__ = [
    "Batch",
    "DaySlices",
    "DaySums",
    "History",
    "Known",
    "RenewedHistory",
    "SloDay",
    "Stamp",
    "fingerprint",
    "known_of",
    "knows_less",
]
