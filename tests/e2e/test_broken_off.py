"""What breaks off half-way loses nothing and goes on where it was."""

from datetime import UTC, datetime

import pytest
from support.mail_server import Mailbox, mail_server
from support.shop import PERIOD, SERVICES, shop_prometheus, write_config

from slo_reports.definitions.loading import load_everything
from slo_reports.delivering import run_report
from slo_reports.demo.places import find_tools
from slo_reports.demo.prometheus import running_prometheus
from slo_reports.demo.shop import small_shop
from slo_reports.demo.storage import prepare
from slo_reports.errors import SourceUnavailable
from slo_reports.job import Quiet, World
from slo_reports.ledger import Ledger

pytestmark = pytest.mark.e2e


class Saboteur(Quiet):
    """Does something when the job says that it has come to a certain step."""

    def __init__(self, step, act):
        self.step, self.act = step, act

    def say(self, text):
        if self.step in text:
            self.act()


def world(settings_file, listener):
    settings, slos = load_everything(settings_file)
    return World(settings, slos, lambda: datetime(2026, 11, 1, 6, tzinfo=UTC), listener)


def run(made, ledger):
    return run_report(made.settings.reports[0], PERIOD, made, ledger)


def test_a_prometheus_that_stops_half_way_leaves_nothing_behind_and_the_report_due(tmp_path):
    tools = find_tools()
    data = prepare(small_shop(SERVICES, PERIOD), tools, tmp_path / "data")
    server = running_prometheus(tools.prometheus, data.blocks)
    settings = write_config(tmp_path, server.__enter__())
    stopping = world(settings, Saboteur("alert history", lambda: server.__exit__(None, None, None)))
    with Ledger.open(tmp_path / "state") as ledger:
        with pytest.raises(SourceUnavailable, match="could not be reached"):
            run(stopping, ledger)
        assert ledger.history() == ()
    assert not list((tmp_path / "share").rglob("*.*"))


def test_a_job_that_dies_after_the_freeze_delivers_the_same_bytes_later(tmp_path):
    def die():
        raise KeyboardInterrupt

    with shop_prometheus(tmp_path / "data") as url, mail_server(Mailbox()) as mailbox:
        settings = write_config(tmp_path, url, mailbox.port)
        with Ledger.open(tmp_path / "state") as ledger:
            with pytest.raises(KeyboardInterrupt):
                run(world(settings, Saboteur("delivering", die)), ledger)
            frozen = ledger.history()[0]
            waiting = {one.recipient: one.sha256 for one in ledger.deliveries(frozen)}
        assert mailbox.messages() == []
        with Ledger.open(tmp_path / "state") as ledger:
            receipt = run(world(settings, Quiet()), ledger)
    assert not receipt.made
    assert {one.recipient for one in receipt.attempts} == set(waiting)
    assert {one.recipient: one.sha256 for one in receipt.deliveries} == waiting
    assert len(mailbox.messages()) == 3
    assert receipt.exit_code == 0
