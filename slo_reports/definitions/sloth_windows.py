"""Sloth's ``AlertWindows``: the burn-rate alerts of a period, instead of the usual four."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from functools import partial

from slo_reports.definitions.burn_rates import default_burn_rates
from slo_reports.definitions.foreign import Place, prometheus_duration
from slo_reports.model import BurnRateAlert

_SEVERITIES = ("page", "ticket")
_SPEEDS = ("quick", "slow")


def alerts_of(files: Iterable[Place], period: timedelta) -> tuple[BurnRateAlert, ...]:
    """The alerts of a period: those of the file that is for it, otherwise the usual four."""
    found = default_burn_rates(period)
    for file in files:
        alerts = file.notes.attempt(partial(_read, file, period))
        found = alerts or found
    return found


def _read(file: Place, period: timedelta) -> tuple[BurnRateAlert, ...]:
    spec = file.need("spec")
    spec.only(["sloPeriod", *_SEVERITIES])
    meant = spec.need("sloPeriod")
    length = prometheus_duration(meant)
    alerts = tuple(
        _alert(spec.need(severity), severity, speed, length)
        for severity in _SEVERITIES
        for speed in _SPEEDS
    )
    if length == period:
        return alerts
    meant.remark(f"these alert windows have no effect: the period is {period.days}d")
    return ()


def _alert(severity: Place, name: str, speed: str, period: timedelta) -> BurnRateAlert:
    severity.only(_SPEEDS)
    row = severity.need(speed)
    row.only(["errorBudgetPercent", "shortWindow", "longWindow"])
    share = row.need("errorBudgetPercent")
    if not 0 < share.number() <= 100:
        share.refuse(f"{share.name} must be more than 0 and at most 100 %")
    short, long = (prometheus_duration(row.need(key)) for key in ("shortWindow", "longWindow"))
    if short >= long:
        row.refuse(f"shortWindow of {row.name} must be shorter than longWindow")
    windows = Decimal(int(period.total_seconds())) / Decimal(str(long.total_seconds()))
    return BurnRateAlert(name, long, short, float(share.number() / 100 * windows))
