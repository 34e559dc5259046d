"""Budget statuses, decisions and risks as words of the language that is spoken."""

from __future__ import annotations

from slo_reports.language import tr
from slo_reports.model import BudgetStatus, Decision, Risk


def status_word(status: BudgetStatus) -> str:
    """Such as ``healthy``."""
    return {
        BudgetStatus.HEALTHY: tr("healthy"),
        BudgetStatus.ATTENTION: tr("attention"),
        BudgetStatus.WARNING: tr("warning"),
        BudgetStatus.CRITICAL: tr("critical"),
        BudgetStatus.EXHAUSTED: tr("exhausted"),
        BudgetStatus.UNKNOWN: tr("unknown"),
    }[status]


def decision_word(decision: Decision) -> str:
    """Such as ``approve``."""
    return {
        Decision.APPROVE: tr("approve"),
        Decision.REVIEW: tr("review"),
        Decision.DEFER: tr("defer"),
        Decision.BLOCK: tr("block"),
    }[decision]


def risk_word(risk: Risk) -> str:
    """Such as ``low risk``."""
    return {
        Risk.LOW: tr("low risk"),
        Risk.MEDIUM: tr("medium risk"),
        Risk.HIGH: tr("high risk"),
    }[risk]
