"""Which reports have a mail: those that go to somebody by mail."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from support.snapshots import OCTOBER, a_snapshot
from support.weeks import world_at, write_definition

from slo_reports.delivering import freeze
from slo_reports.job import rendered
from slo_reports.ledger import Ledger
from slo_reports.periods import following

NOW = datetime(2026, 12, 2, 5, tzinfo=UTC)
SETTINGS = """\
version: 1
state: state
source: {url: http://127.0.0.1:9}
definitions: [definitions]
destinations:
  archive: {kind: share, path: share}
  board:
    kind: mail
    sender: slo@example.com
    recipients: [one@example.com]
    attach: []
    server: {host: 127.0.0.1, port: 9, security: none}
reports:
  - {name: commerce, title: A, schedule: {every: month}, formats: [json], destinations: [archive]}
  - {name: mailed, title: B, schedule: {every: month}, formats: [json], destinations: [board]}
"""


def both(folder: Path):
    write_definition(folder)
    path = folder / "slo_reports.yaml"
    path.write_text(SETTINGS, encoding="utf-8")
    world = world_at(path, NOW)
    return world, *world.settings.reports


def test_only_what_is_mailed_has_a_mail(tmp_path: Path) -> None:
    world, filed, mailed = both(tmp_path)
    assert rendered(a_snapshot(), filed, world).bundle.mail is None
    assert rendered(a_snapshot(), mailed, world).bundle.mail is not None


def test_periods_that_are_late_together_are_frozen_without_a_mail_where_none_is_sent(
    tmp_path: Path,
) -> None:
    world, filed, mailed = both(tmp_path)
    months = [a_snapshot(), a_snapshot(period=following(OCTOBER))]
    with Ledger.open(tmp_path / "state") as ledger, ledger.lock():
        for report in (filed, mailed):
            named = [replace(one, request=replace(one.request, name=report.name)) for one in months]
            freeze([rendered(one, report, world) for one in named], report, world, ledger)
        kinds = {
            run.title: {one.destination: one.state for one in ledger.deliveries(run)}
            for run in ledger.history()
        }
    assert kinds == {
        "commerce 2026-10 r1": {"archive": "pending"},
        "commerce 2026-11 r1": {"archive": "pending"},
        "mailed 2026-10 r1": {"board": "folded"},
        "mailed 2026-11 r1": {"board": "pending"},
    }
