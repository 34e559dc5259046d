"""The frozen nouns that the rooms hand to each other.

Ratios run 0 to 1, instants are in UTC, counts are events. ``Snapshot`` is all that a report will
ever know (nothing is asked of the world after it); ``Report`` is the judged snapshot that every
document is rendered from. Words and formulas are those of docs/arithmetic.md.
"""

from slo_reports.model.arrays import (
    Floats,
    content_hash,
)
from slo_reports.model.definitions import (
    BurnRateAlert,
    CountersIndicator,
    Indicator,
    LatencyIndicator,
    Matcher,
    Objective,
    Origin,
    QueryIndicator,
    RatioIndicator,
    Slo,
    Tier,
)
from slo_reports.model.documents import (
    Bundle,
    DeliveryState,
    Document,
    MailBody,
    Parcel,
    is_file_name,
)
from slo_reports.model.judgements import (
    Budget,
    BudgetStatus,
    Curve,
    Day,
    Exhaustion,
    Figure,
    IncidentShare,
    JudgedIncident,
    Outcome,
    PastPeriod,
    Recommendation,
    Report,
    ServiceResult,
    ServiceState,
    SloResult,
)
from slo_reports.model.measurements import (
    Incident,
    Measurement,
    Provenance,
    ReportRequest,
    Slices,
    Snapshot,
    Subject,
    Totals,
)

__all__ = [
    "Budget",
    "BudgetStatus",
    "Bundle",
    "BurnRateAlert",
    "CountersIndicator",
    "Curve",
    "Day",
    "DeliveryState",
    "Document",
    "Exhaustion",
    "Figure",
    "Floats",
    "Incident",
    "IncidentShare",
    "Indicator",
    "JudgedIncident",
    "LatencyIndicator",
    "MailBody",
    "Matcher",
    "Measurement",
    "Objective",
    "Origin",
    "Outcome",
    "Parcel",
    "PastPeriod",
    "Provenance",
    "QueryIndicator",
    "RatioIndicator",
    "Recommendation",
    "Report",
    "ReportRequest",
    "ServiceResult",
    "ServiceState",
    "Slices",
    "Slo",
    "SloResult",
    "Snapshot",
    "Subject",
    "Tier",
    "Totals",
    "content_hash",
    "is_file_name",
]
