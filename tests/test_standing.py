"""How reports stand, where that is not read off the ledger alone."""

from datetime import UTC, datetime, timedelta

import pytest
from support.shop import write_config

from slo_reports.definitions.loading import load_everything
from slo_reports.job import Quiet, World
from slo_reports.ledger import Ledger
from slo_reports.planning import fell_due
from slo_reports.recounting import status_lines
from slo_reports.standing import standing, statuses

DUE = datetime(2026, 11, 1, 5, tzinfo=UTC)  # 06:00 in Berlin


def world_at(folder, now, **more):
    config = write_config(folder, "http://127.0.0.1:9")
    added = "".join(f"\n    {key}: {value}" for key, value in more.items())
    config.write_text(config.read_text().replace("    trend: 1", f"    trend: 1{added}"))
    settings, slos = load_everything(config)
    return World(settings, slos, lambda: now, Quiet())


@pytest.mark.parametrize(
    ("later", "waiting"),
    [
        pytest.param(timedelta(minutes=30), [], id="the next look will find it"),
        pytest.param(timedelta(hours=2), ["2026-10"], id="nothing looked for it"),
    ],
)
def test_what_fell_due_and_is_not_even_on_record_is_late(tmp_path, later, waiting):
    world = world_at(tmp_path, DUE + later)
    with world.open_ledger() as ledger:
        (status,) = statuses(world, ledger)
        told = standing([status], world.now(), world.now(), 0)
    assert [one.period for one in status.waiting] == waiting
    assert status.is_well == (not waiting)
    assert told.reports[0].due_runs == len(waiting)
    late = [line for line in status_lines(status, world) if "not made yet" in line]
    assert late == [f"  ✗ not made yet: {one}, due since 2026-11-01 05:00 UTC" for one in waiting]


def test_what_is_on_record_is_told_once(tmp_path):
    world = world_at(tmp_path, DUE + timedelta(hours=2))
    (report,) = world.settings.reports
    with Ledger.open(tmp_path / "state") as ledger:
        ledger.plan_runs(fell_due(report, world.zone(report), world.now(), ()), world.now())
        (status,) = statuses(world, ledger)
        assert [(one.period, one.due_at) for one in status.waiting] == [("2026-10", DUE)]


def test_what_the_settings_leave_out_is_not_late(tmp_path):
    world = world_at(tmp_path, DUE + timedelta(days=3), catch_up="none")
    with Ledger.open(tmp_path / "state") as ledger:
        (status,) = statuses(world, ledger)
    assert status.waiting == ()
    assert status.is_well
