"""Telling operators how the job itself is doing: pings, metrics, and a mail of last resort.

Nothing here makes a job fail: what cannot be told is one line of warning.
"""

from slo_reports.operate.operations import Operations
from slo_reports.operate.standing import ReportStanding, Standing
from slo_reports.operate.trouble import Trouble, outdated, problems_to_tell

__all__ = [
    "Operations",
    "ReportStanding",
    "Standing",
    "Trouble",
    "outdated",
    "problems_to_tell",
]
