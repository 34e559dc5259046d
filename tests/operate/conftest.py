from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from slo_reports.model import DeliveryState
from slo_reports.operate import ReportStanding, Standing


@pytest.fixture
def standing() -> Standing:
    return Standing(
        reports=(
            ReportStanding(
                report="shop-monthly",
                last_success=datetime(2026, 11, 2, 5, 1, tzinfo=UTC),
                last_period_end=datetime(2026, 10, 31, 23, tzinfo=UTC),
                due_runs=0,
                deliveries=((DeliveryState.REJECTED, 1), (DeliveryState.DEFERRED, 2)),
            ),
            ReportStanding("shop-weekly", None, None, due_runs=3),
        ),
        started_at=datetime(2026, 11, 2, 5, tzinfo=UTC),
        duration=timedelta(seconds=61.5),
        exit_code=6,
        version="0.1.0",
    )
