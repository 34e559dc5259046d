"""From a snapshot to a judged report; pure: no clock, no I/O, no randomness."""

from slo_reports.compute.build import build_report

__all__ = ["build_report"]
