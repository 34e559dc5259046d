"""What the template parts about insights are given."""

from __future__ import annotations

from typing import Any

from slo_reports.model import Insight, Report
from slo_reports.render.alerts import alert_tables
from slo_reports.render.changed import changes_text, real_changes
from slo_reports.render.followed import follow_table
from slo_reports.render.glossary import glossary
from slo_reports.render.plan import plan_tables


def insight_values(report: Report) -> dict[str, Any]:
    """Alerts, plan, follow-up, changes and glossary; None or empty where a part is absent."""
    found = report.insight or Insight()
    return {
        "alerts": alert_tables(found.alerts, report),
        "plan": plan_tables(found.plan, report),
        "followed": follow_table(found.follow_up),
        "changed": changes_text(found.changes),
        "real": real_changes(found),
        "glossary": glossary(report),
    }
