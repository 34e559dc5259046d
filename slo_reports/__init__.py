"""Scheduled SLO reports from Prometheus: error budgets, incidents, HTML, PDF and mail."""

__version__ = "0.1.0"
