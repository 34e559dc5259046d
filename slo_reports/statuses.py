"""Statuses, outcomes, methods, decisions and risks as words of the language that is spoken."""

from __future__ import annotations

from slo_reports.language import tr
from slo_reports.model import BudgetStatus, Decision, Method, Outcome, Risk


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


def outcome_word(outcome: Outcome) -> str:
    """Such as ``met``."""
    return {
        Outcome.MET: tr("met"),
        Outcome.MISSED: tr("missed"),
        Outcome.NO_TRAFFIC: tr("no traffic"),
        Outcome.INSUFFICIENT_DATA: tr("insufficient data"),
        Outcome.NOT_MEASURED: tr("not measured"),
    }[outcome]


def method_word(method: Method) -> str:
    """Such as ``timeslices``."""
    return {
        Method.OCCURRENCES: tr("occurrences"),
        Method.TIMESLICES: tr("timeslices"),
        Method.RATIO_TIMESLICES: tr("ratio timeslices"),
    }[method]


def decision_word(decision: Decision) -> str:
    """Such as ``approve``."""
    return {
        Decision.APPROVE: tr("approve"),
        Decision.REVIEW: tr("review"),
        Decision.DEFER: tr("defer"),
        Decision.BLOCK: tr("block"),
    }[decision]


def urgency_word(severity: str) -> str:
    """How urgent a burn-rate alert is; a severity of the user's own stays as it is."""
    return {"page": tr("page"), "ticket": tr("ticket")}.get(severity, severity)


def risk_word(risk: Risk) -> str:
    """Such as ``low risk``."""
    return {
        Risk.LOW: tr("low risk"),
        Risk.MEDIUM: tr("medium risk"),
        Risk.HIGH: tr("high risk"),
    }[risk]
