"""The slice store: what was measured, kept by UTC day, because the source forgets."""

from slo_reports.history.days import DaySlices, DaySums, SloDay, Stamp
from slo_reports.history.fingerprints import fingerprint
from slo_reports.history.store import History, Known

__all__ = ["DaySlices", "DaySums", "History", "Known", "SloDay", "Stamp", "fingerprint"]
