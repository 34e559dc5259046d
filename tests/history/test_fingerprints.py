"""A fingerprint changes with what is counted, and with nothing else."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from slo_reports.history import fingerprint
from slo_reports.model import LatencyIndicator, Matcher, Objective, RatioIndicator, Slo

FIVE = timedelta(minutes=5)
JOB, PATH = Matcher("job", "=", "shop"), Matcher("path", "!=", "/health")
RATIO = RatioIndicator("requests_total", (JOB, PATH), (Matcher("code", "!~", "5.."),))
SLO = Slo(
    "shop/a", "a", "shop", "a", "Availability", "Team", RATIO,
    (Objective(Decimal("0.999"), "30d", timedelta(days=30)),),
)  # fmt: skip


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Other"},
        {"owner": "Other"},
        {"objectives": (Objective(Decimal("0.99"), "7d", timedelta(days=7)),)},
        {"indicator": replace(RATIO, filters=(PATH, JOB))},
    ],
    ids=["title", "owner", "target", "order of filters"],
)
def test_words_and_targets_change_nothing(changed):
    assert fingerprint(replace(SLO, **changed), FIVE) == fingerprint(SLO, FIVE)


@pytest.mark.parametrize(
    "indicator",
    [
        replace(RATIO, metric="other_total"),
        replace(RATIO, filters=(JOB,)),
        replace(RATIO, good=(Matcher("code", "!~", "[45].."),)),
        LatencyIndicator("requests", (JOB, PATH), Decimal("0.5")),
    ],
    ids=["metric", "filters", "good", "kind"],
)
def test_what_is_counted_changes_it(indicator):
    assert fingerprint(replace(SLO, indicator=indicator), FIVE) != fingerprint(SLO, FIVE)


def test_the_grain_changes_it():
    assert fingerprint(SLO, FIVE) != fingerprint(SLO, timedelta(minutes=1))


def test_it_stays_what_it_is_from_version_to_version():
    assert fingerprint(SLO, FIVE) == "1d217058ab1646ed"
