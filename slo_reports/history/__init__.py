"""The slice store: what was measured, kept by UTC day, because the source forgets."""

from slo_reports.history.days import Coverage, DaySlices, SloDay, Stamp
from slo_reports.history.fingerprints import fingerprint
from slo_reports.history.store import History, Known

__all__ = ["Coverage", "DaySlices", "History", "Known", "SloDay", "Stamp", "fingerprint"]
