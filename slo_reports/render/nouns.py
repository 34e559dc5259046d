"""What a period is called inside sentences of a page, in the language that is spoken."""

from __future__ import annotations

from slo_reports.language import tr
from slo_reports.periods import PeriodKind


def budget_name(kind: PeriodKind) -> str:
    """The budget of one period, such as ``month's budget``."""
    match kind:
        case PeriodKind.MONTH:
            return tr("month's budget")
        case PeriodKind.WEEK:
            return tr("week's budget")
        case PeriodKind.QUARTER:
            return tr("quarter's budget")
        case PeriodKind.YEAR:
            return tr("year's budget")
        case PeriodKind.ROLLING | PeriodKind.EXPLICIT:
            return tr("period's budget")


def end_name(kind: PeriodKind) -> str:
    """The end of one period, such as ``month's end``."""
    match kind:
        case PeriodKind.MONTH:
            return tr("month's end")
        case PeriodKind.WEEK:
            return tr("week's end")
        case PeriodKind.QUARTER:
            return tr("quarter's end")
        case PeriodKind.YEAR:
            return tr("year's end")
        case PeriodKind.ROLLING | PeriodKind.EXPLICIT:
            return tr("period's end")
