"""All pictures of a report, under one roof: each a function that returns inline SVG."""

from slo_reports.render.bar import budget_bar
from slo_reports.render.burn_down import burn_down
from slo_reports.render.burn_rate import burn_rate_chart
from slo_reports.render.calendar import day_calendar
from slo_reports.render.heat import heat_map
from slo_reports.render.marks import status_mark
from slo_reports.render.sparkline import sparkline
from slo_reports.render.trend import trend
from slo_reports.render.waterfall import waterfall

__all__ = [
    "budget_bar",
    "burn_down",
    "burn_rate_chart",
    "day_calendar",
    "heat_map",
    "sparkline",
    "status_mark",
    "trend",
    "waterfall",
]
