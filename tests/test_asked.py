"""What the report before asked for, found in the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from support.ledgers import freeze
from support.snapshots import OCTOBER, a_snapshot

from slo_reports.asked import asked_before
from slo_reports.compute import build_report
from slo_reports.ledger import Ledger
from slo_reports.model import Document
from slo_reports.periods import following, month

NOW = datetime(2026, 11, 2, 5, tzinfo=UTC)
NOVEMBER = following(OCTOBER)
PAGE = Document("report.json", "application/json", b"{}")


def test_the_newest_report_before_the_period_is_followed_up(tmp_path: Path) -> None:
    october, august = a_snapshot(), a_snapshot(period=month(2026, 8, "Europe/Berlin"))
    with Ledger.open(tmp_path) as ledger, ledger.lock():
        assert asked_before("commerce", NOVEMBER, ledger) is None
        for snapshot in (october, august):
            freeze(ledger, snapshot, [PAGE], [], NOW)
        found = asked_before("commerce", NOVEMBER, ledger)
        assert asked_before("commerce", month(2026, 8, "Europe/Berlin"), ledger) is None
        assert asked_before("other", NOVEMBER, ledger) is None
    assert found is not None
    assert (found.period, found.revision) == (OCTOBER, 1)
    assert [one.action for one in found.asked] == [
        one.action for one in build_report(october).recommendations
    ]


def test_frozen_data_that_were_changed_are_told_and_stop_nothing(tmp_path: Path) -> None:
    with Ledger.open(tmp_path) as ledger, ledger.lock():
        run = freeze(ledger, a_snapshot(), [PAGE], [], NOW)
        run = run[0] if isinstance(run, tuple) else run
        assert run.folder is not None
        (run.folder / "snapshot.json").write_bytes(b"{}")
        found = asked_before("commerce", NOVEMBER, ledger)
    assert found is not None
    assert found.asked == ()
    assert "commerce 2026-10 r1, could not be read" in found.problem
    report = build_report(replace(a_snapshot(), earlier=found))
    assert report.insight is not None
    assert report.insight.follow_up is not None
    assert report.insight.follow_up.problem == found.problem
