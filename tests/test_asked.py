"""What the report before asked for, found in the ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.estate import a_portfolio
from support.ledgers import freeze
from support.snapshots import OCTOBER, ODD, a_second_revision, a_snapshot

from slo_reports.asked import asked_before, report_before
from slo_reports.compute import build_report
from slo_reports.compute.following import asked_in
from slo_reports.ledger import Ledger
from slo_reports.model import Document, Earlier, Snapshot
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


def in_german(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, request=replace(snapshot.request, language="de"))


@pytest.mark.parametrize(
    "snapshot",
    [
        pytest.param(a_snapshot(), id="a service report"),
        pytest.param(in_german(a_snapshot()), id="in German"),
        pytest.param(a_snapshot(ODD), id="objectives that are not ordinary"),
        pytest.param(a_second_revision(), id="a revision"),
        pytest.param(a_portfolio(60), id="a portfolio"),
    ],
)
def test_what_is_frozen_says_what_judging_again_says(tmp_path: Path, snapshot: Snapshot) -> None:
    now = followed_up(tmp_path / "now", snapshot, asked_in(build_report(snapshot)))
    older = followed_up(tmp_path / "older", snapshot, None)
    assert now == older
    assert now.asked
    follows = [replace(a_snapshot(period=NOVEMBER), earlier=one).to_json() for one in (now, older)]
    assert follows[0] == follows[1]


def followed_up(state: Path, snapshot: Snapshot, asked: Earlier | None) -> Earlier:
    """What the report of November finds of one that was frozen with or without what it asks."""
    with Ledger.open(state) as ledger, ledger.lock():
        freeze(ledger, snapshot, [PAGE], [], NOW, asked)
        before = report_before(snapshot.request.name, NOVEMBER, ledger)
    assert before is not None
    assert bool(before.snapshot) is (asked is None), "its data are read only where they are judged"
    return before.asked()


def test_a_revision_is_followed_up_by_what_it_asks_itself(tmp_path: Path) -> None:
    second = a_second_revision()
    with Ledger.open(tmp_path) as ledger, ledger.lock():
        for snapshot in (a_snapshot(), second):
            freeze(ledger, snapshot, [PAGE], [], NOW, asked_in(build_report(snapshot)))
        found = asked_before("commerce", NOVEMBER, ledger)
    assert found == asked_in(build_report(second))


@pytest.mark.parametrize("content", [b"{}", b'{"asked":[]}', None], ids=["other", "less", "gone"])
def test_the_data_tell_where_what_was_frozen_with_them_was_changed(
    tmp_path: Path, content: bytes | None
) -> None:
    asked = asked_in(build_report(a_snapshot()))
    with Ledger.open(tmp_path) as ledger, ledger.lock():
        run = freeze(ledger, a_snapshot(), [PAGE], [], NOW, asked)
        assert run.folder is not None
        kept = run.folder / "asked.json"
        kept.unlink() if content is None else kept.write_bytes(content)
        assert asked_before("commerce", NOVEMBER, ledger) == asked
