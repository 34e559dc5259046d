"""Asking the metrics source: counters, coverage and alert history."""
