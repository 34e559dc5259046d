"""How alerts, trend, forecast and follow-up came about: sections of the method chapter."""

from __future__ import annotations

from slo_reports.language import tr
from slo_reports.model import Insight, Report
from slo_reports.render.story import Paragraph


def insight_method(report: Report) -> list[Paragraph]:
    """The sections that this report needs."""
    found = report.insight or Insight()
    return [
        *([_alerts()] if found.alerts else []),
        *([_trend()] if found.shifts else []),
        *([_forecast()] if found.plan else []),
        *([_follow_up()] if found.follow_up else []),
    ]


def _alerts() -> Paragraph:
    return Paragraph(
        tr("Alerts"),
        tr(
            "The burn-rate alerts of each objective are replayed on its slices: one is due where "
            "both windows burnt faster than the threshold for its waiting time. An alert that "
            "fired is right if one was due or an objective lost 1 % of its budget or more, late "
            "if it came over 10 minutes after it was due, else useless. Missed is what was due "
            "with no alert of that urgency, and an objective that was missed below every "
            "threshold. (1 − target) × threshold over 1 can never fire."
        ),
        "alerts",
    )


def _trend() -> Paragraph:
    return Paragraph(
        tr("Trend"),
        tr(
            "Shares of each period's budget are compared, so months of 28 and 31 days weigh the "
            "same; earlier ones count by today's target. Usual is the median of up to twelve "
            "earlier periods, give or take 3.145 times their median step from one to the next. A "
            "change is real where it lies outside of that and outside of three standard errors "
            "from the scatter of the days; between the two, a few days explain it."
        ),
        "trend",
    )


def _forecast() -> Paragraph:
    return Paragraph(
        tr("Forecast"),
        tr(
            "Each judged period of the last twelve is one case, by the next target: expected is "
            "their median, the range holds eight cases in ten. With m of n cases over the budget "
            "the chance of a miss is (m + 1) / (n + 2). The day on which the budget ends comes "
            "from those m cases, spread over the days of this period, begun at each of them in "
            "turn. Fewer than six cases are too few. Nothing is drawn at random."
        ),
        "forecast",
    )


def _follow_up() -> Paragraph:
    return Paragraph(
        tr("Follow-up"),
        tr(
            "What the report before asked for is frozen with this one and judged from the data "
            "alone: whether coverage is back, the same alert came again, a runbook is named, the "
            "target changed, a budget is still exhausted. Done and no longer needed are what the "
            "numbers show; they do not tell who did it."
        ),
        "follow-up",
    )
