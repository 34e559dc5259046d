"""Made-up observations and label sets for discovery."""

from datetime import UTC, datetime

from slo_reports.discovering.nouns import Count, Observation
from slo_reports.periods import month

OCTOBER = month(2026, 10, "UTC")


def count(good, valid, coverage=1.0):
    """Events of a span."""
    return Count(float(good), float(valid), coverage)


def seen(in_month, weeks=None, *, coverage=1.0, since=None, reason=""):
    """What was observed: (good, valid) of October and of each of the past weeks."""
    told = [in_month] * 4 if weeks is None else weeks
    counts = tuple(count(good, valid, coverage) for good, valid in told)
    total = count(sum(one.good for one in counts), sum(one.valid for one in counts), coverage)
    return Observation(
        weeks=counts,
        total=total,
        month=count(*in_month, coverage),
        month_period=OCTOBER,
        since=since,
        last=datetime(2026, 11, 1, tzinfo=UTC),
        reason=reason,
    )


def rows(shared, **varied):
    """Label sets that share some labels and vary in one."""
    ((label, values),) = varied.items()
    return [{**shared, label: value} for value in values]
