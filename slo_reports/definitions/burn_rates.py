"""The burn-rate alerts of an objective that names none: the table of docs/arithmetic.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from slo_reports.model import BurnRateAlert


@dataclass(frozen=True)
class Rule:
    """One row: ``budget_used`` is the share of a period's budget that ``long`` may burn [ratio]."""

    severity: str
    long: timedelta
    short: timedelta
    budget_used: Decimal


RULES = (
    Rule("page", timedelta(hours=1), timedelta(minutes=5), Decimal("0.02")),
    Rule("page", timedelta(hours=6), timedelta(minutes=30), Decimal("0.05")),
    Rule("ticket", timedelta(days=1), timedelta(hours=2), Decimal("0.10")),
    Rule("ticket", timedelta(days=3), timedelta(hours=6), Decimal("0.10")),
)


def default_burn_rates(period: timedelta) -> tuple[BurnRateAlert, ...]:
    """The default alerts of an objective over ``period``.

    Thresholds scale with the period so that the budget used stays the same. Rows whose long
    window is not shorter than the period have nothing to warn of and are left out.

    Source:
        The Site Reliability Workbook, chapter 5.
    """
    return tuple(
        BurnRateAlert(rule.severity, rule.long, rule.short, _threshold(rule, period))
        for rule in RULES
        if rule.long < period
    )


def _threshold(rule: Rule, period: timedelta) -> float:
    windows = Decimal(int(period.total_seconds())) / Decimal(int(rule.long.total_seconds()))
    return float(rule.budget_used * windows)
